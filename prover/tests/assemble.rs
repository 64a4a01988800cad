//! Released records put together for a household: every missing, doubled, foreign or stale file is refused with whose it is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use sealroot_protocol::{
    canonical::Suite,
    date::{FactsPeriod, Period},
    field::{Digest, F},
    machine::{
        Condition, Entry, FactsPeriodRule, IntegerLine, Line, NullifierMode, Op, Register, Requirement, Rules, Shape,
        SourceRule, Test, ValidWords,
    },
    name::Name,
    policy::{InForce, Policy, PolicyDocument, Source, text_digest},
    record::{Attributes, Record, Salt, Serial, Subject},
    schema::{Schema, SchemaId},
    tree::{LeafIndex, MemoryTree},
};
use sealroot_prover::assemble::{AssembleError, Assembled, Given, assemble};
use std::collections::BTreeSet;

const HOUSEHOLD: &str = r#"
    name = "household"
    household = true
    [[attribute]]
    name = "members"
    kind = "integer"
    min = 1
    max = 8
    [[attribute]]
    name = "member"
    kind = "member"
    repeat = 8
"#;

fn person_schema(name: &str) -> Schema {
    Schema::from_toml(&format!(
        "name = \"{name}\"\n[[attribute]]\nname = \"amount\"\nkind = \"money\"\ncurrency = \"EUR\"\nmin = 0\nmax = 100000000"
    ))
    .unwrap()
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn period() -> Period {
    Period { start: "2026-11-01".parse().unwrap(), end: "2026-11-30".parse().unwrap() }
}

/// Registry, and one or two sources of the members' records: the tax office's of a year ago, the pension fund's timeless ones.
struct Town {
    document: PolicyDocument,
    trees: Vec<MemoryTree>,
    /// Records by source, and where they stand.
    records: Vec<Vec<(Record, LeafIndex)>>,
}

const PEOPLE: [u8; 3] = [11, 12, 13];

impl Town {
    fn new(paired: bool) -> Self {
        let mut schemas = vec![Schema::from_toml(HOUSEHOLD).unwrap(), person_schema("income")];
        let mut agencies = vec!["registry", "tax-office"];
        let mut periods = vec![FactsPeriodRule::Constant(FactsPeriod::Timeless), FactsPeriodRule::MonthsBefore(12)];
        if paired {
            schemas.push(person_schema("pension"));
            agencies.push("pension-fund");
            periods.push(FactsPeriodRule::Constant(FactsPeriod::Timeless));
        }
        let sum = |group| (Entry::AttributeSum { group, attribute: 0 }, -1);
        let line = Line::Integer(IntegerLine::new(100_000, [sum(0), sum(1)]).unwrap());
        let sources = schemas.iter().zip(&periods);
        let rules = Rules {
            sources: sources
                .map(|(schema, rule)| SourceRule { schema_id: schema.id().unwrap(), facts_period: *rule })
                .collect(),
            ranged_attributes: [0].into(),
            identity: None,
            nullifier: NullifierMode::RecordPerScope,
            members: vec![Vec::new(), Vec::new()],
            registers: vec![Register { line: line.clone(), op: Op::Identity, gate: None }],
            pool: Vec::new(),
            conditions: vec![Condition { line, test: Test::NonNegative, negated: false }],
            requirements: vec![Requirement { any_of: BTreeSet::from([0]), reveal: true }],
            outputs: [None, None],
        };
        let words = ValidWords::from_rules(Shape::Household, &rules).unwrap();
        words.check_schemas(&schemas).unwrap();
        let policy = Policy {
            suite: Suite,
            id: name("minimum-living"),
            version: 1,
            universal_key: Digest([3; 32]),
            shape: Shape::Household,
            in_force: InForce { from: "2026-01-01".parse().unwrap(), until: None },
            sources: agencies
                .iter()
                .zip(&schemas)
                .map(|(agency, schema)| Source { agency: name(agency), schema: schema.id().unwrap() })
                .collect(),
            words: words.words().clone(),
            outputs: Vec::new(),
            reasons: vec!["too-much".into()],
            source_text: text_digest(""),
            compiler: 1,
        };
        let periods: Vec<FactsPeriod> = periods.iter().map(|rule| rule.resolve(&period()).unwrap()).collect();
        let mut town = Self {
            trees: agencies.iter().map(|_| MemoryTree::new()).collect(),
            records: agencies.iter().map(|_| Vec::new()).collect(),
            document: PolicyDocument { policy, text: String::new(), schemas },
        };
        let mut attributes = [F::from(0u8); 32];
        attributes[0] = F::from(PEOPLE.len() as u64);
        for (i, person) in PEOPLE.iter().enumerate() {
            attributes[i + 1] = F::from(*person);
        }
        town.add(0, 11, attributes, periods[0]);
        for (source, period) in periods.iter().enumerate().take(agencies.len()).skip(1) {
            for person in [13, 11, 99, 12] {
                let mut attributes = [F::from(0u8); 32];
                attributes[0] = F::from(u64::from(person) * 100);
                town.add(source, person, attributes, *period);
            }
        }
        town
    }

    fn add(&mut self, source: usize, subject: u8, attributes: [F; 32], period: FactsPeriod) {
        let record = Record {
            schema_id: self.schema(source),
            attributes: Attributes(attributes),
            holder: None,
            holder_since: None,
            subject: Subject(F::from(subject)),
            period,
            serial: Serial(F::from(subject)),
            salt: Salt(F::from(source as u64 * 1000 + u64::from(subject))),
        };
        let index = self.trees[source].append(record.leaf()).unwrap();
        self.records[source].push((record, index));
    }

    fn schema(&self, source: usize) -> SchemaId {
        self.document.policy.sources[source].schema
    }

    /// What `agency release` gave for somebody's record at a source.
    fn released(&self, source: usize, subject: u8) -> Given {
        let find = |(record, _): &&(Record, LeafIndex)| record.subject == Subject(F::from(subject));
        let (record, index) = self.records[source].iter().find(find).unwrap();
        Given {
            label: format!("{source}-{subject}.sealed.json"),
            agency: self.document.policy.sources[source].agency.clone(),
            record: record.clone(),
            path: self.trees[source].path(*index),
        }
    }

    /// Everything that is needed, in no particular order.
    fn all(&self) -> Vec<Given> {
        let members = (1..self.trees.len()).flat_map(|source| [12, 13, 11].map(|person| self.released(source, person)));
        members.chain([self.released(0, 11)]).collect()
    }

    fn assemble(&self, given: Vec<Given>) -> Result<Assembled, AssembleError> {
        assemble(&self.document, &period(), given)
    }

    fn refused(&self, given: Vec<Given>) -> AssembleError {
        self.assemble(given).err().expect("refused")
    }
}

#[test]
fn members_stand_in_the_order_of_their_names() {
    for paired in [false, true] {
        let town = Town::new(paired);
        let assembled = town.assemble(town.all()).unwrap();
        assert_eq!(assembled.record.record.subject, Subject(F::from(11u8)));
        assert_eq!(assembled.members.len(), 3);
        for (records, person) in assembled.members.iter().zip(PEOPLE) {
            assert_eq!(records.len(), if paired { 2 } else { 1 });
            for (i, witness) in records.iter().enumerate() {
                assert_eq!(witness.record.subject, Subject(F::from(person)));
                assert_eq!(witness.record.schema_id, town.schema(i + 1));
                assert_eq!(witness.path.root(witness.record.leaf()), town.trees[i + 1].root());
            }
        }
    }
}

#[test]
fn whose_record_is_missing_is_said() {
    for paired in [false, true] {
        let town = Town::new(paired);
        for (i, missing) in town.all().into_iter().enumerate() {
            let given = town.all().into_iter().enumerate().filter(|(j, _)| *j != i).map(|(_, g)| g).collect();
            let error = town.refused(given);
            let text = error.to_string();
            match error {
                AssembleError::NoRecord { .. } => assert_eq!(missing.agency, name("registry")),
                AssembleError::NoRecordOfMember { member, of, .. } => {
                    assert_eq!((missing.record.subject, of), (Subject(F::from(PEOPLE[member - 1])), 3));
                    assert!(text.contains(missing.agency.as_str()), "{text}");
                }
                other => panic!("{other}"),
            }
        }
    }
}

#[test]
fn doubled_foreign_and_stale_files_are_refused_by_name() {
    let mut town = Town::new(true);
    let with = |town: &Town, more: Given| -> Vec<Given> { town.all().into_iter().chain([more]).collect() };
    let error = town.refused(with(&town, town.released(1, 12)));
    assert!(matches!(error, AssembleError::TwiceOfMember { member: 2, .. }), "{error}");
    let error = town.refused(with(&town, town.released(0, 11)));
    assert!(matches!(error, AssembleError::SeveralRecords { .. }), "{error}");
    let error = town.refused(with(&town, town.released(1, 99)));
    assert!(matches!(&error, AssembleError::Stranger { label } if label.starts_with("1-99")), "{error}");

    // Of another agency, schema or year.
    let changes: [fn(&mut Given); 3] = [
        |g| g.agency = "pension-fund".parse().unwrap(),
        |g| g.record.schema_id.0 += F::from(1u8),
        |g| g.record.period = "2024-11".parse().unwrap(),
    ];
    for change in changes {
        let mut given = town.all();
        change(&mut given[0]);
        let error = town.refused(given);
        let text = error.to_string();
        assert!(matches!(error, AssembleError::NotNeeded { .. }), "{error}");
        assert!(text.contains("\"income\" of tax-office from 2025-11 on"), "{text}");
    }

    // The tax office anchored again between two releases.
    let old = town.released(1, 12);
    town.add(1, 77, [F::from(0u8); 32], "2025-11".parse().unwrap());
    let mut given = town.all();
    given.retain(|g| g.label != old.label);
    given.push(old);
    let error = town.refused(given);
    assert!(matches!(&error, AssembleError::Roots { agency, .. } if *agency == name("tax-office")), "{error}");
}
