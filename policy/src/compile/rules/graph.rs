//! Computed values: nodes over linear combinations of facts and earlier nodes, each node one register to be. Equal nodes
//! are one.
//!
//! Guarantee: every line that is built here has, for every admissible record and every empty slot, a value in
//! [−2^79, 2^79), so that no admissible record is unprovable; anything else is refused with the bound that is missing.

use super::linear::{Atom, Linear, MemberFact, Range};
use crate::compile::version::Forms;
use crate::language::Finding;
use sealroot_protocol::machine::{Entry, Op, WEIGHT_BITS};
use sealroot_protocol::printable::quoted;
use std::collections::BTreeMap;

/// A text attribute: source and position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TextFact {
    pub source: usize,
    pub attribute: usize,
}

/// What a node's operation is applied to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum NodeLine {
    Integer(Linear),
    Text { fact: TextFact, minus: TextSide },
}

/// Right-hand side of a text comparison, ordered so that it can be a key. An attribute is of the same record.
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
    /// For a member that exists.
    pub range: Range,
    pub reach: Reach,
}

/// Whose facts a value is computed from; none for constants and dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Reach {
    /// The person's or household's record, or sums over members.
    pub record: bool,
    /// The member's record in each member source.
    pub member: [bool; 2],
}

/// How members have their records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Household {
    /// Member sources: 1 or 2.
    pub sources: usize,
    /// Largest number of members.
    pub members: i128,
}

/// All nodes, in order of creation, and the ranges of facts.
#[derive(Debug)]
pub(crate) struct Graph {
    pub nodes: Vec<Node>,
    pub household: Option<Household>,
    pub forms: Forms,
    facts: BTreeMap<Atom, (Range, String)>,
    /// Ranges of combinations, without their constant, that are narrower than those of their parts: `a − max(0, a − b)`
    /// is never above b.
    narrower: Vec<(BTreeMap<Atom, i128>, Range)>,
}

const LIMIT: i128 = 1 << 79;
/// As many narrower parts of one line are put together, of so many that it contains.
const MAX_PARTS: usize = 3;
const MAX_KNOWN: usize = 24;
/// Many times what any shape holds, and few enough that a text made to be slow isn't.
const MAX_NODES: usize = 1000;

impl Reach {
    pub fn is_member(self) -> bool {
        self.member != [false; 2]
    }

    pub fn join(self, other: Self) -> Self {
        let member = [self.member[0] || other.member[0], self.member[1] || other.member[1]];
        Self { record: self.record || other.record, member }
    }

    fn of_source(source: usize) -> Self {
        match source {
            0 => Self { record: true, member: [false; 2] },
            source => Self { record: false, member: [source == 1, source == 2] },
        }
    }
}

impl Graph {
    /// For one person, or for a household.
    pub fn of(household: Option<Household>, forms: Forms) -> Self {
        Self { nodes: Vec::new(), household, forms, facts: BTreeMap::new(), narrower: Vec::new() }
    }

    /// Declares a fact with its range and the name that messages use.
    pub fn declare(&mut self, atom: Atom, range: Range, name: &str) {
        self.facts.insert(atom, (range, name.to_owned()));
    }

    /// Smallest and largest value for admissible records; refuses lines that can leave 80 bits, and those that mix a
    /// member's facts with the household's.
    pub fn range(&self, line: &Linear) -> Result<Range, Finding> {
        let reach = self.reach(line);
        if reach.record && reach.is_member() {
            return Err(Finding::new("this mixes the facts of one member with the household's")
                .help("a member is judged by that member's record, dates and parameters; sums and counts can be compared with the household's facts"));
        }
        let range = self.narrowed(line);
        let heavy = line.weights.values().any(|w| w.unsigned_abs() >= 1 << WEIGHT_BITS);
        let fits = |range: Option<Range>| range.is_some_and(|(low, high)| low >= -LIMIT && high < LIMIT);
        // an empty slot is computed with zeros, and today's dates
        let empty = |atom: &Atom| if matches!(atom, Atom::Fact(_)) { self.atom_range(atom) } else { (0, 0) };
        let empty_fits = !reach.is_member() || fits(self.sum_of_ranges(line, empty));
        match range {
            Some(range) if !heavy && fits(Some(range)) && empty_fits => Ok(range),
            _ => Err(self.too_large(line, heavy)),
        }
    }

