//! Shares and roundings. An amount counts minor units, and a law speaks of whole dollars and of per cent: `ceil(x * 30 / 100 / 100) * 100`
//! is 30 % of `x`, rounded up to whole dollars.

use super::{Phrases, integer, numbers};
use crate::explain::units::unit;
use crate::language::{Unit, visit};
use cel::common::ast::{CallExpr, Expr, IdedExpr, operators};
use sealroot_protocol::language::Language;
use std::collections::{BTreeMap, BTreeSet};

const ROUNDINGS: [&str; 3] = ["floor", "ceil", "round_half_up"];

/// `base × numerator ÷ denominator`, and times parameters.
struct Product<'e> {
    base: Option<&'e IdedExpr>,
    parameters: Vec<&'e str>,
    numerator: i128,
    denominator: i128,
}

/// A rounded share: `times × rounding(product)`.
struct Rounded<'e> {
    rounding: &'e str,
    product: Product<'e>,
    times: i128,
}

impl Phrases<'_> {
    /// Definitions that only number whole units of currency, such as `floor(x / 100)`, for another to multiply again: said where they are used.
    pub(super) fn said_where_used(&self) -> BTreeSet<String> {
        let mut uses: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        self.compiled.each_expression(&mut |e| match &e.expr {
            Expr::Ident(name) => uses.entry(name.clone()).or_default().0 += 1,
            Expr::Call(CallExpr { func_name, args, .. }) if func_name == operators::MULTIPLY => {
                if let [Expr::Ident(name), Expr::Literal(_)] | [Expr::Literal(_), Expr::Ident(name)] =
                    [&args[0].expr, &args[1].expr]
                {
                    uses.entry(name.clone()).or_default().1 += 1;
                }
            }
            _ => {}
        });
        let multiplied = uses.into_iter().filter(|(_, (used, multiplied))| used == multiplied).map(|(name, _)| name);
        let numbers = multiplied.filter(|name| {
            self.definition(name)
                .is_some_and(|e| self.rounded(&e).is_some_and(|r| r.product.denominator > 1) && self.is_money(&e))
        });
        numbers.collect()
    }

    /// A product or a rounding in words of shares; `None` where it is none of these.
    pub(super) fn share(&self, e: &IdedExpr) -> Option<String> {
        let inlined = self.inlined_factor(e);
        let e = inlined.as_ref().unwrap_or(e);
        if let Some(rounded) = self.rounded(e) {
            return Some(self.rounded_in_words(e, &rounded));
        }
        let mut product = Product { base: None, parameters: Vec::new(), numerator: 1, denominator: 1 };
        self.collect(e, &mut product).then_some(())?;
        (product.denominator > 1).then(|| self.product_in_words(&product, 1))
    }

    /// `name * 100` with what the name means, where that isn't said by itself.
    fn inlined_factor(&self, e: &IdedExpr) -> Option<IdedExpr> {
        let Expr::Call(call) = &e.expr else { return None };
        if call.func_name != operators::MULTIPLY {
            return None;
        }
        let at =
            call.args.iter().position(|part| matches!(&part.expr, Expr::Ident(name) if self.unsaid.contains(name)))?;
        let Expr::Ident(name) = &call.args[at].expr else { return None };
        let mut whole = call.clone();
        whole.args[at] = self.definition(name)?;
        Some(IdedExpr { expr: Expr::Call(whole), ..e.clone() })
    }

    fn rounded<'e>(&self, e: &'e IdedExpr) -> Option<Rounded<'e>> {
        self.rounded_by(e, None)
    }

    /// `unit` is a parameter by which the result is multiplied again: what it is rounded to, as a number of minor units.
    fn rounded_by<'e>(&self, e: &'e IdedExpr, unit: Option<&str>) -> Option<Rounded<'e>> {
        let Expr::Call(call) = &e.expr else { return None };
        match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::MULTIPLY, [a, b]) => {
                let named = |e: &'e IdedExpr| match &e.expr {
                    Expr::Ident(name) => self.pure_number(name).map(|k| (i128::from(k), Some(name.as_str()))),
                    _ => integer(e).map(|k| (k, None)),
                };
                let ((times, unit), inner) = match (named(a), named(b)) {
                    (Some(k), None) => (k, b),
                    (None, Some(k)) => (k, a),
                    _ => return None,
                };
                let rounded = self.rounded_by(inner, unit)?;
                // a factor that isn't divided by is no unit of rounding
                if unit.is_some_and(|unit| !self.divides(inner, unit)) {
                    return None;
                }
                (times > 0).then_some(())?;
                Some(Rounded { times: rounded.times.checked_mul(times)?, ..rounded })
            }
            (rounding, [a, d]) if ROUNDINGS.contains(&rounding) => {
                let denominator = self.divisor(d, unit).filter(|d| *d > 0)?;
                let mut product = Product { base: None, parameters: Vec::new(), numerator: 1, denominator };
                if !self.collect(a, &mut product) {
                    product = Product { base: Some(a), parameters: Vec::new(), numerator: 1, denominator };
                }
                Some(Rounded { rounding, product, times: 1 })
            }
            _ => None,
        }
    }

    /// A constant divisor: written numbers, and the parameter that is the unit of rounding.
    fn divisor(&self, e: &IdedExpr, unit: Option<&str>) -> Option<i128> {
        match &e.expr {
            Expr::Ident(name) if Some(name.as_str()) == unit => self.pure_number(name).map(i128::from),
            Expr::Call(CallExpr { func_name, args, .. }) if func_name == operators::MULTIPLY => {
                args.iter().map(|part| self.divisor(part, unit)).try_fold(1_i128, |all, part| all.checked_mul(part?))
            }
            _ => integer(e),
        }
    }

    /// Whether a rounded division has this parameter in its divisor.
    fn divides(&self, e: &IdedExpr, unit: &str) -> bool {
        let Expr::Call(call) = &e.expr else { return false };
        match call.args.as_slice() {
            [_, d] if ROUNDINGS.contains(&call.func_name.as_str()) => {
                let mut found = false;
                visit(d, &mut |part| found |= matches!(&part.expr, Expr::Ident(name) if name == unit));
                found
            }
            _ => false,
        }
    }

    /// Reads a product; whether it is one of at most one thing that isn't constant.
    fn collect<'e>(&self, e: &'e IdedExpr, product: &mut Product<'e>) -> bool {
        if let Some(k) = integer(e).filter(|k| *k > 0) {
            return product.numerator.checked_mul(k).map(|n| product.numerator = n).is_some();
        }
        match &e.expr {
            Expr::Call(CallExpr { func_name, args, .. }) if func_name == operators::MULTIPLY => {
                args.iter().all(|part| self.collect(part, product))
            }
            Expr::Call(CallExpr { func_name, args, .. }) if func_name == operators::DIVIDE => {
                let divisor = args.get(1).and_then(integer).filter(|d| *d > 0);
                let divided = divisor.and_then(|d| product.denominator.checked_mul(d)).map(|d| product.denominator = d);
                divided.is_some() && args.first().is_some_and(|a| self.collect(a, product))
            }
            Expr::Ident(name) if self.pure_number(name).is_some() => {
                product.parameters.push(name);
                true
            }
            _ => product.base.replace(e).is_none(),
        }
    }

    /// The value of a parameter that is a number without a unit.
    fn pure_number(&self, name: &str) -> Option<i64> {
        let parameter = self.parameter(name)?;
        if parameter.unit.is_some() {
            return None;
        }
        parameter.value.get_ref().as_integer()
    }

    fn is_money(&self, e: &IdedExpr) -> bool {
        matches!(unit(self.compiled, e), Some(Unit::Money(_)))
    }

    fn rounded_in_words(&self, e: &IdedExpr, rounded: &Rounded<'_>) -> String {
        let l = self.language;
        let share = self.product_in_words(&rounded.product, rounded.times);
        let how = match rounded.rounding {
            "floor" => l.say("rounded down", "向下取整"),
            "ceil" => l.say("rounded up", "向上取整"),
            _ => l.say("rounded half up", "四舍五入"),
        };
        let to = match unit(self.compiled, e) {
            Some(Unit::Money(code)) => numbers::rounded_to(l, rounded.times, &code),
            Some(Unit::Named(counted)) if rounded.times == 1 && l == Language::En => format!("to whole {counted}"),
            _ if rounded.times == 1 => l.say("to a whole number", "至整数").to_owned(),
            _ => match l {
                Language::En => format!("to a multiple of {}", numbers::counted(rounded.times)),
                Language::Zh => format!("至 {} 的整数倍", numbers::counted(rounded.times)),
            },
        };
        match l {
            Language::En => format!("{share}, {how} {to}"),
            Language::Zh => format!("{share}，{how}{to}"),
        }
    }

    /// A product as a share: “30 % of x”, “half of x”, “x divided by 12”.
    fn product_in_words(&self, product: &Product<'_>, times: i128) -> String {
        let l = self.language;
        let base = product.base.map(|base| self.part(base));
        let numerator = product.numerator.saturating_mul(times);
        let (p, q) = reduced(numerator, product.denominator);
        let Some(base) = base else { return self.factors(None, &product.parameters, p, q) };
        let of = |share: &str| match l {
            Language::En => format!("{share} of {base}"),
            Language::Zh => numbers::joined(l, &[&base, "的", share]),
        };
        if let [name] = product.parameters.as_slice() {
            // k per cent, where a parameter says how many; what is left of the fraction is said behind it
            let (p, q) = reduced(numerator.saturating_mul(100), product.denominator);
            if p == 1 || q == 1 {
                let percent = format!("{}{}%", self.pure_number(name).unwrap_or(0), l.say(" ", ""));
                let title = self.title_of(name).unwrap_or_default();
                let share = match l {
                    Language::En => format!("{percent} ({title}) of {base}"),
                    Language::Zh => numbers::joined(l, &[&base, "的", &percent, "（", &title, "）"]),
                };
                return self.factors(Some(share), &[], p, q);
            }
        }
        if !product.parameters.is_empty() {
            return self.factors(Some(base), &product.parameters, p, q);
        }
        match (p, q) {
            (1, 1) => base,
            (1, 100) if product.base.is_some_and(|base| self.brackets_of(base).is_some()) => {
                let (of, rates) = product.base.and_then(|base| self.brackets_of(base)).unwrap_or_default();
                match l {
                    Language::En => {
                        format!("of each part of {of} the per cent of its bracket in “{rates}”, added up")
                    }
                    Language::Zh => format!("{of}的各段按所在档次的“{rates}”（%）计算之和"),
                }
            }
            (1, 2) => match l {
                Language::En => format!("half of {base}"),
                Language::Zh => format!("{base}的一半"),
            },
            _ => match percent(p, q) {
                Some(percent) if p < q => of(&format!("{percent}{}%", l.say(" ", ""))),
                _ => self.factors(Some(base), &[], p, q),
            },
        }
    }

    /// What `marginal` is of, and what its rates are called.
    fn brackets_of(&self, e: &IdedExpr) -> Option<(String, String)> {
        match &e.expr {
            Expr::Call(CallExpr { func_name, args, .. }) if func_name == "marginal" => match args.as_slice() {
                [of, bounds, rates] => Some((self.part(of), self.name_of_table(bounds, rates))),
                _ => None,
            },
            _ => None,
        }
    }

    /// A value times parameters and `p`, divided by `q`.
    fn factors(&self, base: Option<String>, parameters: &[&str], p: i128, q: i128) -> String {
        let l = self.language;
        let mut factors: Vec<String> = base.into_iter().chain(parameters.iter().map(|name| self.name(name))).collect();
        if p != 1 || factors.is_empty() {
            factors.push(numbers::counted(p));
        }
        let mut words = String::new();
        for (i, factor) in factors.iter().enumerate() {
            let sign = if i == 0 { "" } else { l.say("times", "乘以") };
            words = numbers::joined(l, &[&words, sign, factor]);
        }
        if q == 1 { words } else { numbers::joined(l, &[&words, l.say("divided by", "除以"), &numbers::counted(q)]) }
    }
}

fn reduced(p: i128, q: i128) -> (i128, i128) {
    let (mut a, mut b) = (p, q);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    if a == 0 { (p, q) } else { (p / a, q / a) }
}

/// A fraction in per cent, if two decimals say it exactly.
fn percent(p: i128, q: i128) -> Option<String> {
    let hundredths = p.checked_mul(10_000).filter(|x| x % q == 0)? / q;
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    Some(match rest {
        0 => whole.to_string(),
        _ => format!("{whole}.{rest:02}").trim_end_matches('0').to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_said_in_per_cent_only_if_exactly() {
        let said = |p, q| percent(p, q);
        assert_eq!([said(3, 10), said(1, 8), said(65, 100)].map(Option::unwrap_or_default), ["30", "12.5", "65"]);
        assert_eq!([said(1, 3), said(1, 12)], [None, None]);
        assert_eq!(reduced(300, 1000), (3, 10));
    }
}
