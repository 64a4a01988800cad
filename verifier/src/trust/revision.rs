//! How a trust file names the contracts' revision: `revision = 2`, or nothing at all.
//!
//! Guarantee: every trust file that was written for the first contracts is read as before, and is written with the same bytes. A number that this version
//! doesn't know is refused, since a later layout read as this one would give other words another meaning.

use sealroot_protocol::snapshot::Revision;
use serde::{Deserialize, Deserializer, Serializer, de, ser};

/// What a trust file means that says nothing: there was no second revision yet.
pub(super) fn first() -> Revision {
    Revision::First
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
pub(super) fn is_first(revision: &Revision) -> bool {
    *revision == Revision::First
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
pub(super) fn serialize<S: Serializer>(revision: &Revision, to: S) -> Result<S::Ok, S::Error> {
    match revision {
        // Left out instead, as [`is_first`] has it: a trust file has one spelling.
        Revision::First => Err(ser::Error::custom("the first contracts have no number")),
        Revision::Second => to.serialize_u8(2),
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Revision, D::Error> {
    match i64::deserialize(from)? {
        2 => Ok(Revision::Second),
        _ => Err(de::Error::custom(
            "this version reads no such revision of the contracts: write `revision = 2`, or take the line out for the first contracts",
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::Trust;
    use super::super::tests::trust;
    use super::*;

    /// Trust files of the first contracts stay as they are, byte for byte, and no number names these.
    #[test]
    fn the_contracts_revision_is_2_or_unsaid() {
        let text = trust().to_toml().unwrap();
        let named = "[contracts]\nrevision = 2\n";
        assert!(text.contains(named), "{text}");
        let unsaid = text.replace(named, "");
        let first = Trust::from_toml(&unsaid).unwrap();
        assert_eq!(first.contracts.revision, Revision::First);
        assert_eq!(Trust::from_toml(&first.to_toml().unwrap()).unwrap(), first);
        assert!(!first.to_toml().unwrap().contains("revision"));
        for other in ["0", "1", "3", "-2", "9223372036854775807", "\"2\"", "2.0", "true", "[2]", "{}"] {
            let refused = Trust::from_toml(&text.replace("revision = 2", &format!("revision = {other}"))).unwrap_err();
            let said = refused.to_string();
            assert!(other.parse::<i64>().is_err() || said.contains("write `revision = 2`"), "{other}: {said}");
        }
        for misplaced in ["[contracts.officers]\nrevision = 2\n", "[contract]\nrevision = 2\n[contracts.officers]\n"] {
            assert!(Trust::from_toml(&unsaid.replace("[contracts.officers]\n", misplaced)).is_err());
        }
    }
}
