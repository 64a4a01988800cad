//! Applicant: the office names who applies, the proof shows that the record is the applicant's, and nobody else learns whose.

use crate::{
    field::{F, field_newtype},
    poseidon,
    scope::Scope,
    tag::Tag,
};
use zeroize::{Zeroize, ZeroizeOnDrop};

field_newtype! {
    /// `Poseidon(tag, scope, identity, case_secret)`, or 0 where the program is anonymous.
    Applicant
}

impl Applicant {
    /// The value for anonymous programs. Lending a key can't be prevented there.
    pub const ANONYMOUS: Self = Self(<F as ark_ff::AdditiveGroup>::ZERO);

    /// Commits to the identity attribute of the applicant's record, hidden by the case secret.
    pub fn commit(scope: Scope, identity: F, secret: &CaseSecret) -> Self {
        Self(poseidon::hash(Tag::Applicant, [scope.0, identity, secret.0]))
    }
}

/// At least 128 random bits shared by clerk and wallet; without them an identity could be guessed from the commitment.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct CaseSecret(F);

impl CaseSecret {
    /// From 16 random bytes.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(F::from(u128::from_be_bytes(bytes)))
    }

    /// The field element in the witness.
    pub fn value(&self) -> F {
        self.0
    }

    /// 32 lower-case hexadecimal digits, as shown to clerk and holder.
    pub fn to_text(&self) -> String {
        crate::field::to_hex(self.0)[34..].to_owned()
    }

    /// Reads exactly what [`CaseSecret::to_text`] writes.
    pub fn from_text(text: &str) -> Option<Self> {
        crate::field::from_hex(&format!("0x{}{text}", "0".repeat(32))).ok().map(Self)
    }
}
impl std::fmt::Debug for CaseSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CaseSecret(…)")
    }
}
