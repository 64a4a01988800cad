//! A requirement can be said in several ways; which of them a policy takes is chosen for all requirements together.

use super::rules::{Emitted, Emitter, Graph, Shown, Usage, Ways};
use crate::language::{Diagnostic, Finding, Located, Unit};
use sealroot_protocol::machine::{Dimensions, Selector, Shape};

/// Most requirements for which all ways to say them are tried together: 2^10 emissions.
const MAX_CHOICES: usize = 10;

/// What a requirement or output became, with its place.
pub(crate) struct Placed<T> {
    pub offset: usize,
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
    let (said, first_excess) = emit(graph, requirements, outputs, &chosen(choice, open, requirements.len()), &d);
    let message = |(what, has, capacity): &(&str, usize, usize)| {
        format!("the policy needs {has} {what}, the shape {shape} has {capacity}: {} too many", has - capacity)
    };
    let help = "from here on; name what is repeated, or split the policy into two of one program";
    let at = |finding: Finding| located.at(first_excess.unwrap_or(0), finding.help(help));
    Err(said.usage.excess(&d).iter().map(|e| at(Finding::new(message(e)))).collect())
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
