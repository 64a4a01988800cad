//! Every option that names a file is known to be read, or known to be written: a new verb can't write where nobody looked whether it replaces something.

#![allow(clippy::unwrap_used)]

#[path = "../tests/story/written.rs"]
mod list;

use crate::Cli;
use clap::{Command, CommandFactory, builder::ValueParser};
use std::collections::BTreeSet;

/// What is read, and what verbs keep up in its own place: chain and the memory of it, vault, wallet, published documents.
const READ: &[&str] = &[
    "answer",
    "applicant-file",
    "authorisation",
    "backups",
    "bundle",
    "bundles",
    "business-key-file",
    "case_secret",
    "chain",
    "chain_memory",
    "chain_trust",
    "challenge",
    "checkpoints",
    "consent",
    "csv",
    "deployer",
    "evidence",
    "file",
    "from",
    "key",
    "key_file",
    "keys",
    "keys_from",
    "log_from",
    "national-id-file",
    "new",
    "new-file",
    "new_key_file",
    "new_passphrase_file",
    "officer",
    "officers",
    "old",
    "old-file",
    "on_chain",
    "parts",
    "passphrase_file",
    "policies",
    "policy",
    "program",
    "proof",
    "public",
    "published",
    "reason_file",
    "recipient_key",
    "records",
    "reduction",
    "refusals",
    "released",
    "request",
    "schema",
    "schemas",
    "signing_key",
    "subject_key",
    "trust",
    "trust_card",
    "vault",
    "wallet",
];

/// Options that take a path, with their verbs.
fn paths(command: &Command, verb: &str, all: &mut BTreeSet<(String, String)>) {
    let path = ValueParser::path_buf().type_id();
    let arguments = command.get_arguments().filter(|argument| argument.get_value_parser().type_id() == path);
    all.extend(arguments.map(|argument| (verb.to_owned(), argument.get_id().to_string())));
    for inner in command.get_subcommands() {
        paths(inner, format!("{verb} {}", inner.get_name()).trim(), all);
    }
}

#[test]
fn every_path_is_read_or_known_to_be_written() {
    let mut all = BTreeSet::new();
    let mut command = Cli::command();
    command.build();
    paths(&command, "", &mut all);
    assert!(all.len() > 60, "{} paths: the search itself must work", all.len());
    let written = |(verb, option): &(String, String)| list::WRITTEN.contains(&(verb.as_str(), option.as_str()));
    let unknown: Vec<_> = all.iter().filter(|path| !written(path) && !READ.contains(&path.1.as_str())).collect();
    assert!(unknown.is_empty(), "read or written? {unknown:?}");
    for (verb, option) in list::WRITTEN {
        assert!(all.contains(&((*verb).to_owned(), (*option).to_owned())), "{verb} has no {option}");
    }
}
