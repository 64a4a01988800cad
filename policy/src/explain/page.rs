//! `policy explain`: a policy in plain words, in English or Chinese, made from the same expressions that are compiled.

use super::disclosure::Detail;
use super::phrase::Phrases;
use crate::compile::Compiled;
use crate::facts::Fact;
use crate::language::{DefinitionText, Nullifier, SourceText, show_money};
use sealroot_protocol::date::FactsPeriod;
use sealroot_protocol::language::Language;
use sealroot_protocol::printable::counted;
use sealroot_protocol::schema::AttributeKind;
use std::collections::BTreeMap;
use std::fmt::Write;
use toml::Spanned;

impl Compiled {
    /// The policy in plain words. Plain text with `-` lists and a `|` table, ready for a terminal or a page.
    pub fn explain(&self, language: Language) -> String {
        let mut page = String::new();
        let phrases = Phrases { compiled: self, language };
        // writing to a string can't fail
        let _ = Explainer { compiled: self, language, phrases }.page(&mut page);
        page
    }
}

struct Explainer<'a> {
    compiled: &'a Compiled,
    language: Language,
    phrases: Phrases<'a>,
}

impl Explainer<'_> {
    fn page(&self, out: &mut String) -> std::fmt::Result {
        let (text, l, own) = (&self.compiled.text, self.language, |t, o: &str| self.phrases.own(t, o));
        let title = own(&text.title, text.id.as_str());
        writeln!(out, "{title} ({}, {} {})", text.id, l.say("version", "第"), self.version())?;
        if !text.text.is_empty() {
            writeln!(out, "{}", own(&text.text, ""))?;
        }
        writeln!(out, "{}: {}", l.say("Law", "法律依据"), text.legal_reference.pick(l))?;
        let in_force = text.in_force.get_ref();
        match in_force.until {
            Some(until) => writeln!(out, "{}: {} – {until}", l.say("In force", "有效期"), in_force.from)?,
            None => writeln!(out, "{} {}", l.say("In force from", "生效日期"), in_force.from)?,
        }
        self.sources(out)?;
        writeln!(out, "\n{}", l.say("Approved if all of these hold:", "同时满足以下全部条件即获批准："))?;
        for (i, requirement) in text.requirements.iter().enumerate() {
            let when = self.phrases.expression(&requirement.when);
            writeln!(out, "{}. {when} [{}]", i + 1, requirement.code.get_ref())?;
            let message = own(&requirement.message, requirement.code.get_ref());
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
                let name = own(&output.title, output.name.get_ref());
                writeln!(out, "- {name} = {}", self.phrases.expression(&output.value))?;
            }
        }
        self.definitions(out, l.say("Where", "其中"), &text.definitions)?;
        self.definitions(out, l.say("Where, of each member,", "其中，就每名成员而言"), &text.member_definitions)?;
        self.parameters(out)?;
        self.facts(out)
    }

    fn version(&self) -> String {
        let version = self.compiled.text.version.get_ref();
        match self.language {
            Language::En => version.to_string(),
            Language::Zh => format!("{version} 版"),
        }
    }

    fn sources(&self, out: &mut String) -> std::fmt::Result {
        let (text, l) = (&self.compiled.text, self.language);
        for (i, source) in text.sources.iter().enumerate() {
            writeln!(out, "{}: {}", l.say("Facts", "事实来源"), self.source(i, source))?;
        }
        if self.compiled.is_household() {
            let most = self.compiled.most_members();
            let line = match l {
                Language::En => format!(
                    "Whose: one household of 1 to {most} members; the record of every member counts, and each exactly once"
                ),
                Language::Zh => {
                    format!("对象：一个家庭，成员 1 至 {most} 人；每名成员的记录都计入，且只计入一次")
                }
            };
            writeln!(out, "{line}")?;
        }
        if let Some(identity) = &text.identity {
            let named = l.say("The applicant is named by", "申请人由此确认");
            writeln!(out, "{named}: {}", self.phrases.name(identity.get_ref()))?;
        }
        let once = match (text.nullifier.get_ref(), self.compiled.is_household()) {
            (Nullifier::Holder, _) => l.say("one approval per person and period", "每人每期间一次"),
            (Nullifier::RecordPerScope, true) => l.say("one approval per household and period", "每户每期间一次"),
            (Nullifier::RecordPerScope, false) => l.say("one approval per record and period", "每份记录每期间一次"),
            (Nullifier::RecordOnce, true) => l.say("one approval per household, ever", "每户仅一次"),
            (Nullifier::RecordOnce, false) => l.say("one approval per record, ever", "每份记录仅一次"),
        };
        writeln!(out, "{}: {once}", l.say("How often", "批准次数"))
    }

    fn source(&self, i: usize, source: &SourceText) -> String {
        let (schema, l) = (&self.compiled.schemas[i], self.language);
        let title = self.phrases.own(&schema.title, schema.name.as_str());
        let period = match (source.period, source.months_before) {
            (Some(FactsPeriod::From(month)), _) => format!("{} {month}", l.say("facts from", "事实所属期间起于")),
            (_, Some(0)) => {
                l.say("facts from the month in which the claimed period starts", "事实起于申请期间首月").to_owned()
            }
            (_, Some(months)) => match l {
                Language::En => {
                    format!("facts from the month {} before the claimed period", counted(months, "month", "months"))
                }
                Language::Zh => format!("事实起于申请期间之前第 {months} 个月"),
            },
            _ => l.say("facts without a period", "无期间限制").to_owned(),
        };
        let whose = match (self.compiled.is_household(), i) {
            (false, _) => "",
            (true, 0) => l.say(", of the household", "，家庭的记录"),
            (true, _) => l.say(", of each member", "，每名成员的记录"),
        };
        format!("{} – {title}{whose} ({period})", source.agency)
    }

    fn definitions(
        &self,
        out: &mut String,
        heading: &str,
        definitions: &BTreeMap<Spanned<String>, DefinitionText>,
    ) -> std::fmt::Result {
        if !definitions.is_empty() {
            writeln!(out, "\n{heading}")?;
        }
        for (name, definition) in definitions {
            let name = self.phrases.own(&definition.title, name.get_ref());
            writeln!(out, "- {name} = {}", self.phrases.expression(&definition.value))?;
        }
        Ok(())
    }

    /// Constants that the law fixes for certain days only.
    fn parameters(&self, out: &mut String) -> std::fmt::Result {
        let l = self.language;
        let dated = self.compiled.text.parameters.iter().filter(|(_, p)| p.from.is_some() || p.until.is_some());
        for (i, (name, parameter)) in dated.enumerate() {
            if i == 0 {
                writeln!(out, "\n{}", l.say("Amounts and numbers that are fixed for a time:", "有时限的金额和数值："))?;
            }
            write!(out, "- {}:", self.phrases.name(name.get_ref()))?;
            if let Some(from) = parameter.from {
                write!(out, " {} {from}", l.say("from", "自"))?;
            }
            if let Some(until) = parameter.until {
                write!(out, " {} {until}", l.say("until", "至"))?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    /// Which facts matter for what, and what an approval shows of them.
    fn facts(&self, out: &mut String) -> std::fmt::Result {
        let l = self.language;
        let dependencies = self.compiled.dependencies();
        writeln!(out, "\n{}", l.say("Which facts matter:", "哪些事实起作用："))?;
        let header = l.say("fact", "事实");
        let decides = l.say("decides on", "用于判断");
        let shows = l.say("what an approval shows of it", "获批准时显示的程度");
        writeln!(out, "| {header} | {decides} | {shows} |\n| --- | --- | --- |")?;
        let mut unused = Vec::new();
        for (title, group) in self.groups() {
            let touched = |facts: &BTreeMap<Fact, Detail>| group.iter().filter_map(|f| facts.get(f)).next().copied();
            let requirements = self.compiled.text.requirements.iter().zip(&dependencies.requirements);
            let codes: Vec<_> =
                requirements.filter(|(_, f)| touched(f).is_some()).map(|(r, _)| r.code.get_ref().clone()).collect();
            let outputs = self.compiled.text.outputs.iter().zip(&dependencies.outputs);
            let shown: Vec<String> = outputs
                .filter_map(|(output, facts)| {
                    let name = self.phrases.own(&output.title, output.name.get_ref());
                    Some(format!("{name}: {}", self.detail(touched(facts)?, group[0])))
                })
                .collect();
            if codes.is_empty() && shown.is_empty() {
                unused.push(title);
                continue;
            }
            let or_nothing = |parts: Vec<String>| if parts.is_empty() { "–".to_owned() } else { parts.join("; ") };
            writeln!(out, "| {title} | {} | {} |", or_nothing(codes), or_nothing(shown))?;
        }
        if !unused.is_empty() {
            let list = unused.join(l.say(", ", "、"));
            writeln!(out, "{}: {list}", l.say("Not used for the decision", "不用于判断"))?;
        }
        Ok(())
    }

    /// The attributes of all records under their titles, repeated ones together.
    fn groups(&self) -> Vec<(String, Vec<Fact>)> {
        let l = self.language;
        let mut groups = Vec::new();
        for (source, schema) in self.compiled.schemas.iter().enumerate() {
            let mut attribute = 0;
            for declaration in &schema.declarations {
                let count = usize::from(declaration.repeat.unwrap_or(1));
                let facts: Vec<Fact> = (0..count).map(|i| Fact { source, attribute: attribute + i }).collect();
                attribute += count;
                let of_members = if source > 0 { l.say(" (of each member)", "（每名成员）") } else { "" };
                match &declaration.kind {
                    AttributeKind::Member {} => {}
                    _ if schema.household && facts[0].attribute == 0 => {
                        groups.push((l.say("number of members", "成员人数").to_owned(), facts));
                    }
                    _ => {
                        let title = self.phrases.own(&declaration.title, &declaration.name);
                        groups.push((format!("{title}{of_members}"), facts));
                    }
                }
            }
        }
        groups
    }

    fn detail(&self, detail: Detail, fact: Fact) -> String {
        let (l, kind) = (self.language, &self.compiled.attributes[fact.source][fact.attribute].kind);
        let summed = if fact.source > 0 { l.say(", as a sum over the members", "，仅以成员合计") } else { "" };
        match detail {
            Detail::Shown => l.say("as it is", "原样显示").to_owned(),
            Detail::YesOrNo if fact.source > 0 => {
                l.say("only for how many members conditions hold", "仅满足条件的成员人数").to_owned()
            }
            Detail::YesOrNo => l.say("only whether conditions hold", "仅是否满足条件").to_owned(),
            Detail::Computable { step, bounded } => {
                let exactness = match (step, kind) {
                    (1, _) => l.say("can be computed from it exactly", "可由此精确推算").to_owned(),
                    (step, AttributeKind::Money { currency, .. }) => {
                        let step = show_money(i128::try_from(step).unwrap_or(i128::MAX), currency);
                        format!(
                            "{} {step} {currency}",
                            l.say("can be computed from it up to", "可由此推算，误差不超过")
                        )
                    }
                    (step, _) => format!("{} {step}", l.say("can be computed from it up to", "可由此推算，误差不超过")),
                };
                let within = if bounded { l.say(", within limits", "（限度以内）") } else { "" };
                format!("{exactness}{within}{summed}")
            }
        }
    }
}
