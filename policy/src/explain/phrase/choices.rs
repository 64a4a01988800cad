//! Conditionals with several branches, as a list: the first branch that fits counts.

use super::{Phrases, Said};
use crate::explain::units::is_truth;
use cel::common::ast::{CallExpr, Expr, IdedExpr, operators};

/// What counts where a test holds; where none does, behind the last.
type Branch<'e> = (Option<&'e IdedExpr>, &'e IdedExpr);

impl Phrases<'_> {
    /// A value; of more than two, which one is chosen, as a list.
    pub(super) fn value_or_choice(&self, e: &IdedExpr) -> Said {
        self.choice(e, false, &|e| Said { text: self.words(e), parts: Vec::new() })
            .unwrap_or_else(|| Said { text: self.words(e), parts: Vec::new() })
    }

    /// The list of a conditional with several branches; within a list, of any conditional.
    pub(super) fn choice(&self, e: &IdedExpr, within: bool, say: &dyn Fn(&IdedExpr) -> Said) -> Option<Said> {
        let l = self.language;
        let branches = branches(e);
        let nested = branches.len() > 1 && branches.iter().any(|(_, value)| is_conditional(value));
        (branches.len() > if within { 1 } else { 2 } || nested).then_some(())?;
        let part = |(test, value): Branch<'_>| {
            let when = match test {
                Some(test) => format!("{}{}", l.say("if ", "如"), self.clause(test, true)),
                None => l.say("otherwise", "其他情形").to_owned(),
            };
            let said = self.choice(value, true, say).unwrap_or_else(|| say(value));
            Said { text: format!("{when}{}{}", l.say(": ", "："), said.text), parts: said.parts }
        };
        let text = match is_truth(self.compiled, e) {
            true => l.say("what the first of these that fits asks:", "依次以下列第一项符合的情形为准："),
            false => l.say("the first of these that fits:", "依次适用下列第一项符合的情形："),
        };
        Some(Said { text: text.to_owned(), parts: branches.into_iter().map(part).collect() })
    }
}

/// `a ? x : b ? y : z`: each test with its value, then the last value. One branch where `e` is no conditional.
fn branches(e: &IdedExpr) -> Vec<Branch<'_>> {
    let (mut all, mut rest) = (Vec::new(), e);
    while let Some([test, then, otherwise]) = conditional(rest) {
        all.push((Some(test), then));
        rest = otherwise;
    }
    all.push((None, rest));
    all
}

fn conditional(e: &IdedExpr) -> Option<&[IdedExpr; 3]> {
    match &e.expr {
        Expr::Call(CallExpr { func_name, args, .. }) if func_name == operators::CONDITIONAL => {
            args.as_slice().try_into().ok()
        }
        _ => None,
    }
}

fn is_conditional(e: &IdedExpr) -> bool {
    conditional(e).is_some()
}
