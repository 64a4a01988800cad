//! Every verb that asks for something shows an example, and every example is what the parser takes.

#![allow(clippy::unwrap_used, clippy::panic)]

use crate::Cli;
use clap::{Command, CommandFactory, Parser};

/// Verbs with their names from the root on, leaves only.
fn leaves(command: &Command, path: &str, all: &mut Vec<(String, Command)>) {
    let verbs: Vec<_> = command.get_subcommands().filter(|verb| verb.get_name() != "help").collect();
    if verbs.is_empty() {
        all.push((path.to_owned(), command.clone()));
    }
    for verb in verbs {
        leaves(verb, format!("{path} {}", verb.get_name()).trim(), all);
    }
}

fn all() -> Vec<(String, Command)> {
    let mut all = Vec::new();
    leaves(&Cli::command(), "", &mut all);
    assert!(all.len() > 30, "{} verbs: the search itself must work", all.len());
    all
}

/// The commands of a help text: a remark in brackets behind two spaces is no part of one, and `\` goes on in the next line.
fn examples(help: &str) -> Vec<String> {
    let joined = help.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim).filter(|line| line.starts_with("sealroot "));
    lines.map(|line| line.split("  (").next().unwrap().trim_end_matches('…').trim().to_owned()).collect()
}

#[test]
fn every_example_is_what_the_parser_takes() {
    let mut seen = 0;
    for (verb, command) in all() {
        let Some(help) = command.get_after_help() else { continue };
        for example in examples(&help.to_string()) {
            seen += 1;
            // `0x…` stands for what a reader copies from elsewhere.
            let digits = format!("0x{:0>64}", 9);
            let words = shlex::split(&example.replace("0x…", &digits)).unwrap_or_else(|| panic!("{verb}: {example}"));
            if let Err(error) = Cli::try_parse_from(words) {
                panic!("{verb}: {example}\n{error}");
            }
        }
    }
    assert!(seen > 40, "{seen} examples: the search itself must work");
}

/// A verb that needs an argument shows how it is used; one that needs none speaks for itself.
#[test]
fn every_verb_that_needs_something_shows_an_example() {
    let silent: Vec<String> = all()
        .into_iter()
        .filter(|(_, command)| command.get_arguments().any(clap::Arg::is_required_set))
        .filter(|(verb, command)| {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            !examples(&help).iter().any(|example| example.starts_with(&format!("sealroot {verb} ")))
        })
        .map(|(verb, _)| verb)
        .collect();
    assert!(silent.is_empty(), "no example of: {}", silent.join(", "));
}

/// `docs/spec/schemas/reports.json` says what each verb writes with `--json`.
#[test]
fn every_verb_has_a_schema_of_its_report() {
    let schemas: serde_json::Value =
        serde_json::from_str(include_str!("../../docs/spec/schemas/reports.json")).unwrap();
    let described = |verb: &str| {
        let definition = &schemas["$defs"][verb.replace(' ', "-")];
        definition["title"] == format!("sealroot {verb}").as_str()
    };
    let silent: Vec<String> = all().into_iter().map(|(verb, _)| verb).filter(|verb| !described(verb)).collect();
    assert!(silent.is_empty(), "no schema of what these report: {}", silent.join(", "));
    let verbs: Vec<String> = all().into_iter().map(|(verb, _)| format!("sealroot {verb}")).collect();
    let titles = schemas["$defs"].as_object().unwrap().values().filter_map(|definition| definition["title"].as_str());
    let gone: Vec<&str> =
        titles.filter(|title| title.starts_with("sealroot ") && !verbs.iter().any(|verb| verb == title)).collect();
    assert!(gone.is_empty(), "no verb: {}", gone.join(", "));
}
