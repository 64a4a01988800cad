//! Which options of which verbs name what is written. `cli/src/written.rs` holds it against the parser, `outputs.rs` tries each.

/// Verb and option, by the names that the parser has for them.
pub const WRITTEN: &[(&str, &str)] = &[
    ("demo", "dir"),
    ("setup", "out"),
    ("key new", "file"),
    ("chain create", "chain"),
    ("agency init", "vault"),
    ("agency init", "export_subject_key"),
    ("agency enrol", "challenge"),
    ("agency release", "out"),
    ("agency log", "out"),
    ("agency backup", "out"),
    ("agency restore", "vault"),
    ("policy key", "out"),
    ("wallet new", "wallet"),
    ("wallet new", "phrase_to"),
    ("wallet answer", "out"),
    ("wallet consent", "out"),
    ("wallet release", "out"),
    ("request new", "out"),
    ("request new", "case_secret"),
    ("prove", "out"),
    ("bundle", "out"),
    ("decide", "out"),
    ("trust", "out"),
    ("export snarkjs", "out"),
];
