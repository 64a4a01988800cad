//! The policy language: what compiles gives cel's answers, what can't be compiled is refused at its place with a reason.
#![allow(clippy::unwrap_used, clippy::panic)]

use sealroot_policy::{Compiled, Diagnostics, PolicySource, SchemaRequest, compile};
use sealroot_protocol::schema::Schema;

const SCHEMA: &str = r#"
name = "facts"
[[attribute]]
name = "id"
kind = "text"
[[attribute]]
name = "street"
kind = "text"
[[attribute]]
name = "mailing_street"
kind = "text"
[[attribute]]
name = "born"
kind = "date"
[[attribute]]
name = "since"
kind = "day-number"
[[attribute]]
name = "employed"
kind = "boolean"
[[attribute]]
name = "student"
kind = "boolean"
[[attribute]]
name = "status"
kind = "enum"
values = ["single", "married", "widowed", "divorced"]
[[attribute]]
name = "children"
kind = "integer"
min = 0
max = 20
unit = "children"
[[attribute]]
name = "balance"
kind = "money"
currency = "EUR"
[[attribute]]
name = "rent"
kind = "money"
currency = "EUR"
min = 0
max = 10000000
[[attribute]]
name = "pay"
kind = "money"
currency = "EUR"
min = 0
max = 100000000
repeat = 3
[[attribute]]
name = "wide"
kind = "integer"
"#;

const HEAD: &str = r#"
id = "test"
version = 1
title = { en = "Test" }
legal_reference = "none"
shape = "solo"
identity = "id"
nullifier = "holder"
[in_force]
from = "2026-01-01"
[[source]]
name = "registry"
agency = "civil-registry"
schema = "facts"
period = "timeless"
[parameter.limit]
value = "1000.00"
unit = "EUR"
[parameter.free]
value = "100.00"
unit = "EUR"
[parameter.streets]
value = ["High Street", "北街", "Main Street"]
[parameter.half]
value = 50
[parameter.start]
value = "2020-02-29"
unit = "date"
"#;

fn policy(when: &str, output: Option<&str>) -> Result<Compiled, Diagnostics> {
    let mut text = format!("{HEAD}[[requirement]]\ncode = \"r\"\nwhen = '''{when}'''\nmessage = {{ en = \"no\" }}\n");
    if let Some(output) = output {
        text += &format!("[[output]]\nname = \"o\"\nvalue = '''{output}'''\n");
    }
    compile_text(text)
}

fn compile_text(text: String) -> Result<Compiled, Diagnostics> {
    let schema = |_: SchemaRequest<'_>| Schema::from_toml(SCHEMA).map_err(|e| e.to_string());
    compile(&PolicySource { file: "test.policy.toml".to_owned(), text }, &schema)
}

