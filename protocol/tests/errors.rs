//! `docs/ERRORS.md` is what the table of codes says. `cargo xtask errors` writes it.

#![allow(clippy::unwrap_used)]

use sealroot_protocol::code::{Class, Code, Party};
use std::{fmt::Write, path::Path};

const HEAD: &str = "# Errors

Every failure has a code. It is the same in a verb's message (in brackets), in `--json`, in a service's problem document (RFC 9457) and on a page, and never changes its meaning. Messages say more, and may change.

Where the command line itself can't be read, the message is the parser's, and its code `usage` shows with `--json` only.

Exit code 0: everything asked for held. 1: a check rejected, or what is stored isn't what was stored. 2: wrong use, bad input, or something that can't be used now.

This page is made from `protocol/src/code/table.rs`; write it with `cargo xtask errors`. *Whose* says who can mend it.

| code | whose | what to do | exit | HTTP |
|---|---|---|---|---|
";

const fn whose(party: Party) -> &'static str {
    match party {
        Party::Caller => "caller",
        Party::Sender => "sender of the document",
        Party::Office => "office",
        Party::Holder => "holder",
        Party::Prover => "prover",
        Party::Agency => "agency",
        Party::Officer => "officers",
        Party::Author => "author of the text",
        Party::Operator => "operator of this machine",
    }
}

fn page() -> String {
    let mut codes = Code::ALL.to_vec();
    codes.sort_by_key(|code| code.as_str());
    let mut page = HEAD.to_owned();
    for code in codes {
        let (exit, status) = (code.class().exit_code(), code.class().http_status());
        let remedy = code.remedy();
        writeln!(page, "| `{code}` | {} | {remedy} | {exit} | {status} |", whose(code.party())).unwrap();
    }
    page
}

#[test]
fn the_page_is_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ERRORS.md");
    if std::env::var_os("SEALROOT_WRITE").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page(), "docs/ERRORS.md isn't what the table says; write it with `cargo xtask errors`");
}

/// A remedy is one sentence or two, and says something.
#[test]
fn every_code_says_what_to_do() {
    for code in Code::ALL {
        let remedy = code.remedy();
        assert!(remedy.len() > 8 && remedy.ends_with('.'), "{code}: {remedy:?}");
        assert!(remedy.starts_with(|c: char| c.is_ascii_uppercase()), "{code}: {remedy:?}");
    }
}

/// What a check rejects exits 1 and is 422 over HTTP; everything else exits 2, but for damage and for what another may do.
#[test]
fn classes_decide_exit_code_and_status() {
    for code in Code::ALL {
        let class = code.class();
        let rejects = matches!(class, Class::Rejected | Class::Damaged | Class::Forbidden);
        assert_eq!(class.exit_code(), if rejects { 1 } else { 2 }, "{code}");
        assert_eq!(class == Class::Rejected, class.http_status() == 422, "{code}");
    }
}
