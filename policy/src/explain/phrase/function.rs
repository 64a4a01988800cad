//! The phrase of each function of the language. A new function gets its phrase here, and nowhere else; what its value counts, days or an
//! amount, stands in `units.rs`.

use super::{Phrases, numbers};
use crate::explain::units::is_truth;
use crate::language::{Action, MEMBERS, Macro};
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue};
use sealroot_protocol::date::Date;
use sealroot_protocol::language::Language;
use sealroot_protocol::printable::counted;

impl Phrases<'_> {
    /// A function's value in words. Roundings are in `amounts.rs`: what they say depends on what is rounded.
    pub(super) fn function(&self, name: &str, args: &[IdedExpr]) -> String {
        let l = self.language;
        let of_date = |date: &IdedExpr, english: &str, chinese: &str| match l {
            Language::En => format!("{english} {}", self.words(date)),
            Language::Zh => format!("按{}计算的{chinese}", self.words(date)),
        };
        match (name, args) {
            ("age", [date]) => match l {
                Language::En => format!("age in whole years on the reference day (by {})", self.words(date)),
                Language::Zh => format!("基准日的周岁年龄（按{}计算）", self.words(date)),
            },
            ("age_in_months", [date]) => match l {
                Language::En => format!("age in whole months on the reference day (by {})", self.words(date)),
                Language::Zh => format!("截至基准日的整月数（按{}计算）", self.words(date)),
            },
            ("month_number", [date]) => match l {
                Language::En => format!("the calendar month of {}", self.part(date)),
                Language::Zh => format!("{}所在的年月", self.part(date)),
            },
            ("year", [date]) => of_date(date, "the year of", "年份"),
            ("month", [date]) => of_date(date, "the month of", "月份"),
            ("day_number", [date]) => self.words(date),
            ("years_between" | "months_between" | "days_between", [from, to]) => {
                let (english, chinese) = match name {
                    "years_between" => ("complete years", "整年数"),
                    "months_between" => ("complete months", "整月数"),
                    _ => ("days", "天数"),
                };
                match l {
                    Language::En => format!("the {english} from {} to {}", self.part(from), self.part(to)),
                    Language::Zh => format!("自{}至{}的{chinese}", self.part(from), self.part(to)),
                }
            }
            ("step", [of, bounds, values]) => match l {
                Language::En => {
                    format!("“{}” for the bracket of {}", self.name_of_table(bounds, values), self.part(of))
                }
                Language::Zh => format!("按{}所在档次确定的“{}”", self.part(of), self.name_of_table(bounds, values)),
            },
            ("marginal", [of, bounds, rates]) => match l {
                Language::En => format!(
                    "each part of {} times “{}” of the bracket in which it lies, added up",
                    self.part(of),
                    self.name_of_table(bounds, rates)
                ),
                Language::Zh => {
                    format!("{}的各段乘以所在档次的“{}”之和", self.part(of), self.name_of_table(bounds, rates))
                }
            },
            ("size", [list]) => self.size(list),
            ("sum", [IdedExpr { expr: Expr::Comprehension(expansion), .. }]) => self.sum_over(expansion),
            ("sum", args) => self.several(args, ["the sum of", "the sum of"], ["之和", "之和"]),
            ("min", args) => self.several(args, ["the smaller of", "the smallest of"], ["中较小者", "中最小者"]),
            ("max", args) => self.several(args, ["the larger of", "the largest of"], ["中较大者", "中最大者"]),
            ("date" | "day", [IdedExpr { expr: Expr::Literal(LiteralValue::String(written)), .. }]) => written
                .inner()
                .parse::<Date>()
                .map_or_else(|_| written.inner().to_owned(), |date| numbers::day(l, date)),
            ("day", [date]) => of_date(date, "the day of the month of", "日"),
            // Nothing else compiles; what does before it has a phrase is said with its name.
            (name, args) => {
                let all: Vec<String> = args.iter().map(|argument| self.part(argument)).collect();
                match l {
                    Language::En => format!("{name} of {}", numbers::listed(l, &all)),
                    Language::Zh => format!("{name}（{}）", all.join("，")),
                }
            }
        }
    }

    /// The date whose calendar month this is.
    pub(super) fn calendar_month<'e>(&self, e: &'e IdedExpr) -> Option<&'e IdedExpr> {
        match &e.expr {
            Expr::Call(CallExpr { func_name, args, .. }) if func_name == "month_number" => args.first(),
            _ => None,
        }
    }

    /// `month_number(a) - month_number(b)`.
    pub(super) fn months_apart(&self, a: &IdedExpr, b: &IdedExpr) -> String {
        let date = |e: &IdedExpr| self.calendar_month(e).map_or_else(String::new, |date| self.part(date));
        match self.language {
            Language::En => {
                format!("the number of calendar months from that of {} to that of {}", date(b), date(a))
            }
            Language::Zh => format!("自{}所在月至{}所在月的日历月数", date(b), date(a)),
        }
    }

    fn size(&self, list: &IdedExpr) -> String {
        let l = self.language;
        match &list.expr {
            Expr::Ident(name) if name == MEMBERS => l.say("the number of members", "成员人数").to_owned(),
            Expr::Comprehension(expansion) => match Macro::of(expansion) {
                Some(call) if self.is_of_members(call.list) => match (call.action, l) {
                    (Action::Filter(test), Language::En) => {
                        format!("the number of members for whom {}", self.which_item(&call, test))
                    }
                    (Action::Filter(test), Language::Zh) => format!("满足“{}”的成员人数", self.of_item(&call, test)),
                    _ => l.say("the number of members", "成员人数").to_owned(),
                },
                _ => self.size_of_list(list),
            },
            _ => self.size_of_list(list),
        }
    }

    fn size_of_list(&self, list: &IdedExpr) -> String {
        match self.language {
            Language::En => format!("the number of {}", self.words(list)),
            Language::Zh => format!("{}的数目", self.words(list)),
        }
    }

    /// `sum(list.map(x, …))`.
    fn sum_over(&self, expansion: &ComprehensionExpr) -> String {
        let l = self.language;
        let Some(call) = Macro::of(expansion) else { return String::new() };
        let list = self.words(call.list);
        match (call.action, l) {
            (Action::Map(None, value), Language::En) => {
                format!("the sum over {list} of {}", self.part_of_item(&call, value))
            }
            (Action::Map(None, value), Language::Zh) => format!("{list}的{}之和", self.part_of_item(&call, value)),
            (Action::Map(Some(test), value), Language::En) if self.is_of_members(call.list) => {
                let whose = self.which_item(&call, test);
                format!("the sum, over the members for whom {whose}, of {}", self.part_of_item(&call, value))
            }
            (Action::Map(Some(test), value), Language::En) => {
                let which = self.which_item(&call, test);
                format!("the sum, over those of {list} for which {which}, of {}", self.part_of_item(&call, value))
            }
            (Action::Map(Some(test), value), Language::Zh) => {
                let which = self.of_item(&call, test);
                format!("{list}中满足“{which}”者的{}之和", self.part_of_item(&call, value))
            }
            (_, Language::En) => format!("the sum of {}", self.comprehension(expansion)),
            (_, Language::Zh) => format!("{}之和", self.comprehension(expansion)),
        }
    }

    /// Of two, and of more: words before them in English, behind them in Chinese. A repeated attribute is all its values.
    fn several(&self, args: &[IdedExpr], english: [&str; 2], chinese: [&str; 2]) -> String {
        let l = self.language;
        let items: &[IdedExpr] = match args {
            [IdedExpr { expr: Expr::List(list), .. }] => &list.elements,
            args => args,
        };
        let parts: Vec<String> = items.iter().map(|item| self.beside(item, items)).collect();
        if let ([Expr::Ident(name)], [only]) = ([&items[0].expr; 1], parts.as_slice())
            && items.len() == 1
            && let Some(count) = self.repeated(name)
        {
            return match l {
                Language::En => format!("{} all {} of {only}", english[1], counted(count, "value", "values")),
                Language::Zh => format!("{only} {count} 项{}", chinese[1]),
            };
        }
        let (en, zh) = if parts.len() == 2 { (english[0], chinese[0]) } else { (english[1], chinese[1]) };
        match l {
            Language::En => format!("{en} {}", numbers::listed(l, &parts)),
            Language::Zh => numbers::joined(l, &[&numbers::listed(l, &parts), zh]),
        }
    }

    pub(super) fn is_of_members(&self, list: &IdedExpr) -> bool {
        match &list.expr {
            Expr::Ident(name) => name == MEMBERS,
            Expr::Comprehension(expansion) => self.is_of_members(&expansion.iter_range),
            _ => false,
        }
    }

    /// What a macro says of an item: a condition, or a value.
    pub(super) fn of_item(&self, call: &Macro<'_>, e: &IdedExpr) -> String {
        let item = self.about_item(call, e);
        if is_truth(self.compiled, &item) { self.clause(&item, true) } else { self.words(&item) }
    }

    /// A condition that picks items, in brackets if the sentence could run on in it.
    pub(super) fn which_item(&self, call: &Macro<'_>, e: &IdedExpr) -> String {
        self.bracketed_clause(&self.about_item(call, e), true)
    }

    pub(super) fn part_of_item(&self, call: &Macro<'_>, e: &IdedExpr) -> String {
        self.part(&self.about_item(call, e))
    }
}
