//! From the graph to machine rules: registers in order of need, equal conditions once, set tests first, one pool.

use crate::formula::{Clause, Test};
use crate::graph::{Atom, Graph, Linear, NodeLine, TextSide};
use sealroot_protocol::field::{self, F};
use sealroot_protocol::machine::{
    Condition, Entry, Gate, IntegerLine, Line, Register, Selector, Test as MachineTest, TextLine, TextOperand,
};
use sealroot_protocol::schema::text_value;
use std::collections::{BTreeMap, BTreeSet};

/// How much of each capacity the policy takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Registers.
    pub registers: usize,
    /// Conditions.
    pub conditions: usize,
    /// Of these, tests of membership.
    pub set_conditions: usize,
    /// Set constants.
    pub pool: usize,
    /// Requirements.
    pub requirements: usize,
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
    registers: Vec<Register>,
    register_of: BTreeMap<usize, usize>,
    clauses: Vec<Clause>,
    requirements: Vec<Vec<usize>>,
}

/// Lists of the rules, ready to be put together.
pub(crate) struct Emitted {
    pub registers: Vec<Register>,
    pub pool: Vec<F>,
    pub conditions: Vec<Condition>,
    pub requirements: Vec<BTreeSet<usize>>,
}

impl<'g> Emitter<'g> {
    pub fn new(graph: &'g Graph) -> Self {
        Self {
            graph,
            registers: Vec::new(),
            register_of: BTreeMap::new(),
            clauses: Vec::new(),
            requirements: Vec::new(),
        }
    }

    /// Adds a requirement that needs one of these clauses.
    pub fn requirement(&mut self, clauses: Vec<Clause>) {
        let mut any_of = Vec::new();
        for clause in clauses {
            if let Test::NonNegative(line) | Test::Zero(line) | Test::OneOf(line, _) = &clause.test {
                self.registers_under(line);
            }
            let known = self.clauses.iter().position(|c| *c == clause);
            any_of.push(known.unwrap_or(self.clauses.len()));
            if known.is_none() {
                self.clauses.push(clause);
            }
        }
        self.requirements.push(any_of);
    }

    /// What shows an output.
    pub fn output(&mut self, shown: Shown) -> Selector {
        match shown {
            Shown::Attribute(i) => Selector::Attribute(i),
            Shown::Node(node) => Selector::Register(self.register(node)),
        }
    }

    /// What is taken so far.
    pub fn usage(&self) -> Usage {
        let sets = self.clauses.iter().filter(|c| matches!(c.test, Test::OneOf(..) | Test::OneOfTexts(..)));
        Usage {
            registers: self.registers.len(),
            conditions: self.clauses.len(),
            set_conditions: sets.count(),
            pool: self.pool().len(),
            requirements: self.requirements.len(),
        }
    }

    /// Orders the conditions, set tests first, and puts everything into machine terms.
    pub fn finish(self) -> Emitted {
        let pool = self.pool();
        let is_set = |clause: &Clause| matches!(clause.test, Test::OneOf(..) | Test::OneOfTexts(..));
        let order: Vec<usize> = (0..self.clauses.len())
            .filter(|i| is_set(&self.clauses[*i]))
            .chain((0..self.clauses.len()).filter(|i| !is_set(&self.clauses[*i])))
            .collect();
        let mut position = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            position[*old] = new;
        }
        let conditions = order.iter().map(|i| self.condition(&self.clauses[*i], &pool)).collect();
        let requirements = self.requirements.iter().map(|any| any.iter().map(|i| position[*i]).collect()).collect();
        Emitted { registers: self.registers, pool, conditions, requirements }
    }

    fn registers_under(&mut self, line: &Linear) {
        for atom in line.weights.keys() {
            if let Atom::Node(node) = atom {
                self.register(*node);
            }
        }
    }

    /// The register of a node, after those that it reads.
    fn register(&mut self, node: usize) -> usize {
        if let Some(known) = self.register_of.get(&node) {
            return *known;
        }
        let graph = self.graph;
        let n = &graph.nodes[node];
        if let NodeLine::Integer(line) = &n.line {
            self.registers_under(line);
        }
        let gate = n.gate.map(|gate| self.register(gate));
        let line = match &n.line {
            NodeLine::Integer(line) => self.integer(line),
            NodeLine::Text { attribute, minus } => Line::Text(NodeLine::text(*attribute, minus)),
        };
        self.registers.push(Register { line, op: n.op, gate: gate.map(Gate::Register) });
        self.register_of.insert(node, self.registers.len() - 1);
        self.registers.len() - 1
    }

    fn integer(&self, line: &Linear) -> Line {
        let mut weights = BTreeMap::new();
        for (atom, weight) in &line.weights {
            let entry = match atom {
                Atom::Fact(entry) => *entry,
                // all nodes under a line have their register before it; encoding refuses any other index
                Atom::Node(node) => Entry::Register(self.register_of.get(node).copied().unwrap_or(usize::MAX)),
            };
            // the graph keeps weights below 2^40
            weights.insert(entry, i64::try_from(*weight).unwrap_or(i64::MAX));
        }
        Line::Integer(IntegerLine { weights, constant: line.constant })
    }

    /// All set constants, in the order of the clauses, each once.
    fn pool(&self) -> Vec<F> {
        let mut pool = Vec::new();
        for constant in self.clauses.iter().flat_map(|c| members(&c.test)) {
            if !pool.contains(&constant) {
                pool.push(constant);
            }
        }
        pool
    }

    fn condition(&self, clause: &Clause, pool: &[F]) -> Condition {
        let (line, test) = match &clause.test {
            Test::NonNegative(line) => (self.integer(line), MachineTest::NonNegative),
            Test::Zero(line) => (self.integer(line), MachineTest::Zero),
            Test::SameText(attribute, minus) => (Line::Text(NodeLine::text(*attribute, minus)), MachineTest::Zero),
            Test::OneOf(line, _) => (self.integer(line), self.set(&clause.test, pool)),
            Test::OneOfTexts(attribute, _) => {
                let minus = TextOperand::Constant(F::from(0u8));
                (Line::Text(TextLine { attribute: *attribute, minus }), self.set(&clause.test, pool))
            }
        };
        Condition { line, test, negated: clause.negated }
    }

    fn set(&self, test: &Test, pool: &[F]) -> MachineTest {
        let members = members(test);
        MachineTest::In(members.iter().filter_map(|m| pool.iter().position(|p| p == m)).collect())
    }
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
