//! Attacks on validation: for every rule of *Valid words* words that break it, and the one fault that must be found,
//! named with its word.

use ark_ff::{AdditiveGroup, Field};
use sealroot_protocol::date::FactsPeriod;
use sealroot_protocol::field::{self, F};
use sealroot_protocol::machine::*;
use sealroot_protocol::schema::{Schema, SchemaId, text_value};
use std::collections::BTreeSet;

const SOLO: Shape = Shape::Solo;

fn line(constant: i128, weights: &[(Entry, i64)]) -> Line {
    Line::Integer(IntegerLine::new(constant, weights.iter().copied()).unwrap())
}

fn text(attribute: usize, minus: TextOperand) -> Line {
    Line::Text(TextLine { attribute, minus })
}

/// Attributes 0 and 1 are integers, 2 and 3 text. Registers use every operation, conditions every test.
fn base() -> Rules {
    let a = Entry::Attribute(0);
    let register = |line, op, gate| Register { line, op, gate };
    Rules {
        sources: vec![SourceRule {
            schema_id: SchemaId(F::from(7u8)),
            facts_period: FactsPeriodRule::MonthsBefore(12),
        }],
        ranged_attributes: [0, 1].into(),
        identity: Some(2),
        nullifier: NullifierMode::Holder,
        members: vec![],
        registers: vec![
            register(line(-180_000, &[(Entry::AsOf, 1), (a, -1)]), Op::NonNegative, None),
            register(line(0, &[(a, 1)]), Op::Min(500), Some(Gate::Register(0))),
            register(line(3, &[(a, 1), (Entry::Register(1), 2)]), Op::Floor(100), None),
            register(text(3, TextOperand::Constant(text_value("north"))), Op::Zero, None),
            register(line(9, &[]), Op::Identity, Some(Gate::Register(3))),
            register(line(-1, &[(a, 5)]), Op::Max0, None),
        ],
        pool: vec![F::from(1u8), field::from_i128(-2), text_value("south")],
        conditions: vec![
            Condition { line: line(0, &[(Entry::Attribute(1), 1)]), test: Test::In([0, 1].into()), negated: false },
            Condition { line: text(3, TextOperand::Constant(F::ZERO)), test: Test::In([2].into()), negated: true },
            Condition { line: line(-1, &[(Entry::Register(0), 1)]), test: Test::Zero, negated: true },
            Condition { line: text(2, TextOperand::Attribute(3)), test: Test::Zero, negated: false },
            Condition { line: line(0, &[(a, 1)]), test: Test::NonNegative, negated: false },
        ],
        requirements: vec![
            Requirement { any_of: [0, 2].into(), reveal: true },
            Requirement { any_of: [4].into(), reveal: false },
        ],
        outputs: [Some(Selector::Register(2)), Some(Selector::Attribute(1))],
    }
}

fn power(bits: u32) -> F {
    F::from(2u8).pow([u64::from(bits)])
}

#[test]
fn the_base_is_valid() {
    let valid = ValidWords::from_rules(SOLO, &base()).unwrap();
    assert_eq!(valid.rules(), &base());
}

