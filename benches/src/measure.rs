//! Measuring: alternating rounds of the measured thing and its baseline, the best of each, so that a noisy machine hits both alike.

use serde_json::{Map, Value, json};
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

/// Rows of one bench.
#[derive(Default)]
pub struct Figures {
    rows: Vec<Map<String, Value>>,
}

impl Figures {
    /// Adds a row; `columns` is a JSON object.
    pub fn row(&mut self, columns: Value) {
        if let Value::Object(map) = columns {
            self.rows.push(map);
        }
    }

    /// Prints the table and writes the JSON file.
    pub fn publish(&self, name: &str, directory: &Path) -> Result<(), String> {
        let mut out = format!("\n{name}\n");
        for row in &self.rows {
            let cells: Vec<_> = row.iter().map(|(key, value)| format!("{key} {value}")).collect();
            out.push_str(&format!("  {}\n", cells.join(" · ")));
        }
        eprint!("{out}");
        let file = directory.join(format!("{name}.json"));
        let command = format!("cargo run --release -p sealroot-benches -- {name}");
        let text = serde_json::to_string_pretty(&json!({ "command": command, "rows": self.rows }))
            .map_err(|e| e.to_string())?;
        fs::create_dir_all(directory).and_then(|()| fs::write(&file, text + "\n")).map_err(|e| e.to_string())
    }
}

/// The best time per call of each of two things over alternating rounds. Each call gets its own number, so that it can use its own input.
pub fn compare(rounds: u32, calls: u64, mut baseline: impl FnMut(u64), mut measured: impl FnMut(u64)) -> [Duration; 2] {
    let mut best = [Duration::MAX; 2];
    for round in 0..rounds {
        let first = u64::from(round) * calls;
        for (slot, work) in best.iter_mut().zip([&mut baseline as &mut dyn FnMut(u64), &mut measured]) {
            let start = Instant::now();
            (first..first + calls).for_each(&mut *work);
            *slot = (*slot).min(start.elapsed());
        }
    }
    best.map(|total| total / u32::try_from(calls).unwrap_or(u32::MAX))
}

/// CPU time of this process.
pub fn cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Two decimals of a ratio.
pub fn ratio(baseline: Duration, measured: Duration) -> f64 {
    (baseline.as_secs_f64() / measured.as_secs_f64() * 100.0).round() / 100.0
}

/// Microseconds with two decimals.
pub fn micros(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e8).round() / 100.0
}

/// Milliseconds with two decimals.
pub fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e5).round() / 100.0
}
