//! Two versions of one policy, both enacted, both proved honestly: only the period's counts.

use crate::refusal;
use sealroot_policy::Compiled;
use sealroot_protocol::{
    applicant::Applicant,
    code::{Code, Coded},
    date::Date,
    field::Digest,
    policy::PolicyDocument,
    program::Program,
    request::Request,
    snapshot::Snapshot,
};
use sealroot_prover::{ProveError, Statement};
use sealroot_testing::world::{World, compile_example, prover, universal_keys};
use sealroot_verifier::{policy_key::PolicyKey, verify, verify_request};

/// The full amount rises on 2026-11-01; claims for October are still open then.
struct Amended {
    world: World,
    versions: [Compiled; 2],
    documents: [PolicyDocument; 2],
}

impl Amended {
    fn new() -> Self {
        let first =
            |text: String| text.replace("from = \"2026-01-01\"", "from = \"2026-01-01\"\nuntil = \"2026-10-31\"");
        // The example cases are of the first amount.
        let second = |text: String| {
            let rules = text.split("[[case]]").next().unwrap().to_owned();
            rules
                .replace("version = 1", "version = 2")
                .replace("from = \"2026-01-01\"", "from = \"2026-11-01\"")
                .replace("\"452.00\"", "\"500.00\"")
        };
        let versions = [compile_example("income.policy.toml", first), compile_example("income.policy.toml", second)];
        let universal: Digest = prover().universal_key().hash();
        let documents = [versions[0].document(universal), versions[1].document(universal)];
        let world = World::with_policies(vec![compile_example("residence.policy.toml", |t| t), versions[1].clone()]);
        Self { world, versions, documents }
    }

    /// The office asks about the period of `day` under a version, wrong or right; and the claim is proved under it.
    fn claim(&mut self, day: &str, version: usize) -> (Request, Result<sealroot_protocol::bundle::Bundle, ProveError>) {
        self.world.compiled[1] = self.versions[version].clone();
        self.world.documents[1] = self.documents[version].clone();
        let period = self.world.program.period_containing(day.parse().unwrap()).unwrap();
        let months = period.start.month().plus_months(-12).unwrap();
        // The year that ended before the claimed month, whichever month it is.
        let index = self.world.people[World::APPLICANT].index;
        let record = &mut self.world.people[World::APPLICANT].records[1];
        record.period = sealroot_protocol::date::FactsPeriod::From(months);
        let leaf = record.leaf();
        self.world.trees[1].set(index, leaf);
        let mut request = Request { period, ..self.world.request(World::APPLICANT) };
        let identity = self.world.people[World::APPLICANT].identity();
        request.applicant = Applicant::commit(request.scope(), identity, &self.world.secret);
        let consent = self.world.consent(World::APPLICANT, &request);
        let parts = (0..2).map(|i| {
            let witness = self.world.witness(i, World::APPLICANT, &request, &consent);
            let statement = Statement { words: self.world.compiled[i].words(), ..self.world.statement(i, &request) };
            prover().prove(statement, &witness, &mut |_| {})
        });
        let parts = parts.collect::<Result<Vec<_>, _>>();
        let bundle = parts.map(|parts| self.world.bundle(self.world.sign(request.clone()), parts));
        (request, bundle)
    }

    /// The chain, on which both versions stand.
    fn snapshot(&self) -> Snapshot {
        let mut snapshot = self.world.snapshot();
        let entry = snapshot.policies[&self.world.documents[1].policy.digest().unwrap()].clone();
        for (version, document) in self.versions.iter().zip(&self.documents) {
            let key_hash = PolicyKey::derive(prover().universal_key(), version.words()).unwrap().hash();
            let in_force = document.policy.in_force;
            let digest = document.policy.digest().unwrap();
            snapshot
                .policies
                .insert(digest, sealroot_protocol::snapshot::PolicyEntry { key_hash, in_force, ..entry.clone() });
        }
        snapshot
    }
}

#[test]
fn of_two_live_versions_the_verifier_takes_the_periods() {
    let mut law = Amended::new();
    let today = Date::from_unix_time(law.world.now).unwrap();
    assert_eq!(today.to_string(), sealroot_testing::world::TODAY);
    for (day, right, amount) in [("2026-10-15", 0, 41_200), ("2026-11-15", 1, 46_000)] {
        for version in [0, 1] {
            // Proved honestly, even under the wrong one: a prover of somebody's own asks nobody.
            let bundle = law.claim(day, version).1.unwrap();
            let snapshot = law.snapshot();
            if version == right {
                let decision = verify(&bundle, &snapshot, &universal_keys(), law.world.now).unwrap();
                assert_eq!((decision.approved, decision.amount), (true, amount), "{day}");
            } else {
                assert_eq!(
                    refusal(&bundle, &snapshot, law.world.now),
                    "policy-not-in-force",
                    "{day}, version {version}"
                );
            }
        }
    }
}

/// The same check that the `prove` verb makes before it opens a record.
#[test]
fn of_two_live_versions_the_prover_takes_the_periods() {
    let mut law = Amended::new();
    for (day, right) in [("2026-10-15", 0), ("2026-11-15", 1)] {
        for version in [0, 1] {
            let request = law.claim(day, version).0;
            let (program, documents): (Program, Vec<PolicyDocument>) =
                (law.world.program.clone(), law.world.documents.clone());
            let signed = law.world.sign(request);
            let checked =
                verify_request(&signed, &program, &documents, &law.snapshot(), &universal_keys(), law.world.now);
            match checked {
                Ok(()) => assert_eq!(version, right, "{day}"),
                Err(rejection) => {
                    assert_ne!(version, right, "{day}: {rejection}");
                    assert_eq!(rejection.code(), Code::PolicyNotInForce);
                }
            }
        }
    }
}
