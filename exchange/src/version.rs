//! The version of a document's form.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Serialises to 1 and reads nothing else: what a later version says must not be read as this one's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Version;

/// The number.
pub const VERSION: u64 = 1;

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_u64(VERSION)
    }
}
impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        match u64::deserialize(d)? {
            VERSION => Ok(Self),
            other => Err(D::Error::custom(format!("version {other} is not supported; this program reads {VERSION}"))),
        }
    }
}
