//! Expressions in plain words.

use super::days::{comparison, is_day};
use crate::compile::Compiled;
use crate::language::{Action, DefinitionText, MEMBER, MEMBERS, Macro, ParameterText, Texts};
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators};
use sealroot_protocol::language::Language;
use sealroot_protocol::schema::Schema;
use std::collections::BTreeMap;
use toml::Spanned;

/// Says a policy's expressions in one language.
pub(crate) struct Phrases<'a> {
    pub compiled: &'a Compiled,
    pub language: Language,
}

impl Phrases<'_> {
    /// An expression of the file.
    pub fn expression(&self, source: &Spanned<String>) -> String {
        // it parsed when it was compiled
        self.compiled.parse(source).map_or_else(|_| source.get_ref().clone(), |e| self.words(&e.ast))
    }

    /// A text of the policy in this language, else in English, else in any.
    pub fn own(&self, texts: &Texts, otherwise: &str) -> String {
        let found = texts.get(self.language.tag()).or_else(|| texts.get("en")).or_else(|| texts.values().next());
        found.cloned().unwrap_or_else(|| otherwise.to_owned())
    }

    fn attribute(&self, schema: &Schema, name: &str) -> Option<String> {
        schema.declarations.iter().find_map(|declaration| {
            let title = || self.own(&declaration.title, &declaration.name);
            if declaration.name == name {
                return Some(title());
            }
            let number = name.strip_prefix(declaration.name.as_str())?.strip_prefix('_')?;
            let is_number = declaration.repeat.is_some() && number.bytes().all(|b| b.is_ascii_digit());
            is_number.then(|| format!("{} {number}", title()))
        })
    }

    /// What a name means: attribute, parameter with its value, definition, or date.
    pub fn name(&self, name: &str) -> String {
        let (text, l) = (&self.compiled.text, self.language);
        if let Some((_, parameter)) = text.parameters.iter().find(|(n, _)| n.get_ref() == name) {
            return format!("{} ({})", self.own(&parameter.title, name), shown_value(parameter));
        }
        if let Some(title) = self.title_of(&text.definitions, name) {
            return title;
        }
        if let Some(title) = self.attribute(&self.compiled.schemas[0], name) {
            return title;
        }
        match name {
            "as_of" | "as_of_day" => l.say("the reference day", "基准日"),
            "period_start" => l.say("the first day of the claimed period", "申请期间首日"),
            "period_end" => l.say("the last day of the claimed period", "申请期间末日"),
            other => other,
        }
        .to_owned()
    }

    /// What is said of a member under a name.
    fn member_name(&self, name: &str) -> String {
        let schemas = self.compiled.schemas.iter().skip(1);
        let title = self.title_of(&self.compiled.text.member_definitions, name);
        title.or_else(|| schemas.filter_map(|s| self.attribute(s, name)).next()).unwrap_or_else(|| name.to_owned())
    }

    fn title_of(&self, definitions: &BTreeMap<Spanned<String>, DefinitionText>, name: &str) -> Option<String> {
        let found = definitions.iter().find(|(n, _)| n.get_ref() == name);
        found.map(|(_, definition)| self.own(&definition.title, name))
    }

    fn words(&self, e: &IdedExpr) -> String {
        let l = self.language;
        match &e.expr {
            Expr::Ident(name) if name == MEMBERS => l.say("all members", "全体成员").to_owned(),
            Expr::Ident(name) => self.name(name),
            Expr::Literal(LiteralValue::Int(x)) => x.inner().to_string(),
            Expr::Literal(LiteralValue::Boolean(b)) => {
                l.say(if *b.inner() { "true" } else { "false" }, if *b.inner() { "是" } else { "否" }).to_owned()
            }
            Expr::Literal(LiteralValue::String(text)) => l.say("“", "“").to_owned() + text.inner() + "”",
            Expr::List(list) => {
                let all: Vec<String> = list.elements.iter().map(|item| self.words(item)).collect();
                all.join(l.say(", ", "、"))
            }
            Expr::Select(select) => self.select(select),
            Expr::Comprehension(expansion) => self.comprehension(expansion),
            Expr::Call(call) => self.call(call),
            // nothing else compiles
            _ => String::new(),
        }
    }

    fn select(&self, select: &SelectExpr) -> String {
        if let Expr::Select(SelectExpr { field, .. }) = &select.operand.expr {
            let position = self.compiled.text.sources.iter().position(|source| source.name.get_ref() == field);
            let title = position.and_then(|i| self.attribute(&self.compiled.schemas[i], &select.field));
            return title.unwrap_or_else(|| select.field.clone());
        }
        self.member_name(&select.field)
    }

    fn comprehension(&self, expansion: &ComprehensionExpr) -> String {
        let l = self.language;
        let Some(call) = Macro::of(expansion) else { return String::new() };
        let (whose, list) = (Whose::of(call.list), self.words(call.list));
        let test = |test: &IdedExpr| self.item(&call, test);
        match (call.action, whose) {
            (Action::All(t), Whose::Members) => {
                format!("{}{}", l.say("for every member: ", "每名成员均满足："), test(t))
            }
            (Action::All(t), Whose::List) => match l {
                Language::En => format!("for each of {list}: {}", test(t)),
                Language::Zh => format!("{list}中每一项均满足：{}", test(t)),
            },
            (Action::Exists(t), Whose::Members) => {
                format!("{}{}", l.say("for at least one member: ", "至少一名成员满足："), test(t))
            }
            (Action::Exists(t), Whose::List) => match l {
                Language::En => format!("for at least one of {list}: {}", test(t)),
                Language::Zh => format!("{list}中至少一项满足：{}", test(t)),
            },
            (Action::ExistsOne(t), Whose::Members) => {
                format!("{}{}", l.say("for exactly one member: ", "恰有一名成员满足："), test(t))
            }
            (Action::ExistsOne(t), Whose::List) => match l {
                Language::En => format!("for exactly one of {list}: {}", test(t)),
                Language::Zh => format!("{list}中恰有一项满足：{}", test(t)),
            },
            (Action::Filter(t), Whose::Members) => match l {
                Language::En => format!("members with {}", bracketed(test(t))),
                Language::Zh => format!("满足“{}”的成员", test(t)),
            },
            (Action::Filter(t), Whose::List) => match l {
                Language::En => format!("those of {list} with {}", bracketed(test(t))),
                Language::Zh => format!("{list}中满足“{}”者", test(t)),
            },
            (Action::Map(None, value), _) => match l {
                Language::En => format!("{} of {list}", self.item(&call, value)),
                Language::Zh => format!("{list}的{}", self.item(&call, value)),
            },
            (Action::Map(Some(t), value), _) => match l {
                Language::En => {
                    format!("{} of those of {list} with {}", self.item(&call, value), bracketed(test(t)))
                }
                Language::Zh => format!("{list}中满足“{}”者的{}", test(t), self.item(&call, value)),
            },
        }
    }

    /// What a macro says of an item, in brackets if it has parts; the variable by itself is “it”.
    fn item(&self, call: &Macro<'_>, e: &IdedExpr) -> String {
        let it = self.language.say("it", "该项");
        let mut e = e.clone();
        replace(&mut e, call.variable, it);
        let whole = self.words(&e);
        match &e.expr {
            Expr::Call(_) => format!("{}{whole}{}", self.language.say("(", "（"), self.language.say(")", "）")),
            _ => whole,
        }
    }

    /// A part of a larger expression, in brackets if it has parts itself.
    fn part(&self, e: &IdedExpr) -> String {
        let bare = match &e.expr {
            Expr::Call(call) => match (call.func_name.as_str(), call.args.as_slice()) {
                ("floor" | "ceil" | "round_half_up", _) => false,
                ("max", [a, b]) => !is_zero(a) && !is_zero(b),
                // operators are named by their signs
                (name, _) => name.starts_with(|c: char| c.is_ascii_lowercase()),
            },
            Expr::Comprehension(_) => false,
            _ => true,
        };
        let (open, close) = (self.language.say("(", "（"), self.language.say(")", "）"));
        if bare { self.words(e) } else { format!("{open}{}{close}", self.words(e)) }
    }

    fn call(&self, call: &CallExpr) -> String {
        let l = self.language;
        let join = |english: &str, chinese: &str| {
            let parts: Vec<String> = call.args.iter().map(|a| self.part(a)).collect();
            match l {
                Language::En => parts.join(&format!(" {english} ")),
                Language::Zh => parts.join(chinese),
            }
        };
        let days = call.args.iter().any(|part| is_day(self.compiled, part));
        if let Some((english, chinese)) = comparison(&call.func_name, days) {
            return join(english, chinese);
        }
        match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::LOGICAL_AND, _) => join("and", "且"),
            (operators::LOGICAL_OR, _) => join("or", "或"),
            (operators::LOGICAL_NOT, [a]) => format!("{}{}", l.say("not: ", "非："), self.part(a)),
            (operators::CONDITIONAL, [test, a, b]) => {
                let (test, a, b) = (self.part(test), self.part(a), self.part(b));
                match l {
                    Language::En => format!("{a} if {test}, otherwise {b}"),
                    Language::Zh => format!("若{test}则{a}，否则{b}"),
                }
            }
            (operators::IN, _) => join("is one of", "属于"),
            (operators::ADD, _) => join("plus", "加"),
            (operators::SUBSTRACT, _) => join("minus", "减"),
            (operators::MULTIPLY, _) => join("times", "乘以"),
            (operators::NEGATE, [a]) => format!("{}{}", l.say("minus ", "负"), self.part(a)),
            (operators::INDEX, [list, index]) => self.entry(list, index),
            (rounding @ ("floor" | "ceil" | "round_half_up"), [a, d]) => {
                let how = match rounding {
                    "floor" => l.say("rounded down", "向下取整"),
                    "ceil" => l.say("rounded up", "向上取整"),
                    _ => l.say("rounded half up", "四舍五入"),
                };
                match l {
                    Language::En => format!("{} divided by {}, {how}", self.part(a), self.part(d)),
                    Language::Zh => format!("{}除以{}（{how}）", self.part(a), self.part(d)),
                }
            }
            ("max", [zero, x]) | ("max", [x, zero]) if is_zero(zero) => match l {
                Language::En => format!("{}, but at least 0", self.part(x)),
                Language::Zh => format!("{}（不低于 0）", self.part(x)),
            },
            (name, args) => self.function(name, args),
        }
    }

    fn function(&self, name: &str, args: &[IdedExpr]) -> String {
        let l = self.language;
        let of_date = |date: &IdedExpr, english: &str, chinese: &str| match l {
            Language::En => format!("{english} {}", self.words(date)),
            Language::Zh => format!("按{}计算的{chinese}", self.words(date)),
        };
        match (name, args) {
            ("age", [date]) => of_date(date, "age in whole years by", "周岁"),
            ("age_in_months", [date]) => of_date(date, "age in whole months by", "整月数"),
            ("month_number", [date]) => of_date(date, "the calendar month of", "日历月"),
            ("year", [date]) => of_date(date, "the year of", "年份"),
            ("month", [date]) => of_date(date, "the month of", "月份"),
            ("day", [date]) if !matches!(date.expr, Expr::Literal(_)) => of_date(date, "the day of the month of", "日"),
            ("day_number", [date]) => self.words(date),
            ("years_between" | "months_between" | "days_between", [from, to]) => {
                let (english, chinese) = match name {
                    "years_between" => ("complete years", "整年数"),
                    "months_between" => ("complete months", "整月数"),
                    _ => ("days", "天数"),
                };
                match l {
                    Language::En => format!("{english} from {} to {}", self.words(from), self.words(to)),
                    Language::Zh => format!("自{}至{}的{chinese}", self.words(from), self.words(to)),
                }
            }
            ("marginal", [of, bounds, rates]) => match l {
                Language::En => format!(
                    "of each part of {} that lies in a bracket ({}), that bracket's rate ({}), added up",
                    self.part(of),
                    self.words(bounds),
                    self.words(rates)
                ),
                Language::Zh => format!(
                    "{}分段（{}）按各段比率（{}）计算之和",
                    self.part(of),
                    self.words(bounds),
                    self.words(rates)
                ),
            },
            ("step", [of, bounds, values]) => match l {
                Language::En => {
                    format!("{} by the bracket ({}) of {}", self.words(values), self.words(bounds), self.part(of))
                }
                Language::Zh => {
                    format!("{}所在档次（{}）对应的{}", self.part(of), self.words(bounds), self.words(values))
                }
            },
            ("size", [list]) => match (l, Whose::of(list), &list.expr) {
                (Language::En, Whose::Members, Expr::Ident(_)) => "the number of members".to_owned(),
                (Language::Zh, Whose::Members, Expr::Ident(_)) => "成员人数".to_owned(),
                (Language::En, ..) => format!("the number of {}", self.words(list)),
                (Language::Zh, ..) => format!("{}的数目", self.words(list)),
            },
            ("sum", [IdedExpr { expr: Expr::Comprehension(expansion), .. }]) => self.sum_over(expansion),
            ("sum", args) => self.aggregate(args, "the sum of", "之和"),
            ("min", args) => self.aggregate(args, "the smallest of", "中最小者"),
            ("max", args) => self.aggregate(args, "the largest of", "中最大者"),
            ("date" | "day", [date]) => self.words(date),
            // nothing else compiles
            (name, _) => name.to_owned(),
        }
    }

    /// `sum(list.map(x, …))`.
    fn sum_over(&self, expansion: &ComprehensionExpr) -> String {
        let l = self.language;
        let Some(call) = Macro::of(expansion) else { return String::new() };
        let list = self.words(call.list);
        match (call.action, l) {
            (Action::Map(None, value), Language::En) => {
                format!("the sum over {list} of {}", self.item(&call, value))
            }
            (Action::Map(None, value), Language::Zh) => format!("{list}的{}之和", self.item(&call, value)),
            (Action::Map(Some(test), value), Language::En) => {
                let test = bracketed(self.item(&call, test));
                format!("the sum over those of {list} with {test} of {}", self.item(&call, value))
            }
            (Action::Map(Some(test), value), Language::Zh) => {
                format!("{list}中满足“{}”者的{}之和", self.item(&call, test), self.item(&call, value))
            }
            (_, Language::En) => format!("the sum of {}", self.comprehension(expansion)),
            (_, Language::Zh) => format!("{}之和", self.comprehension(expansion)),
        }
    }

    /// `list[i]` counts from 0, people from 1.
    fn entry(&self, list: &IdedExpr, index: &IdedExpr) -> String {
        let list = self.words(list);
        let by_name = match &index.expr {
            Expr::Ident(_) | Expr::Select(_) => true,
            Expr::Literal(literal) => matches!(literal, LiteralValue::String(_)),
            _ => false,
        };
        let position = match &index.expr {
            Expr::Call(CallExpr { func_name, args, .. }) if func_name == operators::SUBSTRACT => {
                match args.as_slice() {
                    [position, one] if is_integer(one, 1) => Some(self.words(position)),
                    _ => None,
                }
            }
            Expr::Literal(LiteralValue::Int(x)) => x.inner().checked_add(1).map(|x| x.to_string()),
            _ => None,
        };
        let index = self.words(index);
        match (self.language, position) {
            (Language::En, Some(position)) => format!("the entry of {list} for {position}"),
            (Language::Zh, Some(position)) => format!("{list}中对应{position}的项"),
            (Language::En, None) if by_name => format!("{list} for {index}"),
            (Language::Zh, None) if by_name => format!("{index}对应的{list}"),
            (Language::En, None) => format!("the entry of {list} for {index}, counted from 0"),
            (Language::Zh, None) => format!("{list}中对应{index}的项（从 0 起计）"),
        }
    }

    fn aggregate(&self, args: &[IdedExpr], english: &str, chinese: &str) -> String {
        let parts: Vec<String> = args.iter().map(|a| self.part(a)).collect();
        match self.language {
            Language::En => format!("{english} {}", parts.join(" and ")),
            Language::Zh => format!("{}{chinese}", parts.join("、")),
        }
    }
}

