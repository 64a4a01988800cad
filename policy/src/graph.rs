//! Computed values: linear combinations over facts and over nodes, each node one register to be. Equal nodes are one.
//!
//! Guarantee: every line that is built here has, for every admissible record, a value in [−2^79, 2^79), so that no
//! admissible record is unprovable; anything else is refused with the bound that is missing.

use crate::diagnostic::Finding;
use sealroot_protocol::machine::{Entry, Op, TextLine, WEIGHT_BITS};
use std::collections::BTreeMap;

/// What a linear combination is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Atom {
    /// An attribute or a date.
    Fact(Entry),
    /// A node.
    Node(usize),
}

/// `constant + Σ weight · atom`; no weight is 0.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub(crate) struct Linear {
    pub weights: BTreeMap<Atom, i128>,
    pub constant: i128,
}

/// Smallest and largest value.
pub(crate) type Range = (i128, i128);

/// What a node's operation is applied to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum NodeLine {
    Integer(Linear),
    Text { attribute: usize, minus: TextSide },
}

/// Right-hand side of a text comparison, ordered so that it can be a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum TextSide {
    Constant(String),
    Attribute(usize),
}

/// A register to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub line: NodeLine,
    pub op: Op,
    pub gate: Option<usize>,
    pub range: Range,
}

/// All nodes, in order of creation, and the ranges of facts.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub nodes: Vec<Node>,
    facts: BTreeMap<Entry, (Range, String)>,
    /// Ranges of combinations, without their constant, that are narrower than those of their parts: `a − max(0, a − b)`
    /// is never above b.
    narrower: BTreeMap<BTreeMap<Atom, i128>, Range>,
}

const LIMIT: i128 = 1 << 79;

impl Linear {
    pub fn constant(constant: i128) -> Self {
        Self { weights: BTreeMap::new(), constant }
    }

    pub fn atom(atom: Atom) -> Self {
        Self { weights: [(atom, 1)].into(), constant: 0 }
    }

    pub fn as_constant(&self) -> Option<i128> {
        self.weights.is_empty().then_some(self.constant)
    }

    /// The single atom of weight 1 without constant that this is, if it is.
    pub fn as_atom(&self) -> Option<Atom> {
        match self.weights.iter().next() {
            Some((atom, 1)) if self.weights.len() == 1 && self.constant == 0 => Some(*atom),
            _ => None,
        }
    }

    pub fn scale(&self, factor: i128) -> Result<Self, Finding> {
        if factor == 0 {
            return Ok(Self::default());
        }
        let weights = self.weights.iter().map(|(a, w)| Some((*a, w.checked_mul(factor)?))).collect::<Option<_>>();
        let constant = self.constant.checked_mul(factor);
        match (weights, constant) {
            (Some(weights), Some(constant)) => Ok(Self { weights, constant }),
            _ => Err(Finding::new("the constants in this expression are too large")),
        }
    }

    pub fn plus(&self, other: &Self) -> Result<Self, Finding> {
        let too_large = || Finding::new("the constants in this expression are too large");
        let mut sum = self.clone();
        sum.constant = sum.constant.checked_add(other.constant).ok_or_else(too_large)?;
        for (atom, weight) in &other.weights {
            let entry = sum.weights.entry(*atom).or_insert(0);
            *entry = entry.checked_add(*weight).ok_or_else(too_large)?;
        }
        sum.weights.retain(|_, weight| *weight != 0);
        Ok(sum)
    }

    pub fn plus_constant(&self, constant: i128) -> Result<Self, Finding> {
        self.plus(&Self::constant(constant))
    }

    pub fn minus(&self, other: &Self) -> Result<Self, Finding> {
        self.plus(&other.scale(-1)?)
    }
}

impl Graph {
    /// Declares a fact with its range and the name that messages use.
    pub fn declare(&mut self, entry: Entry, range: Range, name: &str) {
        self.facts.insert(entry, (range, name.to_owned()));
    }

