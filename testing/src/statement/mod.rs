//! Statements: a policy, a record in a tree, a request, and the holder's consent, with the holder's key at hand.

// Dates are written as they stand in records, 2026_03_01.
#![allow(clippy::zero_prefixed_literal, clippy::inconsistent_digit_grouping)]

pub mod household;

use crate::random::Random;
use rand::RngExt;
use sealroot_circuits::{Assignment, RecordWitness, Witness};
use sealroot_protocol::{
    applicant::CaseSecret,
    consent::RequestDigest,
    date::{Date, FactsPeriod, Period},
    field::{F, from_i128},
    machine::{
        ATTRIBUTES, Condition, Entry, Facts, FactsPeriodRule, Gate, IntegerLine, Line, NullifierMode, Op, Register,
        Requirement, Rules, Selector, Shape, SourceRule, Test, TextLine, TextOperand, ValidWords,
    },
    record::{Attributes, Leaf, Record, Salt, Serial, Subject},
    schema::{SchemaId, text_value},
    scope::{Deployment, ScopeOpening},
    tree::{MemoryTree, Path},
};
use sealroot_wallet::SecretKey;
use std::collections::BTreeSet;

/// All that a statement is about.
pub struct Case {
    /// The policy.
    pub words: ValidWords,
    /// The reference day.
    pub as_of: Date,
    /// What the holder consents to.
    pub request: RequestDigest,
    /// What the prover knows.
    pub witness: Witness,
    /// The holder's key.
    pub key: SecretKey,
    /// In each member source's tree, what is not the members': a stranger's record, then the first member's of another
    /// period and of another schema.
    pub others: Vec<[RecordWitness; 3]>,
}

impl Case {
    /// A true statement about these facts, unless they are out of range.
    pub fn new(words: ValidWords, facts: &Facts, random: &mut Random) -> Self {
        let key = random.key();
        let source = |i: usize, facts: &Facts| {
            let source = words.rules().sources[i];
            (source.schema_id, source.facts_period.resolve(&facts.period).unwrap())
        };
        let mut attributes = facts.attributes;
        let names: Vec<Subject> = facts.members.iter().map(|_| Subject(random.field())).collect();
        attributes.iter_mut().skip(1).zip(&names).for_each(|(attribute, name)| *attribute = name.0);
        let head = (!names.is_empty()).then(|| names[random.0.random_range(0..names.len())]);
        let (schema_id, period) = source(0, facts);
        let record = Record {
            schema_id,
            attributes: Attributes(attributes),
            holder: Some(key.public_key()),
            holder_since: random.0.random_bool(0.5).then_some(facts.period.start),
            subject: head.unwrap_or(Subject(random.field())),
            period,
            serial: Serial(random.field()),
            salt: Salt(random.field()),
        };
        let member_sources = words.rules().sources.len() - 1;
        let mut members: Vec<Vec<RecordWitness>> = names.iter().map(|_| Vec::new()).collect();
        let mut others = Vec::new();
        for i in 0..member_sources {
            let (schema_id, period) = source(i + 1, facts);
            let records = facts.members.iter().zip(&names).map(|(member, subject)| Record {
                schema_id,
                attributes: Attributes(member.records[i]),
                holder: random.0.random_bool(0.5).then(|| random.key().public_key()),
                holder_since: None,
                subject: *subject,
                period,
                serial: Serial(random.field()),
                salt: Salt(random.field()),
            });
            let mut records: Vec<Record> = records.collect();
            records.push(Record { subject: Subject(random.field()), ..records[0].clone() });
            records.push(Record { period: FactsPeriod::from_value(2001_01).unwrap(), ..records[0].clone() });
            records.push(Record { schema_id: SchemaId(random.field()), ..records[0].clone() });
            let paths = plant(&records, random);
            let mut witnesses: Vec<RecordWitness> =
                records.into_iter().zip(paths).map(|(record, path)| RecordWitness { record, path }).collect();
            let rest = witnesses.split_off(names.len());
            others.extend(<[RecordWitness; 3]>::try_from(rest).ok());
            members.iter_mut().zip(witnesses).for_each(|(member, witness)| member.push(witness));
        }
        let opening = ScopeOpening {
            deployment: Deployment { chain_id: random.0.random_range(1..1000), programs: [7; 20].into() },
            program: "housing-aid".parse().unwrap(),
            period: facts.period,
        };
        let request = RequestDigest(random.field());
        let consent = key.sign_consent(opening.scope(), request, random.0.random());
        let case_secret = words.rules().identity.map(|_| CaseSecret::from_random(random.0.random()));
        let path = plant(std::slice::from_ref(&record), random).remove(0);
        let witness = Witness { record: RecordWitness { record, path }, members, opening, case_secret, consent };
        Self { words, as_of: facts.as_of, request, witness, key, others }
    }

