//! Attacks on validation in the household shape: words by which a member would count twice, not at all, or for
//! another's facts.

use ark_ff::{AdditiveGroup, Field};
use sealroot_protocol::field::F;
use sealroot_protocol::machine::{self, *};
use sealroot_protocol::schema::{Schema, SchemaId};

const HOUSEHOLD: Shape = Shape::Household;
const SECOND: Level = Level::Member(1);

fn line(constant: i128, weights: &[(Entry, i64)]) -> Line {
    Line::Integer(IntegerLine::new(constant, weights.iter().copied()).unwrap())
}

fn sums(attribute: usize) -> [(Entry, i64); 2] {
    [0, 1].map(|group| (Entry::AttributeSum { group, attribute }, 1))
}

fn counts(register: usize) -> [(Entry, i64); 2] {
    [0, 1].map(|group| (Entry::MemberSum { group, register }, 1))
}

/// One member source: attribute 0 of the members is a birth date, 1 an income, 2 a text.
fn base() -> Rules {
    let source =
        |id: u8| SourceRule { schema_id: SchemaId(F::from(id)), facts_period: FactsPeriodRule::MonthsBefore(1) };
    let register = |line, op, gate| Register { line, op, gate };
    let student = Line::Text(TextLine { attribute: 2, minus: TextOperand::Constant(F::from(9u8)) });
    let members = vec![
        register(line(-180_000, &[(Entry::AsOf, 1), (Entry::Attribute(0), -1)]), Op::NonNegative, None),
        register(line(0, &[(Entry::Attribute(1), 1)]), Op::Max0, Some(Gate::Register(0))),
        register(student, Op::Zero, None),
    ];
    Rules {
        sources: vec![source(1), source(2)],
        ranged_attributes: [0, 9].into(),
        identity: Some(10),
        nullifier: NullifierMode::RecordPerScope,
        members: vec![members.clone(), members],
        registers: vec![register(line(0, &counts(1)), Op::Identity, None)],
        pool: vec![],
        conditions: vec![
            Condition { line: line(100, &sums(1)), test: Test::NonNegative, negated: false },
            Condition { line: line(-1, &counts(2)), test: Test::Zero, negated: true },
        ],
        requirements: vec![Requirement { any_of: [0, 1].into(), reveal: true }],
        outputs: [Some(Selector::Register(0)), None],
    }
}

/// Two member sources: the second one's records are judged by what the first one's say.
fn paired() -> Rules {
    let mut rules = base();
    rules.sources.push(SourceRule { schema_id: SchemaId(F::from(3u8)), ..rules.sources[1] });
    rules.members[1] = vec![Register {
        line: line(0, &[(Entry::Counterpart(1), 2)]),
        op: Op::Identity,
        gate: Some(Gate::Counterpart(2)),
    }];
    rules.registers[0].line = line(0, &[(Entry::MemberSum { group: 1, register: 0 }, 1)]);
    rules.conditions[0].line = line(0, &[(Entry::AttributeSum { group: 1, attribute: 4 }, 1)]);
    rules.conditions[1].line = line(-1, &[(Entry::MemberSum { group: 0, register: 2 }, 1)]);
    rules
}

/// What is wrong, and with which word.
fn fault(rules: &Rules) -> (WordProblem, usize) {
    match ValidWords::from_rules(HOUSEHOLD, rules) {
        Err(WordsError::Word { problem, index, .. }) => (problem, index),
        other => panic!("{other:?}"),
    }
}

fn problem(rules: &Rules) -> WordProblem {
    fault(rules).0
}

#[test]
fn the_bases_are_valid() {
    for rules in [base(), paired()] {
        assert_eq!(ValidWords::from_rules(HOUSEHOLD, &rules).unwrap().rules(), &rules);
    }
}

