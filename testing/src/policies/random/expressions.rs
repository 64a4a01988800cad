//! Random expressions, well-typed over random schemas.

use super::schemas::{RandomAttribute, RandomKind, RandomSchema, Whose, enum_values};
use rand::RngExt;
use rand::rngs::StdRng;
use std::fmt::Write;

/// Numbers around which things change, and the largest that CEL writes.
pub(super) const NUMBERS: [i64; 16] =
    [0, 1, -1, 2, 3, 7, 18, 99, 100, 1000, -1000, 12_345, 99_999_999, 1 << 40, i64::MAX, -i64::MAX];

/// Type and unit of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Truth,
    /// A number of a unit; of none if empty.
    Number(&'static str),
    Money(&'static str),
}

const AGES: [i64; 9] = [0, 1, 6, 17, 18, 19, 65, 99, 101];
const MONTHS: [i64; 5] = [0, 1, 6, 12, 230];
const TEXTS: [&str; 4] = ["", "High Street", "北街", "no text of the policy"];
const DATES: [&str; 6] = ["2000-02-29", "2008-02-29", "2007-12-31", "1926-03-01", "2026-01-01", "2024-02-29"];

/// Draws expressions, and writes the parameters and definitions that they use.
pub(super) struct Expressions<'g> {
    rng: &'g mut StdRng,
    schemas: &'g [RandomSchema],
    pub declarations: String,
    declared: usize,
    /// The variable of the member that is spoken of.
    member: Option<&'static str>,
    /// Definitions that can be used again: kind, whether of a member, name.
    definitions: Vec<(Kind, bool, String)>,
}

impl<'g> Expressions<'g> {
    pub fn new(rng: &'g mut StdRng, schemas: &'g [RandomSchema]) -> Self {
        Self { rng, schemas, declarations: String::new(), declared: 0, member: None, definitions: Vec::new() }
    }

    /// A number below `n`.
    pub fn pick(&mut self, n: usize) -> usize {
        self.rng.random_range(0..n)
    }