    /// The range of a line as a whole: that of its atoms, and better if parts of it are known to be narrower.
    fn narrowed(&self, line: &Linear) -> Option<Range> {
        let contained = self.narrower.iter().filter(|(known, _)| self.without(line, known).is_some());
        self.by_parts(line, &contained.take(MAX_KNOWN).collect::<Vec<_>>(), MAX_PARTS)
    }

    fn by_parts(&self, line: &Linear, known: &[&(BTreeMap<Atom, i128>, Range)], parts: usize) -> Option<Range> {
        let mut range = self.sum_of_ranges(line, |atom| self.atom_range(atom));
        for (i, (weights, (low, high))) in known.iter().enumerate().filter(|_| parts > 0) {
            let Some((factor, rest)) = self.without(line, weights) else { continue };
            let ends = low.checked_mul(factor).zip(high.checked_mul(factor));
            let rest = self.by_parts(&rest, &known[i + 1..], parts - 1);
            let whole =
                rest.zip(ends).and_then(|((a, b), (x, y))| Some((a.checked_add(x.min(y))?, b.checked_add(x.max(y))?)));
            range = match (range, whole) {
                (Some((a, b)), Some((x, y))) => Some((a.max(x), b.min(y))),
                (range, whole) => range.or(whole),
            };
        }
        range
    }

    fn sum_of_ranges(&self, line: &Linear, of: impl Fn(&Atom) -> Range) -> Option<Range> {
        let mut range = (line.constant, line.constant);
        for (atom, weight) in &line.weights {
            let (low, high) = of(atom);
            let (x, y) = (low.checked_mul(*weight)?, high.checked_mul(*weight)?);
            range = (range.0.checked_add(x.min(y))?, range.1.checked_add(x.max(y))?);
        }
        Some(range)
    }

    fn atom_range(&self, atom: &Atom) -> Range {
        match atom {
            Atom::Fact(_) | Atom::Member(_) => self.facts.get(atom).map_or((-LIMIT, LIMIT - 1), |(range, _)| *range),
            Atom::Node(node) => self.nodes[*node].range,
            Atom::Total(fact) => self.times_members(self.atom_range(&Atom::Member(*fact))),
            Atom::NodeTotal(node) => self.times_members(self.nodes[*node].range),
        }
    }

    /// The range of a sum over one to all members.
    fn times_members(&self, (low, high): Range) -> Range {
        let members = self.household.map_or(1, |h| h.members);
        (low.min(low.saturating_mul(members)), high.max(high.saturating_mul(members)))
    }

    /// Whose facts a line reads.
    pub fn reach(&self, line: &Linear) -> Reach {
        let of = |atom: &Atom| match atom {
            Atom::Fact(Entry::Attribute(_)) | Atom::Total(_) | Atom::NodeTotal(_) => Reach::of_source(0),
            Atom::Fact(_) => Reach::default(),
            Atom::Member(fact) => Reach::of_source(fact.source),
            Atom::Node(node) => self.nodes[*node].reach,
        };
        line.weights.keys().map(of).fold(Reach::default(), Reach::join)
    }

    /// Remembers that a line lies in a range that its parts don't show.
    pub fn remember(&mut self, line: &Linear, (low, high): Range) {
        let (mut low, mut high) = (low.saturating_sub(line.constant), high.saturating_sub(line.constant));
        let mut line = Linear { constant: 0, ..line.clone() };
        let factor = line.common_factor();
        if self.forms.primitive && factor > 0 {
            if line.is_flipped() {
                (low, high) = (high.saturating_neg(), low.saturating_neg());
                line = line.divided(-factor);
            } else {
                line = line.divided(factor);
            }
            (low, high) = (-low.saturating_neg().div_euclid(factor), high.div_euclid(factor));
        }
        match line.weights.iter().next() {
            Some((Atom::Node(node), 1)) if line.weights.len() == 1 => {
                let range = &mut self.nodes[*node].range;
                *range = (range.0.max(low), range.1.min(high));
                return;
            }
            _ if line.weights.len() < 2 => return,
            _ => {}
        }
        match self.narrower.iter_mut().find(|(known, _)| *known == line.weights) {
            Some((_, range)) => *range = (range.0.max(low), range.1.min(high)),
            None => self.narrower.push((line.weights, (low, high))),
        }
    }

