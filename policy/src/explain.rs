//! `policy explain`: a policy in plain words, in English or Chinese, made from the same expressions that are compiled.

use crate::compile::Compiled;
use crate::text::{Nullifier, ParameterText, Texts};
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};
use sealroot_protocol::date::FactsPeriod;
use std::fmt::Write;
use toml::Spanned;

/// Languages of the words between the policy's own titles and messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Chinese, simplified.
    Chinese,
}

impl Language {
    /// From a language tag; whatever isn't Chinese is explained in English.
    pub fn from_tag(tag: &str) -> Self {
        if tag == "zh" || tag.starts_with("zh-") { Self::Chinese } else { Self::English }
    }

    fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    fn say<'a>(self, english: &'a str, chinese: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::Chinese => chinese,
        }
    }
}

impl Compiled {
    /// The policy in plain words. Plain text with `-` lists, ready for a terminal or a page.
    pub fn explain(&self, language: Language) -> String {
        let mut page = String::new();
        // writing to a string can't fail
        let _ = Explainer { compiled: self, language }.page(&mut page);
        page
    }
}

struct Explainer<'a> {
    compiled: &'a Compiled,
    language: Language,
}

impl Explainer<'_> {
    fn page(&self, out: &mut String) -> std::fmt::Result {
        let (text, l) = (&self.compiled.text, self.language);
        let title = self.own(&text.title, text.id.as_str());
        writeln!(out, "{title} ({}, {} {})", text.id, l.say("version", "第"), self.version())?;
        writeln!(out, "{}: {}", l.say("Law", "法律依据"), text.legal_reference)?;
        match text.in_force.until {
            Some(until) => writeln!(out, "{}: {} – {until}", l.say("In force", "有效期"), text.in_force.from)?,
            None => writeln!(out, "{} {}", l.say("In force from", "生效日期"), text.in_force.from)?,
        }
        self.sources(out)?;
        writeln!(out, "\n{}", l.say("Approved if all of these hold:", "同时满足以下全部条件即获批准："))?;
        for (i, requirement) in text.requirements.iter().enumerate() {
            writeln!(out, "{}. {} [{}]", i + 1, self.expression(&requirement.when), requirement.code.get_ref())?;
            let message = self.own(&requirement.message, requirement.code.get_ref());
            let learns = if requirement.reveal {
                l.say("the office learns that this failed", "办事机构会得知此项不符")
            } else {
                l.say("the office doesn't learn that it was this", "办事机构不会得知是此项不符")
            };
            writeln!(out, "   {}: {message} ({learns})", l.say("If not", "否则"))?;
        }
        if !text.outputs.is_empty() {
            writeln!(out, "\n{}", l.say("An approval shows:", "获批准时显示："))?;
            for output in &text.outputs {
                let name = self.own(&output.title, output.name.get_ref());
                writeln!(out, "- {name} = {}", self.expression(&output.value))?;
            }
        }
        if !text.definitions.is_empty() {
            writeln!(out, "\n{}", l.say("Where", "其中"))?;
            for (name, definition) in &text.definitions {
                let name = self.own(&definition.title, name.get_ref());
                writeln!(out, "- {name} = {}", self.expression(&definition.value))?;
            }
        }
        self.learned(out)
    }

    fn version(&self) -> String {
        match self.language {
            Language::English => self.compiled.text.version.to_string(),
            Language::Chinese => format!("{} 版", self.compiled.text.version),
        }
    }

    fn sources(&self, out: &mut String) -> std::fmt::Result {
        let (text, l) = (&self.compiled.text, self.language);
        for (source, schema) in text.sources.iter().zip(&self.compiled.schemas) {
            let title = self.own(&schema.title, schema.name.as_str());
            let period = match (source.period, source.months_before) {
                (Some(FactsPeriod::From(month)), _) => format!("{} {month}", l.say("facts from", "事实所属期间起于")),
                (_, Some(months)) => match l {
                    Language::English => format!("facts from the month {months} months before the claimed period"),
                    Language::Chinese => format!("事实起于申请期间之前第 {months} 个月"),
                },
                _ => l.say("facts without a period", "无期间限制").to_owned(),
            };
            writeln!(out, "{}: {} – {title} ({period})", l.say("Facts", "事实来源"), source.agency)?;
        }
        if let Some(identity) = &text.identity {
            writeln!(
                out,
                "{}: {}",
                l.say("The applicant is named by", "申请人由此确认"),
                self.name(identity.get_ref())
            )?;
        }
        let once = match text.nullifier {
            Nullifier::Holder => l.say("one approval per person and period", "每人每期间一次"),
            Nullifier::RecordPerScope => l.say("one approval per record and period", "每份记录每期间一次"),
            Nullifier::RecordOnce => l.say("one approval per record, ever", "每份记录仅一次"),
        };
        writeln!(out, "{}: {once}", l.say("How often", "批准次数"))
    }

    fn learned(&self, out: &mut String) -> std::fmt::Result {
        let l = self.language;
        writeln!(
            out,
            "\n{}",
            l.say("What is learned, and which facts it depends on:", "会被得知的内容及其所依据的事实：")
        )?;
        for disclosure in self.compiled.disclosures() {
            let facts: Vec<String> = disclosure.facts.iter().map(|name| self.name(name)).collect();
            let exact = if disclosure.exact { l.say(" (shown as it is)", "（原样显示）") } else { "" };
            writeln!(out, "- {}: {}{exact}", disclosure.what, facts.join(l.say(", ", "、")))?;
        }
        Ok(())
    }

    /// A text of the policy in this language, else in English, else in any.
    fn own(&self, texts: &Texts, otherwise: &str) -> String {
        let found = texts.get(self.language.tag()).or_else(|| texts.get("en")).or_else(|| texts.values().next());
        found.cloned().unwrap_or_else(|| otherwise.to_owned())
    }

    fn expression(&self, source: &Spanned<String>) -> String {
        // it parsed when it was compiled
        self.compiled.parse(source).map_or_else(|_| source.get_ref().clone(), |e| self.words(&e.ast))
    }

    /// What a name means: attribute, parameter with its value, definition, or date.
    fn name(&self, name: &str) -> String {
        let (text, l) = (&self.compiled.text, self.language);
        if let Some((_, parameter)) = text.parameters.iter().find(|(n, _)| n.get_ref() == name) {
            return format!("{} ({})", self.own(&parameter.title, name), parameter_value(parameter));
        }
        if let Some((_, definition)) = text.definitions.iter().find(|(n, _)| n.get_ref() == name) {
            return self.own(&definition.title, name);
        }
        for declaration in self.compiled.schemas.iter().flat_map(|s| &s.declarations) {
            let title = || self.own(&declaration.title, &declaration.name);
            if declaration.name == name {
                return title();
            }
            let member = name.strip_prefix(declaration.name.as_str()).and_then(|rest| rest.strip_prefix('_'));
            if let (Some(number), Some(_)) = (member, declaration.repeat) {
                return format!("{} {number}", title());
            }
        }
        match name {
            "as_of" | "as_of_day" => l.say("the day on which the facts are judged", "判定日"),
            "period_start" => l.say("the first day of the claimed period", "申请期间首日"),
            "period_end" => l.say("the last day of the claimed period", "申请期间末日"),
            other => other,
        }
        .to_owned()
    }

    fn words(&self, e: &IdedExpr) -> String {
        match &e.expr {
            Expr::Ident(name) => self.name(name),
            Expr::Literal(LiteralValue::Int(x)) => x.inner().to_string(),
            Expr::Literal(LiteralValue::Boolean(b)) => self
                .language
                .say(if *b.inner() { "true" } else { "false" }, if *b.inner() { "是" } else { "否" })
                .to_owned(),
            Expr::Literal(LiteralValue::String(text)) => self.language.say("“", "“").to_owned() + text.inner() + "”",
            Expr::List(list) => {
                let all: Vec<String> = list.elements.iter().map(|item| self.words(item)).collect();
                all.join(self.language.say(", ", "、"))
            }
            Expr::Call(call) => self.call(call),
            // nothing else compiles
            _ => String::new(),
        }
    }

    /// A part of a larger expression, in brackets if it has parts itself.
    fn part(&self, e: &IdedExpr) -> String {
        let bare = match &e.expr {
            Expr::Call(call) => !call.func_name.contains('_') && call.func_name != operators::IN,
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
                Language::English => parts.join(&format!(" {english} ")),
                Language::Chinese => parts.join(chinese),
            }
        };
        match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::LOGICAL_AND, _) => join("and", "且"),
            (operators::LOGICAL_OR, _) => join("or", "或"),
            (operators::LOGICAL_NOT, [a]) => format!("{}{}", l.say("not: ", "非："), self.part(a)),
            (operators::CONDITIONAL, [test, a, b]) => {
                let (test, a, b) = (self.part(test), self.part(a), self.part(b));
                match l {
                    Language::English => format!("{a} if {test}, otherwise {b}"),
                    Language::Chinese => format!("若{test}则{a}，否则{b}"),
                }
            }
            (operators::GREATER_EQUALS, _) => join("is at least", "不少于"),
            (operators::GREATER, _) => join("is more than", "大于"),
            (operators::LESS_EQUALS, _) => join("is at most", "不超过"),
            (operators::LESS, _) => join("is less than", "小于"),
            (operators::EQUALS, _) => join("is", "为"),
            (operators::NOT_EQUALS, _) => join("is not", "不为"),
            (operators::IN, _) => join("is one of", "属于"),
            (operators::ADD, _) => join("plus", "加"),
            (operators::SUBSTRACT, _) => join("minus", "减"),
            (operators::MULTIPLY, _) => join("times", "乘以"),
            (operators::NEGATE, [a]) => format!("{}{}", l.say("minus ", "负"), self.part(a)),
            (rounding @ ("floor" | "ceil" | "round_half_up"), [a, d]) => {
                let how = match rounding {
                    "floor" => l.say("rounded down", "向下取整"),
                    "ceil" => l.say("rounded up", "向上取整"),
                    _ => l.say("rounded half up", "四舍五入"),
                };
                match l {
                    Language::English => format!("{} divided by {}, {how}", self.part(a), self.part(d)),
                    Language::Chinese => format!("{}除以{}（{how}）", self.part(a), self.part(d)),
                }
            }
            ("age", [date]) => match l {
                Language::English => format!("age in whole years by {}", self.words(date)),
                Language::Chinese => format!("按{}计算的周岁", self.words(date)),
            },
            ("max", [zero, x]) | ("max", [x, zero]) if is_zero(zero) => match l {
                Language::English => format!("{}, but at least 0", self.words(x)),
                Language::Chinese => format!("{}（不低于 0）", self.words(x)),
            },
            ("sum", args) => self.aggregate(args, "the sum of", "之和"),
            ("min", args) => self.aggregate(args, "the smallest of", "中最小者"),
            ("max", args) => self.aggregate(args, "the largest of", "中最大者"),
            ("date" | "day", [date]) => self.words(date),
            // nothing else compiles
            (name, _) => name.to_owned(),
        }
    }

    fn aggregate(&self, args: &[IdedExpr], english: &str, chinese: &str) -> String {
        let parts: Vec<String> = args.iter().map(|a| self.part(a)).collect();
        match self.language {
            Language::English => format!("{english} {}", parts.join(" and ")),
            Language::Chinese => format!("{}{chinese}", parts.join("、")),
        }
    }
}

fn is_zero(e: &IdedExpr) -> bool {
    matches!(&e.expr, Expr::Literal(LiteralValue::Int(x)) if *x.inner() == 0)
}

fn parameter_value(parameter: &ParameterText) -> String {
    fn show(value: &toml::Value) -> String {
        match value {
            toml::Value::String(text) => text.clone(),
            toml::Value::Array(values) => values.iter().map(show).collect::<Vec<_>>().join(", "),
            other => other.to_string(),
        }
    }
    let value = show(parameter.value.get_ref());
    match parameter.unit.as_deref() {
        None | Some("date" | "day-number") => value,
        Some(unit) => format!("{value} {unit}"),
    }
}
