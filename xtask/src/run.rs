//! One step: a command, what it is for, and how long it took.

use std::{
    io::Write,
    process::Command,
    time::{Duration, Instant},
};

/// A command of a task.
pub struct Step {
    name: String,
    program: &'static str,
    arguments: Vec<String>,
    environment: Vec<(&'static str, String)>,
    directory: Option<&'static str>,
}

impl Step {
    /// A step of cargo's. Arguments are separated by spaces.
    pub fn cargo(name: &str, arguments: &str) -> Self {
        Self::new(name, "cargo", arguments)
    }

    /// A step of any program's.
    pub fn new(name: &str, program: &'static str, arguments: &str) -> Self {
        let arguments = arguments.split_whitespace().map(str::to_owned).collect();
        Self { name: name.to_owned(), program, arguments, environment: Vec::new(), directory: None }
    }

    /// With more arguments, separated by spaces.
    pub fn args(mut self, arguments: &str) -> Self {
        self.arguments.extend(arguments.split_whitespace().map(str::to_owned));
        self
    }

    /// With one more argument, which may hold spaces.
    pub fn arg(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// With an environment variable.
    pub fn env(mut self, name: &'static str, value: &str) -> Self {
        self.environment.push((name, value.to_owned()));
        self
    }

    /// In a directory of the workspace.
    pub fn within(mut self, directory: &'static str) -> Self {
        self.directory = Some(directory);
        self
    }

    /// As somebody would type it.
    pub fn command(&self) -> String {
        let mut words: Vec<String> = self.environment.iter().map(|(name, value)| format!("{name}={value}")).collect();
        words.push(self.program.to_owned());
        words.extend(self.arguments.iter().cloned());
        let command = words.join(" ");
        self.directory.map_or(command.clone(), |directory| format!("(cd {directory} && {command})"))
    }

    /// Runs it, says what it does before and how long it took after.
    pub fn run(&self) -> Result<(), String> {
        self.timed().map(drop)
    }

    /// Runs it, and returns how long it took.
    pub fn timed(&self) -> Result<Duration, String> {
        say(&format!("\n== {}: {}", self.name, self.command()));
        let started = Instant::now();
        let mut command = Command::new(self.program);
        command.args(&self.arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(directory) = self.directory {
            command.current_dir(directory);
        }
        let status = command.status().map_err(|e| format!("{}: {} can't be started: {e}", self.name, self.program))?;
        let took = started.elapsed();
        say(&format!("== {}: {:.0} s", self.name, took.as_secs_f64()));
        if status.success() { Ok(took) } else { Err(format!("{} failed: {}", self.name, self.command())) }
    }
}

/// A line on stdout.
pub fn say(line: &str) {
    // A closed stdout is no reason to fail.
    let _ = writeln!(std::io::stdout(), "{line}");
}
