//! From the graph to machine rules: registers where they are needed and in that order, equal conditions once, set tests
//! first, one pool.

use super::clauses::{Clause, Literal};
use super::formula::Test;
use super::graph::{Graph, NodeLine, TextFact, TextSide};
use super::linear::{Atom, Linear};
use sealroot_protocol::field::{self, F};
use sealroot_protocol::machine::{
    Condition, Dimensions, Entry, Gate, IntegerLine, Level, Line, Register, Selector, Test as MachineTest, TextLine,
    TextOperand,
};
use sealroot_protocol::schema::text_value;
use std::collections::{BTreeMap, BTreeSet};

/// How much of each capacity the policy takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Registers computed for every member: of the records of the first member source, and of the second. With one
    /// source only the first counts.
    pub member_registers: [usize; 2],
    /// Registers.
    pub registers: usize,
    /// Conditions.
    pub conditions: usize,
    /// Of these, tests of membership.
    pub set_conditions: usize,
    /// Set constants.
    pub pool: usize,
    /// Requirements of the machine: one of the policy may be split into several.
    pub requirements: usize,
}

impl Usage {
    /// Each capacity of a shape with how much of it is taken, in the order of the specification's table.
    pub fn of_capacities(&self, d: &Dimensions) -> Vec<(&'static str, usize, usize)> {
        let members = self.member_registers.into_iter().max().unwrap_or(0);
        let of_members = (d.groups > 0).then_some(("member registers", members, d.member_registers));
        let of_all = [
            ("registers", self.registers, d.registers),
            ("conditions", self.conditions, d.conditions),
            ("membership tests", self.set_conditions, d.set_conditions),
            ("set constants", self.pool, d.pool),
            ("requirements", self.requirements, d.requirements),
        ];
        of_members.into_iter().chain(of_all).collect()
    }

    /// Capacities that are exceeded.
    pub(crate) fn excess(&self, d: &Dimensions) -> Vec<(&'static str, usize, usize)> {
        self.of_capacities(d).into_iter().filter(|(_, has, capacity)| has > capacity).collect()
    }
}

/// What an output shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    Attribute(usize),
    Node(usize),
}

/// Collects what the machine needs.
pub(crate) struct Emitter<'g> {
    graph: &'g Graph,
    /// Of the record's level, then of the two groups of member slots.
    registers: [Vec<Register>; 3],
    register_of: BTreeMap<(usize, usize), usize>,
    literals: Vec<Literal>,
    requirements: Vec<Vec<usize>>,
}

/// Lists of the rules, ready to be put together.
pub(crate) struct Emitted {
    pub members: Vec<Vec<Register>>,
    pub registers: Vec<Register>,
    pub pool: Vec<F>,
    pub conditions: Vec<Condition>,
    pub requirements: Vec<BTreeSet<usize>>,
}

/// Position of a level in `registers`.
fn position(level: Level) -> usize {
    match level {
        Level::Record => 0,
        Level::Member(group) => 1 + group,
    }
}

impl<'g> Emitter<'g> {
    pub fn new(graph: &'g Graph) -> Self {
        Self {
            graph,
            registers: Default::default(),
            register_of: BTreeMap::new(),
            literals: Vec::new(),
            requirements: Vec::new(),
        }
    }

    /// Adds a requirement of the machine: one of these must hold.
    pub fn requirement(&mut self, clause: &Clause) {
        let mut any_of = Vec::new();
        for literal in clause {
            if let Test::NonNegative(line) | Test::Zero(line) | Test::OneOf(line, _) = &literal.test {
                self.registers_under(Level::Record, line);
            }
            let known = self.literals.iter().position(|l| l == literal);
            any_of.push(known.unwrap_or(self.literals.len()));
            if known.is_none() {
                self.literals.push(literal.clone());
            }
        }
        self.requirements.push(any_of);
    }

    /// What shows an output.
    pub fn output(&mut self, shown: Shown) -> Selector {
        match shown {
            Shown::Attribute(i) => Selector::Attribute(i),
            Shown::Node(node) => Selector::Register(self.register(Level::Record, node).1),
        }
    }

    /// What is taken so far.
    pub fn usage(&self) -> Usage {
        let sets = self.literals.iter().filter(|l| matches!(l.test, Test::OneOf(..) | Test::OneOfTexts(..)));
        Usage {
            member_registers: [self.registers[1].len(), self.registers[2].len()],
            registers: self.registers[0].len(),
            conditions: self.literals.len(),
            set_conditions: sets.count(),
            pool: self.pool().len(),
            requirements: self.requirements.len(),
        }
    }