/// In brackets, once.
fn bracketed(phrase: String) -> String {
    if phrase.starts_with('(') && phrase.ends_with(')') { phrase } else { format!("({phrase})") }
}

/// What a list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Members,
    List,
}

impl Whose {
    fn of(list: &IdedExpr) -> Self {
        match &list.expr {
            Expr::Ident(name) if name == MEMBERS => Self::Members,
            Expr::Comprehension(expansion) => Self::of(&expansion.iter_range),
            _ => Self::List,
        }
    }
}

/// Writes “it” for a macro's variable where it stands by itself.
fn replace(e: &mut IdedExpr, variable: &str, it: &str) {
    match &mut e.expr {
        Expr::Ident(name) if name == variable => *name = it.to_owned(),
        Expr::Call(call) => call.args.iter_mut().for_each(|part| replace(part, variable, it)),
        Expr::List(list) => list.elements.iter_mut().for_each(|part| replace(part, variable, it)),
        Expr::Select(select) if !matches!(&select.operand.expr, Expr::Ident(name) if name == variable || name == MEMBER) =>
        {
            replace(&mut select.operand, variable, it);
        }
        Expr::Comprehension(expansion) => {
            replace(&mut expansion.iter_range, variable, it);
            replace(&mut expansion.loop_step, variable, it);
        }
        _ => {}
    }
}

fn is_zero(e: &IdedExpr) -> bool {
    is_integer(e, 0)
}

fn is_integer(e: &IdedExpr, value: i64) -> bool {
    matches!(&e.expr, Expr::Literal(LiteralValue::Int(x)) if *x.inner() == value)
}

fn shown_value(parameter: &ParameterText) -> String {
    fn show(value: &toml::Value) -> String {
        match value {
            toml::Value::String(text) => text.clone(),
            toml::Value::Array(values) => values.iter().map(show).collect::<Vec<_>>().join(", "),
            toml::Value::Table(entries) => {
                entries.iter().map(|(key, value)| format!("{key}: {}", show(value))).collect::<Vec<_>>().join(", ")
            }
            other => other.to_string(),
        }
    }
    let value = show(parameter.value.get_ref());
    match parameter.unit.as_deref() {
        None | Some("date" | "day-number") => value,
        Some(unit) => format!("{value} {unit}"),
    }
}
