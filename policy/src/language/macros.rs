//! CEL's macros, recognised in what cel's parser makes of them: `all`, `exists`, `exists_one`, `map`, `filter`.

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, operators};

/// What a macro does with each member of its list.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Action<'e> {
    All(&'e IdedExpr),
    Exists(&'e IdedExpr),
    ExistsOne(&'e IdedExpr),
    Filter(&'e IdedExpr),
    Map(Option<&'e IdedExpr>, &'e IdedExpr),
}

/// `list.action(variable, …)`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Macro<'e> {
    pub list: &'e IdedExpr,
    pub variable: &'e str,
    pub action: Action<'e>,
}

impl<'e> Macro<'e> {
    /// Reads an expansion back; `None` for one that is none of the five.
    pub fn of(expansion: &'e ComprehensionExpr) -> Option<Self> {
        let Expr::Call(step) = &expansion.loop_step.expr else { return None };
        let variable = expansion.iter_var.as_str();
        let action = match (&expansion.accu_init.expr, step.func_name.as_str(), step.args.as_slice()) {
            (Expr::Literal(LiteralValue::Boolean(_)), operators::LOGICAL_AND, [_, test]) => Action::All(test),
            (Expr::Literal(LiteralValue::Boolean(_)), operators::LOGICAL_OR, [_, test]) => Action::Exists(test),
            (Expr::Literal(LiteralValue::Int(_)), operators::CONDITIONAL, [test, _, _]) => Action::ExistsOne(test),
            (Expr::List(_), operators::ADD, _) => Action::Map(None, appended(step)?),
            (Expr::List(_), operators::CONDITIONAL, [test, IdedExpr { expr: Expr::Call(append), .. }, _]) => {
                match appended(append)? {
                    IdedExpr { expr: Expr::Ident(name), .. } if name == variable => Action::Filter(test),
                    value => Action::Map(Some(test), value),
                }
            }
            _ => return None,
        };
        Some(Self { list: &expansion.iter_range, variable, action })
    }
}

/// The `x` of `@result + [x]`.
fn appended(append: &CallExpr) -> Option<&IdedExpr> {
    match append.args.as_slice() {
        [_, IdedExpr { expr: Expr::List(list), .. }] => list.elements.first(),
        _ => None,
    }
}
