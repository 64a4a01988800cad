//! Rules about the members of a household: what compiles means what cel's macros say, what can't be compiled is refused.
#![allow(clippy::unwrap_used, clippy::panic)]

use sealroot_policy::{Compiled, Detail, FactsError, GivenFacts, PolicySource, SchemaRequest, Usage, compile};
use sealroot_protocol::date::Period;
use sealroot_protocol::machine::{Entry, Gate, Line};
use sealroot_testing::{
    cases,
    policies::household::{self, compile_text, head, policy, requirement},
};

fn agree(sources: usize, when: &str, output: Option<&str>) -> Compiled {
    let compiled = policy(sources, when, output).unwrap_or_else(|e| panic!("{when} {output:?}\n{e}"));
    let cases: usize = cases(50);
    let report = compiled.check(cases, 7);
    assert!(report.problems.is_empty(), "{when} {output:?}: {:?}", report.problems);
    assert!(report.compared * 2 > cases, "{when}: {} compared", report.compared);
    compiled
}

#[test]
fn what_compiles_means_what_cel_says() {
    for when in [
        "members.exists(m, age(m.born) < 6)",
        "members.all(m, m.resident)",
        "members.exists_one(m, m.role == 'parent')",
        "!members.all(m, m.adult || m.role == 'child')",
        "members.exists(m, m.child) && size(adults) == 1",
        "size(members) >= 3",
        "size(members.filter(m, m.role in ['parent', 'other'])) <= 2",
        "size(adults) > size(members.filter(m, !m.adult))",
        "adults.all(a, a.resident)",
        "adults.filter(a, a.resident).exists(a, a.savings > limit)",
        "sum(members.map(m, m.savings)) <= limit",
        "sum(members.map(m, m.savings)) <= by_size[size(members) - 1]",
        "sum(members.map(m, m.adult, max(0, m.savings - free))) <= limit",
        "sum(adults.map(a, a.savings)) + rent <= limit",
        "sum(members.map(m, m.adult ? m.savings : free)) >= rent",
        "sum(members.map(m, floor(m.savings / 3))) > free",
        "sum(members.map(m, age(m.born))) >= 100",
        "sum(members.map(m, age_in_months(m.born) < 6, 1)) == 1",
        "members.exists(m, m.town in towns) || members.exists(m, m.town == 'Southport')",
        "members.all(m, m.town in towns) == social",
        "members.map(m, m.savings).all(s, s <= limit)",
        "rent <= limit * size(members)",
        "rent <= by_district[district] || household.rent > limit",
        "members.exists(m, as_of > m.born) && members.all(m, m.born >= date('1930-01-01'))",
        "sum(members.map(m, m.savings < free ? 2 : 1)) > 3",
        "sum(members.map(m, m.role == 'child' ? 3 : m.adult ? 10 : 5)) > 12",
    ] {
        agree(1, when, None);
        agree(2, when.replace("by_size[size(members) - 1]", "by_size[size(members)]").as_str(), None);
    }
    for when in [
        "sum(members.map(m, m.earned)) <= limit",
        "sum(members.map(m, m.adult, m.earned)) <= limit",
        "sum(members.map(m, m.adult ? max(0, m.earned - free) : 0)) <= limit",
        "sum(members.map(m, m.employed ? m.savings : 0)) <= limit",
        "sum(members.map(m, m.earned + m.savings)) <= limit",
        "members.exists(m, m.earned + m.savings > limit)",
        "members.exists(m, m.earned > m.savings)",
        "members.all(m, m.resident == m.employed)",
        "members.exists(m, m.adult && !m.employed && m.earned > free)",
        "sum(members.map(m, min(m.earned, m.savings))) > free",
        "members.exists(m, sum(m.pay) > limit && m.adult)",
        "members.exists(m, m.pay.exists(p, p > limit)) || members.all(m, m.tax.pay.all(p, p <= free))",
        "members.exists(m, m.person.identity == 'x') || members.exists(m, m.tax.identity == 'x')",
        "sum(members.map(m, age(m.born) >= 18 && m.employed, m.pay_02)) <= limit",
        "members.exists(m, m.wide == 9223372036854775807 || m.wide < -9223372036854775807)",
    ] {
        agree(2, when, None);
    }
    for amount in [
        "rent",
        "size(members)",
        "size(members.filter(m, m.child)) * 3",
        "free * size(members.filter(m, !m.adult))",
        "max(0, by_size[min(size(members), 4) - 1] - rent)",
        "max(0, limit * size(members) - sum(members.map(m, max(0, m.savings))))",
        "floor(sum(members.map(m, max(0, m.savings))) / 12)",
        "by_district[district]",
        "members.exists(m, m.child)",
        "members.exists(m, m.child) ? rent : free",
        "district",
    ] {
        agree(1, "members.exists(m, m.resident)", Some(amount));
        agree(2, "members.exists(m, m.resident)", Some(amount));
    }
}

