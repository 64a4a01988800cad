//! The parts: one per policy, all about the same request, scope, day, applicant and nullifier, under roots that count.

use super::policies::CheckedPolicy;
use super::request::Context;
use super::{PartDecision, PartRoot, PreparedPart};
use crate::proof::{Proof, ProofError};
use crate::rejection::{DeterminedInput, Rejection};
use sealroot_protocol::bundle::{Bundle, Part};
use sealroot_protocol::date::{Date, Period};
use sealroot_protocol::moment::Moment;
use sealroot_protocol::name::Name;
use sealroot_protocol::policy::{Policy, Source};
use sealroot_protocol::program::Program;
use sealroot_protocol::snapshot::{Assurance, Snapshot};
use sealroot_protocol::tree::Root;
use sealroot_protocol::utc_offset::UtcOffset;

/// Since which day a program demands that roots be confirmed, by its own clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreshSince {
    day: Date,
    offset: UtcOffset,
}

impl FreshSince {
    /// What a program demands of claims for a period; none where any root that counts will do.
    pub fn of(program: &Program, period: Period) -> Result<Option<Self>, Rejection> {
        let since = program.fresh_since(period).map_err(|_| Rejection::PeriodNotOnGrid(period))?;
        Ok(since.map(|day| Self { day, offset: program.utc_offset_minutes }))
    }

    fn holds(&self, confirmed_at: u64) -> bool {
        self.offset.day(confirmed_at).is_ok_and(|day| day >= self.day)
    }
}

