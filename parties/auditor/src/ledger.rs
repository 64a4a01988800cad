//! What bundles that are audited together come to: each decision once, corrections in the place of what they correct, amounts added up.
//!
//! Guarantee: what is added up stands on chain by the bundles' own evidence. Of one program and nullifier the newest dated approval counts, and no other,
//! whatever copies and earlier states of it lie beside it. The contract takes one successor of what stands, so the newest replaces all before it.
//! Non-guarantee: that nothing is missing. A correction whose bundle isn't among them replaces nothing here, and no sum shows it.

use sealroot_protocol::{
    consent::{Nullifier, RequestDigest},
    field::Digest,
    name::Name,
};
use sealroot_verifier::audit::{Audited, Dating};
use std::{cmp::Reverse, collections::BTreeMap};

/// How a finding counts among all. Places are those of the findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// An approval that stands: its amount is in the totals.
    Stands,
    /// An approval in whose place a later one came: nothing of it is in the totals.
    Superseded {
        /// Where the later one is.
        by: usize,
    },
    /// An approval that its evidence doesn't show on chain: nothing was paid by it, and nothing of it is in the totals.
    NotEntered,
    /// A refusal.
    Refusal,
    /// The same decision as another finding's, which counts: the bundle lies there twice, or in another state of dating.
    Copy {
        /// Where the other is.
        of: usize,
    },
}

/// What a correction replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// The request whose approval it replaces.
    pub request: RequestDigest,
    /// Where that approval is, and what it paid in minor units after the reductions that its bundle shows; none where its bundle is not among the findings.
    pub approval: Option<(usize, u64)>,
}

/// A finding that holds, among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// How it counts.
    pub standing: Standing,
    /// What it replaces, if it is a correction.
    pub replaces: Option<Replaced>,
}

/// What the approvals of a program that stand come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// The program.
    pub program: Name,
    /// Its currency; none where it pays nothing.
    pub currency: Option<String>,
    /// How many approvals stand.
    pub approvals: usize,
    /// What they pay after reductions, in minor units. The contract keeps it within the program's budget, which is less than 2^63.
    pub amount: u64,
    /// What was overpaid, in minor units, if all that was ever granted under their nullifiers was paid, as far as the bundles' evidence shows it.
    pub overpaid: u64,
}

/// What all findings come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// One for each finding, in order; none for what was rejected.
    pub entries: Vec<Option<Entry>>,
    /// By program and currency.
    pub totals: Vec<Total>,
    /// How many different decisions hold, refusals among them.
    pub decisions: usize,
}

impl Ledger {
    /// Of findings in order; none for what was rejected.
    pub fn of<'a>(findings: impl IntoIterator<Item = Option<&'a Audited>>) -> Self {
        let seen: Vec<Option<Seen>> = findings.into_iter().map(|audited| audited.map(Seen::from)).collect();
        Self::of_seen(&seen)
    }

    fn of_seen(findings: &[Option<Seen>]) -> Self {
        let keys = Keys::of(findings);
        let first = first_of_each(findings, &keys);
        let alone =
            |(i, seen): (usize, &Option<Seen>)| seen.as_ref().map(|seen| seen.alone(i, first.get(&keys.key(seen))));
        let mut standing: Vec<Option<Standing>> = findings.iter().enumerate().map(alone).collect();
        let mut totals: BTreeMap<(Name, Option<String>), (usize, u64, u64)> = BTreeMap::new();
        let mut replaced = vec![None; findings.len()];
        for places in approvals(findings, &first).values() {
            for (place, (i, seen)) in places.iter().enumerate() {
                replaced[*i] = seen.corrects.map(|request| replaced_by(place, request, places));
            }
            let dated: Vec<_> = places.iter().filter(|(_, seen)| seen.block.is_some()).collect();
            for (earlier, later) in dated.iter().zip(dated.iter().skip(1)) {
                standing[earlier.0] = Some(Standing::Superseded { by: later.0 });
            }
            // What a dated approval corrects stood on chain, whatever its own evidence shows.
            for (i, seen) in places.iter().filter(|(_, seen)| seen.block.is_none()) {
                let by = dated.iter().find(|(_, later)| later.corrects == Some(seen.request));
                standing[*i] = Some(by.map_or(Standing::NotEntered, |later| Standing::Superseded { by: later.0 }));
            }
            if let Some((i, seen)) = dated.last() {
                standing[*i] = Some(Standing::Stands);
                let (count, amount, overpaid) =
                    totals.entry((seen.program.clone(), seen.currency.clone())).or_default();
                (*count, *amount) = (*count + 1, amount.saturating_add(seen.amount));
                *overpaid = overpaid.saturating_add(seen.overpaid.unwrap_or_default());
            }
        }
        let entries = standing.into_iter().zip(replaced);
        let total = |((program, currency), (approvals, amount, overpaid))| Total {
            program,
            currency,
            approvals,
            amount,
            overpaid,
        };
        Self {
            entries: entries.map(|(standing, replaces)| Some(Entry { standing: standing?, replaces })).collect(),
            totals: totals.into_iter().map(total).collect(),
            decisions: first.len(),
        }
    }
}

