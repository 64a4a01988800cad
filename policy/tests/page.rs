//! What a page has beside sentences: tables of brackets and lists, lists of branches, titles of values and agencies, what is left out.
#![allow(clippy::unwrap_used, clippy::panic)]

use sealroot_policy::{Compiled, Language, PolicySource, compile};
use sealroot_protocol::schema::Schema;

const SCHEMA: &str = r#"
name = "record"
[[attribute]]
name = "income"
kind = "money"
currency = "EUR"
min = 0
max = 100000000
title = { en = "net income", zh = "净收入" }
[[attribute]]
name = "born"
kind = "date"
title = { en = "date of birth", zh = "出生日期" }
[[attribute]]
name = "children"
kind = "integer"
unit = "children"
min = 0
max = 9
title = { en = "children", zh = "儿童人数" }
[[attribute]]
name = "area"
kind = "enum"
values = ["city", "rural", "coast"]
title = { en = "area", zh = "地区" }
[[attribute]]
name = "disabled"
kind = "boolean"
title = { en = "disabled", zh = "残疾" }
"#;

fn text(more: &str, when: &str, output: &str) -> String {
    format!(
        "id = \"aid\"\nversion = 1\ntitle = {{ en = \"Aid\", zh = \"补助\" }}\nlegal_reference = \"Test Act\"\nshape = \"solo\"\n\
         nullifier = \"holder\"\nin_force = {{ from = \"2026-01-01\" }}\n{more}\n[[source]]\nname = \"tax\"\nagency = \"tax-office\"\n\
         schema = \"record\"\nperiod = \"timeless\"\n[parameter.limits]\nvalue = [\"10.00\", \"20.00\", \"30.00\", \"40.00\"]\n\
         unit = \"EUR\"\ntitle = {{ en = \"limit\", zh = \"限额\" }}\n\
         [parameter.low]\nvalue = \"1000.00\"\nunit = \"EUR\"\ntitle = {{ en = \"low\", zh = \"低\" }}\n\
         [parameter.high]\nvalue = \"12000.00\"\nunit = \"EUR\"\ntitle = {{ en = \"high\", zh = \"高\" }}\n\
         [[requirement]]\ncode = \"r\"\nwhen = '''{when}'''\nmessage = {{ en = \"no\", zh = \"否\" }}\n\
         [[output]]\nname = \"amount\"\nvalue = '''{output}'''\ntitle = {{ en = \"amount\", zh = \"金额\" }}\n"
    )
}

fn compiled(text: String) -> Result<Compiled, String> {
    let source = PolicySource { file: "aid.policy.toml".into(), text };
    compile(&source, &|_| Schema::from_toml(SCHEMA).map_err(|e| e.to_string())).map_err(|e| e.to_string())
}

fn pages(more: &str, when: &str, output: &str) -> [String; 2] {
    let law = compiled(text(more, when, output)).unwrap_or_else(|e| panic!("{output}\n{e}"));
    Language::ALL.map(|language| law.explain(language))
}

fn holds(page: &str, lines: &[&str]) {
    for line in lines {
        assert!(page.contains(line), "{line}\nis not in\n{page}");
    }
}

const ALL: &str = "income <= high";

/// Each table once, whether its lists have names or not; what is in a sentence is the table's name.
#[test]
fn brackets_that_are_written_in_place_are_a_table() {
    let output = "floor(marginal(income, [low, high], [10, 20]) / 100)";
    let [english, chinese] = pages("", ALL, output);
    holds(
        &english,
        &[
            "of each part of net income the per cent of its bracket in “brackets 1”, added up, rounded down to the cent",
            "brackets 1\n| net income | value |\n| --- | --- |\n| from 1,000.00 EUR to below 12,000.00 EUR | 10 |\n| from 12,000.00 EUR | 20 |",
        ],
    );
    holds(&chinese, &["档次表 1\n| 净收入 | 数值 |", "| 1,000.00 欧元以上、不足 12,000.00 欧元 | 10 |"]);
    let output = "step(children, [0, 1, 3], [5, 7, 12000]) + step(children, [0, 2], [1, 2])";
    let [english, _] = pages("", ALL, output);
    holds(
        &english,
        &[
            "(“brackets 1” for the bracket of children) plus (“brackets 2” for the bracket of children)",
            "| from 1 child to below 3 children | 7 |\n| from 3 children | 12,000 |",
            "brackets 2\n| children | value |\n| --- | --- |\n| from 0 children to below 2 children | 1 |",
        ],
    );
}

