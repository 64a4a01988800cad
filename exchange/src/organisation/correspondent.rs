//! Organisations as they take part in an exchange.

use sealroot_protocol::{name::Name, snapshot::Registry};
use serde::{Deserialize, Serialize};
use std::fmt;

/// In which role an organisation has a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It holds records, and proves.
    Agency,
    /// It asks.
    Office,
}

impl Role {
    /// Where its name and keys are registered on chain.
    pub const fn registry(self) -> Registry {
        match self {
            Self::Agency => Registry::Agencies,
            Self::Office => Registry::Requesters,
        }
    }
}
impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Agency => "agency",
            Self::Office => "office",
        })
    }
}

/// An agency or office: one name can be both, and they are two.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// Its role.
    pub role: Role,
    /// Its name on chain.
    pub name: Name,
}

impl fmt::Display for Organisation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} {}", self.role, self.name)
    }
}
