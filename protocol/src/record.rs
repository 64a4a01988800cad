//! Records: 32 attributes about one subject and one period, committed as one leaf (`docs/spec/statement.md`, leaf).

use crate::{
    curve::PublicKey,
    date::{Date, FactsPeriod},
    field::{F, field_newtype},
    poseidon,
    schema::{ATTRIBUTES, SchemaId},
    tag::Tag,
};
use ark_ff::{AdditiveGroup, Zero};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

field_newtype! {
    /// Pseudonymous person id shared between agencies: a keyed PRF of the national id, never the id itself.
    Subject
}
field_newtype! {
    /// Keyed PRF of the record's business key; survives re-issue, re-import and erasure.
    Serial
}
field_newtype! {
    /// At least 128 fresh random bits per version of a record: without it a leaf could be found by guessing attributes.
    Salt
}
field_newtype! {
    /// A record's place in the tree; [`Leaf::EMPTY`] for none.
    Leaf
}

impl Leaf {
    /// The empty leaf: no record hashes to it.
    pub const EMPTY: Self = Self(F::ZERO);
}

/// The attributes, in the schema's order; unused ones are 0. Zeroised when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Attributes(pub [F; ATTRIBUTES]);

impl Attributes {
    /// `h_4` of `h_{i+1} = Poseidon(tag, h_i, a_{8i} … a_{8i+7})`, `h_0 = 0`.
    pub fn digest(&self) -> F {
        self.0.chunks_exact(8).fold(F::zero(), |h, block| {
            let mut input = [h; 9];
            input[1..].copy_from_slice(block);
            poseidon::hash(Tag::Attributes, input)
        })
    }
}
impl std::fmt::Debug for Attributes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Attributes(…)")
    }
}
impl Serialize for Attributes {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.0.iter().map(|x| crate::field::to_hex(*x)))
    }
}
impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let texts: Vec<String> = Vec::deserialize(d)?;
        let values =
            texts.iter().map(|t| crate::field::from_hex(t)).collect::<Result<Vec<_>, _>>().map_err(D::Error::custom)?;
        values.try_into().map(Self).map_err(|_| D::Error::custom("a record has exactly 32 attributes"))
    }
}

/// Typed attributes about one subject and one period. Its `Debug` shows nothing: salt and serial would unblind the leaf.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// What the attributes mean.
    pub schema_id: SchemaId,
    /// The facts.
    pub attributes: Attributes,
    /// The holder's key; none for someone without a wallet, who can be a household member but can't consent.
    pub holder: Option<PublicKey>,
    /// First day from which this key may earn holder nullifiers; none (0) at a first enrolment.
    pub holder_since: Option<Date>,
    /// Whom the facts are about.
    pub subject: Subject,
    /// What period they are about.
    pub period: FactsPeriod,
    /// Stable identity of the record.
    pub serial: Serial,
    /// Fresh per version.
    pub salt: Salt,
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Record(…)")
    }
}

impl Record {
    /// The commitment.
    pub fn leaf(&self) -> Leaf {
        self.leaf_with_digest(self.attributes.digest())
    }

    /// The commitment, given the attributes digest.
    pub fn leaf_with_digest(&self, attributes_digest: F) -> Leaf {
        let (x, y) = self.holder_coordinates();
        Leaf(poseidon::hash(
            Tag::Leaf,
            [
                self.schema_id.0,
                attributes_digest,
                x,
                y,
                F::from(self.holder_since_value()),
                self.subject.0,
                F::from(self.period.value()),
                self.serial.0,
                self.salt.0,
            ],
        ))
    }

    /// The key's coordinates in the leaf; (0, 0), which is off the curve, for none.
    pub fn holder_coordinates(&self) -> (F, F) {
        self.holder.map_or((F::zero(), F::zero()), |key| (key.x(), key.y()))
    }

    /// `holder_since` in the leaf.
    pub fn holder_since_value(&self) -> u32 {
        self.holder_since.map_or(0, Date::yyyymmdd)
    }
}
