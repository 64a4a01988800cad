//! An honest prover's witness: the value of every wire.

use crate::{
    gadget::{canonical, range::low_bits},
    obligation::{Obligation, consent},
    wires::{
        Applicant, Condition, Consent, FactsPeriod, HashToCurve, Household, Opening, Point, Public, Record, Register,
        Requirement, Slot, Wire, Wires,
    },
};
use ark_ff::Zero;
use sealroot_protocol::code::{Code, Coded};
use sealroot_protocol::{
    applicant::CaseSecret,
    consent::RequestDigest,
    curve::Scalar,
    date::Date,
    field::{self, F},
    machine::{Dimensions, Facts, InputsError, Member, PublicInputs, Shape, Unprovable, ValidWords, evaluate},
    scope::ScopeOpening,
    tree::{ARITY, DEPTH, Path, place},
};
use std::ops::{Deref, DerefMut};
use zeroize::Zeroize;

/// What a prover knows besides the policy and the request.
pub struct Witness {
    /// The applicant's record: a person's, or a household's.
    pub record: RecordWitness,
    /// The household's members in the order in which its record names them, each with one record per member source.
    pub members: Vec<Vec<RecordWitness>>,
    /// What the scope commits to.
    pub opening: ScopeOpening,
    /// Shared by clerk and wallet; none where the program is anonymous.
    pub case_secret: Option<CaseSecret>,
    /// The holder's signature.
    pub consent: sealroot_protocol::consent::Consent,
}

/// A record and its place in the tree.
pub struct RecordWitness {
    /// The record.
    pub record: sealroot_protocol::record::Record,
    /// Its path to the root.
    pub path: Path,
}

/// Why there is no witness. Nothing in it reveals the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WitnessError {
    /// Another number of records of a member than the policy has member sources.
    #[error("the policy's member sources number {expected}, and a member's records {found}: give one of each")]
    Sources {
        /// Member sources of the policy; 0 for a person.
        expected: usize,
        /// Records given.
        found: usize,
    },
    /// More members than the policy has slots for.
    #[error(
        "the household's members number {found}, and the policy has room for {most}: use the program's manual path"
    )]
    Members {
        /// Members that fit.
        most: usize,
        /// Members given.
        found: usize,
    },
    /// The facts are beyond what the policy can judge.
    #[error("{0}; correct the record, or have the policy cover it")]
    Unprovable(#[from] Unprovable),
    /// Record, scope, request and consent don't belong together.
    #[error("the statement's obligation `{obligation}` does not hold: {}", remedy(*.obligation))]
    Violated {
        /// The first one that does not hold.
        obligation: Obligation,
    },
}

impl Coded for WitnessError {
    fn code(&self) -> Code {
        Code::Unprovable
    }
}

/// The value of every wire. Zeroised when dropped; no `Debug`, for it holds the record.
///
/// Non-guarantee: intermediate values of the computation on stack and heap are not erased.
#[derive(Clone, PartialEq, Eq)]
pub struct Assignment {
    shape: Shape,
    wires: Wires<F>,
}

impl Assignment {
    /// All wires of an honest prover.
    ///
    /// # Errors
    /// If the statement doesn't hold: then no proof would verify.
    pub fn generate(
        words: &ValidWords,
        as_of: Date,
        request: RequestDigest,
        witness: &Witness,
    ) -> Result<Self, WitnessError> {
        let (rules, d) = (words.rules(), words.shape().dimensions());
        let expected = rules.sources.len() - 1;
        let (most, found) = (if rules.is_paired() { d.group_slots } else { d.slots() }, witness.members.len());
        if found > most {
            return Err(WitnessError::Members { most, found });
        }
        if let Some(wrong) = witness.members.iter().find(|records| records.len() != expected) {
            return Err(WitnessError::Sources { expected, found: wrong.len() });
        }
        let facts = witness.facts(as_of);
        evaluate(words, &facts)?;
        let assignment = Self::derive(words, as_of, request, witness);
        match assignment.violated() {
            None => Ok(assignment),
            Some(obligation) => Err(WitnessError::Violated { obligation }),
        }
    }