impl Replaced {
    /// What a correction that pays `amount` pays more than what it replaces; less if negative.
    pub fn difference(&self, amount: u64) -> Option<i128> {
        self.approval.map(|(_, before)| i128::from(amount) - i128::from(before))
    }
}

/// What of a finding counts here.
#[derive(Debug, Clone)]
struct Seen {
    program: Name,
    nullifier: Nullifier,
    bundle: Digest,
    request: RequestDigest,
    corrects: Option<RequestDigest>,
    approved: bool,
    /// What stands, after the newest reduction that its evidence shows.
    amount: u64,
    /// When that was carried out, in Unix seconds.
    reduced_at: Option<u64>,
    /// What was decided, before any reduction.
    decided: u64,
    /// Granted beyond what stands; none where no entry says it.
    overpaid: Option<u64>,
    currency: Option<String>,
    /// The block that dates it.
    block: Option<u64>,
    /// Whether a proof stands for it there.
    proven: bool,
}

impl From<&Audited> for Seen {
    fn from(Audited { decision, dating, .. }: &Audited) -> Self {
        Self {
            program: decision.program.clone(),
            nullifier: decision.nullifier,
            bundle: decision.bundle,
            request: decision.request,
            corrects: decision.corrects,
            approved: decision.approved,
            amount: decision.reduced.as_ref().map_or(decision.amount, |reduced| reduced.amount),
            reduced_at: decision.reduced.as_ref().map(|reduced| reduced.at.unix()),
            decided: decision.amount,
            overpaid: decision.overpaid,
            currency: decision.currency.clone(),
            block: match dating {
                Dating::Dated { block, .. } => Some(*block),
                Dating::Undated { .. } => None,
            },
            proven: matches!(dating, Dating::Dated { proven_on_chain: true, .. }),
        }
    }
}

impl Seen {
    /// The entry that dates it, if it is an approval.
    fn entry(&self) -> Option<Key> {
        let block = self.block.filter(|_| self.approved)?;
        Some(Key::Entry(self.nullifier, self.request, block))
    }

    /// All that was ever granted under the nullifier, as its entry says; a reduction leaves it as it is.
    fn granted(&self) -> Option<u128> {
        self.overpaid.map(|more| u128::from(self.amount) + u128::from(more))
    }

    /// What it is by itself.
    fn alone(&self, place: usize, first: Option<&usize>) -> Standing {
        match first {
            Some(of) if *of != place => Standing::Copy { of: *of },
            _ if self.approved => Standing::NotEntered,
            _ => Standing::Refusal,
        }
    }
}

/// By decision, the place that counts: among copies the one with the newest entry, and of those the one with the newest reduction, else the first.
fn first_of_each(findings: &[Option<Seen>], keys: &Keys) -> BTreeMap<Key, usize> {
    /// Block, whether by proof, and when it was reduced.
    type State = (Option<u64>, bool, Option<u64>);
    let mut first: BTreeMap<Key, (Reverse<State>, usize)> = BTreeMap::new();
    for (i, seen) in findings.iter().enumerate() {
        if let Some(seen) = seen {
            let candidate = (Reverse((seen.block, seen.proven, seen.reduced_at)), i);
            let best = first.entry(keys.key(seen)).or_insert(candidate);
            *best = candidate.min(*best);
        }
    }
    first.into_iter().map(|(key, (_, i))| (key, i)).collect()
}

/// What makes two findings one decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// A refusal, or an approval that nothing dates: its bundle.
    Bundle(Digest),
    /// A dated approval: the entry. Anybody can change a proof's bytes, and so the bundle's digest, and it stays one entry; under one anonymous request many people's
    /// approvals may stand, each under a nullifier of its own.
    Entry(Nullifier, RequestDigest, u64),
}

/// By what each finding is known.
struct Keys(BTreeMap<Digest, Key>);