/// With one source both groups of slots compute the same; with two, a member's second record reads of the first one what
/// was computed there: one register each, and the gate is the counterpart's.
#[test]
fn registers_stand_where_the_records_are() {
    let one = agree(1, "sum(members.map(m, m.adult, m.savings)) <= limit", None);
    let rules = one.words().rules();
    assert_eq!(rules.members[0], rules.members[1]);
    assert_eq!(one.usage(), Usage { member_registers: [2, 0], conditions: 1, requirements: 1, ..Usage::default() });
    let Line::Integer(line) = &rules.conditions[0].line else { panic!() };
    let sums: Vec<_> = line.weights.keys().collect();
    assert_eq!(sums, [&Entry::MemberSum { group: 0, register: 1 }, &Entry::MemberSum { group: 1, register: 1 }]);

    let two = agree(2, "sum(members.map(m, m.adult, max(0, m.earned - free))) <= limit", None);
    let rules = two.words().rules();
    assert_eq!(two.usage().member_registers, [1, 1]);
    assert_eq!(rules.members[1][0].gate, Some(Gate::Counterpart(0)));
    let Line::Integer(line) = &rules.conditions[0].line else { panic!() };
    assert_eq!(line.weights.keys().collect::<Vec<_>>(), [&Entry::MemberSum { group: 1, register: 0 }]);

    // sums of attributes take no register at all
    let sums = agree(2, "sum(members.map(m, m.earned + m.savings)) <= rent", None);
    assert_eq!(sums.usage(), Usage { conditions: 1, requirements: 1, ..Usage::default() });
}

