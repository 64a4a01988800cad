//! Names that the language keeps for itself.

/// The member that is spoken of, in member definitions.
pub(crate) const MEMBER: &str = "member";
/// All of them.
pub(crate) const MEMBERS: &str = "members";

/// Names that no attribute, parameter or definition may take.
pub(crate) const RESERVED: [&str; 16] = [
    "age",
    "sum",
    "min",
    "max",
    "floor",
    "ceil",
    "round_half_up",
    "date",
    "day",
    "as_of",
    "as_of_day",
    "period_start",
    "period_end",
    "true",
    "false",
    "in",
];
/// Nor these, in the household shape.
pub(crate) const RESERVED_IN_HOUSEHOLDS: [&str; 2] = [MEMBER, MEMBERS];