    /// All wires as far as they can be computed, whether the statement holds or not. Missing records are blank.
    pub fn derive(words: &ValidWords, as_of: Date, request: RequestDigest, witness: &Witness) -> Self {
        let mut wires = Self::blank(words.shape().dimensions());
        wires.words.clone_from_slice(words.words().as_slice());
        wires.public.as_of = F::from(as_of.yyyymmdd());
        wires.public.as_of_day = field::from_i128(as_of.day_number().into());
        wires.public.request = request.0;
        wires.record.fill(&witness.record);
        wires.fill_slots(words.rules().is_paired(), &witness.members);
        wires.opening.fill(&witness.opening);
        wires.applicant.case_secret = witness.case_secret.as_ref().map(CaseSecret::value).unwrap_or_default();
        wires.consent.fill(&witness.consent);
        let mut assignment = Self { shape: words.shape(), wires };
        assignment.derive_all(Obligation::ALL);
        assignment
    }

    /// Computes the wires of these obligations anew, in order.
    pub fn derive_all(&mut self, obligations: &[Obligation]) {
        for obligation in obligations {
            obligation.derive(&mut self.wires);
        }
    }

    /// The first obligation that does not hold, by the native twins.
    pub fn violated(&self) -> Option<Obligation> {
        Obligation::ALL.iter().copied().find(|obligation| !obligation.holds(&self.wires))
    }

    /// Which circuit it is for.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The public inputs, typed.
    ///
    /// # Errors
    /// If they are none: only after tampering.
    pub fn public_inputs(&self) -> Result<PublicInputs, InputsError> {
        let mut fields = Vec::new();
        self.wires.public.map(&mut |value| fields.push(value));
        PublicInputs::from_fields(self.shape, &fields)
    }

    /// Every wire 0, in the numbers that the capacities give.
    pub(crate) fn blank(dimensions: Dimensions) -> Wires<F> {
        let d = dimensions;
        let o = F::zero();
        let zeros = |n: usize| vec![o; n];
        let point = || Point { x: o, y: o };
        let record = || Record {
            attributes: zeros(d.attributes),
            key: point(),
            holder_since: o,
            subject: o,
            serial: o,
            salt: o,
            attributes_digest: o,
            leaf: o,
            children: vec![zeros(ARITY); DEPTH],
        };
        let register = || Register { line: o, quotient: o, remainder: o, nonnegative: o, zero: o, gate: o, value: o };
        let condition =
            |i| Condition { line: o, nonnegative: o, zero: o, member: (i < d.set_conditions).then_some(o), value: o };
        Wires {
            dimensions,
            public: Public {
                roots: zeros(d.sources),
                as_of: o,
                as_of_day: o,
                scope: o,
                request: o,
                applicant: o,
                nullifier: o,
                decision: o,
                outputs: zeros(d.outputs),
                reasons: o,
            },
            words: zeros(d.word_count()),
            record: record(),
            facts: (0..d.sources).map(|_| FactsPeriod { year: o, month: o, period: o }).collect(),
            household: Household {
                present: zeros(d.slots()),
                slots: (0..d.slots())
                    .map(|_| Slot {
                        active: o,
                        schema_id: o,
                        period: o,
                        root: o,
                        record: record(),
                        registers: (0..d.member_registers).map(|_| register()).collect(),
                        values: zeros(d.member_registers),
                    })
                    .collect(),
            },
            opening: Opening {
                deployment: o,
                program: o,
                period_start: o,
                period_end: o,
                start_year: o,
                start_month: o,
                start_day: o,
            },
            registers: (0..d.registers).map(|_| register()).collect(),
            conditions: (0..d.conditions).map(condition).collect(),
            requirements: (0..d.requirements).map(|_| Requirement { matched: o, failed: o }).collect(),
            selected: zeros(d.outputs),
            applicant: Applicant { identity: o, case_secret: o },
            hash_to_curve: HashToCurve {
                input: o,
                first: o,
                u: o,
                v: o,
                v_bits: zeros(canonical::BITS),
                mapped: point(),
                base: point(),
            },
            consent: Consent {
                n: point(),
                response: zeros(consent::RESPONSE_BITS),
                challenge: zeros(canonical::BITS),
                challenge_hash: o,
                a: point(),
                b: point(),
            },
            cleared: point(),
        }
    }
}

