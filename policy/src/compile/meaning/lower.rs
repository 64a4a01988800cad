//! From CEL to typed values: names and operators. Comparisons are in `relation.rs`, lists in `list.rs`, functions in
//! `call.rs`.

use super::names::{Name, distance};
use super::value::Value;
use crate::compile::rules::{Formula, Graph, Linear};
use crate::language::{Diagnostic, Expression, Finding, Located, MEMBER, MEMBERS, Unit};
use cel::common::ast::{CallExpr, Expr, IdedExpr, SelectExpr, operators};
use sealroot_protocol::printable::{counted, quoted};
use std::collections::{BTreeMap, BTreeSet};

/// Compiles expressions into one graph.
pub(crate) struct Lowering<'a> {
    pub located: Located<'a>,
    pub graph: Graph,
    pub names: BTreeMap<String, Name>,
    computed: BTreeMap<String, Value>,
    /// Names that something used.
    pub used: BTreeSet<String>,
    /// Definitions being computed, to find circles.
    open: Vec<String>,
    /// Variables of the macros around, innermost last.
    pub locals: Vec<(String, Value)>,
    /// Whether one member is being spoken of.
    pub in_member: bool,
    /// Parts of expressions lowered so far.
    steps: usize,
}

/// Many times what a law needs, and few enough that a text made to be slow isn't: auditors compile texts of others.
const MAX_STEPS: usize = 20_000;
/// Most values in a list, those of its lists included.
const MAX_VALUES: usize = 500;

/// A finding at a node, or one that has its place already because it stands in a definition.
pub(crate) enum Stop {
    Here(u64, Finding),
    Elsewhere(Diagnostic),
}

pub(crate) type Lowered<T> = Result<T, Stop>;

/// Gives a finding its node.
pub(crate) trait At<T> {
    fn at(self, id: u64) -> Lowered<T>;
}

impl<T> At<T> for Result<T, Finding> {
    fn at(self, id: u64) -> Lowered<T> {
        self.map_err(|finding| Stop::Here(id, finding))
    }
}

impl<'a> Lowering<'a> {
    pub fn new(located: Located<'a>, graph: Graph, names: BTreeMap<String, Name>) -> Self {
        Self {
            located,
            graph,
            names,
            computed: BTreeMap::new(),
            used: BTreeSet::new(),
            open: Vec::new(),
            locals: Vec::new(),
            in_member: false,
            steps: 0,
        }
    }

    /// The value of a whole expression.
    pub fn expression(&mut self, expression: &Expression) -> Result<Value, Diagnostic> {
        let lowered = self.value(&expression.ast);
        self.placed(expression, lowered)
    }

    /// A truth value, and what it is for if it isn't one.
    pub fn requirement(&mut self, expression: &Expression) -> Result<Formula, Diagnostic> {
        let lowered = self.value(&expression.ast).and_then(|v| self.truth(v, expression.ast.id));
        self.placed(expression, lowered)
    }

    /// Gives a finding about the whole expression its place.
    pub fn placed<T>(&self, expression: &Expression, lowered: Lowered<T>) -> Result<T, Diagnostic> {
        lowered.map_err(|stop| match stop {
            Stop::Here(id, finding) => self.located.at(expression.offset(id), finding),
            Stop::Elsewhere(diagnostic) => diagnostic,
        })
    }

    /// What a definition means, used or not.
    pub fn definition(&mut self, name: &str) -> Result<(), Diagnostic> {
        match self.name(name, 0) {
            Err(Stop::Elsewhere(diagnostic)) => Err(diagnostic),
            // a name that isn't there was refused when it was declared
            Ok(_) | Err(Stop::Here(..)) => Ok(()),
        }
    }

    pub(crate) fn value(&mut self, e: &IdedExpr) -> Lowered<Value> {
        self.steps += 1;
        let value = self.value_of(e)?;
        if value.size() > MAX_VALUES {
            let finding = Finding::new(format!(
                "this has {}, and a list has at most {MAX_VALUES}",
                counted(value.size(), "value", "values")
            ));
            return Err(finding.help("shorten the list, or have the agency record a coarser class")).at(e.id);
        }
        if self.steps > MAX_STEPS {
            let finding =
                Finding::new(format!("the expressions have more than {MAX_STEPS} parts, definitions written out"));
            return Err(finding.help("macros within macros multiply; say it with fewer")).at(e.id);
        }
        match value {
            Value::Truth(formula) => Ok(Value::Truth(self.graph.compact(formula).at(e.id)?)),
            value => Ok(value),
        }
    }

