//! What bundles that are audited together say against each other. A bundle alone can leave out what speaks against it.
//!
//! Guarantee: of several approvals under one nullifier that correct the same request, or none, and of a refusal that claims to be later than the approval of its
//! request, those that the chain doesn't date are rejected, or all if it dates none. Non-guarantee: what isn't among the bundles contradicts nobody.

use super::{AuditRejection, Audited, Dating};
use sealroot_protocol::consent::{Nullifier, RequestDigest};
use sealroot_protocol::name::Name;
use std::collections::BTreeMap;

type Answer = Result<Audited, AuditRejection>;

/// Rejects what others contradict; the answers are the bundles', in order, and so are the requests that they correct.
pub(super) fn reject(corrects: &[Option<RequestDigest>], answers: &mut [Answer]) {
    let mut rejected = BTreeMap::new();
    for group in approvals(answers).values() {
        rejected.extend(doubles(corrects, answers, group));
    }
    rejected.extend(refused_after_approval(answers));
    for (i, other) in rejected {
        answers[i] = Err(AuditRejection::Contradicted { other });
    }
}

/// The approvals of each program and nullifier.
fn approvals(answers: &[Answer]) -> BTreeMap<(Name, Nullifier), Vec<usize>> {
    let mut groups: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (i, audited) in answers.iter().enumerate() {
        if let Ok(Audited { decision, .. }) = audited
            && decision.approved
        {
            groups.entry((decision.program.clone(), decision.nullifier)).or_default().push(i);
        }
    }
    groups
}

/// Of approvals under one nullifier: which are rejected, each with the place of one that it can't stand beside.
///
/// Two approvals clash that correct the same request, or nothing, and for which the same stands, a proof or an office's word: the contract takes one successor of what
/// stands, and a proof takes a word's place whatever it names. So on one history two dated ones never do, whichever links between them are missing, and nobody has an
/// honest approval rejected by adding another to the chain.
fn doubles(corrects: &[Option<RequestDigest>], answers: &[Answer], group: &[usize]) -> Vec<(usize, usize)> {
    let clash = |i: usize, j: usize| {
        let (Ok(a), Ok(b)) = (&answers[i], &answers[j]) else { return false };
        // The same bundle given twice is one approval.
        let kin = a.dating.assurance().zip(b.dating.assurance()).is_none_or(|(a, b)| a == b);
        // A proof's bytes can be changed by anybody: two bundles that one entry by proof dates are one approval.
        let one = a.decision.request == b.decision.request && a.dating.is_by_proof() && b.dating.is_by_proof();
        a.decision.bundle != b.decision.bundle && corrects[i] == corrects[j] && kin && !one
    };
    let dated = |i: usize| answers[i].as_ref().is_ok_and(|a| matches!(a.dating, Dating::Dated { .. }));
    let against = |i: usize| group.iter().copied().filter(|j| clash(i, *j)).max_by_key(|j| dated(*j));
    let lost = |i: &usize| against(*i).filter(|j| !dated(*i) || dated(*j)).map(|j| (*i, j));
    group.iter().filter_map(lost).collect()
}

/// Refusals that are dated at or after the dated approval of the same person's claim under the same request: it was decided. Many people answer an anonymous request.
fn refused_after_approval(answers: &[Answer]) -> Vec<(usize, usize)> {
    let dated = |audited: &Audited| match audited.dating {
        Dating::Dated { block, .. } => Some(block),
        Dating::Undated { .. } => None,
    };
    let claim = |audited: &Audited| (audited.decision.request, audited.decision.nullifier);
    let mut approved = BTreeMap::new();
    for (i, audited) in answers.iter().enumerate() {
        if let Ok(audited) = audited
            && audited.decision.approved
            && let Some(block) = dated(audited)
        {
            approved.insert(claim(audited), (block, i));
        }
    }
    let after = |(i, audited): (usize, &Answer)| {
        let audited = audited.as_ref().ok().filter(|audited| !audited.decision.approved)?;
        let (block, other) = approved.get(&claim(audited))?;
        (dated(audited)? >= *block).then_some((i, *other))
    };
    answers.iter().enumerate().filter_map(after).collect()
}
