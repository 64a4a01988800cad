//! The guide `docs/OWN_CASE.md` is run: every file that it has its reader save, every command, and what each prints.
//!
//! Keys, amounts of time and sizes differ from run to run and aren't compared. `SEALROOT_GUIDE=overwrite cargo test --workspace --test guide` writes
//! the page anew with what the commands print now; read the difference before you commit it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The day on which the guide is written. Its chain stands there in the test, so that the month that it claims stays open.
const TODAY: &str = "2026-11-29";

#[test]
fn your_own_case_runs_as_its_page_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/OWN_CASE.md");
    let text = fs::read_to_string(&page).unwrap();
    let mut reader = Reader::new();
    let (written, differences) = reader.follow(&text);
    if std::env::var("SEALROOT_GUIDE").is_ok_and(|mode| mode == "overwrite") {
        fs::write(&page, written).unwrap();
        return;
    }
    assert!(reader.commands > 40, "{} commands were run: the search itself must work", reader.commands);
    assert!(differences.is_empty(), "the page and the program differ:\n{}", differences.join("\n"));
}

#[test]
fn what_differs_from_run_to_run_is_not_compared_and_the_rest_is() {
    let printed = "approved, 160.00, entered on chain as of block 11; bundle with evidence (38771 bytes) written to case/decided.json";
    assert_eq!(shape(printed), shape(&printed.replace("38771", "40012")));
    assert_ne!(shape(printed), shape(&printed.replace("160.00", "150.00")));
    assert_ne!(shape(printed), shape(&printed.replace("block 11", "block 12")));
    let root = "registry anchored 0x2be6d6da217e473c903d6d22ac526ec3 at 2026-11-29 12:40:01 UTC (5 ms)";
    assert_eq!(
        shape(root),
        shape("registry anchored 0x5ba2eb54d7953d1ece92dd9256047d56 at 2026-11-30 01:00:00 UTC (9 ms)")
    );
    assert_ne!(shape("for 2026-11-01 to 2026-11-30"), shape("for 2026-10-01 to 2026-10-31"));
}

/// A reader who does in an empty directory what the page says.
struct Reader {
    directory: PathBuf,
    variables: BTreeMap<String, String>,
    /// Random values of the page, and what stands for them in this run.
    values: BTreeMap<String, String>,
    commands: usize,
}

impl Reader {
    fn new() -> Self {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("own-case");
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).unwrap();
        let variables = BTreeMap::from([("SEALROOT_ALLOW_INSECURE_DEV_KEYS".into(), "true".into())]);
        Self { directory, variables, values: BTreeMap::new(), commands: 0 }
    }

    /// The page as it is after this run, and where it was otherwise.
    fn follow(&mut self, text: &str) -> (String, Vec<String>) {
        let lines: Vec<&str> = text.lines().collect();
        let (mut written, mut differences) = (Vec::new(), Vec::new());
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            let start = at;
            at += 1;
            if let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) {
                let body: Vec<&str> = lines[at..].iter().take_while(|line| **line != "```").copied().collect();
                at += body.len() + 1;
                if let Some((_, name)) = info.split_once(' ') {
                    let file = self.directory.join(name);
                    fs::create_dir_all(file.parent().unwrap()).unwrap();
                    fs::write(file, body.join("\n") + "\n").unwrap();
                }
                written.extend(lines[start..at].iter().map(|line| (*line).to_owned()));
            } else if line.starts_with(PROMPT) {
                while lines[at - 1].ends_with('\\') {
                    at += 1;
                }
                let command = &lines[start..at];
                let shown = shown(&lines[at..]);
                at += shown.len();
                let printed = self.run(&command.join("\n")[PROMPT.len()..], shown, &mut differences);
                written.extend(command.iter().map(|line| self.of_this_run(line)));
                written.extend(printed);
            } else {
                written.push((*line).to_owned());
            }
        }
        (written.join("\n") + "\n", differences)
    }

    /// Runs a command; the lines that the page should show for it.
    fn run(&mut self, command: &str, shown: &[&str], differences: &mut Vec<String>) -> Vec<String> {
        self.commands += 1;
        if let Some(assignments) = command.strip_prefix("export ") {
            let pairs = assignments.split(' ').filter_map(|pair| pair.split_once('='));
            self.variables.extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
            return Vec::new();
        }
        let standing = format!("set-clock --standing-at {TODAY}");
        let of_this_run =
            self.of_this_run(command).replace(&format!("set-clock --system --confirm-day {TODAY}"), &standing);
        let fails = shown.first().is_some_and(|line| line.starts_with("    sealroot: "));
        let output = self.shell(&of_this_run);
        let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        if output.status.success() == fails {
            differences.push(format!("$ {command}\n  exit code {:?}\n{out}{err}", output.status.code()));
        }
        let printed = if fails { out + &err } else { out };
        let mut printed: Vec<String> =
            printed.lines().map(|line| format!("    {line}").trim_end().to_owned()).collect();
        if shown.last() == Some(&"    …") {
            printed.truncate(shown.len() - 1);
            printed.push("    …".into());
        }
        if shown.is_empty() {
            return Vec::new();
        }
        let pairs = shown.iter().flat_map(|line| values(line)).zip(printed.iter().flat_map(|line| values(line)));
        self.values.extend(pairs.map(|(page, run)| (page.to_owned(), run.to_owned())));
        let same = shown.len() == printed.len() && shown.iter().zip(&printed).all(|(a, b)| shape(a) == shape(b));
        if !same {
            differences.push(format!(
                "$ {command}\nthe page:\n{}\nit prints:\n{}",
                shown.join("\n"),
                printed.join("\n")
            ));
        }
        printed
    }

    fn shell(&self, command: &str) -> std::process::Output {
        let program = Path::new(env!("CARGO_BIN_EXE_sealroot")).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        let inherited = std::env::vars().filter(|(name, _)| !name.starts_with("SEALROOT_"));
        let mut shell = Command::new("bash");
        shell.args(["-c", command]).current_dir(&self.directory).stdin(Stdio::null());
        shell.env_clear().envs(inherited).envs(&self.variables).env("PATH", path).output().unwrap()
    }

    /// A line of the page with this run's values.
    fn of_this_run(&self, line: &str) -> String {
        let mut line = line.to_owned();
        for (page, run) in &self.values {
            line = line.replace(page, run);
        }
        line
    }
}

