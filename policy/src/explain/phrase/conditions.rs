//! What must hold, as clauses: “gross income is at most …”, “… applies”; 未领取…, 不属于….

use super::{Phrases, Said, integer, numbers};
use crate::explain::units::{comparison, either, is_truth, opposite, unit};
use crate::language::{Macro, Unit};
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators};
use sealroot_protocol::language::Language;

impl Phrases<'_> {
    /// A condition, its alternatives or parts as a list.
    pub(super) fn condition(&self, e: &IdedExpr, holds: bool) -> Said {
        match &e.expr {
            Expr::Call(CallExpr { func_name, args, .. }) if func_name == operators::LOGICAL_NOT => {
                args.first().map_or_else(Said::default, |a| self.condition(a, !holds))
            }
            Expr::Call(CallExpr { func_name, .. })
                if func_name == operators::LOGICAL_AND || func_name == operators::LOGICAL_OR =>
            {
                let any = (func_name == operators::LOGICAL_OR) == holds;
                let l = self.language;
                let text = if any {
                    l.say("at least one of these holds:", "符合下列条件之一：")
                } else {
                    l.say("all of these hold:", "同时符合下列条件：")
                };
                let parts = chain(e, func_name).into_iter().map(|part| self.condition(part, holds)).collect();
                Said { text: text.to_owned(), parts }
            }
            _ => self
                .choice(e, false, &|part| self.condition(part, holds))
                .unwrap_or_else(|| Said { text: self.clause(e, holds), parts: Vec::new() }),
        }
    }

    /// A condition in one clause; that it doesn't hold, if not `holds`.
    pub(super) fn clause(&self, e: &IdedExpr, holds: bool) -> String {
        let l = self.language;
        match &e.expr {
            Expr::Literal(LiteralValue::Boolean(b)) => {
                if *b.inner() == holds { l.say("always", "一律符合") } else { l.say("never", "一律不符合") }.to_owned()
            }
            Expr::Ident(name) => {
                let own = self.own_clause(name, holds);
                own.unwrap_or_else(|| self.applies(&self.title_of(name).unwrap_or_else(|| self.name(name)), holds))
            }
            Expr::Select(select) => {
                let own = self.own_clause(&select.field, holds);
                own.unwrap_or_else(|| self.applies(&self.selected(select), holds))
            }
            Expr::Comprehension(expansion) => match Macro::of(expansion) {
                Some(call) => self.quantified(&call, holds),
                None => String::new(),
            },
            Expr::Call(call) => self.clause_of_call(e, call, holds),
            _ => self.words(e),
        }
    }

    fn clause_of_call(&self, e: &IdedExpr, call: &CallExpr, holds: bool) -> String {
        let l = self.language;
        match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::LOGICAL_NOT, [a]) => self.clause(a, !holds),
            (operator @ (operators::LOGICAL_AND | operators::LOGICAL_OR), _) => {
                let any = (operator == operators::LOGICAL_OR) == holds;
                let parts = chain(e, operator).into_iter().map(|part| self.bracketed_clause(part, holds));
                let parts: Vec<String> = parts.collect();
                parts.join(if any { l.say(" or ", "或") } else { l.say(" and ", "且") })
            }
            (operators::CONDITIONAL, [test, a, b]) => {
                let (test, a, b) =
                    (self.clause(test, true), self.bracketed_clause(a, holds), self.bracketed_clause(b, holds));
                match l {
                    Language::En => format!("{a} if {test}, otherwise {b}"),
                    Language::Zh => format!("如{test}，则{a}，否则{b}"),
                }
            }
            (operators::IN, [a, list]) => {
                let written = matches!(list.expr, Expr::List(_));
                let (subject, list) = (self.side(a), self.alternatives(list, a));
                let english = match (written, self.is_several(a), holds) {
                    (true, false, true) => "is one of",
                    (true, false, false) => "is none of",
                    (false, false, true) => "is among",
                    (false, false, false) => "is not among",
                    (_, true, true) => "are among",
                    (_, true, false) => "are not among",
                };
                numbers::joined(l, &[&subject, l.say(english, if holds { "属于" } else { "不属于" }), &list])
            }
            (operators::EQUALS | operators::NOT_EQUALS, [a, b])
                if is_truth(self.compiled, a) || is_truth(self.compiled, b) =>
            {
                self.agreement(a, b, (call.func_name == operators::EQUALS) == holds)
            }
            (operator, [a, b]) if comparison(operator, None).is_some() => {
                self.compared(if holds { operator } else { opposite(operator) }, a, b)
            }
            _ => self.words(e),
        }
    }

    /// That two conditions hold together, or just one of them does.
    fn agreement(&self, a: &IdedExpr, b: &IdedExpr, same: bool) -> String {
        let truth = |e: &IdedExpr| match &e.expr {
            Expr::Literal(LiteralValue::Boolean(b)) => Some(*b.inner()),
            _ => None,
        };
        match (truth(a), truth(b)) {
            (Some(written), _) => self.clause(b, written == same),
            (_, Some(written)) => self.clause(a, written == same),
            _ => {
                let (a, b) = (self.bracketed_clause(a, true), self.bracketed_clause(b, true));
                match (self.language, same) {
                    (Language::En, true) => format!("{a} exactly where {b}"),
                    (Language::En, false) => format!("either {a} or {b}, and not both"),
                    (Language::Zh, true) => format!("{a}当且仅当{b}"),
                    (Language::Zh, false) => format!("{a}与{b}恰有一项成立"),
                }
            }
        }
    }

    fn compared(&self, operator: &str, a: &IdedExpr, b: &IdedExpr) -> String {
        let l = self.language;
        let counted = either(unit(self.compiled, a), unit(self.compiled, b));
        let Some((english, chinese)) = comparison(operator, counted.as_ref()) else { return String::new() };
        let (left, right) = (self.compared_side(a, b), self.compared_side(b, a));
        match l {
            Language::En => {
                let verb = if self.is_several(a) { "are" } else { "is" };
                numbers::joined(l, &[&left, verb, english, &right])
            }
            Language::Zh => match (self.birth_date(a), operator) {
                (Some(date), operators::GREATER_EQUALS) => {
                    numbers::joined(l, &["截至基准日按", &date, "计算年满", &right])
                }
                (Some(date), operators::LESS) => numbers::joined(l, &["截至基准日按", &date, "计算未满", &right]),
                _ => numbers::joined(l, &[&left, chinese, &right]),
            },
        }
    }

    /// A list that something is among; a written one ends with “or”.
    fn alternatives(&self, list: &IdedExpr, subject: &IdedExpr) -> String {
        let Expr::List(written) = &list.expr else { return self.words(list) };
        let item = |item| self.written_value(item, subject).unwrap_or_else(|| self.part(item));
        let items: Vec<String> = written.elements.iter().map(item).collect();
        match (items.split_last(), self.language) {
            (Some((last, rest)), Language::En) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => items.join("、"),
        }
    }

    fn birth_date(&self, e: &IdedExpr) -> Option<String> {
        match &e.expr {
            Expr::Call(CallExpr { func_name, args, .. }) if func_name == "age" => {
                args.first().map(|date| self.words(date))
            }
            _ => None,
        }
    }

    /// One side of a comparison. A written number takes the other side's unit.
    fn compared_side(&self, e: &IdedExpr, other: &IdedExpr) -> String {
        if let Some(value) = self.written_value(e, other) {
            return value;
        }
        let of_age = self.birth_date(other).is_some();
        match (integer(e), unit(self.compiled, other)) {
            (Some(x), Some(Unit::Named(counted))) => numbers::number(self.language, x, &counted, of_age),
            _ => self.side(e),
        }
    }

    pub(super) fn bracketed_clause(&self, e: &IdedExpr, holds: bool) -> String {
        let compound = match &e.expr {
            Expr::Call(call) => match call.func_name.as_str() {
                operators::LOGICAL_NOT => {
                    return call.args.first().map_or_else(String::new, |a| self.bracketed_clause(a, !holds));
                }
                operators::LOGICAL_AND | operators::LOGICAL_OR | operators::CONDITIONAL => true,
                // in English “and” could belong to what is compared
                _ => self.language == Language::En,
            },
            Expr::Comprehension(_) => true,
            _ => false,
        };
        let clause = self.clause(e, holds);
        // a policy's own clause may have a word that could be taken for the sentence's
        let joins = JOINS.iter().any(|word| clause.contains(word)) && !clause.contains('“');
        if compound || joins { self.brackets(&clause) } else { clause }
    }

    /// A fact, or what a definition names, as a clause. Chinese needs no “whether”: 是否领取… is 领取… or 未领取….
    pub fn applies(&self, title: &str, holds: bool) -> String {
        match (self.language, holds) {
            (Language::En, holds) => english_clause(title, holds),
            (Language::Zh, holds) => chinese_clause(title, holds),
        }
    }

    fn selected(&self, select: &SelectExpr) -> String {
        self.selected_title(select)
    }

    /// Whether an English phrase takes “are”.
    fn is_several(&self, e: &IdedExpr) -> bool {
        let title = match &e.expr {
            Expr::Ident(name) => self.title_of(name),
            Expr::Select(select) => Some(self.selected(select)),
            _ => None,
        };
        title.is_some_and(|title| numbers::is_plural(&title))
    }
}

