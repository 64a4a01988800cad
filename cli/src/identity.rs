//! Where a person's id comes from: a file, standard input, the terminal, or an argument.
//!
//! The attack: every user of a machine can list the arguments of everybody's commands, and a shell keeps them. So an id needn't be one: it is read from a file that
//! only its owner can read, or from a line of standard input, or asked for.
//! Non-guarantee: an id that is given as an argument all the same is hidden from nobody.

use crate::{
    failure::{Failure, Outcome},
    files::shown,
    secret::{line, read_secret},
};
use sealroot_protocol::code::Code;
use std::{
    io::{BufRead, IsTerminal, Read, Write},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Options of one id. Each verb has those of the ids that it needs, so that every id can be given in the same ways.
macro_rules! id_args {
    ($(#[$doc:meta])* $name:ident, $argument:literal, $file:literal, $value:literal, $what:literal, $about:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, clap::Args)]
        #[group(multiple = false)]
        pub struct $name {
            #[arg(id = $argument, long = $argument, value_name = $value,
                help = concat!($about, ". Every user of this machine can see arguments: rather use --", $file))]
            given: Option<String>,
            #[arg(id = $file, long = $file, value_name = "FILE",
                help = "The same from the one line of a file that its owner only can read, or with - from a line of standard input")]
            file: Option<PathBuf>,
        }

        impl $name {
            /// Where it is read from.
            pub fn source(&self) -> IdSource<'_> {
                let (given, file) = (self.given.as_deref(), self.file.as_deref());
                IdSource { given, file, option: $file, what: $what, question: None }
            }
        }

        impl From<String> for $name {
            fn from(given: String) -> Self {
                Self { given: Some(given), file: None }
            }
        }
    };
}

id_args!(
    /// The person whom a verb is about.
    NationalIdArgs, "national-id", "national-id-file", "ID", "national id", "National id of the person"
);
id_args!(
    /// The person whom an office asks about.
    ApplicantArgs, "applicant", "applicant-file", "NATIONAL_ID", "national id of the applicant",
    "National id of the applicant; none where the program is anonymous"
);
id_args!(
    /// The id that a person had.
    OldIdArgs, "old", "old-file", "ID", "id that the vault knows", "The id that the vault knows"
);
id_args!(
    /// The id that a person gets.
    NewIdArgs, "new", "new-file", "ID", "id from now on", "The id from now on"
);
id_args!(
    /// The record of a person who has several.
    BusinessKeyArgs, "business-key", "business-key-file", "KEY", "business key",
    "Business key of the record, in schemas with many records per person"
);

/// Where one id is read from.
#[derive(Debug, Clone, Copy)]
pub struct IdSource<'a> {
    given: Option<&'a str>,
    file: Option<&'a Path>,
    option: &'static str,
    /// What is read, as a message names it.
    what: &'static str,
    /// How it is asked for, if not in English.
    question: Option<&'static str>,
}

