//! Numbers with their units, amounts, dates and lists as people read them, in each language.

use sealroot_protocol::currency::Currency;
use sealroot_protocol::date::Date;
use sealroot_protocol::language::Language;

/// Currencies that people call by a name of their own: code, whole units, one minor unit; English, then Chinese. Others go by their code.
const CURRENCIES: [(&str, [&str; 2], [&str; 2]); 16] = [
    ("AUD", ["dollars", "澳元"], ["cent", "分"]),
    ("BHD", ["dinars", "巴林第纳尔"], ["fils", "费尔"]),
    ("CAD", ["dollars", "加元"], ["cent", "分"]),
    ("CHF", ["francs", "瑞士法郎"], ["centime", "分"]),
    ("CNY", ["yuan", "元"], ["fen", "分"]),
    ("EUR", ["euros", "欧元"], ["cent", "欧分"]),
    ("GBP", ["pounds", "英镑"], ["penny", "便士"]),
    ("HKD", ["dollars", "港元"], ["cent", "分"]),
    ("INR", ["rupees", "卢比"], ["paisa", "派士"]),
    ("JPY", ["yen", "日元"], ["", ""]),
    ("KRW", ["won", "韩元"], ["", ""]),
    ("KWD", ["dinars", "科威特第纳尔"], ["fils", "费尔"]),
    ("NZD", ["dollars", "新西兰元"], ["cent", "分"]),
    ("SGD", ["dollars", "新加坡元"], ["cent", "分"]),
    ("TND", ["dinars", "突尼斯第纳尔"], ["millime", "米利姆"]),
    ("USD", ["dollars", "美元"], ["cent", "美分"]),
];

/// What is counted, in English in the plural as schemas write it, in Chinese as it stands behind a number.
const COUNTED: [(&str, &str); 17] = [
    ("years", "年"),
    ("months", "个月"),
    ("weeks", "周"),
    ("days", "天"),
    ("hours", "小时"),
    ("persons", "人"),
    ("people", "人"),
    ("members", "人"),
    ("children", "名儿童"),
    ("adults", "名成年人"),
    ("homes", "套"),
    ("dwellings", "套"),
    ("rooms", "间"),
    ("vehicles", "辆"),
    ("points", "分"),
    ("m²", "平方米"),
    ("percent", "%"),
];

fn currency_of(code: &str) -> Option<&'static (&'static str, [&'static str; 2], [&'static str; 2])> {
    CURRENCIES.iter().find(|(known, ..)| *known == code)
}

/// An amount with its currency: `412.00 EUR`, `412.00 欧元`.
pub(crate) fn amount(language: Language, written: &str, code: &str) -> String {
    let written = with_separators(written, 4);
    match (language, currency_of(code)) {
        (Language::Zh, Some((_, [_, chinese], _))) => format!("{written} {chinese}"),
        _ => format!("{written} {code}"),
    }
}

/// A number without a unit: thousands are parted from five digits on, so that a year stays a year.
pub(crate) fn counted(x: i128) -> String {
    with_separators(&x.to_string(), 5)
}

/// The digits before the point in groups of three, where there are at least so many.
fn with_separators(written: &str, least: usize) -> String {
    let (sign, rest) = written.strip_prefix('-').map_or(("", written), |rest| ("-", rest));
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(whole, fraction)| (whole, Some(fraction)));
    if whole.len() < least || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return written.to_owned();
    }
    let mut grouped = String::from(sign);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match fraction {
        Some(fraction) => format!("{grouped}.{fraction}"),
        None => grouped,
    }
}