    /// Orders the conditions, set tests first, and puts everything into machine terms.
    pub fn finish(self) -> Emitted {
        let pool = self.pool();
        let is_set = |literal: &Literal| matches!(literal.test, Test::OneOf(..) | Test::OneOfTexts(..));
        let order: Vec<usize> = (0..self.literals.len())
            .filter(|i| is_set(&self.literals[*i]))
            .chain((0..self.literals.len()).filter(|i| !is_set(&self.literals[*i])))
            .collect();
        let mut position = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            position[*old] = new;
        }
        let conditions = order.iter().map(|i| self.condition(&self.literals[*i], &pool)).collect();
        let requirements = self.requirements.iter().map(|any| any.iter().map(|i| position[*i]).collect()).collect();
        let groups = self.graph.household.map(|h| h.sources);
        let [registers, first, second] = self.registers;
        let members = match groups {
            None => Vec::new(),
            // one source: a member counts the same in whichever slot
            Some(1) => vec![first.clone(), first],
            Some(_) => vec![first, second],
        };
        Emitted { members, registers, pool, conditions, requirements }
    }

    fn registers_under(&mut self, level: Level, line: &Linear) {
        for atom in line.weights.keys() {
            match atom {
                Atom::Node(node) => _ = self.register(level, *node),
                // what reads dates only can be computed in any slot
                Atom::NodeTotal(node) => _ = self.register(Level::Member(0), *node),
                Atom::Fact(_) | Atom::Member(_) | Atom::Total(_) => {}
            }
        }
    }

    /// Where a node is computed; one of dates only where it is wanted.
    fn level_of(&self, node: usize, wanted: Level) -> Level {
        let reach = self.graph.nodes[node].reach;
        match reach.member {
            [false, false] if reach.record => Level::Record,
            [false, false] => wanted,
            [_, true] => Level::Member(1),
            [true, false] => Level::Member(0),
        }
    }

    /// The register of a node, after those that it reads.
    fn register(&mut self, wanted: Level, node: usize) -> (Level, usize) {
        let level = self.level_of(node, wanted);
        if let Some(known) = self.register_of.get(&(position(level), node)) {
            return (level, *known);
        }
        let graph = self.graph;
        let n = &graph.nodes[node];
        if let NodeLine::Integer(line) = &n.line {
            self.registers_under(level, line);
        }
        let gate = n.gate.map(|gate| match self.register(level, gate) {
            (of, i) if of == level => Gate::Register(i),
            (_, i) => Gate::Counterpart(i),
        });
        let line = match &n.line {
            NodeLine::Integer(line) => self.integer(level, line),
            NodeLine::Text { fact, minus } => Line::Text(text_line(*fact, minus)),
        };
        let registers = &mut self.registers[position(level)];
        registers.push(Register { line, op: n.op, gate });
        let register = registers.len() - 1;
        self.register_of.insert((position(level), node), register);
        (level, register)
    }

    fn integer(&self, level: Level, line: &Linear) -> Line {
        let mut weights = BTreeMap::new();
        for (atom, weight) in &line.weights {
            // the graph keeps weights below 2^40
            let weight = i64::try_from(*weight).unwrap_or(i64::MAX);
            match atom {
                Atom::Fact(entry) => _ = weights.insert(*entry, weight),
                Atom::Member(fact) => _ = weights.insert(Entry::Attribute(fact.attribute), weight),
                Atom::Total(fact) => {
                    for group in self.groups_of(fact.source == 2) {
                        weights.insert(Entry::AttributeSum { group, attribute: fact.attribute }, weight);
                    }
                }
                Atom::Node(node) => {
                    let (of, register) = self.known(level, *node);
                    let same = of == level;
                    weights.insert(if same { Entry::Register(register) } else { Entry::Counterpart(register) }, weight);
                }
                Atom::NodeTotal(node) => {
                    let (of, register) = self.known(Level::Member(0), *node);
                    for group in self.groups_of(of == Level::Member(1)) {
                        weights.insert(Entry::MemberSum { group, register }, weight);
                    }
                }
            }
        }
        Line::Integer(IntegerLine { weights, constant: line.constant })
    }

    /// All nodes under a line have their register before it; encoding refuses any other index.
    fn known(&self, wanted: Level, node: usize) -> (Level, usize) {
        let level = self.level_of(node, wanted);
        (level, self.register_of.get(&(position(level), node)).copied().unwrap_or(usize::MAX))
    }

    /// The groups of slots that hold a source's records.
    fn groups_of(&self, second: bool) -> std::ops::Range<usize> {
        match (self.graph.household.map(|h| h.sources), second) {
            (Some(2), false) => 0..1,
            (Some(2), true) => 1..2,
            _ => 0..2,
        }
    }

    /// All set constants, in the order of the literals, each once.
    fn pool(&self) -> Vec<F> {
        let mut pool = Vec::new();
        for constant in self.literals.iter().flat_map(|l| members(&l.test)) {
            if !pool.contains(&constant) {
                pool.push(constant);
            }
        }
        pool
    }

    fn condition(&self, literal: &Literal, pool: &[F]) -> Condition {
        let (line, test) = match &literal.test {
            Test::NonNegative(line) => (self.integer(Level::Record, line), MachineTest::NonNegative),
            Test::Zero(line) => (self.integer(Level::Record, line), MachineTest::Zero),
            Test::SameText(fact, minus) => (Line::Text(text_line(*fact, minus)), MachineTest::Zero),
            Test::OneOf(line, _) => (self.integer(Level::Record, line), set(&literal.test, pool)),
            Test::OneOfTexts(fact, _) => {
                let minus = TextOperand::Constant(F::from(0u8));
                (Line::Text(TextLine { attribute: fact.attribute, minus }), set(&literal.test, pool))
            }
        };
        Condition { line, test, negated: literal.negated }
    }
}

fn text_line(fact: TextFact, minus: &TextSide) -> TextLine {
    let minus = match minus {
        TextSide::Constant(text) => TextOperand::Constant(text_value(text)),
        TextSide::Attribute(j) => TextOperand::Attribute(*j),
    };
    TextLine { attribute: fact.attribute, minus }
}

fn set(test: &Test, pool: &[F]) -> MachineTest {
    let members = members(test);
    MachineTest::In(members.iter().filter_map(|m| pool.iter().position(|p| p == m)).collect())
}

fn members(test: &Test) -> Vec<F> {
    match test {
        Test::OneOf(_, members) => members.iter().map(|m| field::from_i128(*m)).collect(),
        Test::OneOfTexts(_, members) => members.iter().map(|m| text_value(m)).collect(),
        Test::NonNegative(_) | Test::Zero(_) | Test::SameText(_, TextSide::Constant(_) | TextSide::Attribute(_)) => {
            Vec::new()
        }
    }
}
