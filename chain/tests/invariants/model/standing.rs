//! The chain and the model hold the same, entry by entry, and neither holds more.

use super::{Broken, Model, Terms, must};
use crate::cast;
use alloy_primitives::{B256, U256};
use sealroot_chain::contracts::{agencies::Agencies, decisions::Decisions, officers::Officers, policies::Policies};
use sealroot_protocol::{
    consent::Nullifier,
    field::{self, Digest},
    name::Name,
    policy::PolicyDigest,
    program::{AsOfRule, DecidedBy, PeriodDay},
    refusals::BatchRoot,
    snapshot::{PolicyEntry, ProgramEntry, Registry as Which, SnapshotQuery},
    tree::Root,
};
use sealroot_testing::{evm::Evm, town::name};
use std::collections::BTreeSet;

fn same<T: PartialEq + std::fmt::Debug>(what: impl FnOnce() -> String, chain: T, model: T) -> Result<(), Broken> {
    if chain == model { Ok(()) } else { Err(format!("{}: the chain has {chain:?}, the model {model:?}", what())) }
}

fn root(word: B256) -> Result<Root, Broken> {
    field::from_bytes(&word.0).map(Root).map_err(|_| "a root isn't reduced".into())
}

impl Model {
    /// Everything that the cast can name, and everything that the model has.
    pub fn compare(&self, evm: &Evm) -> Result<(), Broken> {
        self.compare_officers(evm)?;
        self.compare_roots(evm)?;
        self.compare_keys(evm)?;
        self.compare_versions(evm)?;
        for program in cast::PROGRAMS {
            self.compare_program(evm, &name(program))?;
        }
        Ok(())
    }

    fn compare_officers(&self, evm: &Evm) -> Result<(), Broken> {
        let contract = evm.contracts.officers;
        for person in cast::everybody() {
            let since = evm.view(contract, Officers::sinceCall { person });
            same(|| format!("officer {person}"), since, self.officers.get(&person).copied().unwrap_or_default())?;
        }
        let count = evm.view(contract, Officers::countCall {});
        same(|| "the number of officers".into(), count, self.officers.len() as u64)?;
        for (to, act) in &self.ever_proposed {
            let entry = evm.view(*to, Officers::proposalsCall { act: *act });
            let model = self.proposals.get(&(*to, *act)).map_or((Default::default(), 0), |p| (p.proposer, p.at));
            same(|| format!("proposal {act}"), (entry.proposer, entry.proposedAt), model)?;
        }
        Ok(())
    }

    fn compare_roots(&self, evm: &Evm) -> Result<(), Broken> {
        let all = cast::AGENCIES.iter().flat_map(|agency| (0..=cast::ROOTS).map(|i| (*agency, cast::root(agency, i))));
        let all = all.map(|(agency, word)| (name(agency), word)).chain(self.roots.keys().cloned());
        let all = all.map(|(agency, word)| Ok((agency, root(word)?))).collect::<Result<Vec<_>, Broken>>()?;
        let snapshot = evm.snapshot(&SnapshotQuery::of_roots(all));
        for agency in cast::AGENCIES.map(name) {
            same(|| format!("agency {agency}"), snapshot.agencies.get(&agency), self.agencies.get(&agency))?;
            let call = Agencies::agenciesCall { id: agency.to_bytes32().into() };
            let head = evm.view(evm.contracts.agencies, call).head;
            same(|| format!("{agency}'s head"), head, self.heads.get(&agency).copied().unwrap_or_default())?;
        }
        let of_model = self.roots.iter().map(|((agency, word), entry)| Ok(((agency.clone(), root(*word)?), *entry)));
        same(|| "roots".into(), snapshot.roots, of_model.collect::<Result<_, Broken>>()?)
    }

