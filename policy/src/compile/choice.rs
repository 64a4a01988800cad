//! A requirement can be said in several ways; which of them a policy takes is chosen for all requirements together.

use super::rules::{Emitted, Emitter, Graph, Shown, Usage, Ways};
use crate::language::{Diagnostic, Finding, Located, Unit};
use sealroot_protocol::machine::{Dimensions, Selector, Shape};
use sealroot_protocol::printable::quoted;

/// Most requirements for which all ways to say them are tried together: 2^10 emissions.
const MAX_CHOICES: usize = 10;
/// Expressions that an error names.
const SHOWN: usize = 4;

/// What a requirement or output became, with its place and name.
pub(crate) struct Placed<T> {
    pub offset: usize,
    pub name: String,
    pub value: T,
}

/// The rules as far as expressions make them.
pub(crate) struct Said {
    pub emitted: Emitted,
    pub outputs: [Option<Selector>; 2],
    pub requirement_of: Vec<usize>,
    pub usage: Usage,
}

/// Chooses for each requirement the way to say it: the first choice under which all fits.
pub(crate) fn chosen_way(
    located: Located<'_>,
    shape: Shape,
    graph: &Graph,
    requirements: &[Placed<Ways>],
    outputs: &[Placed<(Shown, Unit)>],
) -> Result<Said, Vec<Diagnostic>> {
    let open: Vec<usize> = (0..requirements.len()).filter(|i| requirements[*i].value.0.len() > 1).collect();
    let open = &open[..open.len().min(MAX_CHOICES)];
    let d = shape.dimensions();
    let mut closest: Option<(usize, usize)> = None;
    for choice in 0..1usize << open.len() {
        let (said, _) = emit(graph, requirements, outputs, &chosen(choice, open, requirements.len()), &d);
        let excess: usize = said.usage.excess(&d).iter().map(|(_, has, capacity)| has - capacity).sum();
        if excess == 0 {
            return Ok(said);
        }
        if closest.is_none_or(|(least, _)| excess < least) {
            closest = Some((excess, choice));
        }
    }
    let choice = closest.map_or(0, |(_, choice)| choice);
    let ways = chosen(choice, open, requirements.len());
    let (said, first_excess) = emit(graph, requirements, outputs, &ways, &d);
    let costs = Costs { graph, requirements, outputs, ways: &ways, d: &d };
    let diagnostic = |(what, has, capacity): &(&'static str, usize, usize)| {
        let message =
            format!("the policy needs {has} {what}, the shape {shape} has {capacity}: {} too many", has - capacity);
        located.at(first_excess.unwrap_or(0), Finding::new(message).help(costs.advice(what, *has)))
    };
    Err(said.usage.excess(&d).iter().map(diagnostic).collect())
}

/// What each expression costs of a capacity.
struct Costs<'a> {
    graph: &'a Graph,
    requirements: &'a [Placed<Ways>],
    outputs: &'a [Placed<(Shown, Unit)>],
    ways: &'a [usize],
    d: &'a Dimensions,
}

impl Costs<'_> {
    /// Which expressions take most, and how much of it they share with no other: what an author can change.
    fn advice(&self, what: &'static str, all: usize) -> String {
        let requirements = (0..self.requirements.len()).map(|i| (Some(i), None));
        let outputs = (0..self.outputs.len()).map(|i| (None, Some(i)));
        let mut costs: Vec<(usize, usize, &str)> = Vec::new();
        for (requirement, output) in requirements.chain(outputs) {
            let alone = self.taken(what, |i| requirement == Some(i), |j| output == Some(j));
            let others = self.taken(what, |i| requirement != Some(i), |j| output != Some(j));
            let name =
                requirement.map_or_else(|| &self.outputs[output.unwrap_or(0)].name, |i| &self.requirements[i].name);
            costs.push((all.saturating_sub(others), alone, name));
        }
        costs.sort_by(|a, b| b.cmp(a));
        let most = costs.iter().filter(|(_, alone, _)| *alone > 0).take(SHOWN);
        let listed: Vec<String> = most
            .map(|(own, alone, name)| format!("{} takes {alone}, of which {own} nothing else needs", quoted(name)))
            .collect();
        format!(
            "{}: make the first ones shorter, name what they repeat, or move one to another policy of the program",
            listed.join("; ")
        )
    }

    fn taken(
        &self,
        what: &'static str,
        requirements: impl Fn(usize) -> bool,
        outputs: impl Fn(usize) -> bool,
    ) -> usize {
        let mut emitter = Emitter::new(self.graph);
        let asked = self.requirements.iter().zip(self.ways).enumerate().filter(|(i, _)| requirements(*i));
        for (_, (requirement, way)) in asked {
            requirement.value.0[*way].iter().for_each(|clause| emitter.requirement(clause));
        }
        for (_, output) in self.outputs.iter().enumerate().filter(|(j, _)| outputs(*j)) {
            emitter.output(output.value.0);
        }
        let usage = emitter.usage();
        let found = usage.of_capacities(self.d).into_iter().find(|(capacity, ..)| *capacity == what);
        found.map_or(0, |(_, taken, _)| taken)
    }
}

/// The way of each requirement in a choice: bit by bit for those that have more than one, else the first.
fn chosen(choice: usize, open: &[usize], requirements: usize) -> Vec<usize> {
    let mut ways = vec![0; requirements];
    for (bit, i) in open.iter().enumerate() {
        ways[*i] = choice >> bit & 1;
    }
    ways
}

/// Emits requirements, each in its chosen way, and outputs; also says where a capacity was first exceeded.
fn emit(
    graph: &Graph,
    requirements: &[Placed<Ways>],
    outputs: &[Placed<(Shown, Unit)>],
    ways: &[usize],
    d: &Dimensions,
) -> (Said, Option<usize>) {
    let mut emitter = Emitter::new(graph);
    let mut first_excess = None;
    let mut requirement_of = Vec::new();
    for (i, (requirement, way)) in requirements.iter().zip(ways).enumerate() {
        for clause in &requirement.value.0[*way] {
            emitter.requirement(clause);
            requirement_of.push(i);
        }
        if first_excess.is_none() && !emitter.usage().excess(d).is_empty() {
            first_excess = Some(requirement.offset);
        }
    }
    let mut selectors: [Option<Selector>; 2] = [None; 2];
    for (selector, output) in selectors.iter_mut().zip(outputs) {
        *selector = Some(emitter.output(output.value.0));
        if first_excess.is_none() && !emitter.usage().excess(d).is_empty() {
            first_excess = Some(output.offset);
        }
    }
    let usage = emitter.usage();
    (Said { emitted: emitter.finish(), outputs: selectors, requirement_of, usage }, first_excess)
}
