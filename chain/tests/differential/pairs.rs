//! Whether two words about one case are what they should be: the same, or a pair of the table. Anything else is a mistake of one of the judges.

use crate::{
    judges::Said,
    rows::{ORDERS, ROWS},
};
use sealroot_protocol::snapshot::Assurance;
use std::fmt;

/// Two words about one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    pub way: Assurance,
    pub native: Said,
    pub contract: Said,
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({:?}: native {}, contract {})", self.way, self.native, self.contract)
    }
}

/// Whether they agree, or differ for a known reason that one of these faults gives.
pub fn is_known(pair: Pair, faults: &[&str]) -> bool {
    pair.native == pair.contract || ROWS.iter().any(|row| row.holds(pair, faults))
}

/// Whether two faults together explain it: each judge says what it says of one of them, and none is overlooked.
pub fn is_explained(both: Pair, alone: &[Pair]) -> bool {
    let native = alone.iter().find(|pair| pair.native == both.native);
    let contract = alone.iter().find(|pair| pair.contract == both.contract);
    let (Some(native), Some(contract)) = (native, contract) else { return false };
    let overlooked =
        |said: Said, all: fn(&Pair) -> Said| said == "accepted" && alone.iter().any(|pair| all(pair) != "accepted");
    if overlooked(both.native, |pair| pair.native) || overlooked(both.contract, |pair| pair.contract) {
        return false;
    }
    // Of two faults that both see alike, both must see the same one first.
    let alike = |pair: &Pair| pair.native == pair.contract && pair.native != "accepted";
    !(alike(native) && alike(contract)) || ORDERS.iter().any(|order| order.holds(both))
}

/// Whether a fault that the case began with hides another one from one of them: it says what it says without the other one.
pub fn is_hidden(pair: Pair, begun: Pair) -> bool {
    let of_native = begun.native != "accepted" && pair.native == begun.native && pair.contract != "accepted";
    let of_contract = begun.contract != "accepted" && pair.contract == begun.contract && pair.native != "accepted";
    of_native || of_contract
}