    fn too_large(&self, line: &Linear, heavy: bool) -> Finding {
        let finding = Finding::new(if heavy {
            "a factor in this expression is 2^40 or more: the machine can't multiply by it".to_owned()
        } else {
            "this can leave the range of the machine, [-2^79, 2^79), for a record that the schema allows".to_owned()
        });
        let widest = line.weights.keys().filter_map(|atom| match atom {
            Atom::Total(fact) => self.facts.get(&Atom::Member(*fact)),
            atom => self.facts.get(atom),
        });
        match widest.max_by_key(|((low, high), _)| high.abs_diff(*low)) {
            Some(((low, high), name)) if !heavy => finding
                .help(format!("give {} a min and max in the schema; it is now between {low} and {high}", quoted(name))),
            _ => finding.help("use smaller constants, or divide earlier"),
        }
    }

    /// The value of a node over a line, shared with an equal one.
    pub fn node(&mut self, line: NodeLine, op: Op, gate: Option<usize>) -> Result<Linear, Finding> {
        let gate_reach = gate.map_or(Reach::default(), |gate| self.nodes[gate].reach);
        let (line, reach) = match line {
            NodeLine::Integer(line) => {
                let reach = self.reach(&line).join(gate_reach);
                (NodeLine::Integer(if reach.member == [true; 2] { self.carried(line)? } else { line }), reach)
            }
            NodeLine::Text { fact, minus } => {
                (NodeLine::Text { fact, minus }, Reach::of_source(fact.source).join(gate_reach))
            }
        };
        if reach.record && reach.is_member() {
            return Err(Finding::new("this mixes the facts of one member with the household's").help(
                "a condition about the household can't choose between amounts of a member; choose between the sums",
            ));
        }
        if let Some(known) = self.nodes.iter().position(|n| n.line == line && n.op == op && n.gate == gate) {
            return Ok(Linear::atom(Atom::Node(known)));
        }
        if let (NodeLine::Integer(line), None, true) = (&line, gate, self.forms.related)
            && let Some(value) = self.related(line, op)?
        {
            let range = self.value_range(line, op)?;
            self.remember(&value, range);
            return Ok(value);
        }
        if self.nodes.len() >= MAX_NODES {
            return Err(Finding::new(format!("the policy computes more than {MAX_NODES} values"))
                .help("no shape has room for so many; split the policy into several of one program"));
        }
        let (mut low, mut high) = match &line {
            NodeLine::Integer(line) => self.value_range(line, op)?,
            NodeLine::Text { .. } => (0, 1),
        };
        // an identity is there to be shown, gated or carried
        if self.forms.fixed && low == high && gate.is_none() && op != Op::Identity {
            return Ok(Linear::constant(low));
        }
        if gate.is_some() {
            (low, high) = (low.min(0), high.max(0));
        }
        self.nodes.push(Node { line, op, gate, range: (low, high), reach });
        Ok(Linear::atom(Atom::Node(self.nodes.len() - 1)))
    }

    /// The range of what an operation makes of a line.
    fn value_range(&self, line: &Linear, op: Op) -> Result<Range, Finding> {
        let (low, high) = self.range(line)?;
        Ok(match op {
            Op::Identity => (low, high),
            Op::Max0 => (low.max(0), high.max(0)),
            Op::Min(bound) => {
                // the machine checks the line bound − L
                self.range(&line.scale(-1)?.plus_constant(bound)?)?;
                (low.min(bound), high.min(bound))
            }
            Op::Floor(divisor) => (low.div_euclid(i128::from(divisor)), high.div_euclid(i128::from(divisor))),
            Op::NonNegative | Op::Zero => (0, 1),
        })
    }

