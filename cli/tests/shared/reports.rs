//! Every report that a test sees is held against the schema of its verb (`docs/spec/schemas/reports.json`), and every failure against the one of errors.

use jsonschema::{Registry, Validator};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Output,
    sync::{Mutex, OnceLock, PoisonError},
};

/// Schemas that the reports' refer to.
const DOCUMENTS: [&str; 7] = ["request", "consent", "part", "bundle", "policy", "program", "release"];

/// How a verb's name begins in the schemas' titles.
const VERB: &str = "sealroot ";

fn schema(name: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/spec/schemas").join(format!("{name}.json"));
    serde_json::from_slice(&fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))).unwrap()
}

fn validator(definition: &str) -> Validator {
    let mut registry = Registry::new();
    for name in DOCUMENTS.into_iter().chain(["reports"]) {
        registry = registry.add(format!("json-schema:///{name}.json"), schema(name)).unwrap();
    }
    let registry = registry.prepare().unwrap();
    let one = json!({ "$ref": format!("json-schema:///reports.json#/$defs/{definition}") });
    jsonschema::options().with_registry(&registry).build(&one).unwrap()
}

/// The verbs that have a schema.
pub fn verbs() -> &'static BTreeSet<String> {
    static VERBS: OnceLock<BTreeSet<String>> = OnceLock::new();
    VERBS.get_or_init(|| {
        let schema = schema("reports");
        let titles =
            schema["$defs"].as_object().unwrap().values().filter_map(|definition| definition["title"].as_str());
        titles.filter_map(|title| title.strip_prefix(VERB)).map(str::to_owned).collect()
    })
}

/// The verb of a command line.
fn verb(arguments: &[&str]) -> Option<String> {
    let words: Vec<&str> = arguments.iter().copied().filter(|word| *word != "--json").take(2).collect();
    [2, 1].into_iter().filter_map(|n| words.get(..n)).map(|words| words.join(" ")).find(|name| verbs().contains(name))
}

fn hold(definition: &str, value: &Value, arguments: &[&str]) {
    static BUILT: Mutex<BTreeMap<String, Validator>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let validator = built.entry(definition.to_owned()).or_insert_with(|| validator(definition));
    let problems: Vec<String> =
        validator.iter_errors(value).map(|e| format!("{} at {}", e, e.instance_path())).collect();
    assert!(problems.is_empty(), "{arguments:?} as {definition}: {problems:#?}\n{value:#}");
}

/// Checks what a verb said with `--json`: a report on success, an error otherwise, an audit's findings with both. The verb, if it reported.
pub fn check(arguments: &[&str], output: &Output) -> Option<String> {
    if !arguments.contains(&"--json") || arguments.contains(&"--help") {
        return None;
    }
    let success = output.status.success();
    if !success {
        let text = String::from_utf8_lossy(&output.stderr);
        let last = text.trim().lines().last().unwrap_or_default();
        let error: Value = serde_json::from_str(last).unwrap_or_else(|e| panic!("{arguments:?}: {e}: {text}"));
        hold("error", &error, arguments);
        let exit = if error["error"]["rejected"] == true { 1 } else { 2 };
        assert_eq!(output.status.code(), Some(exit), "{arguments:?}: {error}");
    }
    if output.stdout.is_empty() {
        assert!(!success, "{arguments:?} said nothing");
        return None;
    }
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{arguments:?}: {e}"));
    let verb = verb(arguments).unwrap_or_else(|| panic!("{arguments:?} has no schema"));
    hold(&verb.replace(' ', "-"), &report, arguments);
    success.then_some(verb)
}

/// Places that no schema may leave open: a wrong type, an unknown field, a count of seconds.
pub fn corruptions(report: &Value) -> Vec<Value> {
    let Value::Object(fields) = report else { return Vec::new() };
    let mut all = vec![json!([]), Value::Null];
    let mut more = fields.clone();
    more.insert("unknown_field".into(), json!("x"));
    all.push(Value::Object(more));
    all
}

/// Whether a verb's schema takes a value.
pub fn accepts(verb: &str, value: &Value) -> bool {
    validator(&verb.replace(' ', "-")).is_valid(value)
}