fn cases() -> usize {
    std::env::var("SEALROOT_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(150)
}

/// Each expression as a requirement, and each number as an output: compiled rules and cel's interpreter agree on facts
/// around the boundaries of all their lines.
#[test]
fn what_compiles_means_what_cel_says() {
    let truths = [
        "employed",
        "!employed",
        "employed == student",
        "employed != student",
        "employed && student || status == 'single'",
        "!(employed && (student || status != 'single'))",
        "employed ? student : rent > free",
        "rent <= limit",
        "rent < limit",
        "rent > limit - free",
        "limit == rent",
        "rent != limit",
        "rent + pay_01 * 2 - free >= limit",
        "sum(pay) <= limit",
        "sum([rent, pay_01, pay_02]) <= limit",
        "max(pay) <= limit",
        "min(pay_01, pay_02, rent) >= free",
        "max(0, rent - limit) + max(0, pay_01 - free) <= free",
        "age(born) >= 18",
        "age(born) < 65 && age(born) > 17",
        "18 <= age(born)",
        "age(born) == 30",
        "age(born) != 30 || employed",
        "age(born) in [17, 18, 19]",
        "born < date('2000-02-29')",
        "born >= start",
        "born <= as_of",
        "since <= as_of_day - 365",
        "as_of_day - since >= 30",
        "since == day('2024-02-29')",
        "period_start <= born || period_end >= born",
        "status in ['single', 'widowed']",
        "!(status in ['single', 'widowed', 'married'])",
        "status == 'divorced' || children >= 3",
        "street == 'High Street'",
        "street != mailing_street",
        "street in streets",
        "!(street in streets) || mailing_street in ['北街']",
        "street in streets && mailing_street in streets && employed",
        "floor(rent / 3) >= free",
        "ceil(rent / 3) == free",
        "round_half_up(rent * half / 100) > free",
        "round_half_up(rent / 3) > free",
        "floor(balance / 7) < 0",
        "(employed ? rent : pay_01) <= limit",
        "(employed ? rent : 0) + (student ? 0 : pay_01) <= limit",
        "(status in ['single', 'widowed'] ? rent * 2 : rent) <= limit",
        "(employed && student ? max(0, rent - free) : rent) >= free",
        "balance >= 0",
        "children == 0",
        "children in [1, 2, 3]",
        "registry.rent <= limit",
        "wide + 1 >= 0",
        "wide == 9223372036854775807",
    ];
    for when in truths {
        let compiled = policy(when, None).unwrap_or_else(|e| panic!("{when}\n{e}"));
        let report = compiled.check(cases(), 7);
        assert!(report.problems.is_empty(), "{when}: {:?}", report.problems);
        assert!(report.compared * 2 > cases(), "{when}: {} compared", report.compared);
    }
    let amounts = [
        "rent",
        "rent + pay_01",
        "max(0, balance)",
        "max(0, limit - rent)",
        "min(limit, max(0, limit - balance))",
        "min(rent, limit)",
        "min(limit, sum(pay))",
        "min(rent, pay_01)",
        "max(rent, pay_01, pay_02)",
        "employed && student ? max(0, rent - free) : min(pay_01, rent)",
        "floor(max(0, limit - rent) * half / 100)",
        "ceil(rent / 7)",
        "round_half_up(rent / 7)",
        "employed ? rent : free",
        "employed ? (student ? rent : free) : pay_01",
        "children * 3",
        "age(born) >= 18 ? 2 : 1",
        "employed",
        "employed && children > 2",
        "status",
        "born",
        "limit",
        "as_of",
        "max(0, round_half_up(rent * 30 / 100) - floor(max(0, sum(pay) - limit) / 12))",
    ];
    for amount in amounts {
        let compiled =
            policy("rent <= limit || employed || student", Some(amount)).unwrap_or_else(|e| panic!("{amount}\n{e}"));
        let report = compiled.check(cases(), 8);
        assert!(report.problems.is_empty(), "{amount}: {:?}", report.problems);
        assert!(report.compared * 2 > cases(), "{amount}: {} compared", report.compared);
    }
}

/// What can't be compiled is refused at its column, with the reason and mostly with what would fit.
#[test]
fn what_cannot_be_compiled_is_refused_at_its_place() {
    let line = HEAD.lines().count() + 3;
    let mut wrong = Vec::new();
    for (when, column, message) in [
        ("rent <= ", 9, "not a CEL expression"),
        ("rent <= 1000", 6, "a bare number meets an amount in EUR"),
        ("rent <= children", 6, "don't mix"),
        ("rent <= limits", 9, "\"limits\" is no attribute"),
        ("北 == rent", 1, ""),
        ("street == '北街' && rent <= x", 28, "\"x\" is no attribute"),
        ("rent * pay_01 > limit", 6, "two facts"),
        ("rent * rent > limit", 6, "two facts"),
        ("rent / 3 > free", 6, "how it is rounded"),
        ("rent % 3 == 0", 6, "how it is rounded"),
        ("floor(rent) > free", 6, "rounds a division"),
        ("floor(rent / children) > free", 14, "a divisor must be a constant"),
        ("floor(rent / 0) > free", 14, "a divisor must be a constant"),
        ("as_of - born >= 180000", 1, "dates YYYYMMDD can't be computed with"),
        ("born >= 20000101", 6, "don't mix"),
        ("born >= since", 6, "don't mix"),
        ("age(since) >= 18", 5, "age needs a date"),
        ("age(born, since) >= 18", 4, "takes one argument"),
        ("date('2026-02-30') <= born", 6, "not a date"),
        ("street < 'a'", 8, "have no order"),
        ("status > 'single'", 8, "have no order"),
        ("status == 'engaged'", 8, "\"engaged\" is not a value here"),
        ("status in ['single', 'engaged']", 11, "\"engaged\" is not a value here"),
        ("status == street", 8, "can't equal"),
        ("street in 'High Street'", 11, "in needs a list"),
        ("rent in [pay_01, free]", 9, "must be constants"),
        ("rent", 1, "where true or false is needed"),
        ("rent && employed", 1, "where true or false is needed"),
        ("employed + 1 > 0", 1, "where a number is needed"),
        ("sum(street) > 0", 4, "where numbers are needed"),
        ("sum([]) > 0", 4, "at least one number"),
        ("pay[0] > free", 4, "an index can't be compiled"),
        ("pay.all(p, p < limit)", 8, "can't be compiled"),
        ("size(pay) == 3", 5, "there is no function"),
        ("street.startsWith('High')", 1, "can't be called"),
        ("rent > 1.5", 8, "fraction"),
        ("registry.lent > free", 9, "\"lent\" is no attribute"),
        ("tax.rent > free", 4, "nothing here has a field"),
        ("null == rent", 1, "null can't be compiled"),
        ("true", 1, "can never fail"),
        ("1 > 2", 3, "can never hold"),
        ("rent >= 0", 6, "can never fail"),
        ("children > 20", 10, "can never hold"),
        ("wide * 1000000 > 0", 0, "can leave the range of the machine"),
        ("wide * 2000000000000 > 0", 0, "2^40"),
        ("9223372036854775807 * 9223372036854775807 * 9223372036854775807 * 2 > wide", 0, "too large"),
    ] {
        let found = match policy(when, None) {
            Ok(_) => panic!("{when}: compiled"),
            Err(diagnostics) => diagnostics.0,
        };
        let first = &found[0];
        assert_eq!((first.file.as_str(), first.line), ("test.policy.toml", line), "{when}");
        let at = first.column - "when = '''".len();
        if !first.message.contains(message) || (column > 0 && at != column) {
            wrong.push(format!("{when}: column {at}: {}", first.message));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn outputs_must_stay_in_range_and_are_no_text() {
    for (output, message) in [
        ("balance", "must lie in [0, 2^63)"),
        ("limit - rent", "must lie in [0, 2^63)"),
        ("max(0, wide) + 1", "must lie in [0, 2^63)"),
        ("street", "an output can't be a text"),
        ("'x'", "an output can't be the text"),
        ("pay", "an output can't be a list"),
    ] {
        match policy("employed", Some(output)) {
            Ok(_) => panic!("{output}: compiled"),
            Err(found) => assert!(found.0[0].message.contains(message), "{output}: {found}"),
        }
    }
}

/// Exceeded capacities say which one and by how much; what is equal is shared first.
#[test]
fn capacities_are_named() {
    let requirement = |i: usize, when: &str| {
        format!("[[requirement]]\ncode = \"r{i}\"\nwhen = '''{when}'''\nmessage = {{ en = \"no\" }}\n")
    };
    let many = |n: usize, when: &dyn Fn(usize) -> String| {
        compile_text(HEAD.to_owned() + &(0..n).map(|i| requirement(i, &when(i))).collect::<String>())
    };
    let message = |n: usize, when: &dyn Fn(usize) -> String| match many(n, when) {
        Ok(compiled) => panic!("compiled with {:?}", compiled.usage()),
        Err(found) => found.0[0].to_string(),
    };
    assert!(
        message(13, &|i| format!("children != {i}")).contains("13 requirements, the shape solo has 12: 1 too many")
    );
    let two_sums = |i: usize| format!("max(0, rent - free * {0}) + max(0, pay_01 - free * {0}) <= limit", i + 1);
    assert!(message(7, &two_sums).contains("14 registers, the shape solo has 12: 2 too many"));
    assert!(many(6, &two_sums).is_ok());
    let sets = |i: usize| format!("children in [{}, {}]", i, i + 2);
    assert!(message(9, &sets).contains("9 membership tests, the shape solo has 8: 1 too many"));
    let either = |i: usize| format!("children == {i} || children == {} || employed", i + 10);
    assert!(message(9, &either).contains("19 conditions, the shape solo has 16: 3 too many"));
    // the same condition twelve times is one, the same register too
    let same = many(12, &|_| "max(0, rent - free) + max(0, pay_01 - free) <= limit".to_owned()).unwrap();
    assert_eq!((same.usage().registers, same.usage().conditions, same.usage().requirements), (2, 1, 12));
    // a >= b and b < … are one question
    let turned = many(2, &|i| ["rent <= limit", "!(limit < rent)"][i].to_owned()).unwrap();
    assert_eq!(turned.usage().conditions, 1);
}

#[test]
fn the_file_is_read_strictly() {
    let requirement = "[[requirement]]\ncode = \"r\"\nwhen = \"employed\"\nmessage = { en = \"no\" }\n";
    let good = format!("{HEAD}{requirement}");
    assert!(compile_text(good.clone()).is_ok());
    for (from, to, message) in [
        ("version = 1", "version = 0", "version 0"),
        ("version = 1", "version = 1\ncolour = 2", "unknown field"),
        ("version = 1", "version = 1\nversion = 2", "duplicate"),
        ("shape = \"solo\"", "shape = \"duo\"", "unknown variant"),
        ("nullifier = \"holder\"", "nullifier = \"none\"", "unknown variant"),
        ("identity = \"id\"", "identity = \"born\"", "is not text"),
        ("identity = \"id\"", "identity = \"ids\"", "no attribute"),
        ("period = \"timeless\"", "", "what period its facts must have"),
        ("period = \"timeless\"", "period = \"timeless\"\nmonths_before = 1", "what period its facts must have"),
        ("period = \"timeless\"", "period = \"2026-13\"", "month"),
        ("period = \"timeless\"", "months_before = 1201", "1200 months"),
        ("from = \"2026-01-01\"", "from = \"2026-01-01\"\nuntil = \"2025-12-31\"", "ends before it begins"),
        ("from = \"2026-01-01\"", "from = \"2026-02-30\"", "date"),
        ("[parameter.half]", "[parameter.rent]", "already an attribute"),
        ("[parameter.half]", "[parameter.age]", "has a meaning"),
        ("[parameter.half]", "[parameter.Half]", "can't be used in expressions"),
        ("value = 50", "value = 0.5", "fraction"),
        ("value = \"1000.00\"", "value = \"1000\"", "two decimals"),
        ("value = \"1000.00\"", "value = 1000", "written as a text"),
        (requirement, "", "no requirement"),
        ("[[requirement]]", "[[requirements]]", "unknown field"),
    ] {
        assert!(good.contains(from), "{from}");
        match compile_text(good.replacen(from, to, 1)) {
            Ok(_) => panic!("{to}: compiled"),
            Err(found) => assert!(found.to_string().contains(message), "{to}: {found}"),
        }
    }
    let twice = format!("{good}{requirement}");
    assert!(compile_text(twice).unwrap_err().to_string().contains("the reason code \"r\" stands twice"));
    let circle = format!("{good}[definition.a]\nvalue = \"b\"\n[definition.b]\nvalue = \"a\"\n");
    let circle = circle.replace("when = \"employed\"", "when = \"a\"");
    assert!(compile_text(circle).unwrap_err().to_string().contains("needs itself"));
    let once = good.replace("nullifier = \"holder\"", "nullifier = \"record-once\"");
    assert!(compile_text(once.clone()).is_ok());
    let once = once.replace("period = \"timeless\"", "months_before = 0");
    assert!(compile_text(once).unwrap_err().to_string().contains("once ever"));
}

/// Two faults in two places are both reported; one in a shared definition once.
#[test]
fn all_faults_are_reported() {
    let text = format!(
        "{HEAD}[definition.bad]\nvalue = \"rent / 2\"\n\
         [[requirement]]\ncode = \"a\"\nwhen = \"bad > free\"\nmessage = {{ en = \"\" }}\n\
         [[requirement]]\ncode = \"b\"\nwhen = \"bad < limit\"\nmessage = {{ en = \"\" }}\n\
         [[requirement]]\ncode = \"c\"\nwhen = \"nobody\"\nmessage = {{ en = \"\" }}\n"
    );
    let found = compile_text(text).unwrap_err().0;
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0].line, HEAD.lines().count() + 2);
}

/// The same source gives the same words however often and in whatever order of parameters it is compiled.
#[test]
fn compilation_is_deterministic() {
    let words = |text: String| compile_text(text).unwrap().words().clone();
    let when = "street in streets || (employed ? max(0, rent - free) : floor(rent / 3)) <= limit";
    let requirement = format!("[[requirement]]\ncode = \"r\"\nwhen = '''{when}'''\nmessage = {{ en = \"no\" }}\n");
    let moved = HEAD.replace("[parameter.half]\nvalue = 50\n", "") + "[parameter.half]\nvalue = 50\n";
    assert_ne!(moved, HEAD);
    assert_eq!(words(format!("{HEAD}{requirement}")), words(format!("{moved}{requirement}")));
}