    fn value_of(&mut self, e: &IdedExpr) -> Lowered<Value> {
        match &e.expr {
            Expr::Literal(literal) => Value::of_literal(literal).at(e.id),
            Expr::Ident(name) => self.identifier(name, e.id),
            Expr::List(list) => {
                list.elements.iter().map(|item| self.value(item)).collect::<Lowered<_>>().map(Value::List)
            }
            Expr::Call(call) => self.call(call, e.id),
            Expr::Comprehension(expansion) => self.comprehension(expansion, e.id),
            Expr::Select(select) => self.select(select, e.id),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                Err(Finding::new("maps and messages can't be compiled")).at(e.id)
            }
        }
    }

    fn identifier(&mut self, name: &str, id: u64) -> Lowered<Value> {
        let local = self.locals.iter().rev().find(|(local, _)| local == name);
        match local {
            Some((_, value)) => Ok(value.clone()),
            None if name == MEMBERS && self.graph.household.is_some() => {
                Ok(Value::Members { which: Formula::Constant(true), item: None })
            }
            None => {
                self.used.insert(name.to_owned());
                self.name(name, id)
            }
        }
    }

    fn select(&mut self, select: &SelectExpr, id: u64) -> Lowered<Value> {
        if let Expr::Ident(name) = &select.operand.expr
            && !self.locals.iter().any(|(local, _)| local == name)
        {
            let finding = Finding::new(format!("nothing here has a field {}", quoted(&select.field)));
            let of_members = self.names.contains_key(&format!("{MEMBER}.{name}"))
                || self.computed.contains_key(&format!("{MEMBER}.{name}"))
                || name == MEMBER
                || name == MEMBERS;
            let help = if of_members {
                "say of which members: members.exists(m, m.x), sum(members.map(m, m.x))"
            } else {
                "write an attribute by its name, or as source.attribute"
            };
            return Err(finding.help(help)).at(id);
        }
        let key = match self.value(&select.operand)? {
            Value::Member => format!("{MEMBER}.{}", select.field),
            Value::MemberSource(source) => format!("{MEMBER}.{source}.{}", select.field),
            other => {
                let message = format!("{} has no field {}", other.describe(), quoted(&select.field));
                return Err(Finding::new(message)).at(id);
            }
        };
        self.used.insert(key.clone());
        self.name(&key, id)
    }

    pub(crate) fn name(&mut self, name: &str, id: u64) -> Lowered<Value> {
        if let Some(value) = self.computed.get(name) {
            return Ok(value.clone());
        }
        if self.open.iter().any(|open| open == name) {
            let circle = format!("the definition of {} needs itself: {} → {name}", quoted(name), self.open.join(" → "));
            return Err(Finding::new(circle)).at(id);
        }
        match self.names.remove(name) {
            None => Err(self.unknown(name)).at(id),
            Some(Name::Value(value)) => {
                self.computed.insert(name.to_owned(), value.clone());
                Ok(value)
            }
            Some(Name::Broken(diagnostic)) => {
                self.names.insert(name.to_owned(), Name::Broken(diagnostic.clone()));
                Err(Stop::Elsewhere(diagnostic))
            }
            Some(Name::Shared(sources)) => {
                self.names.insert(name.to_owned(), Name::Shared(sources.clone()));
                let field = name.strip_prefix(MEMBER).and_then(|n| n.strip_prefix('.')).unwrap_or(name);
                let finding = Finding::new(format!("both of a member's records have {}", quoted(field)));
                let ways: Vec<_> = sources.iter().map(|source| format!("m.{source}.{field}")).collect();
                Err(finding.help(format!("write {}", ways.join(" or ")))).at(id)
            }
            Some(Name::Definition(expression)) => {
                // a definition stands for itself: the variables around its use mean nothing in it
                let of_member = name.starts_with("member.");
                let inside = if of_member { vec![(MEMBER.to_owned(), Value::Member)] } else { Vec::new() };
                let locals = std::mem::replace(&mut self.locals, inside);
                let in_member = std::mem::replace(&mut self.in_member, of_member);
                self.open.push(name.to_owned());
                let value = self.expression(&expression);
                self.open.pop();
                (self.locals, self.in_member) = (locals, in_member);
                // a failed definition stays known, so that its other uses report the same finding
                match value {
                    Ok(value) => {
                        self.computed.insert(name.to_owned(), value.clone());
                        Ok(value)
                    }
                    Err(diagnostic) => {
                        self.names.insert(name.to_owned(), Name::Definition(expression));
                        Err(Stop::Elsewhere(diagnostic))
                    }
                }
            }
        }
    }

    /// Whether a name means something outside macros.
    pub(crate) fn is_known(&self, name: &str) -> bool {
        self.names.contains_key(name) || self.computed.contains_key(name)
    }

    fn unknown(&self, name: &str) -> Finding {
        let (scope, field) = name.rsplit_once('.').map_or(("", name), |(scope, field)| (scope, field));
        let finding = if scope.is_empty() {
            Finding::new(format!("{} is no attribute, parameter, definition or date", quoted(name)))
        } else {
            Finding::new(format!("a member has no attribute or definition {}", quoted(field)))
        };
        if scope.is_empty() && self.is_known(&format!("{MEMBER}.{name}")) {
            return finding.help(format!("it is said of members: members.exists(m, m.{name}), and the like"));
        }
        if !scope.is_empty() && self.is_known(field) {
            return finding.help(format!(
                "{} is the household's, and what is said of a member reads the member's own",
                quoted(field)
            ));
        }
        let known = self.names.keys().chain(self.computed.keys());
        let fields = known.map(|k| k.rsplit_once('.').map_or(("", k.as_str()), |(scope, field)| (scope, field)));
        match fields.filter(|(s, _)| *s == scope).map(|(_, k)| (distance(k, field), k)).min() {
            Some((1..=2, close)) => finding.help(format!("did you mean {}?", quoted(close))),
            _ => finding,
        }
    }

    fn call(&mut self, call: &CallExpr, id: u64) -> Lowered<Value> {
        if let Some(target) = &call.target {
            let name = &call.func_name;
            return Err(Finding::new(format!("{name} can't be called on a value")).help(format!(
                "functions are written before what they are applied to: {name}(x); all, exists, exists_one, map and filter are called on lists"
            )))
            .at(target.id);
        }
        match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::LOGICAL_AND, [a, b]) => Ok(Value::Truth(Formula::all([self.truth_of(a)?, self.truth_of(b)?]))),
            (operators::LOGICAL_OR, [a, b]) => Ok(Value::Truth(Formula::any([self.truth_of(a)?, self.truth_of(b)?]))),
            (operators::LOGICAL_NOT, [a]) => Ok(Value::Truth(self.truth_of(a)?.not())),
            (operators::CONDITIONAL, [test, a, b]) => self.conditional(test, a, b, id),
            (operators::NEGATE, [a]) => {
                let (line, unit) = self.quantity(a)?;
                Ok(Value::Integer(line.scale(-1).at(id)?, unit))
            }
            (operators::ADD, [a, b]) => self.sum(a, b, 1, id),
            (operators::SUBSTRACT, [a, b]) => self.sum(a, b, -1, id),
            (operators::MULTIPLY, [a, b]) => self.product(a, b, id),
            (operators::DIVIDE | operators::MODULO, _) => {
                let (message, help) = match call.func_name.as_str() {
                    operators::MODULO => (
                        "% is the remainder of a division in CEL, which can't be compiled",
                        "40 % of x is floor(x * 40 / 100), or ceil, or round_half_up",
                    ),
                    _ => (
                        "a division must say how it is rounded: rounding is part of the law",
                        "write floor(a / b), ceil(a / b) or round_half_up(a / b)",
                    ),
                };
                Err(Finding::new(message).help(help)).at(id)
            }
            (operators::EQUALS, [a, b]) => self.equality(a, b, id).map(Value::Truth),
            (operators::NOT_EQUALS, [a, b]) => Ok(Value::Truth(self.equality(a, b, id)?.not())),
            (operators::GREATER_EQUALS, [a, b]) => self.order(a, b, 0, id),
            (operators::GREATER, [a, b]) => self.order(a, b, -1, id),
            (operators::LESS_EQUALS, [a, b]) => self.order(b, a, 0, id),
            (operators::LESS, [a, b]) => self.order(b, a, -1, id),
            (operators::IN, [a, b]) => self.membership(a, b, id).map(Value::Truth),
            (operators::INDEX, [list, index]) => self.indexed(list, index, id),
            (operators::OPT_INDEX | operators::OPT_SELECT, _) => {
                Err(Finding::new("optional access can't be compiled").help("every attribute has a value")).at(id)
            }
            (name, args) => self.function(name, args, id),
        }
    }

    pub(crate) fn truth_of(&mut self, e: &IdedExpr) -> Lowered<Formula> {
        let value = self.value(e)?;
        self.truth(value, e.id)
    }

    pub(crate) fn truth(&mut self, value: Value, id: u64) -> Lowered<Formula> {
        match value {
            Value::Truth(formula) => Ok(formula),
            Value::Integer(line, Unit::Truth) => self.graph.zero(line.plus_constant(-1).at(id)?).at(id),
            other => Err(Finding::new(format!("this is {}, where true or false is needed", other.describe()))
                .help("compare it with something"))
            .at(id),
        }
    }

    /// An integer that can be added and multiplied.
    pub(crate) fn quantity(&mut self, e: &IdedExpr) -> Lowered<(Linear, Unit)> {
        let value = self.value(e)?;
        self.quantity_of(value, e.id)
    }

    fn quantity_of(&mut self, value: Value, id: u64) -> Lowered<(Linear, Unit)> {
        match value {
            Value::Integer(line, unit) if unit.is_quantity() => Ok((line, unit)),
            Value::Integer(_, Unit::Date) => {
                Err(Finding::new("dates YYYYMMDD can't be computed with: 20260301 − 1 is no date").help(
                    "compare dates; or use years_between, months_between or days_between(from, to), and day, month or \
                     year of a date",
                ))
                .at(id)
            }
            other => Err(Finding::new(format!("this is {}, where a number is needed", other.describe()))).at(id),
        }
    }

    fn sum(&mut self, a: &IdedExpr, b: &IdedExpr, sign: i128, id: u64) -> Lowered<Value> {
        let (left, right) = (self.value(a)?, self.value(b)?);
        if let (Value::Integer(x, position), Value::Integer(y, unit)) = (&left, &right)
            && let Some(step) = position.step()
        {
            let unit = match unit {
                same if same == position && sign < 0 => Unit::Named(step.to_owned()),
                Unit::Named(name) if name == step => position.clone(),
                Unit::Literal => position.clone(),
                _ => return Err(Finding::new(format!("{position} and {unit} don't mix"))).at(id),
            };
            return Ok(Value::Integer(x.plus(&y.scale(sign).at(id)?).at(id)?, unit));
        }
        let ((x, p), (y, q)) = (self.quantity_of(left, a.id)?, self.quantity_of(right, b.id)?);
        let unit = p.unify(&q, (x.as_constant() == Some(0), y.as_constant() == Some(0))).at(id)?;
        Ok(Value::Integer(x.plus(&y.scale(sign).at(id)?).at(id)?, unit))
    }

    fn product(&mut self, a: &IdedExpr, b: &IdedExpr, id: u64) -> Lowered<Value> {
        let ((x, p), (y, q)) = (self.quantity(a)?, self.quantity(b)?);
        if x.as_constant().is_none() && y.as_constant().is_none() {
            let finding = Finding::new("two facts can't be multiplied with each other");
            let tabled =
                [a, b].iter().any(|side| matches!(&side.expr, Expr::Call(c) if c.func_name == operators::INDEX));
            return Err(finding.help(match tabled {
                true => "what a table gives depends on a fact: write a table of the products, or choose between products by ? :",
                false => "one side must be a number or a parameter; for a factor that depends on a fact use ? : or a table",
            }))
            .at(id);
        }
        let unit = p.times(&q).at(id)?;
        let product = match x.as_constant() {
            Some(factor) => y.scale(factor),
            None => x.scale(y.constant),
        };
        Ok(Value::Integer(product.at(id)?, unit))
    }

    fn conditional(&mut self, test: &IdedExpr, a: &IdedExpr, b: &IdedExpr, id: u64) -> Lowered<Value> {
        let test = self.truth_of(test)?;
        match (self.value(a)?, self.value(b)?) {
            (left @ Value::Truth(_), right) | (left, right @ Value::Truth(_)) => {
                let (p, q) = (self.truth(left, a.id)?, self.truth(right, b.id)?);
                Ok(Value::Truth(Formula::any([Formula::all([test.clone(), p]), Formula::all([test.not(), q])])))
            }
            (Value::Integer(x, p), Value::Integer(y, q)) => {
                let unit = p.unify(&q, (x.as_constant() == Some(0), y.as_constant() == Some(0))).at(id)?;
                Ok(Value::Integer(self.choose(test, x, y).at(id)?, unit))
            }
            (left, right) => {
                let message = format!("? : can't choose between {} and {}", left.describe(), right.describe());
                Err(Finding::new(message).help("both sides must be numbers of one unit, or true or false")).at(id)
            }
        }
    }

    /// `x` where the test holds, else `y`.
    pub(crate) fn choose(&mut self, test: Formula, x: Linear, y: Linear) -> Result<Linear, Finding> {
        match test {
            Formula::Constant(true) => Ok(x),
            Formula::Constant(false) => Ok(y),
            // a constant difference needs no register of its own
            test => match x.minus(&y)?.as_constant() {
                Some(difference) => y.plus(&self.graph.constant_where(&test, difference)?),
                None => {
                    let range = self.graph.range_of_choice(&test, &x, &y)?;
                    if self.graph.forms.bounded
                        && let Some(chosen) = self.graph.bounded_choice(&test, &x, &y)?
                    {
                        self.graph.remember(&chosen, range);
                        return Ok(chosen);
                    }
                    let (gate, holds) = self.graph.gate(&test)?;
                    let (chosen, otherwise) = if holds { (&x, &y) } else { (&y, &x) };
                    self.graph.choice(gate, chosen, otherwise, range)
                }
            },
        }
    }
}