    fn compare_keys(&self, evm: &Evm) -> Result<(), Broken> {
        for key in cast::everybody() {
            let snapshot = evm.snapshot(&SnapshotQuery { signer: Some(key), ..SnapshotQuery::default() });
            same(
                || format!("key {key} of a requester"),
                snapshot.signer.as_ref(),
                self.requester_registry.keys.get(&key),
            )?;
            let entry = evm.view(evm.contracts.agencies, Agencies::keysCall { key });
            let owner = (!entry.owner.is_zero()).then(|| cast::named(entry.owner)).transpose()?;
            let of = |at: u64| (at != 0).then_some(at);
            let chain = owner.map(|owner| (owner, entry.addedAt, of(entry.retiredAt), of(entry.revokedAt)));
            let model = self.agency_registry.keys.get(&key);
            let model = model.map(|key| (key.owner.clone(), key.added_at, key.retired_at, key.revoked_at));
            same(|| format!("key {key} of an agency"), chain, model)?;
        }
        let cards = cast::AGENCIES.map(|id| (Which::Agencies, name(id))).into_iter();
        let cards = cards.chain(cast::REQUESTERS.map(|id| (Which::Requesters, name(id)))).collect();
        let snapshot = evm.snapshot(&SnapshotQuery { cards, ..SnapshotQuery::default() });
        let registries = [(Which::Agencies, &self.agency_registry), (Which::Requesters, &self.requester_registry)];
        for (which, registry) in registries {
            let of_chain = snapshot.cards.iter().filter(|((of, _), _)| *of == which);
            let of_chain: Vec<_> =
                of_chain.map(|((_, id), card)| (id, card.digest, card.set_by, card.set_at)).collect();
            let of_model =
                registry.cards.iter().map(|(id, card)| (id, card.digest, card.set_by, card.set_at)).collect();
            same(|| format!("cards of {which:?}"), of_chain, of_model)?;
        }
        Ok(())
    }

    fn compare_versions(&self, evm: &Evm) -> Result<(), Broken> {
        let mut all = Vec::new();
        for policy in cast::POLICIES {
            all.extend((0..cast::VERSIONS).map(|number| cast::version(policy, number)));
        }
        let snapshot = evm.snapshot(&SnapshotQuery::of_policies(all.iter().map(|d| PolicyDigest(Digest(d.0)))));
        same(|| "the number of versions".into(), snapshot.policies.len(), self.versions.len())?;
        for (digest, version) in &self.versions {
            let entry = snapshot.policies.get(&PolicyDigest(Digest(digest.0)));
            let PolicyEntry { id, key_hash, agencies, in_force, currencies, retroactive, enacted_at, withdrawn_at } =
                entry.ok_or("a version is missing")?;
            let days = (in_force.from.day_number(), in_force.until.map(|day| day.day_number()));
            // 9999-12-31 stands for an open end.
            let until = (version.until < 2_932_896).then_some(version.until);
            same(|| format!("days of {digest}"), days, (version.from, until))?;
            let currencies = currencies.held().ok_or("a version without currencies")?;
            let currencies = currencies.map(|currency| currency.map(|c| c.to_bytes()).unwrap_or_default());
            same(|| format!("currencies of {digest}"), currencies, version.currencies.map(|c| c.0))?;
            let retroactive = retroactive.map(|digest| B256::from(digest.0.0));
            same(|| format!("what {digest} replaces"), retroactive, version.replaces)?;
            let chain = (id, B256::from(key_hash.0), agencies, *enacted_at, *withdrawn_at);
            let model = (&version.id, version.key_hash, &version.agencies, version.enacted_at, version.withdrawn_at);
            same(|| format!("version {digest}"), chain, model)?;
        }
        // By the model's own words, once more over all of them: on no day two.
        let standing: Vec<_> = self.versions.values().filter(|version| version.withdrawn_at.is_none()).collect();
        for (i, one) in standing.iter().enumerate() {
            let twice = standing[..i]
                .iter()
                .any(|other| one.id == other.id && one.from <= other.until && other.from <= one.until);
            must(!twice, || format!("two versions of {} stand for one day", one.id))?;
        }
        for policy in cast::POLICIES {
            let count = self.versions.values().filter(|version| version.id == name(policy)).count();
            let call = Policies::versionCountCall { id: cast::word(policy) };
            let found = evm.view(evm.contracts.policies, call);
            same(|| format!("the number of versions of {policy}"), found, U256::from(count))?;
        }
        Ok(())
    }