    /// The (household) record.
    pub fn record(&mut self) -> &mut Record {
        &mut self.witness.record.record
    }

    /// Puts the record, as it is now, into a tree.
    pub fn replant(&mut self, random: &mut Random) {
        let record = std::slice::from_ref(&self.witness.record.record);
        self.witness.record.path = plant(record, random).remove(0);
    }

    /// Signs request and scope, as they are now.
    pub fn consent_again(&mut self, random: &mut Random) {
        self.witness.consent = self.key.sign_consent(self.witness.opening.scope(), self.request, random.0.random());
    }

    /// What an honest prover would fill in, whether it satisfies the statement or not.
    pub fn assignment(&self) -> Assignment {
        Assignment::derive(&self.words, self.as_of, self.request, &self.witness)
    }
}

/// The records' paths in one tree, among others' leaves.
pub fn plant(records: &[Record], random: &mut Random) -> Vec<Path> {
    let mut tree = MemoryTree::new();
    let others =
        |random: &mut Random| (0..random.0.random_range(0..9)).map(|_| Leaf(random.field())).collect::<Vec<_>>();
    let mut indices = Vec::new();
    for record in records {
        others(random).into_iter().for_each(|leaf| _ = tree.append(leaf).unwrap());
        indices.push(tree.append(record.leaf()).unwrap());
    }
    others(random).into_iter().for_each(|leaf| _ = tree.append(leaf).unwrap());
    indices.into_iter().map(|index| tree.path(index)).collect()
}

