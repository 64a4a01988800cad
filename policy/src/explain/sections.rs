//! `policy explain`: the page of a policy, in English or Chinese, made from the same expressions that are compiled.

use super::disclosure::{Detail, Shown};
use super::page::{Block, Item, Page, Section, Table};
use super::phrase::numbers::{amount, day, listed, number};
use super::phrase::{Phrases, Said};
use super::{Definitions, in_order_of_file};
use crate::compile::Compiled;
use crate::facts::Fact;
use crate::language::{Nullifier, OutputText, RequirementText, SourceText, show_money};
use sealroot_protocol::date::FactsPeriod;
use sealroot_protocol::language::Language;
use sealroot_protocol::printable::{counted, printable};
use sealroot_protocol::schema::AttributeKind;
use std::collections::BTreeMap;

impl Compiled {
    /// The policy in plain words, as plain text for a terminal.
    pub fn explain(&self, language: Language) -> String {
        self.page(language).to_text()
    }

    /// The policy in plain words.
    pub fn page(&self, language: Language) -> Page {
        Explainer { compiled: self, language, phrases: Phrases::new(self, language) }.page()
    }
}

impl From<Said> for Item {
    fn from(said: Said) -> Self {
        Self { text: said.text, parts: said.parts.into_iter().map(Self::from).collect(), notes: Vec::new() }
    }
}

struct Explainer<'a> {
    compiled: &'a Compiled,
    language: Language,
    phrases: Phrases<'a>,
}