#[test]
fn rules_that_are_not_valid_are_rejected() {
    let base_problem = |change: &dyn Fn(&mut Rules)| {
        let mut rules = base();
        change(&mut rules);
        problem(&rules)
    };
    use WordProblem::*;
    assert_eq!(base_problem(&|r| r.nullifier = NullifierMode::Holder), HouseholdHolder);
    // Members 5 to 8 counted less, more, or by other rules than members 1 to 4.
    assert_eq!(base_problem(&|r| r.conditions[0].line = line(100, &sums(1)[..1])), Unpaired);
    assert_eq!(base_problem(&|r| r.conditions[0].line = line(100, &sums(1)[1..])), Unpaired);
    let unequal = [sums(1)[0], (sums(1)[1].0, 2)];
    assert_eq!(base_problem(&|r| r.conditions[0].line = line(100, &unequal)), Unpaired);
    assert_eq!(base_problem(&|r| r.registers[0].line = line(0, &counts(1)[..1])), Unpaired);
    assert_eq!(base_problem(&|r| r.members[1][1].gate = None), Unpaired);
    assert_eq!(base_problem(&|r| _ = r.members[1].pop()), Unpaired);
    assert_eq!(base_problem(&|r| r.members[1][1].gate = Some(machine::Gate::Counterpart(0))), Unpaired);
    assert_eq!(base_problem(&|r| r.members[1][1].line = line(0, &[(Entry::Counterpart(0), 1)])), Unpaired);
    assert_eq!(base_problem(&|r| r.registers[0].line = line(0, &counts(3))), UnusedRegister);
    // An empty slot is computed as well: its line is the constant.
    let constant = |r: &mut Rules, c: i128| r.members.iter_mut().for_each(|m| m[0].line = line(c, &[(Entry::AsOf, 1)]));
    for beyond in [1 << 78, -(1 << 78)] {
        assert_eq!(base_problem(&|r| constant(r, beyond)), MemberConstant);
    }
    let mut largest = base();
    constant(&mut largest, (1 << 78) - 1);
    assert!(ValidWords::from_rules(HOUSEHOLD, &largest).is_ok());
    let gate = |r: &mut Rules, op| {
        for group in &mut r.members {
            group[0].op = op;
        }
    };
    for op in [Op::Identity, Op::Max0, Op::Floor(2)] {
        assert_eq!(base_problem(&|r| gate(r, op)), Gate, "{op:?}");
    }

    let mut rules = paired();
    rules.members[1][0].gate = Some(machine::Gate::Counterpart(1));
    assert_eq!(problem(&rules), Gate, "a counterpart's register that is no 0/1");
    rules = paired();
    rules.members[1][0].line = line(0, &[(Entry::Counterpart(3), 1)]);
    assert_eq!(problem(&rules), UnusedRegister);
    for entry in [Entry::Counterpart(0), sums(1)[0].0, Entry::Register(0)] {
        let mut rules = paired();
        rules.members[0][0].line = line(0, &[(entry, 1)]);
        let rejected = ValidWords::from_rules(HOUSEHOLD, &rules);
        assert!(matches!(rejected, Err(WordsError::Reference { .. })), "the first group reads {entry}");
    }
}

/// An author looks where the message points.
#[test]
fn a_fault_of_rules_is_named_by_its_word() {
    let at = Layout::new(HOUSEHOLD.dimensions());
    let mut rules = base();
    rules.conditions[0].line = line(100, &sums(1)[..1]);
    // Weights stand in the order of the vector: 32 attributes, four dates, then the sums of the first group.
    assert_eq!(fault(&rules), (WordProblem::Unpaired, at.condition(0).weights.start + 37));
    rules = base();
    rules.members[1][1].gate = None;
    assert_eq!(fault(&rules), (WordProblem::Unpaired, at.register(SECOND, 1).weights.start));
    rules = paired();
    rules.members[1][0].gate = Some(machine::Gate::Counterpart(1));
    assert_eq!(fault(&rules), (WordProblem::Gate, at.register(SECOND, 0).gates.start + 1));
}

