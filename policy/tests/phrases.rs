//! What pages say of amounts, shares, roundings and sums: read literally, it is what the expression computes.
#![allow(clippy::unwrap_used, clippy::panic)]

use sealroot_policy::{Language, PolicySource, compile};
use sealroot_protocol::schema::Schema;

/// What the page says that an approval shows, of one person's income in a currency.
fn shown(code: &str, hundred: &str, value: &str) -> [String; 2] {
    let schema = format!(
        "name = \"record\"\n[[attribute]]\nname = \"income\"\nkind = \"money\"\ncurrency = \"{code}\"\nmin = 0\nmax = 100000000\n\
         title = {{ en = \"net income\", zh = \"净收入\" }}\n[[attribute]]\nname = \"rent\"\nkind = \"money\"\ncurrency = \"{code}\"\n\
         min = 0\nmax = 100000000\ntitle = {{ en = \"rent\", zh = \"租金\" }}\n[[attribute]]\nname = \"months\"\nkind = \"integer\"\n\
         unit = \"months\"\nmin = 0\nmax = 600\ntitle = {{ en = \"months\", zh = \"月数\" }}\n"
    );
    let text = format!(
        "id = \"aid\"\nversion = 1\ntitle = {{ en = \"Aid\", zh = \"补助\" }}\nlegal_reference = \"Test Act\"\nshape = \"solo\"\n\
         nullifier = \"holder\"\nin_force = {{ from = \"2026-01-01\" }}\n[[source]]\nname = \"tax\"\nagency = \"tax-office\"\n\
         schema = \"record\"\nperiod = \"timeless\"\n[parameter.limit]\nvalue = \"{hundred}\"\nunit = \"{code}\"\n\
         title = {{ en = \"limit\", zh = \"上限\" }}\n[parameter.share]\nvalue = 65\ntitle = {{ en = \"taper\", zh = \"递减率\" }}\n\
         [definition.whole]\nvalue = \"floor(income / 100)\"\ntitle = {{ en = \"its whole units\", zh = \"整数部分\" }}\n\
         [[requirement]]\ncode = \"over\"\nwhen = \"income <= limit\"\nmessage = {{ en = \"no\", zh = \"否\" }}\n\
         [[output]]\nname = \"amount\"\nvalue = '''{value}'''\ntitle = {{ en = \"amount\", zh = \"金额\" }}\n"
    );
    let source = PolicySource { file: "aid.policy.toml".into(), text };
    let law = compile(&source, &|_| Schema::from_toml(&schema).map_err(|e| e.to_string()));
    let law = law.unwrap_or_else(|e| panic!("{value}\n{e}"));
    Language::ALL.map(|language| {
        let page = law.explain(language);
        let (start, colon) = (language.say("- amount: ", "- 金额："), language.say(": ", "："));
        let line = page.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{page}"));
        line.split_once(colon).unwrap().1.to_owned()
    })
}

#[test]
fn a_share_is_said_in_per_cent_and_a_rounding_in_the_currencys_units() {
    for (value, english, chinese) in [
        (
            "ceil(income * 30 / 10000) * 100",
            "30 % of net income, rounded up to whole dollars",
            "净收入的 30%，向上取整至整美元",
        ),
        (
            "100 * ceil(3 * income / 1000)",
            "30 % of net income, rounded up to whole dollars",
            "净收入的 30%，向上取整至整美元",
        ),
        ("floor(income / 100) * 100", "net income, rounded down to whole dollars", "净收入，向下取整至整美元"),
        ("whole * 100", "net income, rounded down to whole dollars", "净收入，向下取整至整美元"),
        (
            "round_half_up(income * share / 100)",
            "65 % (taper) of net income, rounded half up to the cent",
            "净收入的 65%（递减率），四舍五入至美分",
        ),
        (
            "round_half_up(income * share / 1200)",
            "65 % (taper) of net income divided by 12, rounded half up to the cent",
            "净收入的 65%（递减率）除以 12，四舍五入至美分",
        ),
        ("floor(income / 2)", "half of net income, rounded down to the cent", "净收入的一半，向下取整至美分"),
        ("floor(income / 12)", "net income divided by 12, rounded down to the cent", "净收入除以 12，向下取整至美分"),
        (
            "floor(income * 5 / 7)",
            "net income times 5 divided by 7, rounded down to the cent",
            "净收入乘以 5 除以 7，向下取整至美分",
        ),
        (
            "round_half_up(income / 5) * 5",
            "net income, rounded half up to a multiple of 0.05 USD",
            "净收入，四舍五入至 0.05 美元的整数倍",
        ),
        (
            "floor((income + rent) / 8)",
            "12.5 % of (net income plus rent), rounded down to the cent",
            "（净收入加租金）的 12.5%，向下取整至美分",
        ),
        ("income * 2", "net income times 2", "净收入乘以 2"),
        ("floor(months / 12)", "months divided by 12, rounded down to whole months", "月数除以 12，向下取整至整数"),
        (
            "floor(income / limit)",
            "net income divided by limit (100.00 USD), rounded down to a whole number",
            "净收入除以上限（100.00 美元），向下取整至整数",
        ),
    ] {
        assert_eq!(shown("USD", "100.00", value), [english, chinese], "{value}");
    }
    for (code, hundred, value, english) in [
        ("JPY", "100", "ceil(income * 30 / 100)", "30 % of net income, rounded up to whole yen"),
        ("JPY", "100", "floor(income / 100) * 100", "net income, rounded down to a multiple of 100 JPY"),
        ("KWD", "100.000", "ceil(income * 30 / 100000) * 1000", "30 % of net income, rounded up to whole dinars"),
        ("KWD", "100.000", "ceil(income * 30 / 100)", "30 % of net income, rounded up to the fils"),
        ("SEK", "100.00", "ceil(income / 100) * 100", "net income, rounded up to whole units of SEK"),
    ] {
        assert_eq!(shown(code, hundred, value)[0], english, "{value} in {code}");
    }
}

