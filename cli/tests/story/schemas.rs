//! The JSON Schemas of `docs/spec/schemas/` describe the documents that the program really writes, and nothing else.

use super::{demo, path, release};
use jsonschema::{Registry, Validator};
use serde_json::{Value, json};
use std::{fs, path::Path};

const NAMES: [&str; 7] = ["request", "consent", "part", "bundle", "policy", "program", "release"];

fn schema(name: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/spec/schemas").join(format!("{name}.json"));
    serde_json::from_slice(&fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))).unwrap()
}

/// The schemas refer to each other by file name, and to nothing outside their folder.
fn validator(name: &str) -> Validator {
    let mut registry = Registry::new();
    for name in NAMES {
        registry = registry.add(format!("json-schema:///{name}.json"), schema(name)).unwrap();
    }
    let registry = registry.prepare().unwrap();
    let base = format!("json-schema:///{name}.json");
    jsonschema::options().with_registry(&registry).with_base_uri(base).build(&schema(name)).unwrap()
}

/// What the demo wrote: (schema, where it comes from, document).
fn documents() -> Vec<(&'static str, String, Value)> {
    let read = |file: &str| -> Value { serde_json::from_slice(&fs::read(path(file)).unwrap()).unwrap() };
    let mut all = Vec::new();
    for entry in fs::read_dir(demo().0.join("cases")).unwrap() {
        let case = entry.unwrap().file_name().into_string().unwrap();
        for entry in fs::read_dir(demo().0.join("cases").join(&case)).unwrap() {
            let file = format!("cases/{case}/{}", entry.unwrap().file_name().into_string().unwrap());
            let schema = match file.rsplit('/').next().unwrap() {
                name if name.starts_with("request") => "request",
                name if name.starts_with("consent") => "consent",
                name if name.ends_with(".part.json") => "part",
                _ => continue,
            };
            all.push((schema, file.clone(), read(&file)));
        }
    }
    let bundle = read("bundle.json");
    assert!(bundle["evidence"]["accounts"][1]["storage"][0]["proof"].is_array(), "with its evidence");
    for policy in bundle["policies"].as_array().unwrap() {
        all.push(("policy", "bundle.json".into(), policy.clone()));
    }
    all.push(("program", "bundle.json".into(), bundle["program"].clone()));
    all.push(("bundle", "bundle.json".into(), bundle));
    all.push(("release", release::EXAMPLE.into(), read(release::example())));
    for name in NAMES {
        assert!(all.iter().any(|(schema, ..)| *schema == name), "no {name} among the demo's files");
    }
    all
}

#[test]
fn schemas_accept_what_the_program_writes() {
    for (name, file, document) in documents() {
        if let Err(error) = validator(name).validate(&document) {
            panic!("{file} as {name}: {} at {}", error, error.instance_path());
        }
    }
}

/// Every object takes no further field, every value no other type: what a schema accepts, a decoder can read.
#[test]
fn schemas_refuse_unknown_fields_and_wrong_types() {
    for name in NAMES {
        let (_, file, document) = documents().into_iter().find(|(schema, ..)| *schema == name).unwrap();
        let validator = validator(name);
        let mut pointers = Vec::new();
        visit(&document, String::new(), &mut pointers);
        let mut refused = 0;
        for pointer in thinned(pointers) {
            for (what, changed) in corruptions(document.pointer(&pointer).unwrap(), &pointer) {
                let mut corrupted = document.clone();
                *corrupted.pointer_mut(&pointer).unwrap() = changed;
                assert!(!validator.is_valid(&corrupted), "{file} as {name}: {what} at {pointer}");
                refused += 1;
            }
        }
        assert!(refused > 20, "{name}: {refused}");
    }
}

/// A field that nobody knows, and the same value as another type.
fn corruptions(value: &Value, pointer: &str) -> Vec<(&'static str, Value)> {
    match value {
        Value::Object(fields) => {
            let mut more = fields.clone();
            // Texts are maps from language to text: any name may stand there, but no other type.
            let texts = ["title", "manual_path", "label"].iter().any(|name| pointer.ends_with(name));
            more.insert("unknown".into(), if texts { json!(1) } else { json!("x") });
            vec![("an unknown field", Value::Object(more)), ("an array", json!([])), ("null", Value::Null)]
        }
        Value::Array(_) => vec![("an object", json!({})), ("a string", json!("x"))],
        Value::String(_) => vec![("a number", json!(1)), ("null", Value::Null), ("an array", json!(["x"]))],
        Value::Number(_) => vec![("a string", json!("1")), ("a fraction", json!(0.5))],
        Value::Bool(_) => vec![("a number", json!(1)), ("a string", json!("true"))],
        Value::Null => panic!("null at {pointer}: documents have none"),
    }
}

/// JSON pointers of all values, the root among them.
fn visit(value: &Value, pointer: String, all: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                visit(value, format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), all);
            }
        }
        Value::Array(items) => {
            for (i, value) in items.iter().enumerate() {
                visit(value, format!("{pointer}/{i}"), all);
            }
        }
        _ => {}
    }
    all.push(pointer);
}

/// Of equal places in long arrays the first two: 2,000 words of a policy differ in nothing that a schema sees.
fn thinned(pointers: Vec<String>) -> Vec<String> {
    let late = |pointer: &String| pointer.split('/').any(|step| step.parse::<usize>().is_ok_and(|i| i > 1));
    pointers.into_iter().filter(|pointer| !late(pointer)).collect()
}