/// Checks all parts, which have these decoded proofs, but for their pairing equations.
pub(super) fn check(
    bundle: &Bundle,
    proofs: Vec<Result<Proof, ProofError>>,
    snapshot: &Snapshot,
    context: &Context,
    policies: &[CheckedPolicy<'_>],
) -> Result<(Vec<PreparedPart>, Vec<PartDecision>), Rejection> {
    let count = policies.len();
    if bundle.parts.len() != count
        || proofs.len() != count
        || bundle.parts.iter().zip(policies).any(|(p, q)| p.policy != q.digest)
    {
        return Err(Rejection::PartsMismatch);
    }
    let (mut prepared, mut decisions) = (Vec::new(), Vec::new());
    for (i, ((part, checked), proof)) in bundle.parts.iter().zip(policies).zip(proofs).enumerate() {
        if part.universal_key != checked.policy.universal_key {
            return Err(Rejection::PartKey { part: i, found: part.universal_key });
        }
        check_inputs(i, part, context)?;
        if part.inputs.nullifier != bundle.parts[0].inputs.nullifier {
            return Err(Rejection::PartNullifier { part: i });
        }
        if context.entered == Some(Assurance::ByProof) {
            check_outputs(i, part, &bundle.program)?;
        }
        verify_roots(i, part.inputs.used_roots(), checked.policy, snapshot, context.fresh, context.now)?;
        let proof = proof.map_err(|error| Rejection::ProofMalformed { part: i, error })?;
        prepared.push(PreparedPart { key: checked.key.clone(), inputs: part.inputs.clone(), proof });
        decisions.push(decision(part, checked, snapshot));
    }
    Ok((prepared, decisions))
}

fn check_inputs(part: usize, given: &Part, context: &Context) -> Result<(), Rejection> {
    let inputs = &given.inputs;
    let table = [
        (DeterminedInput::Request, inputs.request == context.request),
        (DeterminedInput::Scope, inputs.scope == context.scope),
        (DeterminedInput::AsOf, inputs.as_of == context.as_of),
        (DeterminedInput::Applicant, inputs.applicant == context.applicant),
    ];
    match table.into_iter().find(|(_, same)| !same) {
        Some((input, _)) => Err(Rejection::PartInput { part, input }),
        None => Ok(()),
    }
}

/// By proof, nothing but what is paid has a place in the call. Said here, office and wallet hear it before the contract rejects the proof.
fn check_outputs(i: usize, part: &Part, program: &Program) -> Result<(), Rejection> {
    let paid = program.pays.as_ref().filter(|pays| usize::from(pays.part) == i).map(|pays| usize::from(pays.output));
    let more = part.inputs.outputs.iter().enumerate().any(|(output, value)| *value != 0 && Some(output) != paid);
    if more { Err(Rejection::OutputNotPaid { part: i }) } else { Ok(()) }
}

/// Whether root i belongs to the agency of the policy's source i, counts at Unix time `now`, and is as fresh as the program demands; `part` is for the
/// rejection to name.
///
/// What a prover asks, too, before it proves on records that it was handed. A proof under roots that nobody anchored convinces no verifier, but its outputs
/// would tell the inventor of some of the records about the others.
pub fn verify_roots(
    part: usize,
    roots: &[Root],
    policy: &Policy,
    snapshot: &Snapshot,
    fresh: Option<FreshSince>,
    now: u64,
) -> Result<(), Rejection> {
    if roots.len() != policy.sources.len() {
        return Err(Rejection::PartInput { part, input: DeterminedInput::Roots });
    }
    let sources = policy.sources.iter().zip(roots);
    sources.into_iter().try_for_each(|(source, root)| check_root(part, &source.agency, *root, snapshot, fresh, now))
}

fn check_root(
    part: usize,
    agency: &Name,
    root: Root,
    snapshot: &Snapshot,
    fresh: Option<FreshSince>,
    now: u64,
) -> Result<(), Rejection> {
    let unknown = || Rejection::RootUnknown { part, agency: agency.clone() };
    let owner = snapshot.agencies.get(agency).ok_or_else(unknown)?;
    let entry = snapshot.roots.get(&(agency.clone(), root)).ok_or_else(unknown)?;
    // Without the key's entry nobody knows whether it was revoked.
    let key = snapshot.agency_keys.get(&entry.anchored_by).filter(|key| key.owner == *agency).ok_or_else(unknown)?;
    if entry.counts_at(now, owner, key) {
        let Some(fresh) = fresh else { return Ok(()) };
        // State of a later block shows a later confirmation alone, and so says nothing about now.
        if entry.confirmed_at > now {
            return Err(unknown());
        }
        let stale = Rejection::RootNotFresh { part, agency: agency.clone(), since: fresh.day };
        return if fresh.holds(entry.confirmed_at) { Ok(()) } else { Err(stale) };
    }
    let withdrawn = |at: Option<u64>| at.is_some_and(|at| at <= now);
    if entry.anchored_at > now {
        Err(unknown())
    } else if withdrawn(entry.withdrawn_at) || withdrawn(owner.withdrawn_at) || withdrawn(key.revoked_at) {
        Err(Rejection::RootWithdrawn { part, agency: agency.clone() })
    } else {
        Err(Rejection::RootSuperseded { part, agency: agency.clone() })
    }
}

/// When the roots of a part counted, each as its agency's: all of them have been checked.
fn root_times(part: &Part, policy: &Policy, snapshot: &Snapshot) -> Vec<PartRoot> {
    let sources = policy.sources.iter().zip(part.inputs.used_roots());
    let times = |(source, root): (&Source, &Root)| {
        let entry = snapshot.roots.get(&(source.agency.clone(), *root))?;
        let grace = snapshot.agencies.get(&source.agency)?.grace;
        Some(PartRoot {
            agency: source.agency.clone(),
            root: *root,
            anchored: Moment::from_unix(entry.anchored_at),
            superseded: entry.superseded_at.map(Moment::from_unix),
            counts_until: entry.superseded_at.map(|at| Moment::from_unix(at.saturating_add(grace.into()))),
        })
    };
    sources.filter_map(times).collect()
}

fn decision(part: &Part, checked: &CheckedPolicy<'_>, snapshot: &Snapshot) -> PartDecision {
    let policy = checked.policy;
    let failed = |bit: usize| part.inputs.reasons >> bit & 1 == 1;
    PartDecision {
        policy: policy.id.clone(),
        digest: checked.digest,
        retroactive: checked.retroactive,
        agencies: policy.sources.iter().map(|source| source.agency.clone()).collect(),
        roots: root_times(part, policy, snapshot),
        approved: part.inputs.decision,
        outputs: policy.outputs.iter().cloned().zip(part.inputs.outputs).collect(),
        reasons: policy
            .reasons
            .iter()
            .enumerate()
            .filter(|(bit, _)| failed(*bit))
            .map(|(_, code)| code.clone())
            .collect(),
    }
}