/// Single words changed to what a circuit would take, and validation must not.
#[test]
fn changed_words_are_rejected() {
    let at = Layout::new(HOUSEHOLD.dimensions());
    let second = at.register(SECOND, 1);
    let table = [
        ("paired of 2", at.paired().start, F::from(2u8)),
        ("paired with one member source", at.paired().start, F::ONE),
        ("a second member source without pairs", at.source(2).schema_id, F::ONE),
        ("its period", at.source(2).period_constant, F::from(202_601u32)),
        ("one group's weight", second.weights.start + 1, F::ZERO),
        ("one group's constant", second.constant, F::ONE),
        ("one group's gate", second.gates.start + 8, F::ZERO),
        ("a gate of 2", second.gates.start + 8, F::from(2u8)),
        ("a counterpart's gate", second.gates.start, F::ONE),
        ("the divisor of an unused register", at.register(SECOND, 7).divisor, F::ZERO),
        ("a weight of 2^40", at.register(Level::Record, 0).weights.start + 40, F::from(1u64 << 40)),
    ];
    for (attack, index, value) in table {
        let mut words = encode(&base(), HOUSEHOLD).unwrap().as_slice().to_vec();
        assert_ne!(words[index], value, "{attack}: changes nothing");
        words[index] = value;
        assert!(ValidWords::check(HOUSEHOLD, Words::new(HOUSEHOLD, words).unwrap()).is_err(), "{attack}");
    }
}