/// Monthly incomes 0…11, birth date 12, district 13, national id 14, tier 15, a debt 16; the rest are integers, 17 of
/// them 5.
pub fn rich_rules(nullifier: NullifierMode, identity: bool) -> Rules {
    let attribute = |i| Entry::Attribute(i);
    let register = |i| Entry::Register(i);
    let line = |constant, weights: &[(Entry, i64)]| {
        Line::Integer(IntegerLine::new(constant, weights.iter().copied()).unwrap())
    };
    let months: Vec<(Entry, i64)> = (0..12).map(|i| (attribute(i), 1)).collect();
    let plain = |line, op| Register { line, op, gate: None };
    let gated = |line, op, gate| Register { line, op, gate: Some(Gate::Register(gate)) };
    let district = |minus| Line::Text(TextLine { attribute: 13, minus });
    let set = |entries: &[usize]| Test::In(entries.iter().copied().collect());
    let requirement = |any_of: &[usize], reveal| Requirement { any_of: any_of.iter().copied().collect(), reveal };
    let condition = |line, test, negated| Condition { line, test, negated };
    let relative = nullifier != NullifierMode::RecordOnce;
    let constant = FactsPeriod::from_value(2025_01).unwrap();
    Rules {
        sources: vec![SourceRule {
            schema_id: SchemaId(F::from(77u8)),
            facts_period: if relative {
                FactsPeriodRule::MonthsBefore(14)
            } else {
                FactsPeriodRule::Constant(constant)
            },
        }],
        ranged_attributes: (0..ATTRIBUTES).filter(|i| *i != 13 && *i != 14).collect::<BTreeSet<_>>(),
        identity: identity.then_some(14),
        nullifier,
        members: Vec::new(),
        registers: vec![
            plain(line(0, &months), Op::Identity),
            plain(line(0, &[(register(0), 1)]), Op::Floor(12)),
            plain(line(0, &[(register(0), -1)]), Op::Floor(7)),
            plain(line(1_000_000, &[(register(0), -1)]), Op::NonNegative),
            plain(line(120_000, &[(register(1), -1)]), Op::Max0),
            gated(line(0, &[(register(4), 1)]), Op::Min(50_000), 3),
            plain(line(-3, &[(attribute(15), 1)]), Op::Zero),
            plain(district(TextOperand::Constant(text_value("north"))), Op::Zero),
            gated(line(0, &[(attribute(16), 1)]), Op::Identity, 6),
            plain(line(0, &[(attribute(16), 1)]), Op::Max0),
            plain(line(0, &[(register(1), 12)]), Op::NonNegative),
        ],
        pool: vec![text_value("north"), text_value("south"), F::from(3u8), F::from(4u8), from_i128(-1)],
        conditions: vec![
            condition(district(TextOperand::Constant(F::from(0u8))), set(&[0, 1]), false),
            condition(line(0, &[(attribute(15), 1)]), set(&[2, 3, 4]), false),
            condition(line(0, &[(attribute(15), 1)]), set(&[4]), true),
            condition(line(-180_000, &[(Entry::AsOf, 1), (attribute(12), -1)]), Test::NonNegative, false),
            condition(line(-2_000_000, &[(register(0), 1)]), Test::NonNegative, true),
            condition(line(-1, &[(register(7), 1)]), Test::Zero, false),
            condition(line(-9, &[(attribute(15), 1)]), Test::Zero, true),
            condition(line(0, &[(attribute(18), 1)]), set(&[2]), false),
        ],
        requirements: vec![
            requirement(&[0, 1], true),
            requirement(&[3], true),
            requirement(&[4], false),
            requirement(&[5, 7], true),
            requirement(&[2, 6], true),
        ],
        outputs: [Some(Selector::Register(5)), Some(Selector::Attribute(15))],
    }
}

/// Facts that these rules approve.
pub fn rich_facts() -> Facts {
    let mut attributes = [F::from(0u8); ATTRIBUTES];
    for (i, attribute) in attributes.iter_mut().take(12).enumerate() {
        *attribute = from_i128(50_000 + 1_237 * i as i128);
    }
    attributes[12] = F::from(1990_04_17u32);
    attributes[13] = text_value("north");
    attributes[14] = text_value("id 8271");
    attributes[15] = F::from(3u8);
    attributes[16] = from_i128(-250);
    attributes[17] = F::from(5u8);
    let day = |value| Date::from_yyyymmdd(value).unwrap();
    let period = Period { start: day(2026_03_01), end: day(2026_05_31) };
    Facts { attributes, members: Vec::new(), as_of: day(2026_03_01), period }
}

/// A true statement that approves.
pub fn approved(nullifier: NullifierMode, identity: bool, random: &mut Random) -> Case {
    let words = ValidWords::from_rules(Shape::Solo, &rich_rules(nullifier, identity)).unwrap();
    let mut case = Case::new(words, &rich_facts(), random);
    case.record().holder_since = None;
    case.replant(random);
    case
}

/// A true statement that refuses: the applicant is too young (requirement 1, revealed) and earns too much (2, not
/// revealed).
pub fn refused(random: &mut Random) -> Case {
    let words = ValidWords::from_rules(Shape::Solo, &rich_rules(NullifierMode::Holder, true)).unwrap();
    let mut facts = rich_facts();
    facts.attributes[12] = F::from(2010_04_17u32);
    facts.attributes[0] = F::from(3_000_000u32);
    Case::new(words, &facts, random)
}