    pub(super) fn one_of<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.pick(of.len())].clone()
    }

    /// An expression of a kind, at most so deep.
    pub fn draw(&mut self, kind: Kind, depth: usize) -> String {
        if depth > 0 && self.pick(6) == 0 {
            return self.defined(kind, depth);
        }
        match kind {
            Kind::Truth => self.truth(depth),
            Kind::Number(unit) => self.number(unit, depth),
            Kind::Money(currency) => self.money(currency, depth),
        }
    }

    /// What an output may show: mostly a number that is bounded below.
    pub fn output(&mut self) -> String {
        let kind = self.number_kind();
        match self.pick(8) {
            0 => self.draw(Kind::Truth, 2),
            1 => self.fact(|kind| matches!(kind, RandomKind::Enum(_))).unwrap_or_else(|| "as_of".to_owned()),
            2 => self.fact(|kind| *kind == RandomKind::Date).unwrap_or_else(|| "period_start".to_owned()),
            3 | 4 => format!("max(0, {})", self.draw(kind, 3)),
            5 => self.fact(|k| matches_kind(k, kind)).unwrap_or_else(|| "as_of".to_owned()),
            _ => {
                let most = self.constant(kind, &[1, 1000, 99_999_999]);
                format!("min({most}, max(0, {}))", self.draw(kind, 3))
            }
        }
    }

    /// A definition, known or new.
    fn defined(&mut self, kind: Kind, depth: usize) -> String {
        let of_member = self.member.is_some();
        let known: Vec<String> = self
            .definitions
            .iter()
            .filter(|(k, m, _)| *k == kind && *m == of_member)
            .map(|(_, _, name)| name.clone())
            .collect();
        let name = if !known.is_empty() && self.pick(2) == 0 {
            self.one_of(&known)
        } else {
            let variable = self.member;
            self.member = variable.map(|_| "member");
            let value = self.draw(kind, depth - 1);
            self.member = variable;
            let name = self.fresh("d");
            let table = if of_member { "member" } else { "definition" };
            let _ = writeln!(self.declarations, "[{table}.{name}]\nvalue = '''{value}'''");
            self.definitions.push((kind, of_member, name.clone()));
            name
        };
        match self.member {
            Some(variable) => format!("{variable}.{name}"),
            None => name,
        }
    }

    pub(super) fn fresh(&mut self, prefix: &str) -> String {
        self.declared += 1;
        format!("{prefix}_{}", self.declared)
    }

    fn truth(&mut self, depth: usize) -> String {
        let deeper = depth.saturating_sub(1);
        match if depth == 0 { 6 + self.pick(12) } else { self.pick(18) } {
            0 | 1 => {
                let operator = self.one_of(&["&&", "||"]);
                format!("({} {operator} {})", self.draw(Kind::Truth, deeper), self.draw(Kind::Truth, deeper))
            }
            2 => format!("!({})", self.draw(Kind::Truth, deeper)),
            3 => {
                let (test, a, b) =
                    (self.draw(Kind::Truth, deeper), self.draw(Kind::Truth, deeper), self.draw(Kind::Truth, deeper));
                format!("({test} ? {a} : {b})")
            }
            4 => {
                let operator = self.one_of(&["==", "!="]);
                format!("({} {operator} {})", self.draw(Kind::Truth, deeper), self.draw(Kind::Truth, deeper))
            }
            5 => {
                let kind = self.number_kind();
                let operator = self.comparison();
                format!("({} {operator} {})", self.draw(kind, deeper), self.draw(kind, deeper))
            }
            6 | 7 => match self.fact(|kind| *kind == RandomKind::Boolean) {
                Some(fact) => fact,
                None => self.about_fact(),
            },
            8 => self.about_date(),
            9 => self.about_text(),
            10 => self.about_enum(),
            11 | 12 => self.about_list(depth),
            13..=15 if self.of_household() => self.about_members(depth),
            16 => {
                let kind = self.number_kind();
                let (operator, limit) = (self.comparison(), self.constant(kind, &NUMBERS));
                format!("({} {operator} {limit})", self.draw(kind, deeper))
            }
            _ => self.about_fact(),
        }
    }

    /// A number beside a limit that lies within its bounds.
    fn about_fact(&mut self) -> String {
        let facts = self.facts(|a| matches!(a.kind, RandomKind::Number(..) | RandomKind::Money(..)));
        if facts.is_empty() {
            return self.about_date();
        }
        let (written, attribute) = self.one_of(&facts);
        let (kind, bounds) = match attribute.kind {
            RandomKind::Money(currency, bounds) => (Kind::Money(currency), bounds),
            RandomKind::Number(unit, bounds) => (Kind::Number(unit), bounds),
            _ => return self.about_date(),
        };
        let (low, high) = bounds.unwrap_or((-i64::MAX, i64::MAX));
        let limits: Vec<i64> = NUMBERS.into_iter().chain([low, high - 1]).filter(|x| (low..high).contains(x)).collect();
        let (operator, limit) = (self.one_of(&["<=", ">", "<=", ">", "==", "!="]), self.constant(kind, &limits));
        let fact = match attribute.repeat {
            Some(_) => format!("{written}_01"),
            None => written,
        };
        format!("({fact} {operator} {limit})")
    }

    fn comparison(&mut self) -> &'static str {
        self.one_of(&["<", "<=", ">", ">=", "==", "!="])
    }

    /// A kind of number of which there are facts within reach, if there are any.
    fn number_kind(&mut self) -> Kind {
        let of_household = self.of_household();
        let here = self.facts(|_| true);
        let reach = here.into_iter().map(|(_, attribute)| attribute);
        let of_members = self.schemas.iter().filter(|s| of_household && matches!(s.whose, Whose::Member(_)));
        let reach = reach.chain(of_members.flat_map(|s| s.attributes.iter().cloned()));
        let kinds: Vec<Kind> = reach
            .filter_map(|attribute| match attribute.kind {
                RandomKind::Number(unit, _) => Some(Kind::Number(unit)),
                RandomKind::Money(currency, _) => Some(Kind::Money(currency)),
                _ => None,
            })
            .collect();
        if kinds.is_empty() { Kind::Number("") } else { self.one_of(&kinds) }
    }

    fn about_date(&mut self) -> String {
        if self.facts(|a| a.kind == RandomKind::Date).is_empty() {
            let (a, operator) = (self.day(1), self.comparison());
            return format!("(as_of_day - {a} {operator} {})", self.one_of(&[0, 1, 30, 365, 36_525]));
        }
        let (date, operator) = (self.date(), self.comparison());
        match self.pick(9) {
            5 => {
                let (function, limits) = self.one_of(&[("day", [1, 28, 31]), ("month", [1, 2, 12])]);
                format!("({function}({date}) {operator} {})", self.one_of(&limits))
            }
            6 => {
                let function = self.one_of(&["years_between", "months_between"]);
                format!("({function}({date}, {}) {operator} {})", self.date(), self.one_of(&MONTHS))
            }
            7 => {
                format!("(days_between({date}, {}) {operator} {})", self.date(), self.one_of(&[0, 1, 30, 365, 36_525]))
            }
            0 => format!("(age({date}) {operator} {})", self.one_of(&AGES)),
            1 => format!("(age_in_months({date}) {operator} {})", self.one_of(&MONTHS)),
            2 => format!("({date} {operator} {})", self.date()),
            3 => format!("(month_number(as_of) - month_number({date}) {operator} {})", self.one_of(&MONTHS)),
            4 => {
                let (a, b) = (self.day(1), self.day(1));
                format!("({a} - {b} {operator} {})", self.one_of(&[0, 1, 30, 365, 36_525]))
            }
            _ => format!("(age({date}) in {:?})", [17, 18, self.one_of(&AGES)]),
        }
    }

    fn about_text(&mut self) -> String {
        let Some(text) = self.fact(|kind| *kind == RandomKind::Text) else { return self.about_enum() };
        match self.pick(4) {
            0 => format!("({text} == \"{}\")", self.one_of(&TEXTS)),
            1 => format!("({text} != \"{}\")", self.one_of(&TEXTS)),
            2 => {
                let other = self.fact(|kind| *kind == RandomKind::Text).unwrap_or_default();
                format!("({text} == {other})")
            }
            _ => {
                let name = self.fresh("s");
                let texts = [self.one_of(&TEXTS), self.one_of(&TEXTS), "Main Street"];
                let _ = writeln!(self.declarations, "[parameter.{name}]\nvalue = {texts:?}");
                format!("({text} in {name})")
            }
        }
    }

    fn about_enum(&mut self) -> String {
        let Some((fact, n)) = self.enumerated() else { return self.about_date() };
        let values = enum_values(n);
        match self.pick(3) {
            0 => format!("({fact} == \"{}\")", self.one_of(&values)),
            1 => format!("({fact} != \"{}\")", self.one_of(&values)),
            _ => format!("({fact} in {:?})", [self.one_of(&values), self.one_of(&values)]),
        }
    }

    fn about_list(&mut self, depth: usize) -> String {
        let Some((list, kind)) = self.list() else { return self.about_date() };
        let action = self.one_of(&["all", "exists", "exists_one"]);
        let (operator, limit) = (self.comparison(), self.constant(kind, &NUMBERS));
        match (depth, self.pick(3)) {
            (1.., 0) => format!("(size({list}.filter(v, v {operator} {limit})) >= 1)"),
            (1.., 1) => {
                format!("(sum({list}.map(v, v {operator} {limit}, v)) {operator} {})", self.constant(kind, &NUMBERS))
            }
            _ => format!("{list}.{action}(v, v {operator} {limit})"),
        }
    }

    pub(super) fn of_household(&self) -> bool {
        self.member.is_none() && self.schemas[0].whose == Whose::Household
    }

    /// What is said of one member, called `m`.
    pub(super) fn of_member(&mut self, kind: Kind, depth: usize) -> String {
        self.member = Some("m");
        let said = self.draw(kind, depth);
        self.member = None;
        said
    }

    fn about_members(&mut self, depth: usize) -> String {
        let test = self.of_member(Kind::Truth, depth.min(2));
        let (operator, count) = (self.comparison(), self.one_of(&[1, 2, 3]));
        match self.pick(6) {
            0 => format!("members.all(m, {test})"),
            1 => format!("members.exists(m, {test})"),
            2 => format!("members.exists_one(m, {test})"),
            3 => format!("members.filter(m, {test}).exists(m, {})", self.of_member(Kind::Truth, 1)),
            4 => format!("(size(members.filter(m, {test})) {operator} {count})"),
            _ => format!("(size(members) {operator} {count})"),
        }
    }

    pub(super) fn date(&mut self) -> String {
        if self.pick(8) > 0
            && let Some(fact) = self.fact(|kind| *kind == RandomKind::Date)
        {
            return fact;
        }
        match self.pick(4) {
            0 => "as_of".to_owned(),
            1 => "period_start".to_owned(),
            2 => "period_end".to_owned(),
            _ => format!("date(\"{}\")", self.one_of(&DATES)),
        }
    }

    fn day(&mut self, depth: usize) -> String {
        let day = match self.fact(|kind| *kind == RandomKind::Day) {
            Some(fact) if self.pick(3) > 0 => fact,
            _ if self.pick(2) == 0 => "as_of_day".to_owned(),
            _ => format!("day(\"{}\")", self.one_of(&DATES)),
        };
        if depth > 0 && self.pick(3) == 0 { format!("({day} + {})", self.one_of(&[-30, 1, 365])) } else { day }
    }

    /// Attributes within reach that satisfy something, each with how it is written.
    fn facts(&self, fits: impl Fn(&RandomAttribute) -> bool) -> Vec<(String, RandomAttribute)> {
        let of_member = self.member.is_some();
        let schemas = self.schemas.iter().filter(|s| matches!(s.whose, Whose::Member(_)) == of_member);
        let mut facts = Vec::new();
        for schema in schemas {
            for attribute in schema.attributes.iter().filter(|a| fits(a)) {
                let name = &attribute.name;
                let written = match self.member {
                    None => name.clone(),
                    Some(variable) if name == "both" => format!("{variable}.{}.{name}", schema.source),
                    Some(variable) => format!("{variable}.{name}"),
                };
                facts.push((written, attribute.clone()));
            }
        }
        facts
    }

    /// One fact of a kind; of a repeated attribute one value.
    pub(super) fn fact(&mut self, fits: impl Fn(&RandomKind) -> bool) -> Option<String> {
        let facts = self.facts(|a| fits(&a.kind));
        if facts.is_empty() {
            return None;
        }
        let (written, attribute) = self.one_of(&facts);
        Some(match attribute.repeat {
            Some(n) => format!("{written}_{:02}", 1 + self.pick(usize::from(n))),
            None => written,
        })
    }

    pub(super) fn enumerated(&mut self) -> Option<(String, usize)> {
        let facts = self.facts(|a| matches!(a.kind, RandomKind::Enum(_)));
        if facts.is_empty() {
            return None;
        }
        match self.one_of(&facts) {
            (written, RandomAttribute { kind: RandomKind::Enum(n), .. }) => Some((written, n)),
            _ => None,
        }
    }

    pub(super) fn list(&mut self) -> Option<(String, Kind)> {
        let facts = self.facts(|a| a.repeat.is_some());
        if facts.is_empty() {
            return None;
        }
        let (written, attribute) = self.one_of(&facts);
        match attribute.kind {
            RandomKind::Number(unit, _) => Some((written, Kind::Number(unit))),
            RandomKind::Money(currency, _) => Some((written, Kind::Money(currency))),
            _ => None,
        }
    }
}

pub(super) fn matches_kind(attribute: &RandomKind, kind: Kind) -> bool {
    match (attribute, kind) {
        (RandomKind::Number(unit, _), Kind::Number(wanted)) => *unit == wanted,
        (RandomKind::Money(currency, _), Kind::Money(wanted)) => *currency == wanted,
        _ => false,
    }
}

pub(super) fn unit_of(kind: Kind) -> String {
    match kind {
        Kind::Number("") | Kind::Truth => String::new(),
        Kind::Number(unit) | Kind::Money(unit) => format!("unit = \"{unit}\""),
    }
}
