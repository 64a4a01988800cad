//! Corruptors: one lie each, with the rest of the witness rebuilt around it as well as an attacker can. Each fails in
//! one obligation and nowhere else, so without that obligation's constraints the lie would be proved.

mod applicant;
mod attributes;
mod conditions;
mod consent;
mod decision;
mod facts_period;
mod hash_to_curve;
mod household;
mod leaf;
mod member_registers;
mod nullifier;
mod path;
mod registers;
mod scope;
mod spare_words;

use crate::{natively_violated, violated};
use sealroot_circuits::{Assignment, Obligation};
use sealroot_protocol::machine::NullifierMode;
use sealroot_testing::{
    random::Random,
    statement::{
        Case, approved,
        household::{full_household, household},
        refused,
    },
};
use std::collections::BTreeSet;

/// A lie.
pub struct Corruptor {
    pub name: &'static str,
    pub base: Base,
    pub corrupt: fn(&mut Assignment, &Case, &mut Random),
}

/// The true statement that is corrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// An approval in holder mode.
    Approved,
    /// A refusal in holder mode.
    Refused,
    /// Record mode, once per scope.
    PerScope,
    /// Record mode, once ever.
    Once,
    /// Without applicant.
    Anonymous,
    /// A household of three, one member source.
    Household,
    /// The same with two member sources.
    Paired,
    /// Four members, which is all that two member sources have room for.
    Full,
}

impl Base {
    pub fn case(self, random: &mut Random) -> Case {
        match self {
            Self::Approved => approved(NullifierMode::Holder, true, random),
            Self::Refused => refused(random),
            Self::PerScope => approved(NullifierMode::RecordPerScope, true, random),
            Self::Once => approved(NullifierMode::RecordOnce, true, random),
            Self::Anonymous => approved(NullifierMode::Holder, false, random),
            Self::Household => household(false, random),
            Self::Paired => household(true, random),
            Self::Full => full_household(random),
        }
    }
}

/// The corruptors of each obligation.
pub fn table(obligation: Obligation) -> &'static [Corruptor] {
    match obligation {
        Obligation::Attributes => attributes::CORRUPTORS,
        Obligation::Leaf => leaf::CORRUPTORS,
        Obligation::Path => path::CORRUPTORS,
        Obligation::FactsPeriod => facts_period::CORRUPTORS,
        Obligation::Scope => scope::CORRUPTORS,
        Obligation::Registers => registers::CORRUPTORS,
        Obligation::Conditions => conditions::CORRUPTORS,
        Obligation::Decision => decision::CORRUPTORS,
        Obligation::Applicant => applicant::CORRUPTORS,
        Obligation::HashToCurve => hash_to_curve::CORRUPTORS,
        Obligation::Household => household::CORRUPTORS,
        Obligation::MemberRegisters => member_registers::CORRUPTORS,
        Obligation::Consent => consent::CORRUPTORS,
        Obligation::Nullifier => nullifier::CORRUPTORS,
        Obligation::SpareWords => spare_words::CORRUPTORS,
    }
}

fn run(obligation: Obligation) {
    for (i, corruptor) in table(obligation).iter().enumerate() {
        let mut random = Random::new(1000 + i as u64);
        let case = corruptor.base.case(&mut random);
        let honest = case.assignment();
        assert!(violated(&honest).is_empty(), "{:?} is true", corruptor.base);
        let mut corrupted = honest.clone();
        (corruptor.corrupt)(&mut corrupted, &case, &mut random);
        assert!(corrupted != honest, "{obligation}: {}: nothing was changed", corruptor.name);
        let expected = BTreeSet::from([obligation]);
        assert_eq!(violated(&corrupted), expected, "{obligation}: {}: constraints", corruptor.name);
        assert_eq!(natively_violated(&corrupted), expected, "{obligation}: {}: native twin", corruptor.name);
    }
}

#[test]
fn attributes_fail_alone() {
    run(Obligation::Attributes);
}

#[test]
fn leaf_fails_alone() {
    run(Obligation::Leaf);
}

#[test]
fn path_fails_alone() {
    run(Obligation::Path);
}

#[test]
fn facts_period_fails_alone() {
    run(Obligation::FactsPeriod);
}

#[test]
fn household_fails_alone() {
    run(Obligation::Household);
}

#[test]
fn member_registers_fail_alone() {
    run(Obligation::MemberRegisters);
}

#[test]
fn scope_fails_alone() {
    run(Obligation::Scope);
}

#[test]
fn registers_fail_alone() {
    run(Obligation::Registers);
}

#[test]
fn conditions_fail_alone() {
    run(Obligation::Conditions);
}

#[test]
fn decision_fails_alone() {
    run(Obligation::Decision);
}

#[test]
fn applicant_fails_alone() {
    run(Obligation::Applicant);
}

#[test]
fn hash_to_curve_fails_alone() {
    run(Obligation::HashToCurve);
}

#[test]
fn consent_fails_alone() {
    run(Obligation::Consent);
}

#[test]
fn nullifier_fails_alone() {
    run(Obligation::Nullifier);
}

#[test]
fn spare_words_fail_alone() {
    run(Obligation::SpareWords);
}

/// The test above of each obligation: a new one doesn't compile without.
#[test]
fn every_obligation_has_corruptors() {
    let test = |obligation: Obligation| -> fn() {
        match obligation {
            Obligation::Attributes => attributes_fail_alone,
            Obligation::Leaf => leaf_fails_alone,
            Obligation::Path => path_fails_alone,
            Obligation::FactsPeriod => facts_period_fails_alone,
            Obligation::Household => household_fails_alone,
            Obligation::MemberRegisters => member_registers_fail_alone,
            Obligation::Scope => scope_fails_alone,
            Obligation::Registers => registers_fail_alone,
            Obligation::Conditions => conditions_fail_alone,
            Obligation::Decision => decision_fails_alone,
            Obligation::Applicant => applicant_fails_alone,
            Obligation::HashToCurve => hash_to_curve_fails_alone,
            Obligation::Consent => consent_fails_alone,
            Obligation::Nullifier => nullifier_fails_alone,
            Obligation::SpareWords => spare_words_fail_alone,
        }
    };
    let tested: BTreeSet<usize> = Obligation::ALL.iter().map(|o| test(*o) as usize).collect();
    assert_eq!(tested.len(), Obligation::ALL.len(), "one test for two obligations");
    assert!(Obligation::ALL.iter().all(|o| table(*o).len() >= 2));
}