    /// A line in which the facts of the first member source are one node: a line about a member's second record reads
    /// of the first one only what was computed there.
    fn carried(&mut self, line: Linear) -> Result<Linear, Finding> {
        let (first, mut rest): (BTreeMap<_, _>, BTreeMap<_, _>) =
            line.weights.into_iter().partition(|(atom, _)| matches!(atom, Atom::Member(MemberFact { source: 1, .. })));
        if !first.is_empty() {
            let (carried, weight) = match first.iter().next() {
                Some((atom, weight)) if first.len() == 1 => (Linear::atom(*atom), *weight),
                _ => (Linear { weights: first, constant: 0 }, 1),
            };
            if let Some(node) = self.node(NodeLine::Integer(carried), Op::Identity, None)?.as_atom() {
                *rest.entry(node).or_insert(0) += weight;
                rest.retain(|_, weight| *weight != 0);
            }
        }
        Ok(Linear { weights: rest, constant: line.constant })
    }

    /// The sum over all members of a value that is computed for each.
    pub fn total(&mut self, line: &Linear) -> Result<Linear, Finding> {
        let reach = self.reach(line);
        if reach.record {
            return Err(Finding::new("this is the same for all members: it reads the household's facts")
                .help("what is summed over members reads the member's facts"));
        }
        let dated = line.weights.keys().any(|atom| matches!(atom, Atom::Fact(_)));
        let heavy = line.constant.unsigned_abs() >= 1 << WEIGHT_BITS;
        let line = match dated || heavy && self.forms.apart {
            // a date has no sum of its own, and a large constant can't be counted by members
            true => self.node(NodeLine::Integer(line.clone()), Op::Identity, None)?,
            false => line.clone(),
        };
        let (low, high) = self.range(&line)?;
        let mut total = Linear::atom(Atom::Fact(Entry::Attribute(0))).scale(line.constant)?;
        for (atom, weight) in &line.weights {
            let sum = match atom {
                Atom::Member(fact) => Atom::Total(*fact),
                Atom::Node(node) => Atom::NodeTotal(*node),
                other => *other,
            };
            total = total.plus(&Linear::atom(sum).scale(*weight)?)?;
        }
        self.remember(&total, self.times_members((low, high)));
        if self.forms.apart {
            // as many members as there are have at least `low` and at most `high` each
            let count = Linear::atom(Atom::Fact(Entry::Attribute(0)));
            let spread = high.saturating_sub(low).saturating_mul(self.household.map_or(1, |h| h.members));
            for (bound, range) in [(low, (0, spread)), (high, (spread.saturating_neg(), 0))] {
                if let Ok(rest) = count.scale(bound).and_then(|bound| total.minus(&bound)) {
                    self.remember(&rest, range);
                }
            }
        }
        Ok(total)
    }

    /// The ungated node that a line is, and how much is added to it.
    pub fn under(&self, line: &Linear) -> Option<(&Node, i128)> {
        match line.weights.iter().next() {
            Some((Atom::Node(node), 1)) if line.weights.len() == 1 && self.nodes[*node].gate.is_none() => {
                Some((&self.nodes[*node], line.constant))
            }
            _ => None,
        }
    }

    /// A line without a multiple of `part`, and the factor; `None` if the line doesn't contain one. Of nodes more may be left.
    fn without(&self, line: &Linear, part: &BTreeMap<Atom, i128>) -> Option<(i128, Linear)> {
        let (first, weight) = part.iter().next()?;
        let factor = line.weights.get(first).filter(|w| *w % weight == 0)? / weight;
        let mut rest = line.clone();
        for (atom, weight) in part {
            let left = line.weights.get(atom)?.checked_sub(weight.checked_mul(factor)?)?;
            let may_stay = self.forms.related && matches!(atom, Atom::Node(_) | Atom::NodeTotal(_));
            match left {
                0 => _ = rest.weights.remove(atom),
                left if may_stay => _ = rest.weights.insert(*atom, left),
                _ => return None,
            }
        }
        Some((factor, rest))
    }
}