#[test]
fn words_must_belong_to_the_schemas() {
    const MEMBERS: &str = "household = true\n[[attribute]]\nname = \"members\"\nkind = \"integer\"\nmin = 1\nmax = 8\n\
        [[attribute]]\nname = \"member\"\nkind = \"member\"\nrepeat = 8\n";
    const REST: &str =
        "[[attribute]]\nname = \"rent\"\nkind = \"integer\"\n[[attribute]]\nname = \"id\"\nkind = \"text\"\n";
    const PERSON: &str = "[[attribute]]\nname = \"birth\"\nkind = \"date\"\n[[attribute]]\nname = \"income\"\nkind = \"integer\"\n\
        [[attribute]]\nname = \"status\"\nkind = \"text\"\n";
    let schema = |text: &str| Schema::from_toml(&format!("name = \"facts\"\n{text}")).unwrap();
    let (household, person) = (schema(&format!("{MEMBERS}{REST}")), schema(PERSON));
    let check = |household: &Schema, person: &Schema, change: &dyn Fn(&mut Rules)| {
        let mut rules = base();
        (rules.sources[0].schema_id, rules.sources[1].schema_id) = (household.id().unwrap(), person.id().unwrap());
        change(&mut rules);
        ValidWords::from_rules(HOUSEHOLD, &rules).unwrap().check_schemas(&[household.clone(), person.clone()])
    };
    let problem = |result: Result<(), SchemaMismatch>| match result {
        Err(SchemaMismatch::Word(WordsError::Word { problem, .. })) => problem,
        other => panic!("{other:?}"),
    };
    assert!(check(&household, &person, &|_| ()).is_ok());
    let not_a_household = schema(&format!("{PERSON}[[attribute]]\nname = \"t\"\nkind = \"text\"\nrepeat = 8\n"));
    assert_eq!(problem(check(&not_a_household, &person, &|_| ())), WordProblem::NotAHousehold);
    assert_eq!(problem(check(&household, &household, &|_| ())), WordProblem::NotAPerson);
    assert_eq!(
        problem(check(&household, &schema(&format!("many = true\n{PERSON}")), &|_| ())),
        WordProblem::NotAPerson
    );
    // A member's name is neither text nor a number: no rule may ask who somebody is.
    assert_eq!(problem(check(&household, &person, &|r| r.identity = Some(1))), WordProblem::MemberName);
    let names = Line::Text(TextLine { attribute: 1, minus: TextOperand::Attribute(2) });
    let named = |r: &mut Rules| r.conditions[1] = Condition { line: names.clone(), test: Test::Zero, negated: false };
    assert_eq!(problem(check(&household, &person, &named)), WordProblem::MemberName);
    // What members' lines and sums read has the kind that they take it for.
    let both = |r: &mut Rules, i: usize, changed: Line| r.members.iter_mut().for_each(|m| m[i].line = changed.clone());
    let reads = |i| line(0, &[(Entry::Attribute(i), 1)]);
    assert_eq!(problem(check(&household, &person, &|r| both(r, 1, reads(2)))), WordProblem::OtherKind);
    assert_eq!(problem(check(&household, &person, &|r| both(r, 1, reads(3)))), WordProblem::NoAttribute);
    let text = |i| Line::Text(TextLine { attribute: i, minus: TextOperand::Constant(F::ONE) });
    assert_eq!(problem(check(&household, &person, &|r| both(r, 2, text(1)))), WordProblem::OtherKind);
    assert_eq!(
        problem(check(&household, &person, &|r| r.conditions[0].line = line(0, &sums(2)))),
        WordProblem::OtherKind
    );
    assert_eq!(
        problem(check(&household, &person, &|r| r.conditions[0].line = line(0, &sums(31)))),
        WordProblem::NoAttribute
    );

    // Each is named by the word that disagrees.
    let at = Layout::new(HOUSEHOLD.dimensions());
    type Named<'a> = (usize, &'a dyn Fn(&mut Rules));
    let named: [Named; 3] = [
        (at.register(Level::Member(0), 1).weights.start + 3, &|r| both(r, 1, reads(3))),
        (at.register(Level::Member(0), 2).weights.start + 1, &|r| both(r, 2, text(1))),
        (at.condition(0).weights.start + 36 + 31, &|r| r.conditions[0].line = line(0, &sums(31))),
    ];
    let index = |result: Result<(), SchemaMismatch>| match result {
        Err(SchemaMismatch::Word(WordsError::Word { index, .. })) => index,
        other => panic!("{other:?}"),
    };
    for (expected, change) in named {
        assert_eq!(index(check(&household, &person, change)), expected);
    }
    assert_eq!(index(check(&household, &household, &|_| ())), at.source(1).schema_id);

    // With two member sources each group's lines and sums are held to its own schema.
    let other = schema(
        "[[attribute]]\nname = \"t\"\nkind = \"text\"\nrepeat = 4\n[[attribute]]\nname = \"benefit\"\nkind = \"integer\"\n",
    );
    let pair = |first: &Schema, second: &Schema| {
        let (mut rules, schemas) = (paired(), [household.clone(), first.clone(), second.clone()]);
        for (source, schema) in rules.sources.iter_mut().zip(&schemas) {
            source.schema_id = schema.id().unwrap();
        }
        ValidWords::from_rules(HOUSEHOLD, &rules).unwrap().check_schemas(&schemas)
    };
    assert!(pair(&person, &other).is_ok(), "the second has attribute 4, the first needs none");
    let sum = at.condition(0).weights.start + 36 + 32 + 4;
    assert_eq!(index(pair(&person, &person)), sum);
    assert_eq!(problem(pair(&person, &person)), WordProblem::NoAttribute);

    for wrong in [
        MEMBERS.replace("max = 8", "max = 9"),
        MEMBERS.replace("repeat = 8", "repeat = 7"),
        MEMBERS.replace("household = true\n", ""),
        MEMBERS.replace("household", "many = true\nhousehold"),
        format!("{MEMBERS}[[attribute]]\nname = \"extra\"\nkind = \"member\"\n"),
        format!("household = true\n{PERSON}"),
    ] {
        assert!(Schema::from_toml(&format!("name = \"facts\"\n{wrong}")).is_err(), "{wrong}");
    }
}

/// As `no_word_is_ignored` of one person, of every word of both kinds of households; each word by one of the five changes in turn.
#[test]
fn no_word_of_a_household_is_ignored() {
    type Change = fn(F) -> F;
    let changes: [Change; 5] = [|x| x + F::ONE, |x| x - F::ONE, |x| x + x + F::from(2u8), |x| -x, |_| -F::ONE];
    for rules in [base(), paired()] {
        let original = encode(&rules, HOUSEHOLD).unwrap();
        for index in 0..original.as_slice().len() {
            let mut words = original.as_slice().to_vec();
            let before = words[index];
            let changed = changes.iter().cycle().skip(index).map(|change| change(before)).find(|x| *x != before);
            words[index] = changed.unwrap();
            let words = Words::new(HOUSEHOLD, words).unwrap();
            if let Ok(valid) = ValidWords::check(HOUSEHOLD, words.clone()) {
                assert_ne!(valid.rules(), &rules, "word {index} is ignored");
                assert_eq!(encode(valid.rules(), HOUSEHOLD).unwrap(), words);
            }
        }
    }
}