    fn compare_program(&self, evm: &Evm, id: &Name) -> Result<(), Broken> {
        let query = SnapshotQuery { program: Some(id.clone()), ..SnapshotQuery::default() };
        let entry = evm.snapshot(&query).program;
        same(|| format!("program {id}"), entry.as_ref().map(of_chain), self.programs.get(id).cloned())?;
        for requester in cast::REQUESTERS.map(name) {
            let query = SnapshotQuery { requester: Some(requester.clone()), ..query.clone() };
            let model = self.standing.get(&(id.clone(), requester.clone())).copied();
            same(|| format!("standing of {requester} in {id}"), evm.snapshot(&query).requester, model)?;
        }
        let mut spent = U256::ZERO;
        let spent_ones = self.decisions.keys().filter(|(of, _)| of == id).map(|(_, nullifier)| *nullifier);
        let all: BTreeSet<U256> = (0..=cast::NULLIFIERS).map(U256::from).chain(spent_ones).collect();
        for number in all {
            let nullifier = field::from_bytes(&number.to_be_bytes()).map_err(|_| "a nullifier isn't reduced")?;
            let nullifier = Some(Nullifier(nullifier));
            let entry = evm.snapshot(&SnapshotQuery { nullifier, ..query.clone() }).decision;
            let model = self.decisions.get(&(id.clone(), number));
            same(|| format!("nullifier {number} of {id}"), entry.as_ref(), model)?;
            if let Some(entry) = entry {
                must(entry.granted.held() >= Some(entry.amount.into()), || "more stands than was granted".into())?;
                spent += U256::from(entry.amount);
            }
        }
        let stands = evm.view(evm.contracts.decisions, Decisions::spentCall { program: id.to_bytes32().into() });
        same(|| format!("what {id} has spent"), stands, spent)?;
        for ((requester, batch), model) in &self.refusals {
            let query = SnapshotQuery {
                requester: Some(requester.clone()),
                refusals: Some(BatchRoot(Digest(batch.0))),
                ..SnapshotQuery::default()
            };
            same(|| format!("batch {batch}"), evm.snapshot(&query).refusals.as_ref(), Some(model))?;
        }
        Ok(())
    }
}

fn of_chain(entry: &ProgramEntry) -> Terms {
    Terms {
        digest: entry.digest.0.into(),
        enacted_at: entry.enacted_at,
        closed_at: entry.closed_at,
        first: entry.grid.first,
        months: entry.grid.months.into(),
        periods: entry.grid.count.into(),
        opens: entry.claim.opens_after_days.into(),
        closes: entry.claim.closes_after_days.into(),
        correctable: entry.correctable_days.into(),
        offset: entry.utc_offset.minutes().into(),
        decided_by: match entry.decided_by {
            DecidedBy::Office => 1,
            DecidedBy::Proof => 2,
            DecidedBy::Both => 3,
        },
        as_of: match entry.as_of {
            AsOfRule::PeriodStart => 1,
            AsOfRule::PeriodEnd => 2,
        },
        fresh: entry.fresh.map(|fresh| {
            let since = if fresh.since == PeriodDay::PeriodStart { 1 } else { 2 };
            (since, fresh.after_days.into())
        }),
        pays: entry.pays.map(|(part, output)| (part.into(), output.into())),
        currency: entry.currency.held().flatten().map(|currency| currency.to_bytes().into()).unwrap_or_default(),
        budget: entry.budget,
        policies: entry.policies.clone(),
    }
}
