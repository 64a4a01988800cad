//! Public inputs: what changes from proof to proof, in an order that this file names once.
//!
//! Guarantee: a `PublicInputs` is consistent in itself (as_of and its day number are the same day, a refusal has no
//! outputs, an approval no reasons), and [`PublicInputs::to_fields`] has exactly the length of its shape.
//! Non-guarantee: that the values belong to any program or root; the verifier derives those.

use super::shape::{INPUTS_BESIDE_ROOTS, Shape};
use super::{ATTRIBUTES, OUTPUT_BITS};
use crate::applicant::Applicant;
use crate::consent::{Nullifier, RequestDigest};
use crate::date::Date;
use crate::field::{self, F};
use crate::scope::Scope;
use crate::tree::Root;
use ark_ff::Zero;
use serde::{Deserialize, Serialize};

/// The public inputs of one proof. Every decoder and [`PublicInputs::to_fields`] check them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct PublicInputs {
    /// One root per source of the shape; 0 for a second member source that the policy doesn't have.
    pub roots: Vec<Root>,
    /// The reference day.
    pub as_of: Date,
    /// Program and period.
    pub scope: Scope,
    /// What the holder consented to.
    pub request: RequestDigest,
    /// The applicant, or [`Applicant::ANONYMOUS`].
    pub applicant: Applicant,
    /// Spent by an approval.
    pub nullifier: Nullifier,
    /// The answer.
    pub decision: bool,
    /// 0 unless the decision is 1; less than 2^63.
    pub outputs: [u64; 2],
    /// Which revealed requirements failed; 0 if the decision is 1.
    pub reasons: u32,
}

/// Why public inputs are rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputsError {
    /// No shape has this many sources.
    #[error("{0} roots: no shape has that many sources")]
    Roots(usize),
    /// Another number of inputs than the shape has.
    #[error("{found} public inputs where the shape {shape} has {expected}")]
    Length {
        /// The shape.
        shape: Shape,
        /// Its number of inputs.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// An input that can't have this value.
    #[error("public input {name}: {problem}")]
    Value {
        /// Which one.
        name: &'static str,
        /// What it must be.
        problem: &'static str,
    },
}

/// Positions of the inputs of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputIndex {
    roots: usize,
}

impl InputIndex {
    /// Positions for a shape.
    pub const fn new(shape: Shape) -> Self {
        Self { roots: shape.dimensions().sources }
    }
    /// Root of source `i`.
    pub const fn root(self, i: usize) -> usize {
        i
    }
    /// `as_of`.
    pub const fn as_of(self) -> usize {
        self.roots
    }
    /// `as_of_day`.
    pub const fn as_of_day(self) -> usize {
        self.roots + 1
    }
    /// `scope`.
    pub const fn scope(self) -> usize {
        self.roots + 2
    }
    /// `request`.
    pub const fn request(self) -> usize {
        self.roots + 3
    }
    /// `applicant`.
    pub const fn applicant(self) -> usize {
        self.roots + 4
    }
    /// `nullifier`.
    pub const fn nullifier(self) -> usize {
        self.roots + 5
    }
    /// `decision`.
    pub const fn decision(self) -> usize {
        self.roots + 6
    }
    /// Output `i`, 0 or 1.
    pub const fn output(self, i: usize) -> usize {
        self.roots + 7 + i
    }
    /// `reasons`.
    pub const fn reasons(self) -> usize {
        self.roots + 9
    }
}

const _: () = {
    let mut i = 0;
    while i < Shape::ALL.len() {
        let d = Shape::ALL[i].dimensions();
        assert!(InputIndex::new(Shape::ALL[i]).reasons() + 1 == d.input_count());
        // `reasons` has a bit per requirement and must fit the type.
        assert!(d.requirements <= 32 && d.attributes == ATTRIBUTES);
        i += 1;
    }
};

impl PublicInputs {
    /// The shape, which the number of roots tells.
    pub fn shape(&self) -> Result<Shape, InputsError> {
        let shape = Shape::ALL.into_iter().find(|shape| shape.dimensions().sources == self.roots.len());
        shape.ok_or(InputsError::Roots(self.roots.len()))
    }

    /// The roots of the sources that the policy has: all up to the last that isn't 0, which is no tree's root.
    pub fn used_roots(&self) -> &[Root] {
        let used = self.roots.iter().rposition(|root| !root.0.is_zero()).map_or(0, |last| last + 1);
        &self.roots[..used]
    }

    /// Checks what the fields must satisfy among themselves.
    pub fn check(&self) -> Result<(), InputsError> {
        let shape = self.shape()?;
        for (name, output) in [("output_0", self.outputs[0]), ("output_1", self.outputs[1])] {
            if output >= 1 << OUTPUT_BITS {
                return Err(InputsError::Value { name, problem: "must be less than 2^63" });
            }
            if !self.decision && output != 0 {
                return Err(InputsError::Value { name, problem: "must be 0 because the decision is 0" });
            }
        }
        if self.decision && self.reasons != 0 {
            return Err(InputsError::Value { name: "reasons", problem: "must be 0 because the decision is 1" });
        }
        if u64::from(self.reasons) >= 1 << shape.dimensions().requirements {
            return Err(InputsError::Value {
                name: "reasons",
                problem: "names a requirement that the shape doesn't have",
            });
        }
        Ok(())
    }