#[test]
fn what_cannot_be_compiled_is_refused_at_its_place() {
    let line = head(2).lines().count() + 3;
    let mut wrong = Vec::new();
    for (when, column, message) in [
        ("members.exists(m, m.savings > rent)", 29, "mixes the facts of one member with the household's"),
        ("members.exists(m, social && m.resident)", 15, "mixes the facts"),
        ("members.exists(m, social)", 15, "the same for all members"),
        ("sum(members.map(m, rent)) > free", 4, "the same for all members"),
        ("members.exists(m, members.exists(n, n.born < m.born))", 33, "can't speak of the other members"),
        ("members.exists(m, size(members) > 2 && m.adult)", 23, "can't speak of the other members"),
        ("members.exists(m, size(adults) > 2 && m.adult)", 23, "can't speak of the other members"),
        ("max(members.map(m, m.savings)) > free", 4, "the smallest or largest over the members"),
        ("sum(members) > 3", 4, "members can't be summed"),
        ("sum(members.map(m, m.resident)) > 3", 4, "where numbers are needed"),
        ("members.exists(m, m.identity == 'x')", 20, "both of a member's records have \"identity\""),
        ("members.exists(m, m.tax.born > as_of)", 24, "a member has no attribute or definition \"born\""),
        ("members.exists(m, m.rent > free)", 20, "a member has no attribute or definition \"rent\""),
        ("members.exists(m, m.saving > free)", 20, "no attribute or definition \"saving\""),
        ("members.exists(m, born < as_of)", 19, "\"born\" is no attribute"),
        ("tax.earned > free", 4, "nothing here has a field \"earned\""),
        ("members.resident", 8, "nothing here has a field \"resident\""),
        ("member.adult", 7, "nothing here has a field \"adult\""),
        ("member_1 == member_2", 1, "\"member_1\" is no attribute"),
        ("members[0].adult", 1, "has no entries"),
        ("members.exists(rent, rent.adult)", 15, "means something else already"),
        ("members.exists(m, m.town == m.tax.identity)", 26, "texts of two records"),
        ("members.exists(m, m)", 19, "where true or false is needed"),
        ("size(members) > 4", 15, "this is always false"),
        ("size(members) >= 1", 15, "this is always true"),
        ("size(adults) >= 0", 14, "this is always true"),
        ("sum(members.map(m, m.savings)) > by_size[0] * 10000", 32, "this is always false"),
        ("rent <= by_size[size(members) + 4]", 31, "the list has 0 to 7"),
        ("sum(members.map(m, m.wide * 100000)) > 5", 0, "can leave the range of the machine"),
        ("sum(members.map(m, m.savings > free, size(members))) > 5", 42, "can't speak of the other members"),
    ] {
        let found = match policy(2, when, None) {
            Ok(_) => panic!("{when}: compiled"),
            Err(diagnostics) => diagnostics.0,
        };
        let first = &found[0];
        assert_eq!((first.file.as_str(), first.line), ("test.policy.toml", line), "{when}: {first}");
        let at = first.column - "when = '''".len();
        if !first.message.contains(message) || (column > 0 && at != column) {
            wrong.push(format!("{when}: column {at}: {}", first.message));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_file_is_read_strictly() {
    let good = head(2) + &requirement("r", "members.all(m, m.resident)");
    assert!(compile_text(good.clone()).is_ok());
    for (from, to, message) in [
        ("nullifier = \"record-per-scope\"", "nullifier = \"holder\"", "a household has one approval"),
        ("of = \"household\"\n", "", "the first source is the household's record"),
        ("of = \"household\"", "of = \"member\"", "the first source is the household's record"),
        ("of = \"member\"", "of = \"household\"", "the sources after the first are members' records"),
        ("of = \"member\"", "of = \"person\"", "expected here: household, member"),
        ("schema = \"household\"", "schema = \"person\"", "no household's"),
        ("schema = \"person\"", "schema = \"household\"", "where one of members is needed"),
        ("shape = \"household\"", "shape = \"solo\"", "the shape solo doesn't have 3 sources"),
        ("name = \"tax\"", "name = \"person\"", "the source \"person\" stands twice"),
        ("name = \"tax\"", "name = \"born\"", "\"born\" is already an attribute"),
        ("[member.adult]", "[member.born]", "\"born\" is already an attribute"),
        ("[member.adult]", "[member.Adult]", "can't be used in expressions"),
        ("[definition.adults]", "[definition.members]", "has a meaning"),
        ("age(member.born) >= 18", "age(member.born) >= 18 || member.child", "needs itself"),
        ("!member.adult && member.role == 'child'", "member.rent > free", "no attribute or definition \"rent\""),
        ("identity = \"identity\"", "identity = \"member_1\"", "is not text"),
    ] {
        assert!(good.contains(from), "{from}");
        match compile_text(good.replacen(from, to, 1)) {
            Ok(_) => panic!("{to}: compiled"),
            Err(found) => assert!(found.to_string().contains(message), "{to}: {found}"),
        }
    }
    let once = good.replace("record-per-scope", "record-once");
    assert!(compile_text(once.clone()).is_ok());
    let relative = once.replacen("period = \"timeless\"", "months_before = 1", 1);
    assert!(compile_text(relative).unwrap_err().to_string().contains("once ever"));
}

/// Two live records of a member would let the applicant choose which one counts.
#[test]
fn members_have_one_record_each() {
    let text = head(2) + &requirement("r", "members.all(m, m.resident)");
    let find = |request: SchemaRequest<'_>| {
        let mut schema = household::schema(request.reference);
        schema.many = request.source == 2;
        Ok(schema)
    };
    let found = compile(&PolicySource { file: "test".to_owned(), text }, &find).unwrap_err().0.remove(0);
    assert!(found.message.contains("many records per member"), "{found}");
}

/// The same records twice would be two records of each member, and one fact read twice.
#[test]
fn two_sources_are_not_the_same_records() {
    let text = head(1).replace(".born", ".person.born").replace(".role", ".person.role")
        + &requirement("r", "members.all(m, m.person.resident)");
    let source = "[[source]]\nname = \"person\"\nof = \"member\"\nagency = \"civil-registry\"\nschema = \"person\"\n";
    let twin = source.replace("\"person\"\nof", "\"again\"\nof") + "period = \"timeless\"\n";
    let both = |twin: &str| text.replacen("[parameter.limit]", &format!("{twin}[parameter.limit]"), 1);
    let found = compile_text(both(&twin)).unwrap_err().to_string();
    assert!(found.contains("the same records as source \"person\""), "{found}");
    // Of another period they are others.
    let other = compile_text(both(&twin.replace("timeless", "2025-12"))).unwrap_or_else(|e| panic!("{e}"));
    assert!(other.words().rules().is_paired());
}

#[test]
fn capacities_are_named() {
    let many = |sources: usize, whens: &[String]| {
        let requirements = whens.iter().enumerate().map(|(i, when)| requirement(&format!("r{i}"), when));
        compile_text(head(sources) + &requirements.collect::<String>())
    };
    let ages = |n: usize| (0..n).map(|i| format!("members.exists(m, age(m.born) < {})", i + 1)).collect::<Vec<_>>();
    assert_eq!(many(1, &ages(8)).unwrap().usage().member_registers, [8, 0]);
    let found = many(1, &ages(9)).unwrap_err().to_string();
    assert!(found.contains("9 member registers, the shape household has 8: 1 too many"), "{found}");
    // a member's two records have eight each
    let mut both = ages(8);
    both.extend((0..8).map(|i| format!("members.exists(m, m.earned > free * {i})")));
    assert_eq!(many(2, &both).unwrap().usage().member_registers, [8, 8]);
    // the same question of a member, asked otherwise or about its opposite, is one register
    let same = ["members.exists(m, m.adult)", "!members.all(m, age(m.born) < 18)", "size(adults) != 2"];
    assert_eq!(many(1, &same.map(str::to_owned)).unwrap().usage().member_registers, [1, 0]);
}

#[test]
fn given_facts_are_checked() {
    let compiled = policy(2, "members.exists(m, m.adult && m.earned > free)", None).unwrap();
    let read = |text: &str| {
        let table: std::collections::BTreeMap<String, toml::Value> = toml::from_str(text).unwrap();
        let as_of = "2026-05-01".parse().unwrap();
        let given = GivenFacts::from_table(&table)?;
        compiled.facts(&given, as_of, Period { start: as_of, end: as_of })
    };
    let one = "{ born = \"1990-01-01\", role = \"parent\", earned = \"100.01\" }";
    let facts = read(&format!("members = [{one}]")).unwrap_or_else(|e| panic!("{e}"));
    assert!(compiled.evaluate(&facts).unwrap().decision);
    let sourced = "{ person = { born = \"1990-01-01\" }, tax = { earned = \"100.00\", identity = \"x\" } }";
    let facts = read(&format!("members = [{sourced}, {sourced}]")).unwrap_or_else(|e| panic!("{e}"));
    assert!(!compiled.evaluate(&facts).unwrap().decision);
    let problem = |text: &str| read(text).err().unwrap();
    assert_eq!(problem(""), FactsError::Members { most: 4, found: 0 });
    assert_eq!(problem(&format!("members = [{}]", [one; 5].join(","))), FactsError::Members { most: 4, found: 5 });
    let named = |name: &str| name.to_owned();
    assert_eq!(problem("members = [{ born = \"1990-01-01\" }]"), FactsError::Missing(named("earned")));
    assert_eq!(problem("members = [{ lent = 1 }]"), FactsError::Unknown(named("lent")));
    assert_eq!(problem("members = [{ identity = \"x\" }]"), FactsError::Shared(named("identity")));
    assert_eq!(
        problem(&format!("members = [{}]", one.replace("earned", "tax.born"))),
        FactsError::Unknown(named("born"))
    );
    assert_eq!(problem("members = [{ fisc = { born = \"1990-01-01\" } }]"), FactsError::Unknown(named("fisc.born")));
    assert_eq!(problem("members = [7]"), FactsError::Spelling(named("members")));
    assert_eq!(problem("member_1 = \"x\""), FactsError::Unknown(named("member_1")));
    assert_eq!(problem("members = 2"), FactsError::Unknown(named("members")));
}

/// What an amount gives away is said: which facts, whether as a sum over the members, how finely.
#[test]
fn disclosures_are_said() {
    let shown = |amount: &str| {
        let compiled = policy(2, "members.all(m, m.resident)", Some(amount)).unwrap();
        let output = compiled.disclosures().remove(1);
        let gives_away = output.gives_away().map(|fact| fact.name.clone());
        let facts: Vec<_> = output.facts.into_iter().map(|f| (f.name, f.detail, f.summed)).collect();
        (facts, gives_away)
    };
    let exactly = |bounded| Detail::Computable { step: 1, rounded: false, bounded };
    let fact = |name: &str, detail, summed| (name.to_owned(), detail, summed);
    let household = "household.rent".to_owned();
    assert_eq!(shown("rent"), (vec![fact("household.rent", Detail::Shown, false)], Some(household.clone())));
    assert_eq!(
        shown("max(0, limit - rent)"),
        (vec![fact("household.rent", exactly(true), false)], Some(household.clone()))
    );
    assert_eq!(
        shown("floor(rent * 2 / 7)"),
        (
            vec![fact("household.rent", Detail::Computable { step: 3, rounded: true, bounded: false }, false)],
            Some(household)
        )
    );
    assert_eq!(
        shown("sum(members.map(m, m.adult, m.earned))").0,
        [fact("person.born", Detail::YesOrNo, false), fact("tax.earned", exactly(true), true)]
    );
    assert_eq!(shown("sum(members.map(m, m.earned)) + rent").1, None, "a combination of two");
    assert_eq!(
        shown("floor(rent / 2) + ceil(rent / 2)").0,
        [fact("household.rent", exactly(false), false)],
        "two halves make a whole"
    );
}
