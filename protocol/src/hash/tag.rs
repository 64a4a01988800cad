//! Domain tags: the first input of every Poseidon call, so that no value means two things.
//!
//! A tag is the ASCII text as a big-endian integer (`docs/spec/encodings.md`, Domain tags).

use crate::field::{self, F};

/// What a Poseidon call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tag {
    /// One block of the attributes digest.
    Attributes,
    /// Record leaf.
    Leaf,
    /// Inner node of the commitment tree.
    Node,
    /// Scope.
    Scope,
    /// Applicant commitment.
    Applicant,
    /// The field element that Elligator 2 maps to the curve.
    HashToCurve,
    /// Consent challenge.
    Challenge,
    /// Nullifier, holder mode.
    HolderNullifier,
    /// Nullifier, record mode.
    RecordNullifier,
    /// Proof of possession of a wallet key at enrolment.
    Possession,
    /// Proof of possession of a representative's key.
    Representation,
    /// Signature over the release of a record.
    Release,
    /// Signature of a holder's key over a claim.
    Claim,
    /// Signature of a holder's key over a message to an organisation.
    HolderMessage,
    /// Signature of a contest key, which is fresh for one request.
    Contest,
}

impl Tag {
    /// Every tag, for exhaustive tests.
    pub const ALL: [Self; 15] = [
        Self::Attributes,
        Self::Leaf,
        Self::Node,
        Self::Scope,
        Self::Applicant,
        Self::HashToCurve,
        Self::Challenge,
        Self::HolderNullifier,
        Self::RecordNullifier,
        Self::Possession,
        Self::Representation,
        Self::Release,
        Self::Claim,
        Self::HolderMessage,
        Self::Contest,
    ];

    /// The text of the tag.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Attributes => "sealroot/1:attributes",
            Self::Leaf => "sealroot/1:leaf",
            Self::Node => "sealroot/1:node",
            Self::Scope => "sealroot/1:scope",
            Self::Applicant => "sealroot/1:applicant",
            Self::HashToCurve => "sealroot/1:hash-to-curve",
            Self::Challenge => "sealroot/1:challenge",
            Self::HolderNullifier => "sealroot/1:holder-nullifier",
            Self::RecordNullifier => "sealroot/1:record-nullifier",
            Self::Possession => "sealroot/1:possession",
            Self::Representation => "sealroot/1:representation",
            Self::Release => "sealroot/1:release",
            Self::Claim => "sealroot/1:claim",
            Self::HolderMessage => "sealroot/1:holder-message",
            Self::Contest => "sealroot/1:contest",
        }
    }

    /// The tag as a field element.
    pub fn value(self) -> F {
        field::from_short_bytes(self.text().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No tag is another's value, and each fits the 31 bytes that make the encoding injective.
    #[test]
    fn tags_are_distinct() {
        for (i, a) in Tag::ALL.iter().enumerate() {
            assert!(a.text().len() <= 31);
            assert!(Tag::ALL[..i].iter().all(|b| b.value() != a.value()));
        }
    }
}
