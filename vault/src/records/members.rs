//! What a household's row must say about its members.
//!
//! Guarantee: a household's record names 1 to 8 distinct people, present ones first, their number beside them, the person whose row it is among them.

use sealroot_protocol::{
    field::F,
    record::{Attributes, Subject},
    schema::MEMBERS,
};

/// What a row says wrongly about its members: position of the attribute to blame, none for the person whose row it is; and why.
pub(crate) fn check_row(attributes: &Attributes, subject: Subject) -> Vec<(Option<usize>, &'static str)> {
    let names = &attributes.0[1..=MEMBERS];
    let nobody = F::from(0u8);
    let mut problems = Vec::new();
    for (i, name) in names.iter().enumerate().filter(|(_, name)| **name != nobody) {
        if names[..i].contains(&nobody) {
            problems.push((Some(i + 1), "stands after an empty one: members come first"));
        }
        if names[..i].contains(name) {
            problems.push((Some(i + 1), "names a member a second time"));
        }
    }
    let present = names.iter().filter(|name| **name != nobody).count();
    if attributes.0[0] != F::from(present as u64) {
        problems.push((Some(0), "is not the number of members that the row names"));
    }
    if !names.contains(&subject.0) {
        problems.push((None, "the person whose row it is must be one of the members"));
    }
    problems
}
