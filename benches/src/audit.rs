//! Auditing many bundles of one program, by CPU time on one thread: from each file's bytes to its finding, with everything in between. The bundles differ in request, person, proof and block; the
//! proofs are true ones, made with a setup whose trapdoor is known, because ten thousand honest ones take hours.
//!
//! The baseline is one bundle by itself, in the same run: what is shared by all is then checked for it alone.

use crate::measure::{Figures, cpu, micros, ratio};
use alloy_sol_types::SolCall;
use sealroot_auditor::{ChainFacts, KeyFile, Trusted, audit, trust_in};
use sealroot_chain::{Act, Chain, PolicyEnactment, calls::approval_call};
use sealroot_policy::recompile;
use sealroot_protocol::{
    applicant::Applicant,
    bundle::{Bundle, Part, ProofBytes},
    canonical::{Suite, to_bytes},
    consent::Nullifier,
    field::F,
    machine::{PublicInputs, Shape, ValidWords},
    policy::PolicyDocument,
    snapshot::SnapshotQuery,
};
use sealroot_testing::{
    chain::{World, key, program, root},
    enacted::policy_under,
    trapdoor::Trapdoor,
};
use sealroot_verifier::{key_header::KeySecurity, policy_key::PolicyKey, proof::Proof};
use serde_json::json;
use std::{fs, path::PathBuf, time::Duration};

/// How many bundles an audit has; `SEALROOT_BUNDLES` says how many at most.
const SIZES: [usize; 4] = [1, 100, 1_000, 10_000];
/// Transactions that are sent at once, and may share a block.
const AT_ONCE: usize = 50;

pub fn run() -> Result<Figures, String> {
    let most = std::env::var("SEALROOT_BUNDLES").map_or(Ok(1_000), |text| text.parse()).map_err(|e| format!("{e}"))?;
    let runtime = tokio::runtime::Runtime::new().map_err(|e| e.to_string())?;
    let directory = tempfile::tempdir().map_err(|e| e.to_string())?;
    let (trusted, files) = runtime.block_on(made(most, directory.path().to_owned()))?;
    let mut figures = Figures::default();
    let mut alone = Duration::ZERO;
    for count in SIZES.into_iter().filter(|count| *count <= most) {
        let mut best = Duration::MAX;
        for _ in 0..if count > 1_000 { 1 } else { 3 } {
            let read = files[..count].iter().map(|path| fs::read(path).unwrap_or_default());
            let start = cpu();
            let done = audit(&trusted, read, |_, _| {});
            best = best.min(cpu() - start);
            if let Some(rejected) = done.findings.iter().find_map(|finding| finding.as_ref().err()) {
                return Err(format!("a bundle is rejected: {rejected}"));
            }
        }
        let each = best / u32::try_from(count).unwrap_or(u32::MAX);
        alone = if count == 1 { each } else { alone };
        let bytes: u64 = files[..count].iter().filter_map(|path| Some(fs::metadata(path).ok()?.len())).sum();
        figures.row(json!({
            "bundles": count, "us_per_bundle": micros(each), "ratio_to_one_alone": ratio(alone, each),
            "bytes_per_bundle": bytes / count as u64, "peak_rss_mib": peak_mib(),
        }));
    }
    Ok(figures)
}

/// The most memory that this process has had.
fn peak_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}

