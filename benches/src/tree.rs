//! Trees and records' leaves by Poseidon in lanes, one hash at a time, and by light-poseidon, in the same process and run, by CPU time of
//! the process on one thread: rounds alternate, and each counts by its best.

use crate::measure::{Figures, ratio};
use light_poseidon::{Poseidon, PoseidonHasher};
use sealroot_lanes::Instructions;
use sealroot_protocol::{
    date::FactsPeriod,
    field::F,
    record::{Attributes, Leaf, Record, Salt, Serial, Subject, leaves},
    schema::SchemaId,
    tag::Tag,
    tree::{ARITY, DEPTH, MemoryTree, node_hash},
};
use serde_json::json;
use std::{hint::black_box, time::Duration};

const LEAVES: u64 = 1_000_000;
const RECORDS: u64 = 20_000;
const ROUNDS: u64 = 6;
/// Hashes of a round of those that take one after the other; their time for a whole tree is so many times longer.
const SAMPLE: u64 = 4_000;

/// CPU time of the whole by lanes, one at a time and light-poseidon.
type Times = [Duration; 3];

pub fn run() -> Result<Figures, String> {
    let mut figures = Figures::default();
    tree(&mut figures)?;
    records(&mut figures)?;
    Ok(figures)
}

fn tree(figures: &mut Figures) -> Result<(), String> {
    let all: Vec<Leaf> = (0..LEAVES).map(|i| Leaf(distinct(i))).collect();
    let hashes: u64 = (1..=DEPTH as u32).map(|level| LEAVES.div_ceil((ARITY as u64).pow(level))).sum();
    let mut light = Poseidon::<F>::new_circom(ARITY + 1).map_err(|e| e.to_string())?;
    let sample = |round: u64| (round * SAMPLE..(round + 1) * SAMPLE).map(|n| children(&all, n as usize));

    let mut best = [Duration::MAX; 3];
    for round in 0..ROUNDS {
        let lanes = spent(|| MemoryTree::build(&all).map(|tree| tree.root()).ok());
        let single = spent(|| {
            for node in sample(round) {
                black_box(node_hash(node));
            }
        });
        let light = spent(|| {
            for [a, b, c, d] in sample(round) {
                let _ = black_box(light.hash(&[Tag::Node.value(), a, b, c, d]));
            }
        });
        keep(&mut best, [lanes, whole(single, hashes), whole(light, hashes)]);
    }
    rows(figures, "tree of 1,000,000 leaves", hashes, best);
    Ok(())
}

fn records(figures: &mut Figures) -> Result<(), String> {
    let all: Vec<Record> = (0..RECORDS).map(record).collect();
    // Four for the attributes' digest and one for the leaf, all of ten inputs.
    let hashes = 5 * RECORDS;
    let mut light = Poseidon::<F>::new_circom(10).map_err(|e| e.to_string())?;

    let mut best = [Duration::MAX; 3];
    for round in 0..ROUNDS {
        let every: Vec<&Record> = all.iter().collect();
        let lanes = spent(|| leaves(&every));
        let sample = &all[(round * SAMPLE / 5) as usize..((round + 1) * SAMPLE / 5) as usize];
        let single = spent(|| {
            for record in sample {
                black_box(record.leaf());
            }
        });
        let light = spent(|| {
            for n in round * SAMPLE..(round + 1) * SAMPLE {
                let inputs: [F; 10] = std::array::from_fn(|i| distinct(n * 10 + i as u64));
                let _ = black_box(light.hash(&inputs));
            }
        });
        keep(&mut best, [lanes, whole(single, hashes), whole(light, hashes)]);
    }
    rows(figures, "leaves of 20,000 records", hashes, best);
    Ok(())
}

fn rows(figures: &mut Figures, what: &str, hashes: u64, best: Times) {
    let lanes = match Instructions::detect_for_hashing() {
        instructions if instructions == Instructions::scalar() => "hash_many, on this machine one at a time".to_owned(),
        instructions => format!("hash_many, {}", instructions.name()),
    };
    let [ours, single, light] = best;
    for (by, time, measured) in
        [(lanes.as_str(), ours, hashes), ("one at a time", single, SAMPLE), ("light-poseidon 0.5", light, SAMPLE)]
    {
        figures.row(json!({
            "what": what, "by": by, "hashes": hashes, "hashes_measured": measured, "threads": 1,
            "cpu_s": (time.as_secs_f64() * 1000.0).round() / 1000.0,
            "us_per_hash": (time.as_secs_f64() * 1e8 / hashes as f64).round() / 100.0,
            "ratio": ratio(light, time),
        }));
    }
}

fn spent<T>(work: impl FnOnce() -> T) -> Duration {
    let before = crate::measure::cpu();
    black_box(work());
    crate::measure::cpu() - before
}

fn whole(sample: Duration, hashes: u64) -> Duration {
    sample.mul_f64(hashes as f64 / SAMPLE as f64)
}

fn keep(best: &mut Times, times: Times) {
    for (best, time) in best.iter_mut().zip(times) {
        *best = (*best).min(time);
    }
}

/// Full-sized elements, no two alike.
fn distinct(i: u64) -> F {
    let x = F::from(i + 1) * F::from(u64::MAX - i);
    x * x * x * x * x
}

fn children(leaves: &[Leaf], node: usize) -> [F; ARITY] {
    std::array::from_fn(|i| leaves[(node * ARITY + i) % leaves.len()].0)
}

fn record(n: u64) -> Record {
    Record {
        schema_id: SchemaId(distinct(0)),
        attributes: Attributes(std::array::from_fn(|i| F::from(n * 40 + i as u64))),
        holder: None,
        holder_since: None,
        subject: Subject(distinct(3 * n)),
        period: FactsPeriod::Timeless,
        serial: Serial(distinct(3 * n + 1)),
        salt: Salt(distinct(3 * n + 2)),
    }
}
