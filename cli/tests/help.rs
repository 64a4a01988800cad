//! Help pages as users see them, and the examples that need nothing but the project's own files, run.
//!
//! `TRYCMD=overwrite cargo test -p sealroot --test help` writes what changed; read the difference before you commit it.

#[test]
fn help_and_examples_are_as_written() {
    trycmd::TestCases::new().case("tests/help/*.trycmd").case("tests/help/*.toml").run();
}
