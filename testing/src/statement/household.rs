//! Households of three, under policies with one and with two member sources.

use super::Case;
use crate::random::Random;
use sealroot_protocol::{
    date::{Date, Period},
    field::{F, from_i128},
    machine::{
        ATTRIBUTES, Condition, Entry, Facts, FactsPeriodRule, Gate, IntegerLine, Line, Member, NullifierMode, Op,
        Register, Requirement, Rules, Selector, Shape, SourceRule, Test, TextLine, TextOperand, ValidWords,
    },
    schema::{SchemaId, text_value},
};

fn line(constant: i128, weights: &[(Entry, i64)]) -> Line {
    Line::Integer(IntegerLine::new(constant, weights.iter().copied()).unwrap())
}

/// Of a member: attribute 0 is the birth date, 1 the income, 2 the status; a second source has the income. Member
/// registers: 0 an adult, 1 the income of an adult, 2 seven for everybody, 3 a student, 4 a twelfth of the income.
/// With two sources the second group has 0 the income of an adult, 1 twice the counterpart's seven.
/// Registers: 0 the adults' income, 1 all sevens. The household may have 100,000 from its adults.
pub fn household_rules(paired: bool) -> Rules {
    let register = |line, op, gate| Register { line, op, gate };
    let income = || line(0, &[(Entry::Attribute(1), 1)]);
    let student = Line::Text(TextLine { attribute: 2, minus: TextOperand::Constant(text_value("student")) });
    let first = vec![
        register(line(-180_000, &[(Entry::AsOf, 1), (Entry::Attribute(0), -1)]), Op::NonNegative, None),
        register(income(), Op::Max0, Some(Gate::Register(0))),
        register(line(7, &[]), Op::Identity, None),
        register(student, Op::Zero, None),
        register(income(), Op::Floor(12), None),
    ];
    let second = vec![
        register(income(), Op::Max0, Some(Gate::Counterpart(0))),
        register(line(0, &[(Entry::Counterpart(2), 2)]), Op::Identity, None),
    ];
    let sum = |group, register| (Entry::MemberSum { group, register }, 1);
    let both = |register| [sum(0, register), sum(1, register)];
    let (incomes, sevens) =
        if paired { (vec![sum(1, 0)], vec![sum(0, 2), sum(1, 1)]) } else { (both(1).into(), both(2).into()) };
    let attributes: Vec<(Entry, i64)> =
        (0..2).filter(|g| !paired || *g == 1).map(|group| (Entry::AttributeSum { group, attribute: 1 }, 1)).collect();
    let source = |id: u8, months| SourceRule {
        schema_id: SchemaId(F::from(id)),
        facts_period: FactsPeriodRule::MonthsBefore(months),
    };
    let mut sources = vec![source(71, 0), source(72, 12)];
    if paired {
        sources.push(source(73, 14));
    }
    Rules {
        sources,
        ranged_attributes: [0, 9].into(),
        identity: Some(10),
        nullifier: NullifierMode::RecordPerScope,
        members: vec![first.clone(), if paired { second } else { first }],
        registers: vec![
            register(line(0, &incomes), Op::Identity, None),
            register(line(0, &sevens), Op::Identity, None),
        ],
        pool: Vec::new(),
        conditions: vec![
            Condition { line: line(100_000, &[(Entry::Register(0), -1)]), test: Test::NonNegative, negated: false },
            Condition {
                line: line(500_000, &attributes.iter().map(|(e, w)| (*e, -w)).collect::<Vec<_>>()),
                test: Test::NonNegative,
                negated: false,
            },
        ],
        requirements: vec![
            Requirement { any_of: [0].into(), reveal: true },
            Requirement { any_of: [1].into(), reveal: true },
        ],
        outputs: [Some(Selector::Register(0)), Some(Selector::Register(1))],
    }
}

/// Two adults, one with an income, and a child that earns too.
pub fn household_facts(paired: bool) -> Facts {
    let person = |birth: u32, income: i128| {
        let mut attributes = [F::from(0u8); ATTRIBUTES];
        (attributes[0], attributes[1], attributes[2]) = (F::from(birth), from_i128(income), text_value("student"));
        Member { records: vec![attributes; if paired { 2 } else { 1 }] }
    };
    let mut attributes = [F::from(0u8); ATTRIBUTES];
    attributes[0] = F::from(3u8);
    attributes[9] = F::from(900u32);
    attributes[10] = text_value("id of the head");
    let day = |value| Date::from_yyyymmdd(value).unwrap();
    Facts {
        attributes,
        members: vec![person(1990_04_17, 60_005), person(1991_12_31, 0), person(2015_06_01, 1_000)],
        as_of: day(2026_03_01),
        period: Period { start: day(2026_03_01), end: day(2026_05_31) },
    }
}

/// As many as a policy with two member sources has room for, all with two records each; the fourth earns nothing.
pub fn full_household(random: &mut Random) -> Case {
    let words = ValidWords::from_rules(Shape::Household, &household_rules(true)).unwrap();
    let mut facts = household_facts(true);
    let mut fourth = facts.members[1].records.clone();
    fourth.iter_mut().for_each(|attributes| attributes[1] = F::from(0u8));
    facts.members.push(Member { records: fourth });
    facts.attributes[0] = F::from(4u8);
    Case::new(words, &facts, random)
}

/// A true statement that approves.
pub fn household(paired: bool, random: &mut Random) -> Case {
    let words = ValidWords::from_rules(Shape::Household, &household_rules(paired)).unwrap();
    Case::new(words, &household_facts(paired), random)
}
