//! From CEL to typed values: operators. Calls are in `call.rs`.

use crate::diagnostic::{Diagnostic, Finding, Located};
use crate::expression::Expression;
use crate::formula::{Formula, Test};
use crate::graph::{Graph, Linear, TextSide};
use crate::unit::Unit;
use crate::value::Value;
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};
use std::collections::{BTreeMap, BTreeSet};

/// Where a name gets its value from.
pub(crate) enum Name {
    /// Known at once: attributes, dates, parameters.
    Value(Value),
    /// Computed when first used.
    Definition(Expression),
}

/// Compiles expressions into one graph.
pub(crate) struct Lowering<'a> {
    pub located: Located<'a>,
    pub graph: Graph,
    pub names: BTreeMap<String, Name>,
    computed: BTreeMap<String, Value>,
    /// Definitions being computed, to find circles.
    open: Vec<String>,
}

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
        Self { located, graph, names, computed: BTreeMap::new(), open: Vec::new() }
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

    pub(crate) fn value(&mut self, e: &IdedExpr) -> Lowered<Value> {
        match &e.expr {
            Expr::Literal(literal) => literal_value(literal).at(e.id),
            Expr::Ident(name) => self.name(name, e.id),
            Expr::List(list) => {
                list.elements.iter().map(|item| self.value(item)).collect::<Lowered<_>>().map(Value::List)
            }
            Expr::Call(call) => self.call(call, e.id),
            Expr::Comprehension(_) => Err(Finding::new("all, exists, map and filter can't be compiled")
                .help("a policy about one person names its attributes; use sum, min or max for repeated ones"))
            .at(e.id),
            Expr::Select(select) => Err(Finding::new(format!("nothing here has a field {:?}", select.field))
                .help("write an attribute by its name, or as source.attribute"))
            .at(e.id),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                Err(Finding::new("maps and messages can't be compiled")).at(e.id)
            }
        }
    }

    fn name(&mut self, name: &str, id: u64) -> Lowered<Value> {
        if let Some(value) = self.computed.get(name) {
            return Ok(value.clone());
        }
        if self.open.iter().any(|open| open == name) {
            let circle = format!("the definition of {name:?} needs itself: {} → {name}", self.open.join(" → "));
            return Err(Finding::new(circle)).at(id);
        }
        match self.names.remove(name) {
            None if self.open.iter().any(|open| open == name) => Err(Finding::new("circular definition")).at(id),
            None => Err(self.unknown(name)).at(id),
            Some(Name::Value(value)) => {
                self.computed.insert(name.to_owned(), value.clone());
                Ok(value)
            }
            Some(Name::Definition(expression)) => {
                self.open.push(name.to_owned());
                let value = self.expression(&expression);
                self.open.pop();
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

    fn unknown(&self, name: &str) -> Finding {
        let finding = Finding::new(format!("{name:?} is no attribute, parameter, definition or date"));
        let known = self.names.keys().chain(self.computed.keys());
        match known.map(|k| (distance(k, name), k)).min() {
            Some((1..=2, close)) => finding.help(format!("did you mean {close:?}?")),
            _ => finding,
        }
    }

    fn call(&mut self, call: &CallExpr, id: u64) -> Lowered<Value> {
        if let Some(target) = &call.target {
            return Err(Finding::new(format!("{} can't be called on a value", call.func_name))
                .help("functions are written f(x)"))
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
                Err(Finding::new("a division must say how it is rounded: rounding is part of the law")
                    .help("write floor(a / b), ceil(a / b) or round_half_up(a / b)"))
                .at(id)
            }
            (operators::EQUALS, [a, b]) => self.equality(a, b, id).map(Value::Truth),
            (operators::NOT_EQUALS, [a, b]) => Ok(Value::Truth(self.equality(a, b, id)?.not())),
            (operators::GREATER_EQUALS, [a, b]) => self.order(a, b, 0, id),
            (operators::GREATER, [a, b]) => self.order(a, b, -1, id),
            (operators::LESS_EQUALS, [a, b]) => self.order(b, a, 0, id),
            (operators::LESS, [a, b]) => self.order(b, a, -1, id),
            (operators::IN, [a, b]) => self.membership(a, b, id).map(Value::Truth),
            (operators::INDEX | operators::OPT_INDEX | operators::OPT_SELECT, _) => {
                Err(Finding::new("an index can't be compiled").help("write the attribute's name, such as gross_03"))
                    .at(id)
            }
            (name, args) => self.function(name, args, id),
        }
    }

    fn truth_of(&mut self, e: &IdedExpr) -> Lowered<Formula> {
        let value = self.value(e)?;
        self.truth(value, e.id)
    }

    fn truth(&mut self, value: Value, id: u64) -> Lowered<Formula> {
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
        match self.value(e)? {
            Value::Integer(line, unit) if unit.is_quantity() => Ok((line, unit)),
            Value::Integer(_, Unit::Date) => {
                Err(Finding::new("dates YYYYMMDD can't be computed with: 20260301 − 1 is no date")
                    .help("use age(date), compare dates, or declare the attribute with kind = \"day-number\""))
                .at(e.id)
            }
            other => Err(Finding::new(format!("this is {}, where a number is needed", other.describe()))).at(e.id),
        }
    }

    fn sum(&mut self, a: &IdedExpr, b: &IdedExpr, sign: i128, id: u64) -> Lowered<Value> {
        let (left, right) = (self.value(a)?, self.value(b)?);
        if let (Value::Integer(x, Unit::Day), Value::Integer(y, unit)) = (&left, &right) {
            let unit = match unit {
                Unit::Day if sign < 0 => Unit::Named("days".to_owned()),
                Unit::Named(days) if days == "days" => Unit::Day,
                Unit::Literal => Unit::Day,
                _ => return Err(Finding::new(format!("a day number and {unit} don't mix"))).at(id),
            };
            return Ok(Value::Integer(x.plus(&y.scale(sign).at(id)?).at(id)?, unit));
        }
        let ((x, p), (y, q)) = (self.quantity_of(left, a)?, self.quantity_of(right, b)?);
        let unit = p.unify(&q, (x.as_constant() == Some(0), y.as_constant() == Some(0))).at(id)?;
        Ok(Value::Integer(x.plus(&y.scale(sign).at(id)?).at(id)?, unit))
    }

    fn quantity_of(&mut self, value: Value, e: &IdedExpr) -> Lowered<(Linear, Unit)> {
        match value {
            Value::Integer(line, unit) if unit.is_quantity() => Ok((line, unit)),
            // repeats the work to say what is wrong
            _ => self.quantity(e),
        }
    }

    fn product(&mut self, a: &IdedExpr, b: &IdedExpr, id: u64) -> Lowered<Value> {
        let ((x, p), (y, q)) = (self.quantity(a)?, self.quantity(b)?);
        if x.as_constant().is_none() && y.as_constant().is_none() {
            let finding = Finding::new("two facts can't be multiplied with each other");
            return Err(
                finding.help("one side must be a number or a parameter; for a factor that depends on a fact use ? :")
            )
            .at(id);
        }
        let unit = match (&p, &q) {
            (Unit::Literal, Unit::Literal) => Unit::Literal,
            (Unit::Plain | Unit::Literal, unit) | (unit, Unit::Plain | Unit::Literal) => unit.clone(),
            _ => {
                return Err(
                    Finding::new(format!("{p} times {q} has no meaning here")).help("leave out the unit of a factor")
                )
                .at(id);
            }
        };
        let product = match x.as_constant() {
            Some(factor) => y.scale(factor),
            None => x.scale(y.constant),
        };
        Ok(Value::Integer(product.at(id)?, unit))
    }

    /// `a + shift ≥ b`.
    fn order(&mut self, a: &IdedExpr, b: &IdedExpr, shift: i128, id: u64) -> Lowered<Value> {
        let (x, y) = match (self.value(a)?, self.value(b)?) {
            (Value::Integer(x, p), Value::Integer(y, q)) => {
                let zero = (x.as_constant() == Some(0), y.as_constant() == Some(0));
                if matches!(p, Unit::Truth | Unit::Enum(_)) || matches!(q, Unit::Truth | Unit::Enum(_)) {
                    return Err(Finding::new("truth values and enums have no order").help("use == or in")).at(id);
                }
                p.unify(&q, zero).at(id)?;
                (x, y)
            }
            (left, right) => {
                let message = format!("{} and {} have no order", left.describe(), right.describe());
                return Err(Finding::new(message).help("text can only be compared with == or in")).at(id);
            }
        };
        let line = x.minus(&y).and_then(|line| line.plus_constant(shift)).at(id)?;
        self.graph.nonnegative(line).at(id).map(Value::Truth)
    }

    fn equality(&mut self, a: &IdedExpr, b: &IdedExpr, id: u64) -> Lowered<Formula> {
        match (self.value(a)?, self.value(b)?) {
            (left @ Value::Truth(_), right) | (left, right @ Value::Truth(_)) => {
                let (p, q) = (self.truth(left, a.id)?, self.truth(right, b.id)?);
                Ok(Formula::any([Formula::all([p.clone(), q.clone()]), Formula::all([p.not(), q.not()])]))
            }
            (Value::Integer(x, p), Value::Integer(y, q)) => {
                p.unify(&q, (x.as_constant() == Some(0), y.as_constant() == Some(0))).at(id)?;
                self.graph.zero(x.minus(&y).at(id)?).at(id)
            }
            (Value::Integer(x, Unit::Enum(values)), Value::Literal(text))
            | (Value::Literal(text), Value::Integer(x, Unit::Enum(values))) => {
                let ordinal = ordinal(&values, &text).at(id)?;
                self.graph.zero(x.plus_constant(-ordinal).at(id)?).at(id)
            }
            (Value::Text(i), Value::Literal(text)) | (Value::Literal(text), Value::Text(i)) => {
                Ok(Formula::Test(Test::SameText(i, TextSide::Constant(text))))
            }
            (Value::Text(i), Value::Text(j)) if i == j => Ok(Formula::Constant(true)),
            (Value::Text(i), Value::Text(j)) => {
                Ok(Formula::Test(Test::SameText(i.min(j), TextSide::Attribute(i.max(j)))))
            }
            (Value::Literal(x), Value::Literal(y)) => Ok(Formula::Constant(x == y)),
            (left, right) => Err(Finding::new(format!("{} can't equal {}", left.describe(), right.describe()))).at(id),
        }
    }

    fn membership(&mut self, a: &IdedExpr, b: &IdedExpr, id: u64) -> Lowered<Formula> {
        let Value::List(members) = self.value(b)? else {
            return Err(Finding::new("in needs a list").help("write x in [\"a\", \"b\"], or name a list parameter"))
                .at(b.id);
        };
        match self.value(a)? {
            Value::Text(attribute) => {
                let mut texts = BTreeSet::new();
                for member in members {
                    match member {
                        Value::Literal(text) => _ = texts.insert(text),
                        other => {
                            return Err(Finding::new(format!("a set of texts can't hold {}", other.describe())))
                                .at(b.id);
                        }
                    }
                }
                Ok(match (texts.len(), texts.first()) {
                    (0, _) => Formula::Constant(false),
                    (1, Some(only)) => Formula::Test(Test::SameText(attribute, TextSide::Constant(only.clone()))),
                    _ => Formula::Test(Test::OneOfTexts(attribute, texts)),
                })
            }
            Value::Integer(x, unit) => {
                let mut set = BTreeSet::new();
                for member in members {
                    match (member, &unit) {
                        (Value::Literal(text), Unit::Enum(values)) => _ = set.insert(ordinal(values, &text).at(b.id)?),
                        (Value::Integer(y, q), _) if y.as_constant().is_some() => {
                            unit.unify(&q, (false, y.constant == 0)).at(b.id)?;
                            set.insert(y.constant);
                        }
                        (Value::Integer(..), _) => {
                            let finding = Finding::new("the members of a set must be constants");
                            return Err(finding.help("compare with == for each fact, joined by ||")).at(b.id);
                        }
                        (other, _) => {
                            let message = format!("a set for {unit} can't hold {}", other.describe());
                            return Err(Finding::new(message)).at(b.id);
                        }
                    }
                }
                self.graph.one_of(x, set).at(id)
            }
            other => Err(Finding::new(format!("{} can't be in a set", other.describe()))).at(a.id),
        }
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
                let line = match test {
                    Formula::Constant(true) => x,
                    Formula::Constant(false) => y,
                    // a constant difference needs no register of its own
                    test if x.minus(&y).at(id)?.as_constant().is_some() => {
                        let difference = x.minus(&y).at(id)?.constant;
                        let indicator = self.graph.indicator(&test).at(id)?;
                        y.plus(&indicator.scale(difference).at(id)?).at(id)?
                    }
                    test => {
                        let (gate, holds) = self.graph.gate(&test).at(id)?;
                        let (chosen, otherwise) = if holds { (&x, &y) } else { (&y, &x) };
                        self.graph.choice(gate, chosen, otherwise).at(id)?
                    }
                };
                Ok(Value::Integer(line, unit))
            }
            (left, right) => {
                let message = format!("? : can't choose between {} and {}", left.describe(), right.describe());
                Err(Finding::new(message).help("both sides must be numbers of one unit, or true or false")).at(id)
            }
        }
    }
}

fn literal_value(literal: &LiteralValue) -> Result<Value, Finding> {
    match literal {
        LiteralValue::Int(x) => Ok(Value::Integer(Linear::constant(i128::from(*x.inner())), Unit::Literal)),
        LiteralValue::Boolean(b) => Ok(Value::Truth(Formula::Constant(*b.inner()))),
        LiteralValue::String(text) => Ok(Value::Literal(text.inner().to_owned())),
        LiteralValue::Double(_) => Err(Finding::new("numbers with a fraction can't be compiled")
            .help("amounts are parameters with a currency; 30 % is x * 30 / 100, rounded")),
        LiteralValue::UInt(_) => Err(Finding::new("unsigned numbers can't be compiled").help("leave out the u")),
        LiteralValue::Bytes(_) | LiteralValue::Null => Err(Finding::new("bytes and null can't be compiled")),
    }
}

fn ordinal(values: &[String], text: &str) -> Result<i128, Finding> {
    let at = values.iter().position(|v| v == text).and_then(|i| i128::try_from(i).ok());
    at.ok_or_else(|| {
        Finding::new(format!("{text:?} is not a value here")).help(format!("one of {}", values.join(", ")))
    })
}

/// Edits between two names, enough to see a slip of the pen.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