impl Keys {
    fn of(findings: &[Option<Seen>]) -> Self {
        let mut dated: Vec<&Seen> = findings.iter().flatten().filter(|seen| seen.entry().is_some()).collect();
        dated.sort_by_key(|seen| seen.block);
        Self(dated.into_iter().filter_map(|seen| Some((seen.bundle, seen.entry()?))).collect())
    }

    /// A copy that isn't dated itself is the newest entry of one that is.
    fn key(&self, seen: &Seen) -> Key {
        seen.entry().unwrap_or_else(|| match self.0.get(&seen.bundle) {
            Some(entry) if seen.approved => *entry,
            _ => Key::Bundle(seen.bundle),
        })
    }
}

type Places<'a> = Vec<(usize, &'a Seen)>;

/// The approvals of each program and nullifier, copies left out, as the chain took them. In one block a correction comes after what it corrects, and after an office's
/// word nothing but a proof or its own correction.
fn approvals<'a>(
    findings: &'a [Option<Seen>],
    first: &BTreeMap<Key, usize>,
) -> BTreeMap<(Name, Nullifier), Places<'a>> {
    let mut groups: BTreeMap<_, Places<'a>> = BTreeMap::new();
    for i in first.values() {
        if let Some(Some(seen)) = findings.get(*i)
            && seen.approved
        {
            groups.entry((seen.program.clone(), seen.nullifier)).or_default().push((*i, seen));
        }
    }
    for places in groups.values_mut() {
        let links: BTreeMap<_, _> = places.iter().map(|(_, seen)| (seen.request, seen.corrects)).collect();
        // Bounded: dishonest requests could correct one another in a ring.
        let depth = |seen: &Seen| {
            let before = |request: &RequestDigest| links.get(request).copied().flatten();
            std::iter::successors(seen.corrects, before).take(links.len()).count()
        };
        places.sort_by_key(|(i, seen)| (seen.block, seen.proven, depth(seen), *i));
    }
    groups
}