/// The parts of `a && b && c`, or of `a || b || c`.
fn chain<'e>(e: &'e IdedExpr, operator: &str) -> Vec<&'e IdedExpr> {
    match &e.expr {
        Expr::Call(call) if call.func_name == operator => {
            call.args.iter().flat_map(|part| chain(part, operator)).collect()
        }
        _ => vec![e],
    }
}

/// What a clause within a clause is put in brackets for.
const JOINS: [&str; 5] = [" or ", " and ", " nor ", "或", "且"];

/// How a title that is said to hold begins as a clause, and how where it doesn't. The longer stand before the shorter.
const BEGINNINGS: [(&str, &str); 16] = [
    ("不属于", "属于"),
    ("属于", "不属于"),
    ("具有", "不具有"),
    ("拥有", "未拥有"),
    ("没有", "有"),
    ("有", "没有"),
    ("不是", "是"),
    ("是", "不是"),
    ("为", "不为"),
    ("已", "未"),
    ("未", "已"),
    ("领取", "未领取"),
    ("享受", "未享受"),
    ("就业", "未就业"),
    ("登记", "未登记"),
    ("符合", "不符合"),
];
/// Beginnings that nouns have, too.
const NOUNS: [&str; 6] = ["有", "没有", "已", "未", "就业", "登记"];
/// What ends a title that names a kind of people or thing.
const KINDS: [&str; 15] =
    ["人", "者", "儿童", "家庭", "成员", "户", "户籍", "居民", "资格", "学生", "父母", "子女", "人员", "对象", "职工"];