const PROMPT: &str = "    $ ";

/// The lines that show a command's output. An empty line belongs to it if an indented one follows.
fn shown<'a, 'b>(lines: &'a [&'b str]) -> &'a [&'b str] {
    let of_output = |line: &str| line.starts_with("    ") && !line.starts_with(PROMPT);
    let mut end = 0;
    for (at, line) in lines.iter().enumerate() {
        if of_output(line) {
            end = at + 1;
        } else if !line.is_empty() {
            break;
        }
    }
    &lines[..end]
}

/// Random values in a line: `0x` and at least ten hexadecimal digits.
fn values(line: &str) -> Vec<&str> {
    let starts = line.match_indices("0x").map(|(at, _)| &line[at..]);
    let values = starts.map(|rest| {
        let digits = rest[2..].bytes().take_while(u8::is_ascii_hexdigit).count();
        &rest[..2 + digits]
    });
    values.filter(|value| value.len() >= 12).collect()
}

/// A line without what differs from run to run: random values, fingerprints, amounts of time, sizes, and moments.
fn shape(line: &str) -> String {
    let mut line = line.to_owned();
    for value in values(&line).into_iter().map(str::to_owned).collect::<Vec<_>>() {
        line = line.replacen(&value, "0x…", 1);
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let next = |at: usize| words.get(at + 1).map(|word| bare(word)).unwrap_or_default();
    let is_logged = line.trim_start().starts_with('#');
    let of = |at: usize, word: &str| {
        let bare = bare(word);
        let measured = bare.bytes().all(|b| b.is_ascii_digit()) && matches!(next(at).as_str(), "ms" | "bytes");
        let fingerprint = bare.len() >= 12 && bare.bytes().all(|b| b.is_ascii_hexdigit());
        let moment = is_time(&bare) || is_date(&bare) && (is_logged || is_time(&next(at)));
        if measured || fingerprint || moment { word.replace(&bare, "…") } else { word.to_owned() }
    };
    words.iter().enumerate().map(|(at, word)| of(at, word)).collect::<Vec<_>>().join(" ")
}

/// `2026-11-29`.
fn is_date(word: &str) -> bool {
    word.len() == 10
        && word.bytes().enumerate().all(|(at, b)| if matches!(at, 4 | 7) { b == b'-' } else { b.is_ascii_digit() })
}

/// `12:40` or `12:40:01`.
fn is_time(word: &str) -> bool {
    matches!(word.len(), 5 | 8)
        && word.bytes().enumerate().all(|(at, b)| if at % 3 == 2 { b == b':' } else { b.is_ascii_digit() })
}
