//! What a person or a program sees: results on stdout, narration and progress on stderr.

use crate::failure::Failure;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sealroot_protocol::code::Code;
use serde::Serialize;
use std::{
    fmt::Display,
    io::{ErrorKind, IsTerminal, Write},
};

/// How a verb talks.
#[derive(Debug, Clone, Copy)]
pub struct Ui {
    json: bool,
    silent: bool,
}

/// A result: `Display` for people, `Serialize` for programs.
pub trait Report: Serialize + Display {}
impl<T: Serialize + Display> Report for T {}

impl Ui {
    /// `json`: one JSON object on stdout instead of text.
    pub fn new(json: bool) -> Self {
        Self { json, silent: false }
    }

    /// Says nothing: for verbs that run as steps of the demo.
    pub fn silent() -> Self {
        Self { json: false, silent: true }
    }

    /// One line of narration. With `--json` there is none: what stands on stderr then is for programs.
    pub fn say(self, line: impl Display) {
        if !self.json {
            self.write(line);
        }
    }

    /// What somebody is asked to agree to, or has agreed to beforehand (`agreed`). With `--json` the question is still a person's; what nobody is asked about is
    /// in the report.
    pub fn show(self, text: impl Display, agreed: bool) {
        if !(self.json && agreed) {
            self.write(text);
        }
    }

    fn write(self, text: impl Display) {
        if !self.silent {
            // A closed stderr is no reason to fail.
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }

    /// Progress over `total` steps, shown where a person is watching.
    pub fn progress(self, label: &str, total: u64) -> ProgressBar {
        let watched = !self.silent && !self.json && std::io::stderr().is_terminal();
        let target = if watched { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        if let Ok(style) = ProgressStyle::with_template("  {msg:24} {bar:32} {pos}/{len} {eta}") {
            bar.set_style(style);
        }
        bar.set_message(label.to_owned());
        bar
    }

    /// The result, on stdout.
    pub fn report(self, report: &impl Report) -> Result<(), Failure> {
        self.print(report, serde_json::to_string_pretty)
    }

    /// One of many results, on a line of its own: JSON Lines with `--json`.
    pub fn line(self, report: &impl Report) -> Result<(), Failure> {
        self.print(report, serde_json::to_string)
    }

    fn print<R: Report>(self, report: &R, json: fn(&R) -> serde_json::Result<String>) -> Result<(), Failure> {
        if self.silent {
            return Ok(());
        }
        let text = if self.json { json(report).map_err(|e| Failure::new(Code::Json, e))? } else { report.to_string() };
        match writeln!(std::io::stdout().lock(), "{text}") {
            // The reader has read enough (`| head`): what was asked for is done, and nobody is left to be told.
            Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(()),
            written => Ok(written?),
        }
    }

    /// The failure, on stderr.
    pub fn fail(self, failure: &Failure) {
        if self.json {
            self.write(failure.to_json());
        } else {
            self.write(format!("sealroot: {failure}"));
        }
    }
}