    /// All inputs in order, after [`PublicInputs::check`].
    pub fn to_fields(&self) -> Result<Vec<F>, InputsError> {
        self.check()?;
        let mut fields: Vec<F> = self.roots.iter().map(|root| root.0).collect();
        fields.extend([
            F::from(self.as_of.yyyymmdd()),
            field::from_i128(i128::from(self.as_of.day_number())),
            self.scope.0,
            self.request.0,
            self.applicant.0,
            self.nullifier.0,
            F::from(self.decision),
            F::from(self.outputs[0]),
            F::from(self.outputs[1]),
            F::from(self.reasons),
        ]);
        Ok(fields)
    }

    /// Reads exactly what [`PublicInputs::to_fields`] writes.
    pub fn from_fields(shape: Shape, fields: &[F]) -> Result<Self, InputsError> {
        let expected = shape.dimensions().input_count();
        if fields.len() != expected {
            return Err(InputsError::Length { shape, expected, found: fields.len() });
        }
        let at = InputIndex::new(shape);
        let integer = |index: usize, name, problem| {
            let value = field::to_i128(fields[index]).and_then(|x| u64::try_from(x).ok());
            value.ok_or(InputsError::Value { name, problem })
        };
        let day = |problem| InputsError::Value { name: "as_of", problem };
        let as_of = u32::try_from(integer(at.as_of(), "as_of", "must be a date YYYYMMDD")?)
            .ok()
            .and_then(|x| Date::from_yyyymmdd(x).ok())
            .ok_or(day("must be a date YYYYMMDD"))?;
        if fields[at.as_of_day()] != field::from_i128(i128::from(as_of.day_number())) {
            return Err(InputsError::Value { name: "as_of_day", problem: "must be the day number of as_of" });
        }
        let decision = match integer(at.decision(), "decision", "must be 0 or 1")? {
            0 => false,
            1 => true,
            _ => return Err(InputsError::Value { name: "decision", problem: "must be 0 or 1" }),
        };
        let reasons = integer(at.reasons(), "reasons", "must be a mask of requirements")?;
        let inputs = Self {
            roots: fields[..at.as_of()].iter().map(|root| Root(*root)).collect(),
            as_of,
            scope: Scope(fields[at.scope()]),
            request: RequestDigest(fields[at.request()]),
            applicant: Applicant(fields[at.applicant()]),
            nullifier: Nullifier(fields[at.nullifier()]),
            decision,
            outputs: [
                integer(at.output(0), "output_0", "must be less than 2^63")?,
                integer(at.output(1), "output_1", "must be less than 2^63")?,
            ],
            reasons: u32::try_from(reasons)
                .map_err(|_| InputsError::Value { name: "reasons", problem: "must be a mask of requirements" })?,
        };
        inputs.check()?;
        Ok(inputs)
    }
}

/// All inputs under their names, each a canonical field element.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    roots: Vec<Root>,
    #[serde(with = "field::serde_hex")]
    as_of: F,
    #[serde(with = "field::serde_hex")]
    as_of_day: F,
    scope: Scope,
    request: RequestDigest,
    applicant: Applicant,
    nullifier: Nullifier,
    #[serde(with = "field::serde_hex")]
    decision: F,
    #[serde(with = "field::serde_hex")]
    output_0: F,
    #[serde(with = "field::serde_hex")]
    output_1: F,
    #[serde(with = "field::serde_hex")]
    reasons: F,
}

impl From<PublicInputs> for Wire {
    fn from(inputs: PublicInputs) -> Self {
        Self {
            as_of: F::from(inputs.as_of.yyyymmdd()),
            as_of_day: field::from_i128(i128::from(inputs.as_of.day_number())),
            scope: inputs.scope,
            request: inputs.request,
            applicant: inputs.applicant,
            nullifier: inputs.nullifier,
            decision: F::from(inputs.decision),
            output_0: F::from(inputs.outputs[0]),
            output_1: F::from(inputs.outputs[1]),
            reasons: F::from(inputs.reasons),
            roots: inputs.roots,
        }
    }
}

impl TryFrom<Wire> for PublicInputs {
    type Error = InputsError;
    fn try_from(wire: Wire) -> Result<Self, InputsError> {
        let sources = wire.roots.len();
        let shape = Shape::ALL.into_iter().find(|shape| shape.dimensions().sources == sources);
        let shape = shape.ok_or(InputsError::Roots(sources))?;
        let mut fields: Vec<F> = wire.roots.iter().map(|root| root.0).collect();
        fields.extend([wire.as_of, wire.as_of_day, wire.scope.0, wire.request.0, wire.applicant.0, wire.nullifier.0]);
        fields.extend([wire.decision, wire.output_0, wire.output_1, wire.reasons]);
        Self::from_fields(shape, &fields)
    }
}