/// English verbs of a title that is a sentence: “heat is included in the rent”.
const VERBS: [&str; 4] = [" is ", " are ", " was ", " were "];
/// What a sentence in a title doesn't have: with these “not” could belong to something else.
const PARTS: [&str; 14] = [
    " and ", " or ", ",", ";", "(", " not ", " who ", " that ", " which ", " where ", " if ", "nothing", "nobody",
    "none",
];

fn english_clause(title: &str, holds: bool) -> String {
    let verb = VERBS.iter().filter_map(|verb| title.find(verb).map(|at| (at, *verb))).min();
    let lower = title.to_lowercase();
    let verb = verb.filter(|_| !PARTS.iter().any(|part| lower.contains(part)));
    match (verb, holds) {
        (Some(_), true) => title.to_owned(),
        (Some((at, verb)), false) => format!("{}{verb}not {}", &title[..at], &title[at + verb.len()..]),
        (_, true) => format!("“{title}” applies"),
        (_, false) => format!("“{title}” does not apply"),
    }
}

fn chinese_clause(title: &str, holds: bool) -> String {
    let bare = title.strip_prefix("是否").unwrap_or(title);
    // 或 in a title could be taken for the sentence's
    if bare.contains('或') && !bare.starts_with("属于") {
        return format!("{}“{bare}”", if holds { "符合" } else { "不符合" });
    }
    let begins = BEGINNINGS.iter().find(|(beginning, _)| bare.starts_with(beginning));
    let kind = KINDS.iter().any(|kind| bare.ends_with(kind));
    match (begins, holds) {
        // 有年长成员的家庭 is a kind of household, 未成年人 a kind of people: no clauses
        (Some((beginning, _)), _) if !kind || title != bare || !NOUNS.contains(beginning) => match holds {
            true => bare.to_owned(),
            false => {
                let denied = begins.map_or("不", |(_, denied)| *denied);
                format!("{denied}{}", &bare[beginning.len()..])
            }
        },
        _ if kind => format!("{}{bare}", if holds { "属于" } else { "不属于" }),
        (_, true) if title == bare => format!("符合“{bare}”"),
        (_, false) if title == bare => format!("不符合“{bare}”"),
        (_, true) => bare.to_owned(),
        (_, false) => format!("未{bare}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{chinese_clause, english_clause};

    #[test]
    fn a_title_that_is_a_sentence_is_said_as_one() {
        for (title, yes, no) in [
            ("heat is included in the rent", "heat is included in the rent", "heat is not included in the rent"),
            ("Dwelling is the main residence", "Dwelling is the main residence", "Dwelling is not the main residence"),
            ("child who is born", "“child who is born” applies", "“child who is born” does not apply"),
            ("disabled", "“disabled” applies", "“disabled” does not apply"),
            ("nothing is owed", "“nothing is owed” applies", "“nothing is owed” does not apply"),
            ("rent is paid, or owed", "“rent is paid, or owed” applies", "“rent is paid, or owed” does not apply"),
        ] {
            assert_eq!([english_clause(title, true), english_clause(title, false)], [yes, no], "{title}");
        }
    }

    #[test]
    fn chinese_facts_are_said_without_whether() {
        for (title, yes, no) in [
            ("是否属于类别资格（TANF、SSI）", "属于类别资格（TANF、SSI）", "不属于类别资格（TANF、SSI）"),
            ("是否领取残疾补助", "领取残疾补助", "未领取残疾补助"),
            ("是否本地户籍", "属于本地户籍", "不属于本地户籍"),
            ("是否为家庭中的父母", "为家庭中的父母", "不为家庭中的父母"),
            ("已被开票方作废", "已被开票方作废", "未被开票方作废"),
            ("就业", "就业", "未就业"),
            ("六岁以下儿童", "属于六岁以下儿童", "不属于六岁以下儿童"),
            ("成年人", "属于成年人", "不属于成年人"),
            ("未成年人", "属于未成年人", "不属于未成年人"),
            ("有残疾成员的家庭", "属于有残疾成员的家庭", "不属于有残疾成员的家庭"),
            ("有年长或残疾成员的家庭", "符合“有年长或残疾成员的家庭”", "不符合“有年长或残疾成员的家庭”"),
            ("该住房为主要居所", "符合“该住房为主要居所”", "不符合“该住房为主要居所”"),
        ] {
            assert_eq!([chinese_clause(title, true), chinese_clause(title, false)], [yes, no], "{title}");
        }
    }
}