impl Explainer<'_> {
    fn page(&self) -> Page {
        let (text, l) = (&self.compiled.text, self.language);
        let title = self.phrases.own(&text.title, text.id.as_str());
        let mut sections = vec![self.law()];
        sections.extend(self.not_covered());
        sections.extend([self.facts(), self.requirements()]);
        sections.extend(self.outputs());
        let terms = l.say("Terms", "术语");
        sections.extend(self.definitions(terms, &text.definitions));
        let terms = l.say("Terms, of each member", "术语（就每名成员而言）");
        sections.extend(self.definitions(terms, &text.member_definitions));
        sections.extend(self.phrases.constants());
        sections.push(self.what_shows());
        sections.push(self.names());
        Page { language: l, title, sections }
    }

    /// What the law is, and when it is in force.
    fn law(&self) -> Section {
        let (text, l) = (&self.compiled.text, self.language);
        let mut blocks: Vec<Block> = match l.pick(&text.text) {
            Some(paragraph) => vec![Block::Paragraph(paragraph)],
            None => Vec::new(),
        };
        let in_force = text.in_force.get_ref();
        let days = match (in_force.until, l) {
            (Some(until), Language::En) => format!("{} to {until}", in_force.from),
            (None, Language::En) => format!("from {}", in_force.from),
            (Some(until), Language::Zh) => format!("{}至{}", day(l, in_force.from), day(l, until)),
            (None, Language::Zh) => format!("自{}起", day(l, in_force.from)),
        };
        let version = match l {
            Language::En => format!("{}, version {}", text.id, text.version.get_ref()),
            Language::Zh => format!("{} 第 {} 版", text.id, text.version.get_ref()),
        };
        blocks.push(Block::Terms(vec![
            (l.say("Law", "法律依据").to_owned(), Item::new(text.legal_reference.pick(l))),
            (l.say("In force", "施行期间").to_owned(), Item::new(days)),
            (l.say("Version", "版本").to_owned(), Item::new(version)),
        ]));
        Section { heading: None, blocks }
    }

    /// What the policy leaves out, in its own words.
    fn not_covered(&self) -> Option<Section> {
        let (entries, l) = (&self.compiled.text.not_covered, self.language);
        let entries =
            entries.get(l.tag()).or_else(|| entries.get(Language::En.tag())).or_else(|| entries.values().next())?;
        let items = entries.iter().map(|entry| Item::new(printable(entry))).collect();
        let intro = l.say(
            "This policy does not decide these cases. They take the program's manual path.",
            "下列情形不由本规则决定，由受理机关人工审核办理。",
        );
        let heading = l.say("Not covered here", "未涵盖的内容").to_owned();
        Some(Section { heading: Some(heading), blocks: vec![Block::Paragraph(intro.to_owned()), Block::Listed(items)] })
    }

    /// Where the facts come from, whose they are, and how often there is an approval.
    fn facts(&self) -> Section {
        let (text, l) = (&self.compiled.text, self.language);
        let mut terms = Vec::new();
        for (i, source) in text.sources.iter().enumerate() {
            terms.push((self.phrases.agency(source.agency.as_str()), Item::new(self.source(i, source))));
        }
        if self.compiled.is_household() {
            let most = self.compiled.most_members();
            let whose = match l {
                Language::En => {
                    format!(
                        "one household of 1 to {most} members; the record of every member counts, and each exactly once"
                    )
                }
                Language::Zh => format!("一个家庭，成员 1 至 {most} 人；每名成员的记录都计入，且只计入一次"),
            };
            terms.push((l.say("Whose", "对象").to_owned(), Item::new(whose)));
        }
        if let Some(identity) = &text.identity {
            let named = l.say("The applicant is named by", "申请人的确认依据").to_owned();
            terms.push((named, Item::new(self.phrases.name(identity.get_ref()))));
        }
        if self.phrases.takes_the_reference_day() {
            let day = l.say(
                "first or last day of the claimed period, as the program says",
                "申请期间的首日或末日，由项目规定",
            );
            terms.push((l.say("Reference day", "基准日").to_owned(), Item::new(day)));
        }
        let once = match (text.nullifier.get_ref(), self.compiled.is_household()) {
            (Nullifier::Holder, _) => l.say("one approval per person and period", "每人每期间一次"),
            (Nullifier::RecordPerScope, true) => l.say("one approval per household and period", "每户每期间一次"),
            (Nullifier::RecordPerScope, false) => l.say("one approval per record and period", "每份记录每期间一次"),
            (Nullifier::RecordOnce, true) => l.say("one approval per household, ever", "每户仅一次"),
            (Nullifier::RecordOnce, false) => l.say("one approval per record, ever", "每份记录仅一次"),
        };
        terms.push((l.say("How often", "批准次数").to_owned(), Item::new(once)));
        let heading = l.say("Facts", "事实依据").to_owned();
        Section { heading: Some(heading), blocks: vec![Block::Terms(terms)] }
    }

    fn source(&self, i: usize, source: &SourceText) -> String {
        let (schema, l) = (&self.compiled.schemas[i], self.language);
        let title = self.phrases.own(&schema.title, schema.name.as_str());
        let period = match (source.period, source.months_before, l) {
            (Some(FactsPeriod::From(month)), _, Language::En) => format!("facts from {month}"),
            (Some(FactsPeriod::From(month)), _, Language::Zh) => {
                let first = month.first_day().yyyymmdd();
                format!("依据自{}年{}月起的事实", first / 10_000, first / 100 % 100)
            }
            (_, Some(0), _) => {
                l.say("facts from the month in which the claimed period starts", "依据申请期间首月的事实").to_owned()
            }
            (_, Some(1), _) => {
                l.say("facts from the month before the claimed period", "依据申请期间前一个月的事实").to_owned()
            }
            (_, Some(months), Language::En) => {
                format!("facts from the month that is {} before the claimed period", counted(months, "month", "months"))
            }
            (_, Some(months), Language::Zh) => format!("依据自申请期间前第 {months} 个月起的事实"),
            _ => l.say("facts without a period", "依据不分期间的事实").to_owned(),
        };
        let whose = match (self.compiled.is_household(), i) {
            (false, _) => "",
            (true, 0) => l.say("the household's record; ", "家庭的记录；"),
            (true, _) => l.say("each member's record; ", "每名成员的记录；"),
        };
        match l {
            Language::En => format!("{title} ({whose}{period})"),
            Language::Zh => format!("{title}（{whose}{period}）"),
        }
    }

    fn requirements(&self) -> Section {
        let l = self.language;
        let items = self.compiled.text.requirements.iter().map(|requirement| self.requirement(requirement));
        let blocks = vec![
            Block::Paragraph(l.say("Approved if all of these hold:", "同时符合以下全部条件的，予以批准：").to_owned()),
            Block::Numbered(items.collect()),
        ];
        Section { heading: Some(l.say("Requirements", "条件").to_owned()), blocks }
    }

    fn requirement(&self, requirement: &RequirementText) -> Item {
        let l = self.language;
        let mut item = Item::from(self.phrases.expression(&requirement.when));
        if l == Language::En {
            item.text = capitalised(&item.text);
        }
        let message = self.phrases.own(&requirement.message, requirement.code.get_ref());
        item.notes.push(match (requirement.reveal, l) {
            (true, Language::En) => format!("If not: {message} (The office learns that this failed.)"),
            (false, Language::En) => format!("If not: {message} (The office does not learn that it was this.)"),
            (true, Language::Zh) => format!("不符合时：{message}（办事机构得知此项不符合。）"),
            (false, Language::Zh) => format!("不符合时：{message}（办事机构不会得知是此项不符合。）"),
        });
        item
    }

    fn outputs(&self) -> Option<Section> {
        let (text, l) = (&self.compiled.text, self.language);
        let title = |output: &OutputText| self.phrases.own(&output.title, output.name.get_ref());
        let terms =
            text.outputs.iter().map(|output| (title(output), Item::from(self.phrases.expression(&output.value))));
        let heading = l.say("What an approval shows", "批准时显示的内容").to_owned();
        let section = Section { heading: Some(heading), blocks: vec![Block::Terms(terms.collect())] };
        (!text.outputs.is_empty()).then_some(section)
    }

    fn definitions(&self, heading: &str, definitions: &Definitions) -> Option<Section> {
        let l = self.language;
        let said = in_order_of_file(definitions).into_iter().filter(|(name, _)| !self.phrases.unsaid.contains(*name));
        let terms: Vec<_> = said
            .map(|(name, definition)| {
                let mut item = Item::from(self.phrases.expression(&definition.value));
                if self.phrases.is_condition(&definition.value) {
                    let chinese = if item.parts.is_empty() { "指" } else { "" };
                    item.text = format!("{}{}", l.say("applies if ", chinese), item.text);
                }
                (self.phrases.own(&definition.title, name), item)
            })
            .collect();
        (!terms.is_empty()).then(|| Section { heading: Some(heading.to_owned()), blocks: vec![Block::Terms(terms)] })
    }

    /// Which facts matter for what, and what an approval shows of them.
    fn what_shows(&self) -> Section {
        let l = self.language;
        let dependencies = self.compiled.dependencies();
        let header = [
            l.say("fact", "事实"),
            l.say("decides on requirement", "用于判断的条件"),
            l.say("what an approval shows of it", "批准时显示的程度"),
        ];
        let mut table = Table { header: header.map(str::to_owned).to_vec(), ..Table::default() };
        let mut unused = Vec::new();
        for (title, group) in self.groups() {
            let touched = |facts: &BTreeMap<Fact, Shown>| group.iter().filter_map(|f| facts.get(f)).next().copied();
            let requirements = dependencies.requirements.iter().enumerate();
            let numbers: Vec<String> =
                requirements.filter(|(_, f)| touched(f).is_some()).map(|(i, _)| (i + 1).to_string()).collect();
            let outputs = self.compiled.text.outputs.iter().zip(&dependencies.outputs);
            let shown: Vec<String> = outputs
                .filter_map(|(output, facts)| {
                    let name = self.phrases.own(&output.title, output.name.get_ref());
                    Some(format!("{name}{}{}", l.say(": ", "："), self.detail(touched(facts)?, group[0])))
                })
                .chain(dependencies.together.iter().filter_map(|facts| {
                    let said = dependencies
                        .outputs
                        .iter()
                        .any(|alone| touched(alone).map(|s| s.detail) == touched(facts).map(|s| s.detail));
                    let both = l.say("both together: ", "两项合并：").to_owned();
                    (!said).then_some(both + &self.detail(touched(facts)?, group[0]))
                }))
                .collect();
            if numbers.is_empty() && shown.is_empty() {
                unused.push(title);
                continue;
            }
            let or_nothing = |text: String| if text.is_empty() { "–".to_owned() } else { text };
            let numbers = match l {
                Language::En => numbers.join(", "),
                Language::Zh if numbers.is_empty() => String::new(),
                Language::Zh => format!("第 {} 项", numbers.join("、")),
            };
            table.rows.push(vec![title, or_nothing(numbers), or_nothing(shown.join(l.say("; ", "；")))]);
        }
        let mut blocks = vec![Block::Table(table)];
        for (title, group) in self.groups() {
            let reasons = dependencies.reasons.iter().find_map(|facts| group.iter().find_map(|fact| facts.get(fact)));
            let Some(shown) = reasons.filter(|shown| shown.detail != Detail::YesOrNo) else { continue };
            let detail = self.detail(*shown, group[0]);
            blocks.push(Block::Paragraph(match l {
                Language::En => format!("What a decision with its reasons shows of “{title}”: {detail}."),
                Language::Zh => format!("决定连同其原因对“{title}”：{detail}。"),
            }));
        }
        if !unused.is_empty() {
            let list = listed(l, &unused);
            blocks.push(Block::Paragraph(match l {
                Language::En => format!("Not used for the decision: {list}."),
                Language::Zh => format!("不用于判断：{list}。"),
            }));
        }
        Section { heading: Some(l.say("Which facts matter", "哪些事实起作用").to_owned()), blocks }
    }

    /// How files and programs call requirements and outputs.
    fn names(&self) -> Section {
        let (text, l) = (&self.compiled.text, self.language);
        let requirements = text.requirements.iter().enumerate().map(|(i, requirement)| {
            let what = format!("{} {}", l.say("requirement", "条件"), i + 1);
            vec![what, requirement.code.get_ref().clone()]
        });
        let outputs = text
            .outputs
            .iter()
            .map(|output| vec![self.phrases.own(&output.title, output.name.get_ref()), output.name.get_ref().clone()]);
        let header = [l.say("what", "内容"), l.say("name", "名称")].map(str::to_owned).to_vec();
        let table = Table { caption: None, header, rows: requirements.chain(outputs).collect() };
        let heading = l.say("Names in files and programs", "文件和程序中的名称").to_owned();
        Section { heading: Some(heading), blocks: vec![Block::Table(table)] }
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

    /// How finely a fact shows, in words.
    fn detail(&self, shown: Shown, fact: Fact) -> String {
        let l = self.language;
        let summed = if fact.source > 0 { l.say(", as a sum over the members", "，仅以成员合计") } else { "" };
        match shown.detail {
            Detail::Shown => l.say("as it is", "原样显示").to_owned(),
            Detail::YesOrNo if fact.source > 0 => {
                l.say("at most for which members a condition holds", "至多显示哪些成员满足某一条件").to_owned()
            }
            Detail::YesOrNo => l.say("only whether a condition holds", "仅显示是否满足条件").to_owned(),
            Detail::OneOf { most } => match l {
                Language::En => format!("at most which of {most} groups it is in{summed}"),
                Language::Zh => format!("至多显示属于 {most} 个区间中的哪一个{summed}"),
            },
            Detail::Computable { step, rounded, bounded } => {
                let fineness =
                    if rounded { self.at_best(step, fact) } else { l.say("exactly", "精确推算").to_owned() };
                let within = if bounded { l.say(", within limits", "（限度以内）") } else { "" };
                match l {
                    Language::En => format!("can be computed from it {fineness}{within}{summed}"),
                    Language::Zh => format!("可由此{fineness}{within}{summed}"),
                }
            }
        }
    }

    /// A step in the fact's own unit.
    fn at_best(&self, step: u128, fact: Fact) -> String {
        let l = self.language;
        let x = i128::try_from(step).unwrap_or(i128::MAX);
        let (years, months, days) = ("years", "months", "days");
        let step = match &self.compiled.attributes[fact.source][fact.attribute].kind {
            _ if x == 1 => return l.say("at best exactly", "至多精确推算").to_owned(),
            AttributeKind::Money { currency, .. } => amount(l, &show_money(x, currency), currency),
            // a date counts 10,000 for each year and 100 for each month
            AttributeKind::Date {} if x >= 10_000 => number(l, x / 10_000, years, false),
            AttributeKind::Date {} if x >= 100 => number(l, x / 100, months, false),
            AttributeKind::Date {} | AttributeKind::DayNumber {} => number(l, x, days, false),
            AttributeKind::Integer { unit: Some(unit), .. } => number(l, x, unit, false),
            _ => x.to_string(),
        };
        match l {
            Language::En => format!("at best to within {step}"),
            Language::Zh => format!("推算，至多精确到 {step}以内"),
        }
    }
}

/// With a capital letter, as a sentence begins.
pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
