//! A requirement can be said in several ways; which of them a policy takes is chosen for all requirements together.

use super::rules::{Emitted, Emitter, Graph, Shown, Usage, Ways, digits};
use crate::language::{Diagnostic, Finding, Located, Unit};
use sealroot_protocol::machine::{Dimensions, Selector, Shape};
use sealroot_protocol::printable::quoted;

/// Most requirements of which the first version tries both ways together: 2^10 choices.
const MAX_OPEN: usize = 10;
/// Most choices that are tried.
const MAX_CHOICES: usize = 1024;
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
    let d = shape.dimensions();
    let excess = |ways: &[usize]| -> usize {
        let (said, _) = emit(graph, requirements, outputs, ways, &d);
        said.usage.excess(&d).iter().map(|(_, has, capacity)| has - capacity).sum()
    };
    let counts: Vec<usize> = requirements.iter().map(|requirement| requirement.value.0.len()).collect();
    let ways = if graph.forms.searched { searched(&counts, excess) } else { tried(&counts, excess) };
    let (said, first_excess) = emit(graph, requirements, outputs, &ways, &d);
    if said.usage.excess(&d).is_empty() {
        return Ok(said);
    }
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

/// The first choice that fits, or the closest: of the first requirements that have two ways, each with the other ones in their first.
fn tried(counts: &[usize], excess: impl Fn(&[usize]) -> usize) -> Vec<usize> {
    let mut open = 0;
    let radices = counts.iter().map(|count| {
        open += usize::from(*count > 1);
        if open > MAX_OPEN { 1 } else { *count }
    });
    let radices: Vec<usize> = radices.collect();
    first_that_fits(&radices, excess)
}

/// The first choice that fits, or the closest. Where they are too many to try all, from the first one on always the requirement and way that
/// come closest to fitting, as long as they come closer.
fn searched(counts: &[usize], excess: impl Fn(&[usize]) -> usize) -> Vec<usize> {
    let all = counts.iter().try_fold(1_usize, |all, count| all.checked_mul(*count).filter(|all| *all <= MAX_CHOICES));
    if all.is_some() {
        return first_that_fits(counts, excess);
    }
    let mut ways = vec![0; counts.len()];
    let mut least = excess(&ways);
    let mut left = MAX_CHOICES;
    while least > 0 {
        let mut closest: Option<(usize, usize, usize)> = None;
        for (i, count) in counts.iter().enumerate() {
            for way in (0..*count).filter(|way| *way != ways[i]) {
                if left == 0 {
                    break;
                }
                left -= 1;
                let mut changed = ways.clone();
                changed[i] = way;
                let excess = excess(&changed);
                if excess < closest.map_or(least, |(least, ..)| least) {
                    closest = Some((excess, i, way));
                }
            }
        }
        let Some((excess, i, way)) = closest else { break };
        ways[i] = way;
        least = excess;
    }
    ways
}

fn first_that_fits(radices: &[usize], excess: impl Fn(&[usize]) -> usize) -> Vec<usize> {
    let mut closest: Option<(usize, Vec<usize>)> = None;
    for choice in 0..radices.iter().product() {
        let ways = digits(choice, radices.iter().copied());
        let excess = excess(&ways);
        if excess == 0 {
            return ways;
        }
        if closest.as_ref().is_none_or(|(least, _)| excess < *least) {
            closest = Some((excess, ways));
        }
    }
    closest.map_or_else(|| vec![0; radices.len()], |(_, ways)| ways)
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
