//! The vectors of `docs/spec/lowering.md`: small policies that each show a rule, with what they become in each version of the compiler.
//!
//! `SEALROOT_WRITE=1 cargo test -p sealroot-policy --test lowering` writes what they become anew. Read the difference before you commit it: the
//! words of a version never change.
#![allow(clippy::unwrap_used, clippy::panic)]

use sealroot_policy::{CompilerVersion, Diagnostics, PolicySource, SchemaRequest, compile_with};
use sealroot_protocol::field::to_i128;
use sealroot_protocol::machine::{Condition, Entry, Gate, Line, Op, Register, Selector, Test, TextOperand};
use sealroot_protocol::schema::Schema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// One file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    /// What it shows.
    rule: String,
    text: String,
    /// By the names that the text has for them.
    schemas: BTreeMap<String, String>,
    /// What it becomes, by version; `null` where that refuses it.
    becomes: BTreeMap<u32, Option<Readable>>,
}

/// The rules, as people read them, and the digest of the words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Readable {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    member_registers: Vec<Vec<String>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    registers: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pool: Vec<String>,
    conditions: Vec<String>,
    requirements: Vec<Vec<usize>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    outputs: Vec<String>,
    /// SHA-256 of the words as a manifest has them: a JSON list of decimals without spaces.
    words: String,
}

impl Readable {
    fn of(version: CompilerVersion, vector: &Vector) -> Result<Self, Diagnostics> {
        let source = PolicySource { file: "vector.policy.toml".to_owned(), text: vector.text.clone() };
        let schema = |request: SchemaRequest<'_>| {
            Schema::from_toml(vector.schemas.get(request.reference).ok_or("no such schema")?).map_err(|e| e.to_string())
        };
        let compiled = compile_with(version, &source, &schema)?;
        let rules = compiled.words().rules();
        let words = serde_json::to_string(compiled.words().words()).unwrap();
        Ok(Self {
            member_registers: rules.members.iter().map(|group| group.iter().map(register).collect()).collect(),
            registers: rules.registers.iter().map(register).collect(),
            pool: rules.pool.iter().map(|x| to_i128(*x).map_or_else(|| x.to_string(), |x| x.to_string())).collect(),
            conditions: rules.conditions.iter().map(condition).collect(),
            requirements: rules.requirements.iter().map(|r| r.any_of.iter().copied().collect()).collect(),
            outputs: rules.outputs.iter().flatten().map(selector).collect(),
            words: hex::encode(Sha256::digest(words)),
        })
    }
}

fn entry(entry: Entry) -> String {
    match entry {
        Entry::Attribute(i) => format!("attribute {i}"),
        Entry::AsOf => "as_of".to_owned(),
        Entry::AsOfDay => "as_of_day".to_owned(),
        Entry::PeriodStart => "period_start".to_owned(),
        Entry::PeriodEnd => "period_end".to_owned(),
        Entry::AttributeSum { group, attribute } => format!("sum {group} of attribute {attribute}"),
        Entry::MemberSum { group, register } => format!("sum {group} of register {register}"),
        Entry::Counterpart(i) => format!("counterpart {i}"),
        Entry::Register(i) => format!("register {i}"),
    }
}

fn line(line: &Line) -> String {
    match line {
        Line::Integer(line) => {
            let terms = line.weights.iter().map(|(e, weight)| format!("{weight} × {}", entry(*e)));
            let constant = (line.constant != 0 || line.weights.is_empty()).then(|| line.constant.to_string());
            terms.chain(constant).collect::<Vec<_>>().join(" + ")
        }
        Line::Text(text) => match &text.minus {
            TextOperand::Constant(x) => format!("text {} − {x}", text.attribute),
            TextOperand::Attribute(i) => format!("text {} − text {i}", text.attribute),
        },
    }
}

fn register(register: &Register) -> String {
    let op = match register.op {
        Op::Identity => "identity".to_owned(),
        Op::Max0 => "max0".to_owned(),
        Op::Min(bound) => format!("min {bound}"),
        Op::Floor(divisor) => format!("floor {divisor}"),
        Op::NonNegative => "nonnegative".to_owned(),
        Op::Zero => "zero".to_owned(),
    };
    let gate = match register.gate {
        None => String::new(),
        Some(Gate::Register(i)) => format!(", gate register {i}"),
        Some(Gate::Counterpart(i)) => format!(", gate counterpart {i}"),
    };
    format!("{op} ({}){gate}", line(&register.line))
}

fn condition(condition: &Condition) -> String {
    let test = match &condition.test {
        Test::NonNegative => "≥ 0".to_owned(),
        Test::Zero => "= 0".to_owned(),
        Test::In(members) => {
            format!("in pool {}", members.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
        }
    };
    format!("{}({}) {test}", if condition.negated { "not " } else { "" }, line(&condition.line))
}

fn selector(selector: &Selector) -> String {
    match selector {
        Selector::Attribute(i) => entry(Entry::Attribute(*i)),
        Selector::Register(i) => entry(Entry::Register(*i)),
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/lowering")
}

fn vectors() -> Vec<(PathBuf, Vector)> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let read = |file: PathBuf| {
        let vector = serde_json::from_str(&fs::read_to_string(&file).unwrap());
        (file.clone(), vector.unwrap_or_else(|e| panic!("{}: {e}", file.display())))
    };
    files.into_iter().map(read).collect()
}

#[test]
fn every_vector_becomes_what_it_says() {
    let write = std::env::var("SEALROOT_WRITE").is_ok_and(|write| write == "1");
    let mut different = Vec::new();
    for (file, said) in vectors() {
        let newest = Readable::of(CompilerVersion::NEWEST, &said);
        assert!(newest.is_ok(), "{}: {}", file.display(), newest.unwrap_err());
        let becomes = CompilerVersion::ALL.map(|version| (version.number(), Readable::of(version, &said).ok()));
        let found = Vector { becomes: becomes.into(), ..said.clone() };
        if write {
            fs::write(&file, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
        } else if found != said {
            different.push(format!("{}: {:#?}\nwas {:#?}", file.display(), found.becomes, said.becomes));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// Each rule of the specification names a vector, and each vector is named.
#[test]
fn the_specification_names_the_vectors() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/spec/lowering.md");
    let page = fs::read_to_string(page).unwrap();
    for (file, _) in vectors() {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(page.contains(&format!("`{name}`")), "{name} stands in no rule");
    }
}