impl IdSource<'_> {
    /// The same, asked for in another language.
    pub fn asked(self, question: &'static str) -> Self {
        Self { question: Some(question), ..self }
    }

    /// Whether the command line says where it is.
    pub fn is_given(self) -> bool {
        self.given.is_some() || self.file.is_some()
    }

    /// The id, if the command line says where it is.
    pub fn given(self) -> Outcome<Option<String>> {
        match (self.given, self.file) {
            (Some(id), _) => Ok(Some(id.to_owned())),
            (None, Some(path)) if path == Path::new("-") => {
                self.of_input(std::io::stdin().lock(), std::io::stdin().is_terminal()).map(Some)
            }
            (None, Some(path)) => self.of_file(path).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// The id of somebody who must be named: asked for at the terminal where the command line says nothing.
    pub fn read(self) -> Outcome<String> {
        match self.given()? {
            Some(id) => Ok(id),
            None if std::io::stdin().is_terminal() => self.of_input(std::io::stdin().lock(), true),
            None => Err(self.missing()),
        }
    }

    /// The same where a verb can do without: asked for at the terminal, else none.
    pub fn read_if_any(self) -> Outcome<Option<String>> {
        if self.is_given() || std::io::stdin().is_terminal() { self.read().map(Some) } else { Ok(None) }
    }

    fn of_file(self, path: &Path) -> Outcome<String> {
        let text = read_secret(path)?;
        let id = line(&text);
        if id.contains(['\n', '\r']) {
            let message = format!("{} holds more than one line, and an id is one", shown(path));
            return Err(Failure::new(Code::BadNationalId, message).advice("write one id into the file, alone"));
        }
        Ok(id.to_owned())
    }

    /// One line: what follows may be the answer to a question, or the next id.
    fn of_input(self, mut input: impl BufRead, terminal: bool) -> Outcome<String> {
        if terminal {
            match self.question {
                Some(question) => write!(std::io::stderr(), "{question}")?,
                None => write!(std::io::stderr(), "Type the {}: ", self.what)?,
            }
        }
        let mut text = Zeroizing::new(Vec::with_capacity(LONGEST));
        (&mut input).take(LONGEST as u64).read_until(b'\n', &mut text)?;
        if text.len() == LONGEST {
            return Err(Failure::new(Code::BadNationalId, format!("the {} is longer than any", self.what)));
        }
        let text = std::str::from_utf8(&text).map_err(|_| Failure::new(Code::NotUtf8, "the id is not UTF-8 text"))?;
        match line(text) {
            "" => Err(self.missing()),
            id => Ok(id.to_owned()),
        }
    }

    fn missing(self) -> Failure {
        let Self { option, what, .. } = self;
        Failure::new(Code::Usage, format!("the {what} is missing")).advice(format!(
            "name a file with it (--{option} FILE), or give it on standard input (--{option} -), or run in a terminal, which asks"
        ))
    }
}

/// A longer line is no id: [`sealroot_protocol::identifier`] refuses far shorter ones.
const LONGEST: usize = 4096;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use clap::CommandFactory;
    use std::{fs, os::unix::fs::PermissionsExt};

    fn of_file(path: &Path) -> Outcome<Option<String>> {
        NationalIdArgs { given: None, file: Some(path.to_owned()) }.source().given()
    }

    /// As editors on any system leave it; one line, which nobody but its owner reads. What is no id is refused where every other id is.
    #[test]
    fn an_id_is_the_one_line_of_a_file_of_its_owners() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("id");
        let written = |text: &str, mode: u32| {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            of_file(&path)
        };
        for text in ["19840311-0042", "19840311-0042\n", "\u{feff}19840311-0042\r\n"] {
            assert_eq!(written(text, 0o600).unwrap().as_deref(), Some("19840311-0042"));
        }
        // Nothing is trimmed or guessed: a space is part of what was written.
        assert_eq!(written(" 19840311-0042 \n", 0o600).unwrap().as_deref(), Some(" 19840311-0042 "));
        assert_eq!(written("19840311-0042\n19701224-0017\n", 0o600).unwrap_err().code(), Code::BadNationalId);
        assert_eq!(written("19840311-0042\n", 0o640).unwrap_err().code(), Code::SecretReadableByOthers);
        assert_eq!(of_file(&directory.path().join("none")).unwrap_err().code(), Code::FileNotFound);
        let both = written("19840311-0042\n19701224-0017\n", 0o600).unwrap_err().to_string();
        assert!(!both.contains("19840311") && !both.contains("19701224"), "no message repeats an id: {both}");
    }

    /// A line each, so that what follows may be another id, or the answer to a question.
    #[test]
    fn standard_input_gives_a_line_an_id() {
        let (old, new) = (OldIdArgs::default(), NewIdArgs::default());
        let mut input = "\u{feff}T-5521\r\n19840311-0042\nyes\n".as_bytes();
        assert_eq!(old.source().of_input(&mut input, false).unwrap(), "T-5521");
        assert_eq!(new.source().of_input(&mut input, false).unwrap(), "19840311-0042");
        assert_eq!(input, b"yes\n");
        for (text, code) in [("", Code::Usage), ("\n", Code::Usage), (&*"7".repeat(LONGEST), Code::BadNationalId)] {
            assert_eq!(old.source().of_input(text.as_bytes(), false).unwrap_err().code(), code);
        }
        assert_eq!(old.source().of_input(&b"\xff\n"[..], false).unwrap_err().code(), Code::NotUtf8);
    }

    /// No verb takes a person's id as an argument alone. A new one that does fails here: it takes one of the groups of this file.
    #[test]
    fn every_id_can_be_given_in_a_file() {
        fn verbs(command: &clap::Command, path: &str, found: &mut Vec<String>) {
            let has = |long: &str| command.get_arguments().any(|argument| argument.get_long() == Some(long));
            for argument in command.get_arguments().filter_map(clap::Arg::get_long) {
                if ["national-id", "applicant", "old", "new", "business-key", "person", "id"].contains(&argument) {
                    assert!(has(&format!("{argument}-file")), "{path} --{argument}");
                    found.push(format!("{path} --{argument}"));
                }
            }
            for verb in command.get_subcommands() {
                verbs(verb, &format!("{path} {}", verb.get_name()), found);
            }
        }
        let mut found = Vec::new();
        verbs(&crate::Cli::command(), "sealroot", &mut found);
        assert!(found.len() >= 10, "{found:?}");
    }
}
