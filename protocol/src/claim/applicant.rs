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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_case_secret_has_one_spelling() {
        let secret = CaseSecret::from_random(*b"sixteen letters!");
        assert_eq!(secret.value(), F::from(u128::from_be_bytes(*b"sixteen letters!")));
        let text = secret.to_text();
        assert_eq!(text, hex::encode(b"sixteen letters!"));
        assert!(CaseSecret::from_text(&text).unwrap() == secret);
        for other in [text.to_uppercase(), format!("0{text}"), text[1..].to_owned(), format!("{text} "), String::new()]
        {
            assert!(CaseSecret::from_text(&other).is_none(), "{other}");
        }
    }

    /// Without the secret an identity could be guessed from the commitment; without the scope it would be the same in every program.
    #[test]
    fn a_commitment_hides_and_names_one_applicant() {
        let secret = |n: u8| CaseSecret::from_random([n; 16]);
        let commit =
            |scope: u8, identity: u8, n| Applicant::commit(Scope(F::from(scope)), F::from(identity), &secret(n));
        let all =
            [commit(1, 2, 3), commit(2, 2, 3), commit(1, 3, 3), commit(1, 2, 4), commit(2, 1, 3), Applicant::ANONYMOUS];
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }
}