    /// Smallest and largest value for admissible records; refuses lines that can leave 80 bits.
    pub fn range(&self, line: &Linear) -> Result<Range, Finding> {
        let mut range = Some((line.constant, line.constant));
        for (atom, weight) in &line.weights {
            let (low, high) = match atom {
                Atom::Fact(entry) => self.facts.get(entry).map_or((-LIMIT, LIMIT - 1), |(range, _)| *range),
                Atom::Node(node) => self.nodes[*node].range,
            };
            let ends = low.checked_mul(*weight).zip(high.checked_mul(*weight));
            range =
                range.zip(ends).and_then(|((a, b), (x, y))| Some((a.checked_add(x.min(y))?, b.checked_add(x.max(y))?)));
        }
        if let Some(((low, high), (a, b))) = range.zip(self.narrower.get(&line.weights)) {
            range = Some((low.max(a.saturating_add(line.constant)), high.min(b.saturating_add(line.constant))));
        }
        let heavy = line.weights.values().any(|w| w.unsigned_abs() >= 1 << WEIGHT_BITS);
        match range {
            Some((low, high)) if !heavy && low >= -LIMIT && high < LIMIT => Ok((low, high)),
            _ => Err(self.too_large(line, heavy)),
        }
    }

    /// Remembers that a line lies in a range that its parts don't show.
    fn remember(&mut self, line: &Linear, (low, high): Range) {
        let range = (low.saturating_sub(line.constant), high.saturating_sub(line.constant));
        self.narrower
            .entry(line.weights.clone())
            .and_modify(|r| *r = (r.0.max(range.0), r.1.min(range.1)))
            .or_insert(range);
    }

    /// `b` where the gate is 0, `a` where it is 1.
    pub fn choice(&mut self, gate: usize, a: &Linear, b: &Linear) -> Result<Linear, Finding> {
        let ((p, q), (x, y)) = (self.range(a)?, self.range(b)?);
        let difference = NodeLine::Integer(a.minus(b)?);
        let chosen = b.plus(&self.node(difference, Op::Identity, Some(gate))?)?;
        self.remember(&chosen, (p.min(x), q.max(y)));
        Ok(chosen)
    }

    fn too_large(&self, line: &Linear, heavy: bool) -> Finding {
        let finding = Finding::new(if heavy {
            "a factor in this expression is 2^40 or more: the machine can't multiply by it".to_owned()
        } else {
            "this can leave the range of the machine, [-2^79, 2^79), for a record that the schema allows".to_owned()
        });
        let widest = line.weights.keys().filter_map(|atom| match atom {
            Atom::Fact(entry) => self.facts.get(entry),
            Atom::Node(_) => None,
        });
        match widest.max_by_key(|((low, high), _)| high.abs_diff(*low)) {
            Some(((low, high), name)) if !heavy => {
                finding.help(format!("give {name:?} a min and max in the schema; it is now between {low} and {high}"))
            }
            _ => finding.help("use smaller constants, or divide earlier"),
        }
    }

    /// The value of a node over a line, shared with an equal one.
    pub fn node(&mut self, line: NodeLine, op: Op, gate: Option<usize>) -> Result<Linear, Finding> {
        if let Some(known) = self.nodes.iter().position(|n| n.line == line && n.op == op && n.gate == gate) {
            return Ok(Linear::atom(Atom::Node(known)));
        }
        let (low, high) = match &line {
            NodeLine::Integer(line) => self.range(line)?,
            NodeLine::Text { .. } => (0, 1),
        };
        let (mut low, mut high) = match op {
            Op::Identity => (low, high),
            Op::Max0 => (low.max(0), high.max(0)),
            Op::Min(bound) => {
                // the machine checks the line bound − L
                if let NodeLine::Integer(line) = &line {
                    self.range(&line.scale(-1)?.plus_constant(bound)?)?;
                }
                (low.min(bound), high.min(bound))
            }
            Op::Floor(divisor) => (low.div_euclid(i128::from(divisor)), high.div_euclid(i128::from(divisor))),
            Op::NonNegative | Op::Zero => (0, 1),
        };
        if gate.is_some() {
            (low, high) = (low.min(0), high.max(0));
        }
        self.nodes.push(Node { line, op, gate, range: (low, high) });
        Ok(Linear::atom(Atom::Node(self.nodes.len() - 1)))
    }