/// One list, pointed into from 0, from 1 and from 6: each numbering has its own column.
#[test]
fn a_list_with_two_offsets_is_numbered_for_each() {
    let when = "children <= 3 && children >= 1 && income <= high";
    let output =
        "limits[min(children, 3)] + limits[max(1, min(children, 4)) - 1] + limits[max(6, min(children, 9)) - 6]";
    let [english, chinese] = pages("", when, output);
    let head = "| smaller of children and 3 children | larger of 1 child and (the smaller of children and 4 children) | larger of 6 children and (the smaller of children and 9 children) | value |";
    holds(&english, &[head, "| 0 | 1 | 6 | 10.00 EUR |", "| 3 | 4 | 9 | 40.00 EUR |"]);
    holds(&chinese, &["| 0 | 1 | 6 | 10.00 欧元 |"]);
    // a place that is written says nothing of the others
    let [english, _] = pages("", when, "limits[1] + limits[max(1, min(children, 4)) - 1]");
    holds(&english, &["“limit” for number 2", "| 2 | 20.00 EUR |"]);
    let [english, _] = pages("", when, "limits[1] + limits[2]");
    holds(&english, &["| number | value |", "| 1 | 10.00 EUR |"]);
}

#[test]
fn months_of_the_calendar_are_said_as_such() {
    let when = "month_number(as_of) - month_number(born) >= 3 && month_number(period_start) > month_number(born)";
    let [english, chinese] = pages("", when, "income");
    holds(
        &english.to_lowercase(),
        &[
            "the number of calendar months from that of date of birth to that of the reference day",
            "is at least 3 months",
            "the calendar month of the first day of the claimed period",
            "is after",
        ],
    );
    holds(&chinese, &["自出生日期所在月至基准日所在月的日历月数", "不少于 3 个月", "申请期间首日所在的年月", "晚于"]);
}

/// Several branches are a list, and a branch of branches a list in it.
#[test]
fn a_conditional_of_several_branches_is_a_list() {
    let output = "children > 2 ? (area == 'city' ? limits[3] : limits[2]) : (children > 0 ? limits[1] : limits[0])";
    let [english, chinese] = pages("", ALL, output);
    holds(
        &english,
        &[
            "- amount: the first of these that fits:\n",
            "(a) if children are more than 2 children: the first of these that fits:\n",
            "(a) if area is “city”: “limit” for number 4\n",
            "(b) otherwise: “limit” for number 3\n",
            "(b) if children are more than 0 children: “limit” for number 2\n",
            "(c) otherwise: “limit” for number 1\n",
        ],
    );
    holds(&chinese, &["- 金额：依次适用下列第一项符合的情形：", "其他情形："]);
    // two branches stay a sentence
    let [english, _] = pages("", ALL, "children > 2 ? limits[3] : limits[2]");
    holds(&english, &["if children are more than 2 children, otherwise"]);
}

const TITLES: &str = r#"
[titles.agencies]
tax-office = { en = "Tax office", zh = "税务局" }
[titles.values.area]
city = { en = "the city", zh = "城区" }
rural = { en = "the country", zh = "乡村" }
[titles.clauses.disabled]
yes = { en = "the person is disabled", zh = "本人残疾" }
no = { en = "the person is not disabled", zh = "本人未残疾" }
[parameter.by_area]
value = { rural = "1.00", coast = "1.50", city = "2.00" }
unit = "EUR"
title = { en = "amount by area", zh = "按地区的金额" }
[parameter.served]
value = ["city"]
title = { en = "areas that are served", zh = "适用地区" }
"#;