impl Wires<F> {
    /// Member i's records into member i's slots, and the roots that their paths lead to.
    fn fill_slots(&mut self, paired: bool, members: &[Vec<RecordWitness>]) {
        for (i, records) in members.iter().enumerate() {
            for (source, witness) in records.iter().enumerate() {
                let slot = if paired { source * self.dimensions.group_slots + i } else { i };
                let Some(slot) = self.household.slots.get_mut(slot) else { continue };
                slot.record.fill(witness);
                if let (0, Some(root)) = (i, self.public.roots.get_mut(1 + source)) {
                    *root = witness.path.root(witness.record.leaf()).0;
                }
            }
        }
    }
}

impl Witness {
    /// What the policy judges.
    fn facts(&self, as_of: Date) -> Facts {
        let attributes = |witness: &RecordWitness| witness.record.attributes.0;
        let member = |records: &Vec<RecordWitness>| Member { records: records.iter().map(attributes).collect() };
        Facts {
            attributes: attributes(&self.record),
            members: self.members.iter().map(member).collect(),
            as_of,
            period: self.opening.period,
        }
    }
}

impl Record<F> {
    fn fill(&mut self, RecordWitness { record, path }: &RecordWitness) {
        self.attributes.copy_from_slice(&record.attributes.0);
        let (x, y) = record.holder_coordinates();
        self.key = Point { x, y };
        self.holder_since = F::from(record.holder_since_value());
        self.subject = record.subject.0;
        self.serial = record.serial.0;
        self.salt = record.salt.0;
        let mut node = record.leaf().0;
        for (level, (children, siblings)) in self.children.iter_mut().zip(&path.siblings).enumerate() {
            let placed = place(path.index.position(level), node, siblings);
            children.copy_from_slice(&placed);
            node = sealroot_protocol::tree::node_hash(placed);
        }
    }
}

impl Opening<F> {
    fn fill(&mut self, opening: &ScopeOpening) {
        self.deployment = opening.deployment.to_field();
        self.program = opening.program.to_field();
        self.period_start = F::from(opening.period.start.yyyymmdd());
        self.period_end = F::from(opening.period.end.yyyymmdd());
    }
}

impl Consent<F> {
    fn fill(&mut self, consent: &sealroot_protocol::consent::Consent) {
        self.n = consent.nullifier_point.point().into();
        let challenge = low_bits(F::from(consent.challenge.0), consent::CHALLENGE_BITS);
        self.challenge[..consent::CHALLENGE_BITS].copy_from_slice(&challenge);
        self.set_response(&consent.response);
    }

    /// The bits of the response, an integer less than the subgroup order.
    fn set_response(&mut self, response: &Scalar) {
        let mut bytes = response.to_bytes();
        for (i, bit) in self.response.iter_mut().enumerate() {
            *bit = F::from((bytes[31 - i / 8] >> (i % 8)) & 1);
        }
        bytes.zeroize();
    }
}

impl Deref for Assignment {
    type Target = Wires<F>;
    fn deref(&self) -> &Wires<F> {
        &self.wires
    }
}
impl DerefMut for Assignment {
    fn deref_mut(&mut self) -> &mut Wires<F> {
        &mut self.wires
    }
}
impl Drop for Assignment {
    fn drop(&mut self) {
        self.wires.visit(&mut |value| value.zeroize());
    }
}

fn remedy(obligation: Obligation) -> &'static str {
    match obligation {
        Obligation::Attributes => "an integer attribute is out of range; correct the record",
        Obligation::Leaf => "the leaf is not the record's; read the record again",
        Obligation::Path => "the path does not lead from the record to the root; take it against the newest root",
        Obligation::FactsPeriod => {
            "the record is about another period than the policy asks for; choose the right record"
        }
        Obligation::Scope => "the scope's opening is wrong; take program and period from the request",
        Obligation::Household => {
            "the members' records are not those that the household's record names; \
             give each named person's record of every member source, and no other"
        }
        Obligation::MemberRegisters | Obligation::Registers | Obligation::Conditions | Obligation::Decision => {
            "a value leaves its range; correct the record, or have the policy cover it"
        }
        Obligation::Applicant => "the record is not the applicant's, or the case secret is not this case's",
        Obligation::HashToCurve => "scope and key have no nullifier base; the holder needs another key",
        Obligation::Consent => "the consent is not this holder's over this request and scope; ask the holder again",
        Obligation::Nullifier => {
            "the key, or a move into the household, is younger than the period; claim a later period, or by the manual path"
        }
        Obligation::SpareWords => "the policy uses words that have no meaning; compile it again",
    }
}