/// To what an amount is rounded, in multiples of so many minor units: “to whole dollars”, “to the cent”.
pub(crate) fn rounded_to(language: Language, step: i128, code: &str) -> String {
    let known = currency_of(code);
    let decimals = code.parse::<Currency>().map_or(0, Currency::decimals);
    let whole = 10_i128.checked_pow(decimals) == Some(step);
    match (language, known) {
        (Language::En, Some((_, [name, _], _))) if whole => format!("to whole {name}"),
        (Language::Zh, Some((_, [_, name], _))) if whole => format!("至整{name}"),
        (Language::En, None) if whole => format!("to whole units of {code}"),
        (Language::Zh, None) if whole => format!("至整数 {code}"),
        (Language::En, Some((_, _, [cent, _]))) if step == 1 => format!("to the {cent}"),
        (Language::Zh, Some((_, _, [_, cent]))) if step == 1 => format!("至{cent}"),
        _ => {
            let step = amount(language, &crate::language::show_money(step, code), code);
            match language {
                Language::En => format!("to a multiple of {step}"),
                Language::Zh => format!("至 {step}的整数倍"),
            }
        }
    }
}

/// A number of something: `1 year`, `2 years`, `18 周岁` where `of_age`. What has no Chinese word stays a number: the title says what it is of.
pub(crate) fn number(language: Language, number: i128, unit: &str, of_age: bool) -> String {
    let x = counted(number);
    match language {
        Language::En if unit == "percent" => format!("{x} %"),
        Language::En if number == 1 => format!("1 {}", singular(unit)),
        Language::En => format!("{x} {unit}"),
        Language::Zh if of_age && unit == "years" => format!("{x} 周岁"),
        Language::Zh => match COUNTED.iter().find(|(known, _)| *known == unit) {
            Some((_, "%")) => format!("{x}%"),
            Some((_, word)) => format!("{x} {word}"),
            None => x,
        },
    }
}

/// So much for each: `10.00 EUR per m²`, `每名儿童 10.00 欧元`.
pub(crate) fn per(language: Language, amount: &str, each: &str) -> String {
    let one = singular(each);
    let counted = COUNTED.iter().find(|(known, _)| *known == each || singular(known) == one);
    match (language, counted) {
        (Language::En, _) => format!("{amount} per {one}"),
        (Language::Zh, Some((_, word))) => format!("每{} {amount}", word.trim_start_matches('个')),
        (Language::Zh, None) => format!("每 {one} {amount}"),
    }
}

/// One of what a plural names.
fn singular(plural: &str) -> String {
    match plural {
        "people" => return "person".to_owned(),
        "children" => return "child".to_owned(),
        _ => {}
    }
    match plural.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => plural.strip_suffix('s').unwrap_or(plural).to_owned(),
    }
}

/// A day: `2026-01-31`, `2026年1月31日`.
pub(crate) fn day(language: Language, date: Date) -> String {
    let x = date.yyyymmdd();
    match language {
        Language::En => date.to_string(),
        Language::Zh => format!("{}年{}月{}日", x / 10_000, x / 100 % 100, x % 100),
    }
}

/// `a, b and c`; `a、b和c`.
pub(crate) fn listed(language: Language, items: &[String]) -> String {
    match (items.split_last(), language) {
        (Some((last, rest)), Language::En) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        (Some((last, rest)), Language::Zh) if !rest.is_empty() => joined(language, &[&rest.join("、"), "和", last]),
        (Some((only, _)), _) => only.clone(),
        (None, _) => String::new(),
    }
}

