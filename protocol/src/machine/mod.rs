//! The policy machine: shapes, rules, words, evaluation and public inputs (`docs/spec/machine.md`).