/// Without the brackets each could be read as another law.
#[test]
fn what_could_be_read_in_two_ways_is_in_brackets() {
    for (value, english, chinese) in [
        (
            "max(0, income - rent - limit)",
            "(net income minus the sum of rent and limit (100.00 USD)), but at least 0",
            "（净收入减去（租金和上限（100.00 美元）之和）），不低于 0",
        ),
        (
            "max(0, income - (rent - limit))",
            "(net income minus (rent minus limit (100.00 USD))), but at least 0",
            "（净收入减去（租金减去上限（100.00 美元））），不低于 0",
        ),
        (
            "max(0, income + rent - limit)",
            "((net income plus rent) minus limit (100.00 USD)), but at least 0",
            "（（净收入加租金）减去上限（100.00 美元）），不低于 0",
        ),
        ("(income + rent) * 2", "(net income plus rent) times 2", "（净收入加租金）乘以 2"),
        (
            "min(income, rent) + limit",
            "(the smaller of net income and rent) plus limit (100.00 USD)",
            "（净收入和租金中较小者）加上限（100.00 美元）",
        ),
        (
            "max(income, rent, limit)",
            "the largest of net income, rent and limit (100.00 USD)",
            "净收入、租金和上限（100.00 美元）中最大者",
        ),
        (
            "income > rent ? income : rent + limit",
            "net income if net income is more than rent, otherwise (rent plus limit (100.00 USD))",
            "如净收入高于租金，则为净收入，否则为（租金加上限（100.00 美元））",
        ),
    ] {
        assert_eq!(shown("USD", "100.00", value), [english, chinese], "{value}");
    }
}

/// A page is the same page in all its forms; a browser needs nothing else, and runs nothing.
#[test]
fn html_stands_by_itself_and_can_be_heard() {
    let law = sealroot_testing::policies::laws::compiled("snap/snap.policy.toml").unwrap();
    for language in Language::ALL {
        let page = law.page(language);
        let html = page.to_html();
        let tag = language.say("<html lang=\"en\">", "<html lang=\"zh-Hans\">");
        assert!(html.starts_with("<!DOCTYPE html>") && html.contains(tag), "{html}");
        assert_eq!(html.matches("<h1>").count(), 1);
        assert_eq!(html.matches("<h2>").count(), page.sections.iter().filter(|s| s.heading.is_some()).count());
        assert!(html.find("<h1>") < html.find("<h2>"));
        for absent in ["<script", "<link", "<img", "url(", "@import", " on", "javascript:"] {
            let body = &html[html.find("<body>").unwrap()..];
            let found = if absent == " on" {
                body.contains(" onclick") || body.contains(" onload")
            } else {
                html.contains(absent)
            };
            assert!(!found, "{absent}");
        }
        let cells = |cell: &str| html.matches(cell).count();
        assert_eq!(
            cells("<th "),
            cells("<th scope=\"col\">") + cells("<th scope=\"row\">"),
            "each header says of what"
        );
        assert_eq!(cells("<table>"), cells("<thead>"));
        for tag in ["section", "main", "table", "tr", "dl", "dt", "dd", "ol", "li", "p", "th", "td"] {
            let open = cells(&format!("<{tag}>")) + cells(&format!("<{tag} "));
            assert_eq!(open, cells(&format!("</{tag}>")), "{tag}");
        }
    }
}

/// A law's own words are words: they open no tag and no table.
#[test]
fn a_title_is_no_markup() {
    let law = sealroot_testing::policies::laws::edited("heating-allowance/income.policy.toml", |text| {
        text.replacen("Heating allowance: income and amount", "<script>alert(1)</script> & | [x](y) *a*", 1)
    });
    let page = law.unwrap().page(Language::En);
    assert!(
        page.to_html().contains("<h1>&lt;script&gt;alert(1)&lt;/script&gt; &amp; | [x](y) *a*</h1>"),
        "{}",
        page.to_html()
    );
    assert!(page.to_markdown().starts_with("# \\<script\\>alert(1)\\</script\\> \\& \\| \\[x\\](y) \\*a\\*\n"));
}