/// Pieces of a sentence: spaces between all in English; in Chinese only between a sign of its script and a number or Latin word.
pub(crate) fn joined(language: Language, pieces: &[&str]) -> String {
    let mut sentence = String::new();
    for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
        let (before, after) = (sentence.chars().last(), piece.chars().next());
        let apart = match (language, before, after) {
            (_, None, _) | (_, _, None) => false,
            (Language::En, ..) => true,
            (Language::Zh, Some(a), Some(b)) => {
                (is_han(a) && b.is_ascii_alphanumeric()) || ((a.is_ascii_alphanumeric() || a == '%') && is_han(b))
            }
        };
        if apart {
            sentence.push(' ');
        }
        sentence.push_str(piece);
    }
    sentence
}

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// Whether an English title speaks of several: “countable resources”, “homes owned beside the one lived in”.
pub(crate) fn is_plural(title: &str) -> bool {
    const AFTER: [&str; 17] = [
        "of", "that", "which", "beside", "above", "below", "within", "in", "for", "with", "without", "from", "by",
        "at", "to", "save", "before",
    ];
    // what stands in brackets says more of it, and isn't what it is
    let title = title.split(" (").next().unwrap_or(title);
    let mut head = "";
    let mut several = false;
    for (i, word) in title.split(' ').enumerate() {
        let word = word.trim_matches(|c: char| "“”\"()".contains(c));
        let participle = i > 0 && (word.ends_with("ing") || word.ends_with("ed")) && head.ends_with('s');
        if AFTER.contains(&word) || participle {
            break;
        }
        if word == "and" {
            several = true;
            continue;
        }
        let ends = word.ends_with(',');
        head = word.trim_end_matches(',');
        // a comma ends the noun, unless it parts items of a list
        if ends && !title.split(' ').any(|word| word == "and") {
            break;
        }
    }
    let many = head.ends_with('s') && !["ss", "us", "is"].iter().any(|end| head.ends_with(end));
    several || many || ["people", "children"].contains(&head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one_and_several_are_many() {
        let english = |x, unit| number(Language::En, x, unit, false);
        assert_eq!([english(1, "years"), english(2, "years"), english(0, "homes")], ["1 year", "2 years", "0 homes"]);
        assert_eq!([english(1, "persons"), english(1, "children")], ["1 person", "1 child"]);
        let chinese = |x, unit, of_age| number(Language::Zh, x, unit, of_age);
        assert_eq!([chinese(18, "years", true), chinese(18, "years", false)], ["18 周岁", "18 年"]);
        assert_eq!([chinese(0, "homes", false), chinese(3, "llamas", false)], ["0 套", "3"]);
    }

    #[test]
    fn thousands_are_parted() {
        let amounts =
            ["412.00", "1000.00", "-15650.00", "1234567.89", "1234567"].map(|x| amount(Language::En, x, "USD"));
        assert_eq!(
            amounts,
            ["412.00 USD", "1,000.00 USD", "-15,650.00 USD", "1,234,567.89 USD", "1,234,567 USD"],
            "amounts from a thousand on"
        );
        assert_eq!([2026, 10_000, -10_000, 0].map(counted), ["2026", "10,000", "-10,000", "0"], "a year stays a year");
        assert_eq!(number(Language::Zh, 34_800, "persons", false), "34,800 人");
    }

    #[test]
    fn amounts_are_rounded_in_the_currencys_own_units() {
        let both = |step, code| Language::ALL.map(|language| rounded_to(language, step, code));
        assert_eq!(both(100, "USD"), ["to whole dollars", "至整美元"]);
        assert_eq!(both(1, "USD"), ["to the cent", "至美分"]);
        assert_eq!(both(1, "JPY"), ["to whole yen", "至整日元"]);
        assert_eq!(both(1000, "KWD"), ["to whole dinars", "至整科威特第纳尔"]);
        assert_eq!(both(100, "KWD"), ["to a multiple of 0.100 KWD", "至 0.100 科威特第纳尔的整数倍"]);
        assert_eq!(both(100, "SEK"), ["to whole units of SEK", "至整数 SEK"]);
        assert_eq!(both(1, "SEK"), ["to a multiple of 0.01 SEK", "至 0.01 SEK的整数倍"]);
    }

    #[test]
    fn a_title_of_several_takes_are() {
        for title in [
            "countable resources",
            "homes owned beside the one lived in",
            "Persons living in the dwelling",
            "deposits and securities",
            "Heating, meals and services within the rent",
            "motor vehicles, save for disabled persons'",
        ] {
            assert!(is_plural(title), "{title}");
        }
        for title in [
            "income of the twelve months",
            "Date of birth",
            "gross income",
            "number of members",
            "taper in per cent",
            "Tax number of the issuer",
            "share that is reimbursed, in per cent",
            "net income limit, the poverty line",
        ] {
            assert!(!is_plural(title), "{title}");
        }
    }
}
