//! Random well-typed policies, as text with their schemas: what compiler, interpreter and circuit are compared on.

mod expressions;
mod numbers;
mod schemas;

use expressions::{Expressions, Kind};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use schemas::{RandomSchema, Whose};
use sealroot_policy::{Compiled, CompilerVersion, Diagnostics, PolicySource, SchemaRequest, compile_with};
use sealroot_protocol::machine::Shape;
use sealroot_protocol::schema::Schema;
use std::fmt::Write;

/// Draws policies from a seed.
pub struct Generator {
    rng: StdRng,
}

/// A policy file and the schemas that it names, as texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedPolicy {
    /// The policy file.
    pub text: String,
    /// The schema file of each source.
    pub schemas: Vec<String>,
}

impl GeneratedPolicy {
    /// Compiles it. Some are rejected: they ask what no record can decide, or need more than the shape has.
    pub fn compile(&self) -> Result<Compiled, Diagnostics> {
        self.compile_with(CompilerVersion::NEWEST)
    }

    /// As [`compile`](Self::compile), with a version of the compiler.
    pub fn compile_with(&self, version: CompilerVersion) -> Result<Compiled, Diagnostics> {
        let source = PolicySource { file: "generated.policy.toml".to_owned(), text: self.text.clone() };
        let schema =
            |request: SchemaRequest<'_>| Schema::from_toml(&self.schemas[request.source]).map_err(|e| e.to_string());
        compile_with(version, &source, &schema)
    }
}

impl Generator {
    /// The same seed gives the same policies.
    pub fn new(seed: u64) -> Self {
        Self { rng: StdRng::seed_from_u64(seed) }
    }

    /// A policy that compiles, with how many were rejected before it.
    pub fn compiled(&mut self, shape: Shape) -> (Compiled, usize) {
        self.compiled_with(CompilerVersion::NEWEST, shape)
    }

    /// As [`compiled`](Self::compiled), with a version of the compiler.
    pub fn compiled_with(&mut self, version: CompilerVersion, shape: Shape) -> (Compiled, usize) {
        let mut rejected = 0;
        loop {
            match self.policy(shape).compile_with(version) {
                Ok(compiled) => return (compiled, rejected),
                Err(_) => rejected += 1,
            }
        }
    }

    /// Any policy; of a household with one or two records for each member.
    pub fn policy(&mut self, shape: Shape) -> GeneratedPolicy {
        let household = shape == Shape::Household;
        let mut schemas =
            vec![RandomSchema::draw(&mut self.rng, if household { Whose::Household } else { Whose::Person })];
        if household {
            for source in 1..=self.rng.random_range(1..=2) {
                schemas.push(RandomSchema::draw(&mut self.rng, Whose::Member(source)));
            }
        }
        let mut text = self.heading(shape, &schemas);
        let mut expressions = Expressions::new(&mut self.rng, &schemas);
        let mut body = String::new();
        // writing to a string can't fail
        for i in 0..expressions.pick(5) + 1 {
            let when = expressions.draw(Kind::Truth, 3);
            let reveal = expressions.pick(2) == 0;
            let _ = writeln!(body, "[[requirement]]\ncode = \"r{i}\"\nwhen = '''{when}'''\nreveal = {reveal}");
            let _ = writeln!(body, "message = {{ en = \"no\", zh = \"否\" }}");
        }
        for i in 0..expressions.pick(3) {
            let value = expressions.output();
            let _ = writeln!(body, "[[output]]\nname = \"o{i}\"\nvalue = '''{value}'''");
            let _ = writeln!(body, "title = {{ en = \"shown\", zh = \"显示\" }}");
        }
        text += &expressions.declarations;
        text += &body;
        GeneratedPolicy { text, schemas: schemas.into_iter().map(|schema| schema.text).collect() }
    }

    fn heading(&mut self, shape: Shape, schemas: &[RandomSchema]) -> String {
        let nullifier = match (shape, self.rng.random_range(0..3)) {
            (Shape::Household, 0) | (_, 1) => "record-per-scope",
            (Shape::Household, _) | (_, 2) => "record-once",
            _ => "holder",
        };
        let mut text = format!(
            "id = \"generated\"\nversion = 1\ntitle = {{ en = \"Generated\", zh = \"生成\" }}\nlegal_reference = \"none\"\n\
             shape = \"{shape}\"\nnullifier = \"{nullifier}\"\nin_force = {{ from = \"2026-01-01\" }}\n"
        );
        for (i, schema) in schemas.iter().enumerate() {
            let of = match (shape, i) {
                (Shape::Household, 0) => "of = \"household\"\n",
                (Shape::Household, _) => "of = \"member\"\n",
                _ => "",
            };
            let _ = write!(
                text,
                "[[source]]\nname = \"{}\"\n{of}agency = \"agency-{i}\"\nschema = \"schema-{i}\"\nperiod = \"timeless\"\n",
                schema.source
            );
        }
        text
    }
}