/// Single words changed to what a circuit would take, and validation must not.
#[test]
fn every_changed_word_is_rejected_and_named() {
    use WordProblem::*;
    let at = Layout::new(SOLO.dimensions());
    let (r, c) = (|i| at.register(Level::Record, i), |i| at.condition(i));
    let p_minus = |x: u64| -F::from(x);
    let table: Vec<(&str, usize, F, WordProblem)> = vec![
        ("schema 0", at.source(0).schema_id, F::ZERO, NoSchema),
        ("relative of 2", at.source(0).period_relative, F::from(2u8), NotBoolean),
        ("relative with a constant", at.source(0).period_constant, F::from(202_601u32), NotCanonical),
        ("1201 months", at.source(0).months_before, F::from(1201u32), Months),
        ("65536 months", at.source(0).months_before, F::from(65_536u32), Months),
        ("-1 months", at.source(0).months_before, p_minus(1), Months),
        ("ranged attribute of 2", at.ranged_attributes().start, F::from(2u8), NotBoolean),
        ("ranged attribute of -1", at.ranged_attributes().start, p_minus(1), NotBoolean),
        ("an attribute in integer lines becomes text", at.ranged_attributes().start, F::ZERO, TypeMismatch),
        ("a text attribute becomes an integer", at.ranged_attributes().start + 3, F::ONE, TypeMismatch),
        ("identity is an integer", at.ranged_attributes().start + 2, F::ONE, TypeMismatch),
        ("identity of 2", at.identity().start + 2, F::from(2u8), NotBoolean),
        ("two identities", at.identity().start + 3, F::ONE, Several),
        ("holder of 2", at.holder(), F::from(2u8), NotBoolean),
        ("holder and once", at.once(), F::ONE, Several),
        ("weight of 2^40", r(0).weights.start, power(40), Weight),
        ("weight of -2^40", r(0).weights.start, -power(40), Weight),
        ("weight near p", r(0).weights.start, power(253), Weight),
        ("weight of an integer line on text", r(0).weights.start + 2, F::ONE, TypeMismatch),
        ("constant of 2^120", r(0).constant, power(120), Constant),
        ("constant of -2^120", r(0).constant, -power(120), Constant),
        ("constant near p", r(0).constant, -power(127), Constant),
        ("two operations", r(0).zero, F::ONE, Operation),
        ("operation of 2", r(0).nonnegative, F::from(2u8), Operation),
        ("negative identity", r(4).identity, p_minus(1), Operation),
        ("a used register with no operation", r(0).nonnegative, F::ZERO, NotCanonical),
        ("ranged of 2", r(0).ranged, F::from(2u8), NotBoolean),
        ("the range check of a line switched off", r(0).ranged, F::ZERO, TextForm),
        ("the range check of max0 switched off", r(5).ranged, F::ZERO, TextForm),
        ("a text line range-checked", r(3).ranged, F::ONE, Constant),
        ("floor with its line range-checked too", r(2).ranged, F::ONE, NotCanonical),
        ("offset beside nonnegative", r(0).offset, F::ONE, NotCanonical),
        ("divisor of 0", r(2).divisor, F::ZERO, Divisor),
        ("divisor of 2^40", r(2).divisor, power(40), Divisor),
        ("divisor of -1", r(2).divisor, p_minus(1), Divisor),
        ("divisor without floor", r(0).divisor, F::from(2u8), NotCanonical),
        ("divisor of an unused register", r(7).divisor, F::ZERO, NotCanonical),
        ("ungated of 2", r(0).ungated, F::from(2u8), NotBoolean),
        ("neither gated nor ungated", r(0).ungated, F::ZERO, NotCanonical),
        ("gated and ungated", r(1).ungated, F::ONE, Several),
        ("gate of 2", r(1).gates.start, F::from(2u8), NotBoolean),
        ("two gates", r(4).gates.start, F::ONE, Several),
        ("a weight in an unused register", r(7).weights.start, F::ONE, NotCanonical),
        ("gate in an unused register", r(7).gates.start, F::ONE, NotCanonical),
        ("pool entry that no mask selects", at.pool().start + 3, F::ONE, NotCanonical),
        ("integer set constant beyond any line", at.pool().start, power(79), SetConstant),
        ("integer set constant that is no integer", at.pool().start, power(200), SetConstant),
        ("text set constant that is no text", at.pool().start + 2, power(248), Text),
        ("mask of 2", c(0).mask.start, F::from(2u8), NotBoolean),
        ("mask of -1", c(0).mask.start, p_minus(1), NotBoolean),
        ("mask without membership", c(2).mask.start, F::ONE, NotCanonical),
        ("empty negated set", c(1).mask.start + 2, F::ZERO, NotCanonical),
        ("mask of another type", c(0).mask.start + 2, F::ONE, SetConstant),
        ("two tests", c(2).nonnegative, F::ONE, Operation),
        ("test of 2", c(4).nonnegative, F::from(2u8), Operation),
        ("negated without offset", c(2).offset, F::ZERO, NotCanonical),
        ("offset without negation: true by default", c(4).offset, F::ONE, NotCanonical),
        ("a condition without test", c(4).nonnegative, F::ZERO, NotCanonical),
        ("an unused condition that is true", c(6).offset, F::ONE, NotCanonical),
        ("the range check of a condition switched off", c(2).ranged, F::ZERO, TextForm),
        ("weight of a text line of 2", c(3).weights.start + 2, F::from(2u8), TextForm),
        ("second weight in a text line", c(3).weights.start + 5, F::ONE, TextForm),
        ("text line over as_of", c(3).weights.start + 32, F::ONE, TextForm),
        ("text difference with a constant", c(3).constant, F::ONE, NotCanonical),
        ("membership of a text difference", c(1).weights.start + 2, p_minus(1), TextSet),
        ("membership of text with a constant", c(1).constant, p_minus(5), TextSet),
        ("any_of of 2", at.requirement(0).any_of.start, F::from(2u8), NotBoolean),
        ("any_of of -1", at.requirement(0).any_of.start, p_minus(1), NotBoolean),
        ("an unused condition", at.requirement(0).any_of.start + 7, F::ONE, UnusedCondition),
        ("a requirement without condition", at.requirement(1).any_of.start + 4, F::ZERO, EmptyRequirement),
        ("unused, with a condition", at.requirement(1).unused, F::ONE, NotCanonical),
        ("unused of 2", at.requirement(1).unused, F::from(2u8), NotBoolean),
        ("reveal of 2", at.requirement(0).reveal, F::from(2u8), NotBoolean),
        ("reveal of an unused requirement", at.requirement(5).reveal, F::ONE, NotCanonical),
        ("an output selector of 2", at.output(0).registers.start + 2, F::from(2u8), NotBoolean),
        ("two output selectors", at.output(0).registers.start, F::ONE, Several),
        ("attribute and register in one output", at.output(0).attributes.start, F::ONE, Several),
        ("a text attribute as output", at.output(1).attributes.start + 2, F::ONE, Several),
        ("a spare word", at.spare().start, F::ONE, NotCanonical),
        ("the last spare word", at.spare().end - 1, F::ONE, NotCanonical),
    ];
    // The word that is named is the changed one, or the one that no longer fits it.
    let named = |attack: &str, index: usize| match attack {
        "an attribute in integer lines becomes text" => r(0).weights.start,
        "a text attribute becomes an integer" => r(3).weights.start + 3,
        "identity is an integer" => at.identity().start + 2,
        "two operations" | "operation of 2" => r(0).identity,
        "a used register with no operation" => r(0).weights.start,
        "the range check of a line switched off" => r(0).weights.start + 32,
        "the range check of max0 switched off" => r(5).weights.start,
        "a text line range-checked" => r(3).constant,
        "two gates" => r(4).gates.start + 3,
        "empty negated set" | "mask of another type" => at.pool().start + 2,
        "a condition without test" => c(4).weights.start,
        "the range check of a condition switched off" => c(2).weights.start + 36,
        "membership of a text difference" => c(1).constant,
        "a requirement without condition" => at.requirement(1).any_of.start,
        "unused, with a condition" => at.requirement(1).any_of.start + 4,
        "two output selectors" | "attribute and register in one output" => at.output(0).registers.start + 2,
        _ => index,
    };
    let mut wrong = Vec::new();
    for (attack, index, value, expected) in table {
        let mut words = encode(&base(), SOLO).unwrap().as_slice().to_vec();
        assert_ne!(words[index], value, "{attack}: changes nothing");
        words[index] = value;
        match ValidWords::check(SOLO, Words::new(SOLO, words).unwrap()) {
            Err(WordsError::Word { problem, index: found, name })
                if (problem, found) == (expected, named(attack, index)) && name == at.name(found) => {}
            other => {
                let (named, found) = (at.name(named(attack, index)), other.map(|_| "accepted"));
                wrong.push(format!("{attack}: expected {expected:?} of {named}, found {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every word changed by one, doubled, negated, or set to p − 1: either rejected, or decoded to other valid rules
/// whose encoding is exactly these words.
#[test]
fn no_word_is_ignored() {
    let original = encode(&base(), SOLO).unwrap();
    for index in 0..original.as_slice().len() {
        for change in [|x: F| x + F::ONE, |x: F| x - F::ONE, |x: F| x + x + F::from(2u8), |x: F| -x, |_| -F::ONE] {
            let mut words = original.as_slice().to_vec();
            words[index] = change(words[index]);
            if words[index] == original.as_slice()[index] {
                continue;
            }
            let words = Words::new(SOLO, words).unwrap();
            if let Ok(valid) = ValidWords::check(SOLO, words.clone()) {
                assert_ne!(valid.rules(), &base());
                assert_eq!(encode(valid.rules(), SOLO).unwrap(), words);
            }
        }
    }
}

fn rejected(change: impl Fn(&mut Rules)) -> WordsError {
    let mut rules = base();
    change(&mut rules);
    match ValidWords::from_rules(SOLO, &rules) {
        Ok(_) => panic!("accepted: {rules:?}"),
        Err(error) => error,
    }
}

/// What is wrong, and with which word.
fn fault(change: impl Fn(&mut Rules)) -> (WordProblem, usize) {
    match rejected(change) {
        WordsError::Word { problem, index, .. } => (problem, index),
        other => panic!("{other}"),
    }
}

fn problem(change: impl Fn(&mut Rules)) -> WordProblem {
    fault(change).0
}

/// Whole rules that no single word shows.
#[test]
fn rules_that_are_not_valid_are_rejected() {
    use WordProblem::*;
    let a = Entry::Attribute(0);
    assert_eq!(problem(|r| r.requirements.clear()), NoRequirement);
    assert_eq!(problem(|r| r.conditions[4].line = line(5, &[])), ConstantCondition);
    assert_eq!(problem(|r| r.conditions[0].test = Test::In(BTreeSet::new())), EmptySet);
    assert_eq!(problem(|r| r.conditions[3].test = Test::NonNegative), TextTest);
    assert_eq!(problem(|r| r.conditions[0].test = Test::In([1].into())), UnusedPoolEntry);
    assert_eq!(problem(|r| r.outputs[1] = Some(Selector::Attribute(2))), TypeMismatch);
    assert_eq!(problem(|r| r.outputs[1] = Some(Selector::Attribute(31))), TypeMismatch);
    assert_eq!(problem(|r| r.registers[1].op = Op::Min(1 << 79)), MinBound);
    assert_eq!(problem(|r| r.registers[1].op = Op::Min(-(1 << 79) - 1)), MinBound);
    assert_eq!(problem(|r| r.registers[1].line = line(i128::MIN / 4, &[(a, 1)])), Constant);
    assert_eq!(problem(|r| r.registers[2].op = Op::Floor(0)), Divisor);
    for op in [Op::Identity, Op::Max0, Op::Min(0), Op::Floor(1)] {
        // a gate that is not 0/1, even where it happens to be between 0 and 1
        assert_eq!(problem(|r| r.registers[0].op = op), Gate, "{op:?}");
    }
    for op in [Op::Identity, Op::Max0, Op::NonNegative] {
        let found = problem(|r| {
            r.registers[4].gate = None;
            r.registers[3].op = op;
        });
        assert_eq!(found, TextTest, "{op:?}");
    }
    for op in [Op::Min(3), Op::Floor(2)] {
        let mut rules = base();
        rules.registers[3].op = op;
        assert!(ValidWords::from_rules(SOLO, &rules).is_err(), "{op:?} over text");
    }
    assert_eq!(problem(|r| r.registers[3].line = text(3, TextOperand::Constant(power(248)))), Text);
    assert!(matches!(problem(|r| r.registers[3].line = text(3, TextOperand::Attribute(3))), TextForm | NotCanonical));
    // No text hashes to 0: these would be true, or false, of everybody.
    let nothing = || text(3, TextOperand::Constant(F::ZERO));
    assert_eq!(problem(|r| r.registers[3].line = nothing()), NoText);
    let compared = Condition { line: nothing(), test: Test::Zero, negated: true };
    assert_eq!(problem(|r| r.conditions[3] = compared.clone()), NoText);
    assert_eq!(problem(|r| r.pool[2] = F::ZERO), NoText);
}

/// An author looks where the message points: the word that is named is the one that has to change.
#[test]
fn a_fault_of_rules_is_named_by_its_word() {
    use WordProblem::{SetConstant, Text, TypeMismatch, UnusedCondition, UnusedPoolEntry, UnusedRegister};
    let at = Layout::new(SOLO.dimensions());
    let (r, c) = (|i| at.register(Level::Record, i), |i| at.condition(i));
    let reads = |entry| line(0, &[(entry, 1)]);
    let unused = Entry::Register(6);
    assert_eq!(fault(|r| r.identity = Some(1)), (TypeMismatch, at.identity().start + 1));
    assert_eq!(
        fault(|r| r.outputs[1] = Some(Selector::Attribute(2))),
        (TypeMismatch, at.output(1).attributes.start + 2)
    );
    // The first register that isn't used, and the first condition.
    assert_eq!(
        fault(|r| r.outputs[0] = Some(Selector::Register(6))),
        (UnusedRegister, at.output(0).registers.start + 6)
    );
    let condition = at.requirement(1).any_of.start + 5;
    assert_eq!(fault(|r| r.requirements[1].any_of = [5].into()), (UnusedCondition, condition));
    // Register 4's gate is a register that is no 0/1.
    assert_eq!(fault(|r| r.registers[4].gate = Some(Gate::Register(2))), (WordProblem::Gate, r(4).gates.start + 2));
    // Weights stand in the order of the vector: 32 attributes, four dates, registers.
    assert_eq!(fault(|r| r.conditions[2].line = reads(unused)), (UnusedRegister, c(2).weights.start + 42));
    assert_eq!(fault(|r| r.registers[0].line = reads(Entry::Attribute(3))), (TypeMismatch, r(0).weights.start + 3));
    let texts = |attribute, other| text(attribute, TextOperand::Attribute(other));
    assert_eq!(fault(|r| r.conditions[3].line = texts(1, 3)), (TypeMismatch, c(3).weights.start + 1));
    assert_eq!(fault(|r| r.conditions[3].line = texts(3, 1)), (TypeMismatch, c(3).weights.start + 1));
    // Entries of the pool.
    assert_eq!(fault(|r| r.pool[1] = power(79)), (SetConstant, at.pool().start + 1));
    assert_eq!(fault(|r| r.pool[2] = power(248)), (Text, at.pool().start + 2));
    assert_eq!(fault(|r| r.conditions[0].test = Test::In([0].into())), (UnusedPoolEntry, at.pool().start + 1));
}

/// References that the encoding has no word for, and more than there is room for.
#[test]
fn what_has_no_word_is_rejected() {
    let reference = |change: &dyn Fn(&mut Rules)| matches!(rejected(change), WordsError::Reference { .. });
    let reads = |entry| line(0, &[(entry, 1)]);
    assert!(reference(&|r| r.registers[1].line = reads(Entry::Register(1))), "a register that reads itself");
    assert!(reference(&|r| r.registers[1].line = reads(Entry::Register(4))), "a register that reads a later one");
    assert!(reference(&|r| r.registers[1].gate = Some(Gate::Register(1))), "a register gated by itself");
    assert!(reference(&|r| r.registers[1].gate = Some(Gate::Register(3))), "a register gated by a later one");
    assert!(reference(&|r| r.registers[1].gate = Some(Gate::Counterpart(0))), "one person has no counterpart");
    assert!(reference(&|r| r.registers[1].line = reads(Entry::AttributeSum { group: 0, attribute: 0 })));
    assert!(reference(&|r| r.conditions[4].line = reads(Entry::Attribute(32))));
    assert!(reference(&|r| r.conditions[4].line = reads(Entry::Register(12))));
    assert!(reference(&|r| r.requirements[0].any_of = [16].into()));
    assert!(reference(&|r| r.outputs[0] = Some(Selector::Register(12))));
    assert!(reference(&|r| r.identity = Some(32)));

    let capacity = |change: &dyn Fn(&mut Rules)| match rejected(change) {
        WordsError::Capacity { what, has, capacity, .. } => (what, has, capacity),
        other => panic!("{other}"),
    };
    assert_eq!(capacity(&|r| r.registers = vec![r.registers[0].clone(); 13]), ("registers", 13, 12));
    assert_eq!(capacity(&|r| r.conditions = vec![r.conditions[4].clone(); 20]), ("conditions", 20, 16));
    assert_eq!(capacity(&|r| r.requirements = vec![r.requirements[0].clone(); 13]), ("requirements", 13, 12));
    assert_eq!(capacity(&|r| r.pool = vec![F::ONE; 49]), ("set constants", 49, 48));
    let late_set = capacity(&|r| r.conditions.extend(vec![r.conditions[0].clone(); 4]));
    assert_eq!((late_set.1, late_set.2), (9, 8));
    assert_eq!(
        Words::new(SOLO, vec![F::ZERO; 2353]),
        Err(WordsError::Length { shape: SOLO, expected: 2354, found: 2353 })
    );
}

/// A register that reads an unused one, which the encoding does have a word for, reads 0; so does a condition.
#[test]
fn unused_registers_read_as_zero() {
    let mut rules = base();
    rules.conditions[4].line = line(0, &[(Entry::Register(11), 1)]);
    assert!(matches!(
        ValidWords::from_rules(SOLO, &rules),
        Err(WordsError::Word { problem: WordProblem::UnusedRegister, .. })
    ));
    rules = base();
    rules.outputs[0] = Some(Selector::Register(11));
    assert!(matches!(
        ValidWords::from_rules(SOLO, &rules),
        Err(WordsError::Word { problem: WordProblem::UnusedRegister, .. })
    ));
}

type Change<'a> = &'a dyn Fn(&mut Rules);

#[test]
fn words_must_belong_to_the_schema() {
    let toml = |extra: &str| {
        format!(
            "name = \"facts\"\n{extra}\n[[attribute]]\nname = \"a\"\nkind = \"integer\"\nrepeat = 2\n\
             [[attribute]]\nname = \"t\"\nkind = \"text\"\nrepeat = 2\n"
        )
    };
    let schema = Schema::from_toml(&toml("")).unwrap();
    let many = Schema::from_toml(&toml("many = true")).unwrap();
    let with = |schema: &Schema, change: &dyn Fn(&mut Rules)| {
        let mut rules = base();
        rules.sources[0].schema_id = schema.id().unwrap();
        change(&mut rules);
        ValidWords::from_rules(SOLO, &rules).unwrap().check_schemas(std::slice::from_ref(schema))
    };
    let problem = |result: Result<(), SchemaMismatch>| match result {
        Err(SchemaMismatch::Word(WordsError::Word { problem, .. })) => problem,
        other => panic!("{other:?}"),
    };
    assert!(with(&schema, &|_| ()).is_ok());
    let members = "household = true\n[[attribute]]\nname = \"members\"\nkind = \"integer\"\nmin = 1\nmax = 8\n\
        [[attribute]]\nname = \"person\"\nkind = \"member\"\nrepeat = 8\n";
    let household = Schema::from_toml(&toml(members)).unwrap();
    assert_eq!(problem(with(&household, &|_| ())), WordProblem::AHousehold);
    assert_eq!(problem(with(&schema, &|r| r.sources[0].schema_id = SchemaId(F::ONE))), WordProblem::OtherSchema);
    assert_eq!(problem(with(&schema, &|r| _ = r.ranged_attributes.insert(4))), WordProblem::OtherKind);
    // Attributes 4 and up are 0 in every record of this schema: text lines over them hold for everybody.
    let absent: [&dyn Fn(&mut Rules); 5] = [
        &|r| r.conditions[3].line = text(4, TextOperand::Constant(F::ONE)),
        &|r| r.conditions[3].line = text(31, TextOperand::Attribute(30)),
        &|r| r.conditions[3].line = text(2, TextOperand::Attribute(31)),
        &|r| r.registers[3].line = text(4, TextOperand::Constant(F::ONE)),
        &|r| r.identity = Some(4),
    ];
    for change in absent {
        assert_eq!(problem(with(&schema, change)), WordProblem::NoAttribute);
    }
    // Facts of a month, which timeless records can't have, and the other way round.
    for (period, rule) in
        [("timeless", FactsPeriodRule::MonthsBefore(12)), ("month", FactsPeriodRule::Constant(FactsPeriod::Timeless))]
    {
        let schema = Schema::from_toml(&toml(&format!("period = \"{period}\""))).unwrap();
        assert_eq!(problem(with(&schema, &|r| r.sources[0].facts_period = rule)), WordProblem::NoSuchPeriod);
    }
    // Each is named by the word that disagrees.
    let at = Layout::new(SOLO.dimensions());
    let named: [(usize, Change); 5] = [
        (at.ranged_attributes().start + 4, &|r| _ = r.ranged_attributes.insert(4)),
        (at.identity().start + 4, &|r| r.identity = Some(4)),
        (at.condition(3).weights.start + 4, &|r| r.conditions[3].line = text(4, TextOperand::Constant(F::ONE))),
        (at.condition(3).weights.start + 31, &|r| r.conditions[3].line = text(2, TextOperand::Attribute(31))),
        (at.register(Level::Record, 3).weights.start + 4, &|r| {
            r.registers[3].line = text(4, TextOperand::Constant(F::ONE));
        }),
    ];
    for (expected, change) in named {
        match with(&schema, change) {
            Err(SchemaMismatch::Word(WordsError::Word { index, .. })) => assert_eq!(index, expected),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(problem(with(&schema, &|r| r.nullifier = NullifierMode::RecordOnce)), WordProblem::Once);
    assert!(with(&many, &|r| r.nullifier = NullifierMode::RecordOnce).is_ok());
    let constant = |r: &mut Rules| {
        r.nullifier = NullifierMode::RecordOnce;
        r.sources[0].facts_period = FactsPeriodRule::Constant(FactsPeriod::Timeless);
    };
    assert!(with(&schema, &constant).is_ok());
    assert!(matches!(
        ValidWords::from_rules(SOLO, &base()).unwrap().check_schemas(&[]),
        Err(SchemaMismatch::Count { expected: 1, found: 0 })
    ));
}

/// The encoding of the base never changes: circuits, verifying keys and other implementations depend on it.
#[test]
fn the_encoding_is_pinned() {
    use sha2::{Digest, Sha256};
    let words = encode(&base(), SOLO).unwrap();
    let json = serde_json::to_string(&words).unwrap();
    assert_eq!(
        hex::encode(Sha256::digest(json.as_bytes())),
        "9f41ae3b4ac073c1cb581a59fa85b64d9f92c4e518429d9327019ce24851d36f"
    );
    let nonzero: Vec<usize> =
        words.as_slice().iter().enumerate().filter(|(_, w)| **w != F::ZERO).map(|(i, _)| i).collect();
    assert_eq!(&nonzero[..8], &[0, 2, 3, 4, 5, 38, 68, 70]);
}
