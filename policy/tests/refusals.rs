//! What the policy language refuses, at its place, with a reason and mostly with what would fit.
#![allow(clippy::unwrap_used, clippy::panic)]

use sealroot_policy::{PolicySource, SchemaRequest, compile};
use sealroot_protocol::schema::Schema;
use sealroot_testing::policies::person::{HEAD, SCHEMA, compile_text, policy};

/// What can't be compiled is refused at its column, with the reason and mostly with what would fit.
#[test]
fn what_cannot_be_compiled_is_refused_at_its_place() {
    let line = HEAD.lines().count() + 3;
    let mut wrong = Vec::new();
    for (when, column, message) in [
        ("rent <= ", 9, "not a CEL expression"),
        ("rent <= 1000", 6, "a bare number meets an amount in EUR"),
        ("rent <= children", 6, "don't mix"),
        ("rent >= dollars", 6, "an amount in EUR and an amount in USD don't mix"),
        ("rent + dollars > free", 6, "an amount in EUR and an amount in USD don't mix"),
        ("rent >= patience", 6, "an amount in EUR and a number of days don't mix"),
        ("max(rent, patience) > free", 4, "an amount in EUR and a number of days don't mix"),
        ("(employed ? rent : patience) > free", 11, "an amount in EUR and a number of days don't mix"),
        ("children >= patience", 10, "a number of children and a number of days don't mix"),
        ("since + children > as_of_day", 7, "a day number and a number of children don't mix"),
        ("rent <= limits", 9, "\"limits\" is no attribute"),
        ("北 == rent", 1, ""),
        ("street == '北街' && rent <= x", 28, "\"x\" is no attribute"),
        ("rent * pay_01 > limit", 6, "two facts"),
        ("rent * rent > limit", 6, "two facts"),
        ("rent / 3 > free", 6, "how it is rounded"),
        ("rent % 3 == 0", 6, "remainder"),
        ("floor(rent) > free", 6, "rounds a division"),
        ("floor(rent / children) > free", 14, "a divisor must be a constant"),
        ("floor(rent / 0) > free", 14, "a divisor must be a constant"),
        ("as_of - born >= 180000", 1, "dates YYYYMMDD can't be computed with"),
        ("born >= 20000101", 6, "don't mix"),
        ("born >= since", 6, "don't mix"),
        ("age(since) >= 18", 5, "age needs a date"),
        ("age(born, since) >= 18", 4, "other arguments than it takes"),
        ("days_between(born) >= 18", 13, "other arguments than it takes"),
        ("days_between(born, since) >= 18", 20, "days_between needs a date"),
        ("day(since) >= 18", 5, "day needs a date"),
        ("month_between(born, as_of) >= 18", 14, "there is no function"),
        ("rent * limit > free", 6, "an amount in EUR times an amount in EUR has no meaning"),
        ("hourly * children > rent", 8, "children and hour don't cancel"),
        ("hourly > rent", 8, "an amount in EUR per hour and an amount in EUR don't mix"),
        ("rate * children > 100", 17, "a bare number meets an amount in EUR"),
        ("rent * ceilings[status] > free", 6, "two facts"),
        ("marginal(rent, bounds, [1, 2]) > free", 24, "4 bounds and 2 values"),
        ("marginal(rent, percents, percents) > free", 16, "don't mix"),
        ("marginal(street, bounds, percents) > free", 10, "is of a number"),
        ("marginal(rent, [free, limit, free], [1, 2, 3]) > free", 16, "bound 3 is not above bound 2"),
        ("marginal(born, [start], [1]) > 3", 10, "marginal is of a number, this is a date"),
        ("marginal(since, [day('2020-01-01')], [1]) > as_of_day", 10, "marginal is of a number"),
        ("marginal(children, [0], [start]) > as_of", 25, "a rate is a number"),
        ("marginal(rent, [rent], [1]) > free", 16, "brackets are made of constants"),
        ("step(balance, bounds, amounts) > free", 6, "below the first bound"),
        ("grid[status] > free", 14, "have no order"),
        ("grid[status][children] > free", 14, "this index can be between 0 and 20; a row has 0 to 2"),
        ("grid[status][status] > free", 14, "is not read at"),
        ("square[children][status] > 1", 8, "this index can be between 0 and 20; the list has 0 to 1"),
        ("grid['engaged'][0] > free", 6, "the table has no \"engaged\""),
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
        ("pay[3] > free", 5, "this index can be between 3 and 3; the list has 0 to 2"),
        ("pay[children] > free", 5, "this index can be between 0 and 20"),
        ("pay[min(children, 2)] > free", 4, "a computed index reads constants"),
        ("steps[status] > free", 7, "an index is a number"),
        ("steps[min(wide, 4)] > free", 10, "this index can be between -9223372036854775808 and 4"),
        ("ceilings['engaged'] > free", 10, "the table has no \"engaged\""),
        ("ceilings[children] > free", 10, "a table is read at an enum's value"),
        ("rent[status] > free", 1, "has no entries"),
        ("pay.all(rent, rent < limit)", 8, "means something else already"),
        ("rent.all(p, p < limit)", 1, "where a list is needed"),
        ("pay.map(p, p > free)", 8, "where true or false is needed"),
        ("max(pay.filter(p, p > free)) > free", 4, "a filtered list may be empty"),
        ("pay.all(p, p < x)", 16, "\"x\" is no attribute"),
        ("members.exists(m, m.rent > free)", 1, "\"members\" is no attribute"),
        ("size(pay) == 3", 11, "this is always true"),
        ("size(rent) == 3", 6, "which has no size"),
        ("sizes(pay) == 3", 6, "there is no function"),
        ("as_of - 1 > born", 1, "dates YYYYMMDD can't be computed with"),
        ("born + 30 > as_of", 1, "dates YYYYMMDD can't be computed with"),
        ("floor(born / 100) > 200001", 7, "dates YYYYMMDD can't be computed with"),
        ("month_number(born) - since > 0", 20, "don't mix"),
        ("month_number(since) > 0", 14, "month_number needs a date"),
        ("month_number(born) * 2 > 4000", 13, "where a number is needed"),
        ("age(born) >= children", 11, "don't mix"),
        ("street.startsWith('High')", 1, "can't be called"),
        ("rent > 1.5", 8, "fraction"),
        ("registry.lent > free", 9, "\"lent\" is no attribute"),
        ("tax.rent > free", 4, "nothing here has a field"),
        ("null == rent", 1, "null can't be compiled"),
        ("true", 1, "can never fail"),
        ("1 > 2", 3, "this is always false"),
        ("rent >= 0", 6, "this is always true"),
        ("children > 20", 10, "this is always false"),
        ("employed || children > 20", 22, "this is always false"),
        ("employed ? children > 3 : children <= 20", 36, "this is always true"),
        ("employed && !employed", 10, "can never hold"),
        ("limit > free", 7, "this is always true"),
        ("status in ['single', 'married', 'widowed', 'divorced']", 8, "this is always true"),
        ("street == street", 8, "this is always true"),
        ("age(born) > 10000", 11, "this is always false"),
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

/// What slips of the pen are answered with: what to write instead.
#[test]
fn slips_are_answered_with_what_to_write() {
    let requirement = "[[requirement]]\ncode = \"r\"\nwhen = \"employed || rent <= ceilings[status]\"\nmessage = { en = \"no\", zh = \"否\" }\n";
    let good = format!("{HEAD}{requirement}");
    for (from, to, message, help) in [
        ("from = \"2026-01-01\"", "from = 2026-01-01", "a date without quotation marks", "write \"2026-01-31\" with"),
        ("value = 50", "value = 50\nfrom = 2026-01-01", "a date without quotation marks", "write \"2026-01-31\" with"),
        ("value = \"2020-02-29\"", "value = 2020-02-29", "a date is written as a text", "value = \"2026-01-31\""),
        ("value = 50", "value = 2020-02-29", "a number, a text", "unit = \"date\""),
        ("unit = \"USD\"", "unit = \"usd\"", "has no unit", "capital letters: unit = \"USD\""),
        (
            "unit = \"EUR per hour\"",
            "unit = \"eur per hour\"",
            "has no unit",
            "capital letters: unit = \"EUR per hour\"",
        ),
        ("unit = \"USD\"", "unit = \"trees\"", "has no unit", "without quotation marks"),
    ] {
        assert!(good.contains(from), "{from}");
        let found =
            compile_text(good.replacen(from, to, 1)).err().unwrap_or_else(|| panic!("{to}: compiled")).to_string();
        assert!(found.contains(message) && found.contains(help), "{to}: {found}");
    }
    let count = good.replacen("value = \"100.00\"\nunit = \"USD\"", "value = 100\nunit = \"eur\"", 1);
    let found = compile_text(count.replacen("employed ||", "rent > dollars ||", 1)).unwrap_err().to_string();
    assert!(found.contains("don't mix") && found.contains("unit = \"EUR\""), "{found}");
    let row = "[\"15.00\", \"25.00\", \"35.00\"]";
    for other in ["[\"15.00\", \"25.00\"]", "[\"15.00\", \"25.00\", \"35.00\", \"1.00\"]"] {
        assert!(good.contains(row));
        let index = "grid[status][min(children, 2)] > free";
        let text = good.replacen(row, other, 1).replacen("employed || rent <= ceilings[status]", index, 1);
        let found = compile_text(text).unwrap_err().to_string();
        let of_row = found.contains(" of this table has ") && found.contains("and the first row has");
        assert!(of_row && found.contains("as many entries in each row"), "{found}");
    }
    let long = format!("value = [{}]", vec!["1"; 501].join(", "));
    let text = good.replacen("value = [0, 5, 1, 3]", &long, 1).replacen("employed ||", "children in factors ||", 1);
    let found = compile_text(text).unwrap_err().to_string();
    assert!(found.contains("values, and a list has at most 500"), "{found}");
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
        ("rate", "an output can't be a rate"),
        ("rate * min(pay_01, free) * 0 + rate", "has no meaning"),
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
        format!("[[requirement]]\ncode = \"r{i}\"\nwhen = '''{when}'''\nmessage = {{ en = \"no\", zh = \"否\" }}\n")
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
    // What can be changed is named, with what it shares with nothing: two sums of their own each, and one that repeats another's.
    let named = |i: usize| match i {
        0 => "max(0, rent - free) + max(0, pay_01 - free) + max(0, pay_02 - free) <= limit".to_owned(),
        1 => "max(0, rent - free) + rent <= limit".to_owned(),
        i => two_sums(i),
    };
    let help = message(7, &named);
    assert!(help.contains("\"r0\" takes 3, of which 2 nothing else needs"), "{help}");
    assert!(!help.contains("\"r1\""), "{help}");
    let sets = |i: usize| format!("children in [{}, {}]", i, i + 2);
    assert!(message(9, &sets).contains("9 membership tests, the shape solo has 8: 1 too many"));
    let either = |i: usize| format!("children == {i} || children == {} || employed", i + 10);
    // 19 conditions are too many, so some requirements are said in one condition
    let said = many(9, &either).unwrap().usage();
    assert!(said.conditions <= 16 && said.registers <= 12 && said.requirements == 9, "{said:?}");
    let texts = |i: usize| format!("street == 'a{i}' || mailing_street == 'b{i}' || employed");
    assert!(message(12, &texts).contains("conditions, the shape solo has 16"));
    // the same condition twelve times is one, the same register too
    let same = many(12, &|_| "max(0, rent - free) + max(0, pay_01 - free) <= limit".to_owned()).unwrap();
    assert_eq!((same.usage().registers, same.usage().conditions, same.usage().requirements), (2, 1, 12));
    // a >= b and b < … are one question
    let turned = many(2, &|i| ["rent <= limit", "!(limit < rent)"][i].to_owned()).unwrap();
    assert_eq!(turned.usage().conditions, 1);
}

#[test]
fn the_file_is_read_strictly() {
    let requirement = "[[requirement]]\ncode = \"r\"\nwhen = \"employed || rent <= ceilings[status]\"\nmessage = { en = \"no\", zh = \"否\" }\n";
    let good = format!("{HEAD}{requirement}");
    assert!(compile_text(good.clone()).is_ok());
    for (from, to, message) in [
        ("version = 1", "version = 0", "version 0"),
        ("version = 1", "version = 1\ncolour = 2", "is not known here"),
        ("version = 1", "version = 1\nversion = 2", "duplicate"),
        ("shape = \"solo\"", "shape = \"duo\"", "one of these is expected here"),
        ("nullifier = \"holder\"", "nullifier = \"none\"", "one of these is expected here"),
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
        ("value = \"1000.00\"", "value = \"1000\"", "2 decimals"),
        ("value = \"1000.00\"", "value = 1000", "written as a text"),
        ("value = 50", "value = 50\nfrom = \"2026-01-02\"", "begins on 2026-01-02, the policy already on 2026-01-01"),
        ("value = 50", "value = 50\nuntil = \"2026-12-31\"", "ends on 2026-12-31, the policy has no end"),
        ("value = 50", "value = 50\nfrom = \"2026-02-01\"\nuntil = \"2026-01-01\"", "ends before it begins"),
        ("value = 50", "value = []\nunit = 7", "is expected here, and"),
        ("value = 50", "value = { a = 1, b = \"x\" }", "a table holds numbers"),
        ("value = 50", "value = {}", "an empty table"),
        ("single = \"500.00\", ", "", "no entry for \"single\""),
        ("single = \"500.00\"", "single = \"500.00\", engaged = \"1.00\"", "which is no value of the attribute"),
        ("[[source]]", "[member.x]\nvalue = \"1\"\n[[source]]", "has no members"),
        ("schema = \"facts\"", "schema = \"facts\"\nof = \"member\"", "has one record"),
        (requirement, "", "no requirement"),
        ("[[requirement]]", "[[requirements]]", "is not known here"),
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
    let circle = circle.replace("employed || rent <= ceilings[status]", "a");
    assert!(compile_text(circle).unwrap_err().to_string().contains("needs itself"));
    let once = good.replace("nullifier = \"holder\"", "nullifier = \"record-once\"");
    assert!(compile_text(once.clone()).is_ok());
    let once = once.replace("period = \"timeless\"", "months_before = 0");
    assert!(compile_text(once).unwrap_err().to_string().contains("once ever"));
}

/// Schemas with many records per person serve record nullifiers only, and never a member.
#[test]
fn many_records_are_no_persons() {
    let many = |nullifier: &str| {
        let text = HEAD
            .replace("\"holder\"", &format!("\"{nullifier}\""))
            .replace("period = \"timeless\"", "months_before = 0");
        let requirement =
            "[[requirement]]\ncode = \"r\"\nwhen = \"employed\"\nmessage = { en = \"no\", zh = \"否\" }\n";
        let schema = |_: SchemaRequest<'_>| {
            let text = SCHEMA.replacen("name = \"facts\"", "name = \"facts\"\nmany = true", 1);
            Schema::from_toml(&text).map_err(|e| e.to_string())
        };
        compile(&PolicySource { file: "test.policy.toml".to_owned(), text: text + requirement }, &schema)
    };
    assert!(many("record-once").is_ok());
    assert!(many("record-per-scope").is_ok());
    let found = many("holder").unwrap_err().0.remove(0);
    assert!(found.message.contains("may have many records"), "{found}");
    assert_eq!(HEAD.lines().nth(found.line - 1), Some("nullifier = \"holder\""));
}

/// A source that asks for a period which no record of its schema can have: nobody could ever be judged by it.
#[test]
fn facts_of_a_period_that_no_record_has_are_refused() {
    let requirement = "[[requirement]]\ncode = \"r\"\nwhen = \"employed\"\nmessage = { en = \"no\", zh = \"否\" }\n";
    let found = |period: &str, asks: &str| {
        let text = HEAD.replace("period = \"timeless\"", asks) + requirement;
        let schema =
            |_: SchemaRequest<'_>| Schema::from_toml(&format!("{period}\n{SCHEMA}")).map_err(|e| e.to_string());
        compile(&PolicySource { file: "test.policy.toml".to_owned(), text }, &schema)
            .err()
            .map(|d| d.0[0].message.clone())
    };
    let bounded = "period = \"month\"\nearliest_period = \"2026-02\"\nlatest_period = \"2026-11\"";
    for (period, asks, refused) in [
        ("period = \"timeless\"", "period = \"timeless\"", None),
        ("period = \"timeless\"", "months_before = 1", Some("have no period")),
        ("period = \"timeless\"", "period = \"2026-01\"", Some("have no period")),
        ("period = \"month\"", "period = \"timeless\"", Some("about a month")),
        ("period = \"month\"", "months_before = 1", None),
        ("period = \"month\"", "period = \"2026-01\"", None),
        ("", "months_before = 1", None),
        ("", "period = \"timeless\"", None),
        (bounded, "period = \"2026-01\"", Some("can have the period")),
        (bounded, "period = \"2026-02\"", None),
        (bounded, "months_before = 1", None),
    ] {
        let message = found(period, asks);
        assert_eq!(message.is_some(), refused.is_some(), "{period:?} {asks:?}: {message:?}");
        assert!(refused.is_none_or(|refused| message.unwrap().contains(refused)), "{period:?} {asks:?}");
    }
}

/// What citizens couldn't read is a problem; what nothing uses or shows is a warning.
#[test]
fn translations_are_demanded_and_loose_ends_named() {
    let text = HEAD.replace("{ en = \"Test\", zh = \"测试\" }", "{ en = \"Test\" }")
        + "[definition.spare]\nvalue = \"rent\"\n\
           [[requirement]]\ncode = \"r\"\nwhen = \"employed\"\nmessage = { zh = \"否\" }\n\
           [[output]]\nname = \"o\"\nvalue = \"rent\"\n\
           [[case]]\nname = \"c\"\nas_of = \"2026-05-01\"\nfacts = { employed = true, rent = \"1.00\" }\n\
           decision = true\noutputs = { o = \"1.00\" }\n";
    let report = compile_text(text).unwrap().check(10, 1);
    let problems: Vec<_> = report.problems.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(problems, ["the message of \"r\" is missing in: en", "the title of \"o\" is missing in: en"]);
    // English is enough for a law in English; one that has a title in another language has everything in it.
    let output = "[[output]]\nname = \"o\"\nvalue = \"rent\"\ntitle = { en = \"o\" }\n";
    let requirement = "[[requirement]]\ncode = \"r\"\nwhen = \"employed\"\nmessage = { en = \"no\" }\n";
    let problems = |title: &str| {
        let head = HEAD.replace("{ en = \"Test\", zh = \"测试\" }", title);
        let report = compile_text(head + requirement + output).unwrap().check(1, 1);
        report.problems.iter().map(|p| p.message.clone()).collect::<Vec<_>>()
    };
    assert_eq!(problems("{ en = \"Test\" }"), [""; 0]);
    assert_eq!(
        problems("{ en = \"Test\", zh = \"测试\" }"),
        ["the message of \"r\" is missing in: zh", "the title of \"o\" is missing in: zh"]
    );
    assert_eq!(problems("{ zh = \"测试\" }")[0], "the title is missing in: en");
    let warnings: Vec<_> = report.warnings.iter().map(|p| p.message.as_str()).collect();
    assert!(warnings.contains(&"nothing uses \"spare\""), "{warnings:?}");
    assert!(warnings.contains(&"nothing uses \"limit\""), "{warnings:?}");
    assert!(warnings.contains(&"no case shows that \"r\" can fail"), "{warnings:?}");
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
    let requirement =
        format!("[[requirement]]\ncode = \"r\"\nwhen = '''{when}'''\nmessage = {{ en = \"no\", zh = \"否\" }}\n");
    let moved = HEAD.replace("[parameter.half]\nvalue = 50\n", "") + "[parameter.half]\nvalue = 50\n";
    assert_ne!(moved, HEAD);
    assert_eq!(words(format!("{HEAD}{requirement}")), words(format!("{moved}{requirement}")));
}
