//! What each obligation costs.

use crate::{circuit::matrices, obligation::Obligation};
use sealroot_protocol::machine::{Layout, Level, Shape};

/// The cost of an obligation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Whose.
    pub obligation: Obligation,
    /// Constraints.
    pub constraints: usize,
    /// Policy words, each an instance variable.
    pub words: usize,
}

/// One entry per obligation. Their sum, the public inputs and the constant 1 are what the proving domain must hold.
pub fn costs(shape: Shape) -> Vec<Cost> {
    let cost = |section: &crate::system::Section| Cost {
        obligation: section.obligation,
        constraints: section.constraints.len(),
        words: words(shape, section.obligation),
    };
    matrices(shape).sections.iter().map(cost).collect()
}

/// Every word counts for the obligation that gives it its meaning.
fn words(shape: Shape, obligation: Obligation) -> usize {
    let d = shape.dimensions();
    let layout = Layout::new(d);
    match obligation {
        Obligation::Attributes => layout.ranged_attributes().len(),
        Obligation::Leaf => d.sources,
        Obligation::FactsPeriod => 3 * d.sources,
        Obligation::Household => layout.paired().len(),
        Obligation::MemberRegisters => (0..d.groups).map(|group| layout.registers(Level::Member(group)).len()).sum(),
        Obligation::Applicant => layout.identity().len(),
        Obligation::Nullifier => 2,
        Obligation::Registers => layout.registers(Level::Record).len(),
        Obligation::Conditions => layout.requirement(0).any_of.start - layout.pool().start,
        Obligation::Decision => layout.spare().start - layout.requirement(0).any_of.start,
        Obligation::SpareWords => layout.spare().len(),
        Obligation::Path | Obligation::Scope | Obligation::HashToCurve | Obligation::Consent => 0,
    }
}
