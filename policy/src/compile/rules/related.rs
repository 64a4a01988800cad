//! A register that is there already gives other values as well: the maximum of a line gives that of its opposite and the minimum, a floor
//! gives the floor of a shifted line and the ceiling.
//!
//! Guarantee: the value is the same for every record, and takes no register.

use super::graph::{Graph, Node, NodeLine};
use super::linear::{Atom, Linear};
use crate::language::Finding;
use sealroot_protocol::machine::Op;

impl Graph {
    /// What an operation makes of a line, from the first node that gives it.
    pub(super) fn related(&self, line: &Linear, op: Op) -> Result<Option<Linear>, Finding> {
        let given = |(i, node)| match op {
            Op::Max0 => maximum_from(i, node, line),
            Op::Min(bound) => {
                let excess = maximum_from(i, node, &line.plus_constant(-bound)?)?;
                excess.map(|excess| line.minus(&excess)).transpose()
            }
            Op::Floor(divisor) => floor_from(i, node, line, i128::from(divisor)),
            Op::Identity | Op::NonNegative | Op::Zero => Ok(None),
        };
        self.nodes.iter().enumerate().find_map(|node| given(node).transpose()).transpose()
    }
}

/// `max(0, L)` from a node over `L` or `−L`; a minimum `min(L, K)` is `L − max(0, L − K)`.
fn maximum_from(i: usize, node: &Node, line: &Linear) -> Result<Option<Linear>, Finding> {
    let (NodeLine::Integer(known), None) = (&node.line, node.gate) else { return Ok(None) };
    let value = Linear::atom(Atom::Node(i));
    let (known, maximum) = match node.op {
        Op::Max0 => (known.clone(), value),
        Op::Min(bound) => (known.plus_constant(-bound)?, known.minus(&value)?),
        _ => return Ok(None),
    };
    if *line == known {
        return Ok(Some(maximum));
    }
    // max(0, −L) = max(0, L) − L
    if *line == known.scale(-1)? { maximum.plus(line).map(Some) } else { Ok(None) }
}

/// `⌊L / d⌋` from `⌊(L + k·d) / d⌋` or `⌊(k·d + d − 1 − L) / d⌋`.
fn floor_from(i: usize, node: &Node, line: &Linear, divisor: i128) -> Result<Option<Linear>, Finding> {
    let (NodeLine::Integer(known), None, Op::Floor(d)) = (&node.line, node.gate, node.op) else { return Ok(None) };
    if i128::from(d) != divisor {
        return Ok(None);
    }
    let (sign, shift) = match line.multiple_of(known) {
        Some(1) => (1, line.constant.checked_sub(known.constant)),
        Some(-1) => (-1, line.constant.checked_add(known.constant).and_then(|sum| sum.checked_sub(divisor - 1))),
        _ => return Ok(None),
    };
    match shift {
        Some(shift) if shift % divisor == 0 => {
            Linear::atom(Atom::Node(i)).scale(sign)?.plus_constant(shift / divisor).map(Some)
        }
        _ => Ok(None),
    }
}