/// What a correction replaces: what stood before it. Its amount is told only where nothing that came in between shows in what was granted in all: a raise whose bundle
/// isn't among these does. A reduction before a lower correction doesn't, so it is what these bundles show.
fn replaced_by(place: usize, request: RequestDigest, places: &Places<'_>) -> Replaced {
    let (before, after) = places.split_at(place);
    let correction = places[place].1;
    let named = |(_, seen): &&(usize, &Seen)| seen.request == request;
    let stood = match correction.block {
        // What it would replace, if it were entered.
        None => after.iter().rfind(named),
        Some(_) => before.iter().rfind(|(_, seen)| seen.block.is_some()).or_else(|| before.iter().find(named)),
    };
    // A proof takes the place of an office's word whatever it names.
    let stood = stood.filter(|earlier| named(earlier) || correction.proven && !earlier.1.proven);
    let stood = stood.filter(|(_, seen)| match (seen.granted(), correction.granted()) {
        (Some(earlier), Some(later)) => {
            later.checked_sub(earlier) == Some(correction.decided.saturating_sub(seen.amount).into())
        }
        _ => true,
    });
    Replaced { request, approval: stood.map(|(i, seen)| (*i, seen.amount)) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use sealroot_protocol::field::F;

    fn request(n: u64) -> RequestDigest {
        RequestDigest(F::from(n))
    }

    /// Approval `n` of a person, entered in block `n`.
    fn approval(person: u64, n: u64, amount: u64, corrects: Option<u64>) -> Seen {
        Seen {
            program: "heating-allowance".parse().unwrap(),
            nullifier: Nullifier(F::from(person)),
            bundle: Digest([n as u8; 32]),
            request: request(n),
            corrects: corrects.map(request),
            approved: true,
            amount,
            reduced_at: None,
            decided: amount,
            overpaid: None,
            currency: Some("EUR".into()),
            block: Some(n),
            proven: false,
        }
    }

    fn standings(ledger: &Ledger) -> Vec<Standing> {
        ledger.entries.iter().map(|entry| entry.unwrap().standing).collect()
    }

    /// 295.75, corrected to 300.69 and then to 290.00: the sum of the bundles would be 886.44.
    #[test]
    fn a_correction_takes_the_place_of_what_it_corrects() {
        let bundles =
            [approval(1, 3, 29_000, Some(2)), approval(1, 1, 29_575, None), approval(1, 2, 30_069, Some(1))].map(Some);
        let ledger = Ledger::of_seen(&bundles);
        assert_eq!(
            standings(&ledger),
            [Standing::Stands, Standing::Superseded { by: 2 }, Standing::Superseded { by: 0 },]
        );
        assert_eq!((ledger.totals.len(), ledger.totals[0].amount, ledger.totals[0].approvals), (1, 29_000, 1));
        let replaced = |i: usize| ledger.entries[i].unwrap().replaces;
        assert_eq!(replaced(2).unwrap().difference(30_069), Some(494));
        assert_eq!(replaced(0).unwrap().difference(29_000), Some(-1_069));
        assert_eq!(replaced(1), None);
        // The link between them is missing: the newest stands all the same, and nobody guesses the difference.
        let ledger = Ledger::of_seen(&bundles[..2]);
        assert_eq!(standings(&ledger), [Standing::Stands, Standing::Superseded { by: 0 }]);
        assert_eq!(ledger.entries[0].unwrap().replaces, Some(Replaced { request: request(2), approval: None }));
        assert_eq!(ledger.totals[0].amount, 29_000);
    }

    #[test]
    fn a_decision_is_counted_once_in_whatever_states_it_lies_there() {
        let dated = approval(1, 1, 29_575, None);
        let undated = Seen { block: None, ..dated.clone() };
        let refusal = Seen { approved: false, amount: 0, ..approval(2, 5, 0, None) };
        let bundles =
            [undated.clone(), dated.clone(), dated, refusal.clone(), Seen { block: None, ..refusal }].map(Some);
        let ledger = Ledger::of_seen(&bundles);
        let copy = Standing::Copy { of: 1 };
        assert_eq!(standings(&ledger), [copy, Standing::Stands, copy, Standing::Refusal, Standing::Copy { of: 3 }]);
        assert_eq!((ledger.totals[0].amount, ledger.decisions), (29_575, 2));
        // What no evidence shows on chain was not paid.
        let ledger = Ledger::of_seen(&[Some(undated.clone()), None, Some(undated)]);
        assert_eq!(ledger.entries[0].unwrap().standing, Standing::NotEntered);
        assert_eq!((ledger.entries[1], ledger.totals.len(), ledger.decisions), (None, 0, 1));
    }

    /// Of several states of one approval the newest reduction counts, and what was overpaid is a number beside the total.
    #[test]
    fn a_reduced_approval_counts_with_what_stands() {
        let granted = approval(1, 1, 40_000, None);
        let reduced =
            |amount, at| Seen { amount, reduced_at: Some(at), overpaid: Some(40_000 - amount), ..granted.clone() };
        let bundles = [granted.clone(), reduced(0, 30), reduced(15_000, 20)].map(Some);
        let ledger = Ledger::of_seen(&bundles);
        assert_eq!(standings(&ledger), [Standing::Copy { of: 1 }, Standing::Stands, Standing::Copy { of: 1 }]);
        assert_eq!((ledger.totals[0].amount, ledger.totals[0].overpaid, ledger.totals[0].approvals), (0, 40_000, 1));
    }

    /// Anybody can change a proof's bytes: two bundles of one entry by proof are one approval, in whatever order they lie there. A request that was entered by the office's word
    /// and once more by proof counts as it stands now.
    #[test]
    fn an_entry_by_proof_is_one_decision() {
        let word = approval(1, 1, 39_200, None);
        let moved = approval(1, 2, 44_200, Some(1));
        let proof = Seen { block: Some(3), proven: true, ..word.clone() };
        let changed = Seen { bundle: Digest([99; 32]), ..proof.clone() };
        for order in
            [[&word, &moved, &proof, &changed], [&changed, &proof, &moved, &word], [&proof, &word, &changed, &moved]]
        {
            let ledger = Ledger::of_seen(&order.map(|seen| Some(seen.clone())));
            assert_eq!((ledger.totals[0].amount, ledger.totals[0].approvals, ledger.decisions), (39_200, 1, 3));
        }
    }

    /// Many people answer one anonymous request, and each of them is paid.
    #[test]
    fn two_people_under_one_request_are_two_approvals() {
        let one = Seen { proven: true, ..approval(1, 1, 39_200, None) };
        let other = Seen { nullifier: Nullifier(F::from(2u8)), bundle: Digest([2; 32]), block: Some(2), ..one.clone() };
        let undated = Seen { block: None, proven: false, ..other.clone() };
        let ledger = Ledger::of_seen(&[one, other, undated].map(Some));
        assert_eq!(standings(&ledger), [Standing::Stands, Standing::Stands, Standing::Copy { of: 1 }]);
        assert_eq!((ledger.totals[0].amount, ledger.totals[0].approvals, ledger.decisions), (78_400, 2, 2));
    }

    /// A proof takes the place of the word that stands, whatever it names.
    #[test]
    fn a_correction_replaces_what_stood_before_it() {
        let word = approval(1, 1, 39_200, None);
        let moved = approval(1, 2, 44_200, Some(1));
        let proof = Seen { proven: true, ..approval(1, 3, 40_000, Some(1)) };
        let ledger = Ledger::of_seen(&[word.clone(), moved, proof.clone()].map(Some));
        assert_eq!(ledger.entries[2].unwrap().replaces.unwrap().difference(40_000), Some(-4_200));
        // An office's word names what it replaces: something that isn't here came in between.
        let second = approval(1, 2, 44_200, Some(9));
        let ledger = Ledger::of_seen(&[word.clone(), second].map(Some));
        assert_eq!(ledger.entries[1].unwrap().replaces.unwrap().approval, None);
        // Not entered: what it would have replaced.
        let waiting = Seen { block: None, proven: false, ..proof };
        let ledger = Ledger::of_seen(&[waiting, word].map(Some));
        assert_eq!(ledger.entries[0].unwrap().replaces.unwrap().difference(40_000), Some(800));
    }

    /// Without the reduction between them nobody is told that a correction pays the same.
    #[test]
    fn what_is_missing_between_two_approvals_shows_in_what_was_granted() {
        let first = Seen { overpaid: Some(0), ..approval(1, 1, 41_200, None) };
        let raised = Seen { overpaid: Some(30_000), ..approval(1, 3, 41_200, Some(1)) };
        let reduced = Seen { amount: 11_200, overpaid: Some(30_000), reduced_at: Some(2), ..first.clone() };
        let replaces = |seen: &[Seen]| {
            let ledger = Ledger::of_seen(&seen.iter().cloned().map(Some).collect::<Vec<_>>());
            ledger.entries.last().unwrap().unwrap().replaces.unwrap().approval.map(|(_, stood)| stood)
        };
        assert_eq!(replaces(&[first.clone(), raised.clone()]), None);
        assert_eq!(replaces(&[first, reduced, raised]), Some(11_200));
    }

    /// An office collects a correction that it never enters: what it would correct stands.
    #[test]
    fn a_correction_that_was_not_entered_replaces_nothing() {
        let correction = Seen { block: None, ..approval(1, 2, 90_000, Some(1)) };
        let ledger = Ledger::of_seen(&[Some(approval(1, 1, 29_575, None)), Some(correction)]);
        assert_eq!(standings(&ledger), [Standing::Stands, Standing::NotEntered]);
        assert_eq!(ledger.totals[0].amount, 29_575);
        // The other way round: an approval whose evidence is older than its entry, and its entered correction.
        let early = Seen { block: None, ..approval(1, 1, 29_575, None) };
        let ledger = Ledger::of_seen(&[Some(early), Some(approval(1, 2, 30_069, Some(1)))]);
        assert_eq!(standings(&ledger), [Standing::Superseded { by: 1 }, Standing::Stands]);
        assert_eq!(ledger.totals[0].amount, 30_069);
    }

    /// Random histories of several people, whose bundles lie there in any order, some of them several times and in both states: the totals are what a
    /// contract would have paid.
    #[test]
    fn totals_are_what_the_chain_paid() {
        let mut state = 7_u64;
        let mut random = |below: u64| {
            // xorshift64 (Marsaglia 2003): any sequence does, the same on every machine.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % below
        };
        for _ in 0..500 {
            let (mut paid, mut bundles, mut standing) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
            for n in 1..=1 + random(20) {
                let (person, amount) = (random(4), random(1000));
                let seen = approval(person, n, amount, standing.insert(person, n));
                paid.insert(person, amount);
                for copy in 0..1 + random(3) {
                    let block = if copy > 0 && random(2) == 0 { None } else { seen.block };
                    bundles.insert(random(bundles.len() as u64 + 1) as usize, Some(Seen { block, ..seen.clone() }));
                }
            }
            let ledger = Ledger::of_seen(&bundles);
            assert_eq!((ledger.totals[0].amount, ledger.totals[0].approvals), (paid.values().sum(), paid.len()));
            assert_eq!(standings(&ledger).iter().filter(|s| **s == Standing::Stands).count(), paid.len());
        }
    }
}