/// A chain with so many approvals, and each one's bundle with its evidence in a file.
async fn made(count: usize, directory: PathBuf) -> Result<(Trusted, Vec<PathBuf>), String> {
    let told = |error: &dyn std::fmt::Display| error.to_string();
    let trapdoor = Trapdoor::new(Shape::Solo, 1);
    let universal = trapdoor.universal_key();
    let documents = ["residence", "income"].map(|id| policy_under(id, universal.hash(), |text| text));
    let words = documents.each_ref().map(|document| ValidWords::check(Shape::Solo, document.policy.words.clone()));
    let words = words.into_iter().collect::<Result<Vec<_>, _>>().map_err(|e| told(&e))?;
    let world = World::registered().await;
    for (document, words) in documents.iter().zip(&words) {
        let key_hash = PolicyKey::derive(&universal, words).map_err(|e| told(&e))?.hash();
        let currencies = recompile(document).map_err(|e| told(&e))?.currencies();
        let enactment = PolicyEnactment::new(&document.policy, key_hash, currencies).map_err(|e| told(&e))?;
        world.enact(&Act::EnactPolicy(enactment)).await.map_err(|e| told(&e))?;
    }
    let mut program = program();
    if let Some(pays) = &mut program.pays {
        pays.budget = 1 << 40;
    }
    world.enact(&Act::EnactProgram(Box::new(program.clone()))).await.map_err(|e| told(&e))?;
    world.anchor("registry", "registry-key", 1, 1, None).await.map_err(|e| told(&e))?;
    world.anchor("tax-office", "tax-key", 2, 1, None).await.map_err(|e| told(&e))?;
    world.at("2026-11-05").await;

    let chain = &world.chain;
    let office = key("welfare-office-key");
    let mut files = Vec::new();
    for first in (0..count).step_by(AT_ONCE) {
        let mut bundles = Vec::new();
        let mut sent = Vec::new();
        for n in first..count.min(first + AT_ONCE) {
            let mut request = world.request();
            request.policies =
                documents.iter().map(|d| d.policy.digest()).collect::<Result<_, _>>().map_err(|e| told(&e))?;
            request.applicant = Applicant(F::from(1_000_000 + n as u64));
            request.nonce.0[..8].copy_from_slice(&(n as u64).to_be_bytes());
            let request = world.sign(request, "welfare-office-key");
            let part = |(at, document): (usize, &PolicyDocument)| {
                let inputs = PublicInputs {
                    roots: vec![root(at as u64 + 1)],
                    as_of: program.as_of(request.request.period),
                    scope: request.request.scope(),
                    request: request.request.digest(),
                    applicant: request.request.applicant,
                    nullifier: Nullifier(F::from(5_000_000 + n as u64)),
                    decision: true,
                    outputs: [if at == 1 { 41_200 } else { 0 }, 0],
                    reasons: 0,
                };
                let proof = Proof::from_points(trapdoor.prove(&words[at], &inputs, (2 * n + at) as u64));
                let proof = ProofBytes::from(&proof.map_err(|e| told(&e))?);
                let (policy, universal_key) = (document.policy.digest().map_err(|e| told(&e))?, universal.hash());
                Ok(Part { suite: Suite, policy, universal_key, inputs, proof })
            };
            let parts = documents.iter().enumerate().map(part).collect::<Result<Vec<_>, String>>()?;
            let bundle = Bundle::new(request, program.clone(), documents.to_vec(), parts).ok_or("no bundle")?;
            let data = approval_call(&bundle).map_err(|e| told(&e))?.abi_encode().into();
            let prepared = chain.prepare(office.address(), chain.contracts().decisions, data).await;
            let mut prepared = prepared.map_err(|e| told(&e))?;
            prepared.nonce += (n - first) as u64;
            sent.push(chain.submit(prepared.sign(&office).map_err(|e| told(&e))?));
            bundles.push(bundle);
        }
        let receipts = futures_util::future::join_all(sent).await;
        for (bundle, receipt) in bundles.into_iter().zip(receipts) {
            let at = receipt.map_err(|e| told(&e))?.block.number;
            let query = SnapshotQuery::of_bundle(&bundle, bundle.request.signer().map_err(|e| told(&e))?);
            let evidence = chain.collect_evidence(&query, at).await.map_err(|e| told(&e))?;
            let bundle = Bundle { evidence: Some(evidence), ..bundle };
            let path = directory.join(format!("{:06}.json", files.len()));
            fs::write(&path, to_bytes(&bundle).map_err(|e| told(&e))?).map_err(|e| told(&e))?;
            files.push(path);
        }
    }
    let facts = ChainFacts {
        chain_id: chain.chain_id(),
        contracts: chain.contracts(),
        code_hashes: chain.code_hashes().await.map_err(|e| told(&e))?.to_vec(),
        sealers: vec![chain.sealer()],
        known_block: None,
        checkpoints: None,
    };
    let trust = trust_in(&facts, &[KeyFile { key: &universal, name: "solo.key".into() }]).map_err(|e| told(&e))?;
    let trust = trust.to_toml().map_err(|e| told(&e))?;
    let trusted =
        Trusted::load(&trust, KeySecurity::AllowInsecure, |_| Ok(universal.to_bytes())).map_err(|e| told(&e))?;
    Ok((trusted, files))
}
