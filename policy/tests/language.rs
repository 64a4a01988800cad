//! The policy language: what compiles means what cel's interpreter says.
#![allow(clippy::unwrap_used, clippy::panic)]

use sealroot_policy::Language;
use sealroot_testing::{cases, policies::person::policy};

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
        "day(born) >= 29",
        "day(as_of) <= day(born)",
        "month(born) == 2 && day(born) == 29",
        "years_between(born, start) >= 18",
        "months_between(start, born) in [-1, 0, 1]",
        "days_between(born, as_of) >= 30",
        "days_between(start, period_end) > patience",
        "day_number(born) == day('2000-02-29')",
        "since - day_number(start) >= patience",
        "limit * children >= rent",
        "rate * children >= rent",
        "free * patience > rent",
        "floor(marginal(rent, bounds, percents) / 100) >= free",
        "marginal(balance, bounds, percents) <= 0",
        "step(rent, bounds, amounts) == amounts[2] || step(rent, bounds, amounts) >= amounts[1]",
        "rent <= grid[status][min(children, 2)]",
        "rent <= grid['married'][min(children, 2)]",
        "square[min(children, 1)][status] >= 2",
        "square[1][status] in [1, 2]",
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
        "age_in_months(born) >= 6",
        "age_in_months(born) < 1 || age_in_months(born) in [11, 12]",
        "month_number(as_of) - month_number(born) == 216",
        "month_number(born) + 3 > month_number(start)",
        "year(born) >= 2000 && year(as_of) - year(born) < 40",
        "max(born, start) <= as_of",
        "min(since, as_of_day - 30) == since",
        "pay.all(p, p <= limit)",
        "pay.exists(p, p > limit) && !pay.exists(p, p == free)",
        "pay.exists_one(p, p > free)",
        "sum(pay.map(p, max(0, p - free))) <= limit",
        "sum(pay.map(p, p > free, p)) <= limit",
        "size(pay.filter(p, p > free)) >= 2",
        "pay.filter(p, p > free).all(p, p <= limit)",
        "[rent, pay_01].exists(x, x > limit)",
        "pay[1] <= limit",
        "rent <= ceilings[status]",
        "rent <= ceilings['widowed'] || employed",
        "rent <= steps[min(children, 4)]",
        "rent <= irregular[min(children, 4)]",
        "factors[min(children, 2) + 1] == 3",
        "switched ? rent <= limit : employed",
        "employed && rent <= limit",
        "(employed && rent <= limit) || student",
        "(employed && rent <= limit) || (student && rent <= free) || status == 'single'",
        "wide + 1 >= 0",
        "wide == 9223372036854775807",
    ];
    for when in truths {
        let compiled = policy(when, None).unwrap_or_else(|e| panic!("{when}\n{e}"));
        let cases: usize = cases(150);
        let report = compiled.check(cases, 7);
        assert!(report.problems.is_empty(), "{when}: {:?}", report.problems);
        assert!(report.compared * 2 > cases, "{when}: {} compared", report.compared);
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
        "ceilings[status]",
        "irregular[min(children, 4)]",
        "age_in_months(born) >= 0 ? age_in_months(born) : 0",
        "balance > limit ? balance - limit : 0",
        "rent <= limit ? limit - rent : 0",
        "!(rent > limit) ? limit - rent : rent",
        "max(0, month_number(as_of) - month_number(born))",
        "year(born)",
        "size(pay.filter(p, p >= free))",
        "sum(pay.map(p, min(p, limit)))",
        "children * 3",
        "rate * children",
        "limit * children",
        "ceil(limit * (31 - day(period_start)) / 30)",
        "day(period_end)",
        "max(0, days_between(start, born))",
        "max(0, marginal(rent, bounds, percents))",
        "step(rent, bounds, amounts)",
        "grid[status][min(children, 2)]",
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
        let cases: usize = cases(150);
        let report = compiled.check(cases, 8);
        assert!(report.problems.is_empty(), "{amount}: {:?}", report.problems);
        assert!(report.compared * 2 > cases, "{amount}: {} compared", report.compared);
    }
}

/// A day is before another; an amount is less than another.
#[test]
fn days_are_compared_in_words_of_time() {
    let said = |when: &str| {
        let compiled = policy(when, None).unwrap_or_else(|e| panic!("{when}: {e}"));
        [Language::En, Language::Zh].map(|language| compiled.explain(language))
    };
    for (when, english, chinese) in [
        ("born >= start", "Born is on or after start (2020-02-29)", "born 不早于 start（2020年2月29日）"),
        ("born > date('2000-01-01')", "Born is after 2000-01-01", "born 晚于 2000年1月1日"),
        ("as_of <= start", "The reference day is on or before start", "基准日不晚于 start"),
        ("since + patience < as_of_day", "Since plus patience (30 days) is before", "早于基准日"),
        (
            "as_of_day - since >= patience",
            "The reference day minus since is at least patience (30 days)",
            "不少于 patience（30 天）",
        ),
        (
            "age(born) >= 18",
            "Age in whole years on the reference day (by born) is at least 18 years",
            "截至基准日按 born 计算年满 18 周岁",
        ),
        ("rent < limit", "Rent is less than limit (1,000.00 EUR)", "rent 低于 limit（1,000.00 欧元）"),
    ] {
        let [found_english, found_chinese] = said(when);
        assert!(found_english.contains(english), "{when}\n{found_english}");
        assert!(found_chinese.contains(chinese), "{when}\n{found_chinese}");
    }
}