/// Agencies, values of enums and facts of yes or no are said with the policy's own words; none of them is in a schema.
#[test]
fn titles_of_the_policy_stand_on_its_page() {
    let when = "area == 'rural' || area in ['city', 'rural'] && disabled || !disabled && area in served";
    let [english, chinese] = pages(TITLES, when, "by_area[area]");
    holds(
        &english,
        &[
            "- Tax office: ",
            "area is “the country”",
            "the person is disabled",
            "the person is not disabled",
            "(the city)",
        ],
    );
    holds(
        &english,
        &["| area | value |\n| --- | --- |\n| the city | 2.00 EUR |\n| the country | 1.00 EUR |\n| coast | 1.50 EUR |"],
    );
    holds(&chinese, &["- 税务局：", "地区为“乡村”", "本人残疾", "本人未残疾", "| 城区 | 2.00 欧元 |"]);
    // a clause that has an “or” of its own is in brackets
    let own =
        TITLES.replace("the person is disabled", "the person is ill or disabled").replace("本人残疾", "本人患病或残疾");
    let [english, chinese] = pages(&own, "(disabled && income <= high) == (area == 'city')", "by_area[area]");
    holds(&english, &["(the person is ill or disabled) and"]);
    holds(&chinese, &["（本人患病或残疾）且"]);
    let (with, without) = (compiled(text(TITLES, when, "by_area[area]")).unwrap(), {
        let plain = TITLES.split_once("[parameter.by_area]").unwrap().1;
        compiled(text(&format!("[parameter.by_area]{plain}"), when, "by_area[area]")).unwrap()
    });
    assert_eq!(with.words(), without.words(), "titles are words for people");
    assert_eq!(with.schemas()[0].id().unwrap(), without.schemas()[0].id().unwrap());
}

#[test]
fn a_title_of_what_is_not_there_is_refused() {
    for (titles, message, help) in [
        ("[titles.agencies]\ntax = { en = \"x\" }", "no source is of the agency \"tax\"", "\"tax-office\""),
        (
            "[titles.values.areas]\ncity = { en = \"x\" }",
            "no schema has an enum \"areas\"",
            "[titles.values.ATTRIBUTE]",
        ),
        (
            "[titles.values.area]\ntown = { en = \"x\" }",
            "\"area\" has no value \"town\"",
            "\"city\", \"rural\", \"coast\"",
        ),
        (
            "[titles.clauses.ill]\nyes = { en = \"x\" }\nno = { en = \"y\" }",
            "no definition and no boolean attribute is called \"ill\"",
            "[titles.clauses]",
        ),
    ] {
        let error = compiled(text(titles, ALL, "income")).err().unwrap_or_else(|| panic!("{titles}"));
        assert!(error.contains(message) && error.contains(help), "{error}");
    }
    let law = compiled(text("[titles.agencies]\ntax-office = { en = \"x\" }", ALL, "income")).unwrap();
    let problems = law.check(0, 1).problems;
    assert!(
        problems.iter().any(|p| p.message.contains("the title of \"tax-office\" is missing in: zh")),
        "{problems:?}"
    );
}

/// What a policy leaves out has a section of its own, from a field of its own.
#[test]
fn what_is_not_covered_is_said() {
    let out = "not_covered = { en = [\"more than nine children\", \"students\"], zh = [\"九名以上儿童\", \"学生\"] }";
    let [english, chinese] = pages(out, ALL, "income");
    holds(&english, &["\nNot covered here\n", "- more than nine children\n- students\n"]);
    holds(&chinese, &["\n未涵盖的内容\n", "- 九名以上儿童\n- 学生\n"]);
    let [english, _] = pages("", ALL, "income");
    assert!(!english.contains("Not covered here"));
    for (out, problem) in [
        ("not_covered = { en = [\"a\"] }", "what is not covered is missing in: zh"),
        ("not_covered = { en = [\"a\", \"b\"], zh = [\"a\"] }", "more entries in one language"),
        ("not_covered = { en = [\"a\", \" \"], zh = [\"a\", \"b\"] }", "an empty entry"),
    ] {
        let problems = compiled(text(out, ALL, "income")).unwrap().check(0, 1).problems;
        assert!(problems.iter().any(|p| p.message.contains(problem)), "{out}: {problems:?}");
    }
}

/// An age is taken on a day, and the page says which.
#[test]
fn ages_say_their_day() {
    let [english, chinese] = pages("", "age(born) >= 18", "income");
    holds(&english, &["Age in whole years on the reference day (by date of birth) is at least 18 years"]);
    holds(&english, &["- Reference day: first or last day of the claimed period"]);
    holds(&chinese, &["截至基准日按出生日期计算年满 18 周岁", "- 基准日：申请期间的首日或末日"]);
    let [english, _] = pages("", ALL, "income");
    assert!(!english.contains("Reference day"), "nothing is taken on it");
}