const _: () = assert!(INPUTS_BESIDE_ROOTS == 10);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ark_ff::AdditiveGroup;

    fn approval() -> PublicInputs {
        PublicInputs {
            roots: vec![Root(F::from(11u8))],
            as_of: Date::from_yyyymmdd(19_691_231).unwrap(),
            scope: Scope(F::from(12u8)),
            request: RequestDigest(F::from(13u8)),
            applicant: Applicant(F::from(14u8)),
            nullifier: Nullifier(-F::from(1u8)),
            decision: true,
            outputs: [41_200, (1 << 63) - 1],
            reasons: 0,
        }
    }

    #[test]
    fn the_order_is_the_statements() {
        let fields = approval().to_fields().unwrap();
        let expected = [11, 19_691_231, -1, 12, 13, 14, -1, 1, 41_200, (1 << 63) - 1, 0];
        assert_eq!(fields, expected.map(field::from_i128));
        let at = InputIndex::new(Shape::Solo);
        assert_eq!(
            [at.root(0), at.as_of(), at.as_of_day(), at.scope(), at.request(), at.applicant()],
            [0, 1, 2, 3, 4, 5]
        );
        assert_eq!([at.nullifier(), at.decision(), at.output(0), at.output(1), at.reasons()], [6, 7, 8, 9, 10]);
        let household = InputIndex::new(Shape::Household);
        assert_eq!([0, 1, 2].map(|i| household.root(i)), [0, 1, 2]);
        assert_eq!([household.as_of(), household.as_of_day(), household.reasons()], [3, 4, 12]);
        assert_eq!(PublicInputs::from_fields(Shape::Solo, &fields).unwrap(), approval());
        let json = serde_json::to_string(&approval()).unwrap();
        assert_eq!(serde_json::from_str::<PublicInputs>(&json).unwrap(), approval());
    }

    #[test]
    fn inconsistent_inputs_are_rejected() {
        let with = |change: &dyn Fn(&mut Vec<F>)| {
            let mut fields = approval().to_fields().unwrap();
            change(&mut fields);
            PublicInputs::from_fields(Shape::Solo, &fields)
        };
        let at = InputIndex::new(Shape::Solo);
        let set = |index: usize, value: F| with(&|fields| fields[index] = value);
        assert!(set(at.decision(), F::from(2u8)).is_err());
        assert!(set(at.decision(), -F::from(1u8)).is_err());
        assert!(set(at.decision(), F::ZERO).is_err(), "a refusal with outputs");
        assert!(set(at.reasons(), F::from(1u8)).is_err(), "an approval with reasons");
        assert!(set(at.output(0), F::from(1u64 << 63)).is_err());
        assert!(set(at.output(1), -F::from(1u8)).is_err());
        assert!(set(at.as_of(), F::from(19_691_232u32)).is_err());
        assert!(set(at.as_of(), F::from(19_691_230u32)).is_err(), "another day than as_of_day");
        assert!(set(at.as_of_day(), F::ZERO).is_err());
        assert!(with(&|fields| fields.push(F::ZERO)).is_err());
        assert!(with(&|fields| _ = fields.pop()).is_err());
        let refusal = |reasons: F| {
            with(&|fields| {
                for i in [at.decision(), at.output(0), at.output(1)] {
                    fields[i] = F::ZERO;
                }
                fields[at.reasons()] = reasons;
            })
        };
        assert!(refusal(F::ZERO).is_ok() && refusal(F::from(4095u32)).is_ok());
        assert!(refusal(F::from(4096u32)).is_err(), "a requirement that the shape doesn't have");
        for roots in [vec![], vec![Root(F::ZERO); 2]] {
            assert!(PublicInputs { roots, ..approval() }.to_fields().is_err());
        }
    }

    /// A household policy has two or three sources; the shape has three roots.
    #[test]
    fn a_root_of_zero_belongs_to_no_source() {
        let used = |roots: [u64; 3]| {
            let roots = roots.map(|root| Root(F::from(root))).to_vec();
            PublicInputs { roots, ..approval() }.used_roots().len()
        };
        assert_eq!([[5, 6, 7], [5, 6, 0], [5, 0, 7], [0, 0, 0]].map(used), [3, 2, 3, 0]);
    }

    #[test]
    fn only_canonical_json_is_read() {
        let json = serde_json::to_string(&approval()).unwrap();
        let minus_1 = field::to_hex(-F::from(1u8));
        let p = "0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001";
        for (from, to) in [
            (minus_1.as_str(), p),
            (minus_1.as_str(), "-1"),
            ("\"scope\"", "\"scopes\""),
            ("{", "{\"extra\":1,"),
            ("0x", "0X"),
        ] {
            assert!(json.contains(from));
            assert!(serde_json::from_str::<PublicInputs>(&json.replacen(from, to, 1)).is_err(), "{from} -> {to}");
        }
    }
}
