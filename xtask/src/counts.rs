//! Tests of which CI runs a sample, in full: the same tests with more cases. Seeds are fixed, so that a count can be repeated.

use crate::run::{Step, say};

/// A test with its full count.
struct Count {
    name: &'static str,
    /// What is counted.
    counts: &'static str,
    environment: &'static [(&'static str, &'static str)],
    /// Arguments of `cargo test`.
    test: &'static str,
}

/// All full counts.
const COUNTS: &[Count] = &[
    Count {
        name: "random-cases",
        counts: "native check = circuit, 10,000 random cases",
        environment: &[("SEALROOT_CASES", "10000"), ("SEALROOT_SEED", "1")],
        test: "-p sealroot-circuits --test statement random_cases",
    },
    Count {
        name: "every-wire",
        counts: "every wire of the statement tampered with",
        environment: &[("SEALROOT_WIRES", "all")],
        test: "-p sealroot-circuits --test statement",
    },
    Count {
        name: "every-byte",
        counts: "every byte of a bundle with its evidence changed, then audited",
        environment: &[("SEALROOT_BYTES", "all")],
        test: "-p sealroot --test story every_byte",
    },
    Count {
        name: "real-proofs",
        counts: "50 real proofs",
        environment: &[("SEALROOT_CASES", "50"), ("SEALROOT_SEED", "2026")],
        test: "-p sealroot-prover --test solo random",
    },
    Count {
        name: "real-claims",
        counts: "50 claims of two proofs each, verified",
        environment: &[("SEALROOT_CASES", "50")],
        test: "-p sealroot-tests --test adversary real_proofs",
    },
    Count {
        name: "inversion",
        counts: "inversion = arkworks, 1,000,000 elements of the base field and of its extension",
        environment: &[("SEALROOT_CASES", "1000000")],
        test: "--release -p sealroot-lanes --lib inverses_are",
    },
    Count {
        name: "pairing",
        counts: "products of pairings and subgroup checks in lanes = arkworks, 1,000 pairs and points",
        environment: &[("SEALROOT_CASES", "1000"), ("SEALROOT_SEED", "1")],
        test: "--release -p sealroot-lanes --test pairing",
    },
    Count {
        name: "vault-kills",
        counts: "vault killed at 750 random moments, 50 in each of fifteen operations",
        environment: &[("SEALROOT_SEED", "7"), ("SEALROOT_CASES", "50")],
        test: "-p sealroot-vault --test crash kills::",
    },
    Count {
        name: "vault-cuts",
        counts: "vault's power cut at 650 random moments, 50 in each of thirteen operations: what wasn't synced is lost, torn or there",
        environment: &[("SEALROOT_SEED", "7"), ("SEALROOT_CASES", "50")],
        test: "-p sealroot-vault --test crash cuts::",
    },
    Count {
        name: "vault-files",
        counts: "10,000 random changes of the vault's files: refused, harmless, or known and documented",
        environment: &[("SEALROOT_CASES", "10000"), ("SEALROOT_SEED", "13")],
        test: "-p sealroot-vault --test stored files::",
    },
    Count {
        name: "chain-kills",
        counts: "chain killed at 25 random moments",
        environment: &[("SEALROOT_CASES", "25"), ("SEALROOT_SEED", "3")],
        test: "-p sealroot-chain --test crash block_is_lost",
    },
    Count {
        name: "chain-cuts",
        counts: "chain's power cut at 500 random moments: what wasn't synced is lost, torn or there",
        environment: &[("SEALROOT_CASES", "500"), ("SEALROOT_SEED", "3")],
        test: "-p sealroot-chain --test crash survive",
    },
    Count {
        name: "chain-files",
        counts: "10,000 random changes of the chain's files, and every column in every row: refused, harmless, or noticed as set back",
        environment: &[("SEALROOT_CASES", "10000"), ("SEALROOT_SEED", "13")],
        test: "-p sealroot-chain --test files",
    },
    Count {
        name: "crowds",
        counts: "20,000 submissions of 2,000 nullifiers by four clients at once, on the served chain and on anvil: each accepted exactly once",
        environment: &[("SEALROOT_CASES", "20000"), ("SEALROOT_SEED", "16")],
        test: "-p sealroot-chain --test hosts crowd::a_crowd",
    },
    Count {
        name: "server-kills",
        counts: "20,000 submissions of 2,000 nullifiers by four clients, cut off again and again, while the served chain's process is killed and started anew: nothing acknowledged lost, none twice",
        environment: &[("SEALROOT_CASES", "20000"), ("SEALROOT_SEED", "16")],
        test: "-p sealroot-chain --test hosts killed::a_crowd",
    },
    Count {
        name: "lies",
        counts: "a node lies in every value of its answers, one at a time: none is believed",
        environment: &[("SEALROOT_CASES", "1000000")],
        test: "-p sealroot-chain --test hosts lies::no_lie",
    },
    Count {
        name: "differential",
        counts: "native verifier = contract, more than 10,000 valid and invalid calls: the same answer for the same reason",
        environment: &[("SEALROOT_CASES", "10000"), ("SEALROOT_SEED", "1")],
        test: "-p sealroot-chain --test differential",
    },
    Count {
        name: "invariants",
        counts: "the contracts' invariants under 1,000,000 random calls by everybody",
        environment: &[("SEALROOT_CASES", "1000000"), ("SEALROOT_SEED", "1")],
        test: "-p sealroot-chain --test invariants",
    },
    Count {
        name: "three-ways",
        counts: "interpreter = evaluator = circuit, 100,000 pairs of random policy and facts",
        environment: &[("SEALROOT_CASES", "100000"), ("SEALROOT_SEED", "1")],
        test: "--release -p sealroot-circuits --test statement policies",
    },
    Count {
        name: "laws-proved",
        counts: "every law's own cases, and facts around its boundaries, proved",
        environment: &[("SEALROOT_CASES", "200")],
        test: "--release -p sealroot-prover --test proofs laws",
    },
    Count {
        name: "policies",
        counts: "compiled rules = interpreter, 100,000 pairs of random policy and facts",
        environment: &[("SEALROOT_CASES", "100000"), ("SEALROOT_SEED", "1")],
        test: "-p sealroot-policy --test generated",
    },
    Count {
        name: "examples",
        counts: "compiled rules = interpreter, 20,000 facts an example",
        environment: &[("SEALROOT_CASES", "20000"), ("SEALROOT_SEED", "9")],
        test: "-p sealroot-policy --test examples",
    },
    Count {
        name: "poseidon",
        counts: "Poseidon in lanes = one at a time, more than 1,000,000 states a path",
        environment: &[("SEALROOT_CASES", "560"), ("SEALROOT_SEED", "1")],
        test: "--release -p sealroot-protocol every_lane",
    },
    Count {
        name: "decoders",
        counts: "every decoder on 20,000 damaged inputs",
        environment: &[("SEALROOT_CASES", "20000"), ("SEALROOT_SEED", "1")],
        test: "-p sealroot-fuzz --test corpus every_decoder",
    },
];

/// Shows names, what each counts, and its command.
pub fn list() {
    for count in COUNTS {
        say(&format!("{}\n    {}\n    {}", count.name, count.counts, count.step().command()));
    }
}

/// Runs those named, or all.
pub fn run(names: &[String]) -> Result<(), String> {
    let find = |name: &String| {
        let found = COUNTS.iter().find(|count| count.name == name);
        found.ok_or_else(|| format!("there is no count {name:?}; `cargo xtask full-counts --list` shows them"))
    };
    let chosen: Vec<&Count> =
        if names.is_empty() { COUNTS.iter().collect() } else { names.iter().map(find).collect::<Result<_, _>>()? };
    chosen.iter().try_for_each(|count| count.step().run())
}

impl Count {
    fn step(&self) -> Step {
        let step = Step::cargo(self.name, "test").args(self.test);
        self.environment.iter().fold(step, |step, (name, value)| step.env(name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name that stands twice would hide a count.
    #[test]
    fn names_stand_once() {
        for (i, count) in COUNTS.iter().enumerate() {
            assert!(COUNTS[..i].iter().all(|other| other.name != count.name), "{}", count.name);
        }
    }
}