    /// `max(0, L)`.
    pub fn max0(&mut self, line: Linear) -> Result<Linear, Finding> {
        match self.range(&line)? {
            (low, _) if low >= 0 => Ok(line),
            (_, high) if high <= 0 => Ok(Linear::default()),
            _ => self.node(NodeLine::Integer(line), Op::Max0, None),
        }
    }

    /// `min(a, b)`.
    pub fn min(&mut self, a: Linear, b: Linear) -> Result<Linear, Finding> {
        let (low, high) = self.range(&a.minus(&b)?)?;
        if high <= 0 {
            return Ok(a);
        }
        if low >= 0 {
            return Ok(b);
        }
        match (a.as_constant(), b.as_constant()) {
            (None, Some(bound)) => self.node(NodeLine::Integer(a), Op::Min(bound), None),
            (Some(bound), None) => self.node(NodeLine::Integer(b), Op::Min(bound), None),
            _ => {
                let ((p, q), (x, y)) = (self.range(&a)?, self.range(&b)?);
                let excess = self.max0(a.minus(&b)?)?;
                let smaller = a.minus(&excess)?;
                self.remember(&smaller, (p.min(x), q.min(y)));
                Ok(smaller)
            }
        }
    }

    /// `max(a, b)`.
    pub fn max(&mut self, a: Linear, b: Linear) -> Result<Linear, Finding> {
        // over a constant b: max(a, b) = b + max(0, a − b)
        let (a, b) = if a.as_constant().is_some() { (b, a) } else { (a, b) };
        let ((p, q), (x, y)) = (self.range(&a)?, self.range(&b)?);
        let excess = self.max0(a.minus(&b)?)?;
        let larger = b.plus(&excess)?;
        self.remember(&larger, (p.max(x), q.max(y)));
        Ok(larger)
    }

    /// `⌊L / d⌋`, 1 ≤ d < 2^40.
    pub fn floor(&mut self, line: Linear, divisor: u64) -> Result<Linear, Finding> {
        let d = i128::from(divisor);
        if line.weights.values().all(|w| w % d == 0) {
            let weights = line.weights.iter().map(|(a, w)| (*a, w / d)).collect();
            return Ok(Linear { weights, constant: line.constant.div_euclid(d) });
        }
        self.node(NodeLine::Integer(line), Op::Floor(divisor), None)
    }

    /// A line whose floor this is, for comparisons: `⌊L / d⌋ + c ≥ 0` is `L + c·d ≥ 0`. `line` has weight 1 on the floor.
    pub fn under_floor(&self, line: &Linear) -> Option<Linear> {
        let (atom, weight) = line.weights.iter().next()?;
        match (atom, weight) {
            (Atom::Node(node), 1) if line.weights.len() == 1 => match &self.nodes[*node] {
                Node { line: NodeLine::Integer(inner), op: Op::Floor(d), gate: None, .. } => {
                    inner.plus_constant(line.constant.checked_mul(i128::from(*d))?).ok()
                }
                _ => None,
            },
            _ => None,
        }
    }
}

impl NodeLine {
    /// As the machine's text line.
    pub fn text(attribute: usize, minus: &TextSide) -> TextLine {
        use sealroot_protocol::machine::TextOperand;
        let minus = match minus {
            TextSide::Constant(text) => TextOperand::Constant(sealroot_protocol::schema::text_value(text)),
            TextSide::Attribute(j) => TextOperand::Attribute(*j),
        };
        TextLine { attribute, minus }
    }
}
