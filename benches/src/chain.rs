//! A chain under load: approvals of different people, one after the other and many at once, on each host of the contracts.
//!
//! Latency is from the signed transaction to the answer that it is in a block: on the embedded chain on disk, on the others with everything checked that the network host checks. The
//! baseline is the embedded chain in this process, in the same run.

use crate::measure::Figures;
use alloy_sol_types::SolCall;
use futures_util::future::join_all;
use sealroot_chain::{Act, EmbeddedChain, Signed};
use sealroot_testing::{
    chain::{Timed, World, approval_of, key, name, program, signed},
    hosts::Remote,
};
use serde_json::json;
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Transactions of a measurement, and how many wait at once.
const LOADS: [(usize, usize); 3] = [(50, 1), (160, 8), (320, 32)];
/// Clients, each with a key of the office: a key's transactions come one after the other.
const CLIENTS: usize = 32;

pub fn run() -> Result<Figures, String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|e| e.to_string())?;
    let mut figures = Figures::default();
    let baseline = runtime.block_on(async {
        let mut world = World::bare().await;
        let rates = measured(&mut figures, "embedded", &mut world, &[]).await?;
        let World { chain, directory } = world;
        chain.close().await.map_err(|e| e.to_string())?;
        let decisions: usize = LOADS.iter().map(|(count, _)| count).sum();
        let bytes = size(directory.path());
        let begun = Instant::now();
        EmbeddedChain::open(directory.path()).await.map_err(|e| e.to_string())?;
        figures.row(json!({
            "host": "embedded", "decisions": decisions, "bytes_per_decision": bytes / decisions as u64,
            "opened_ms": begun.elapsed().as_millis() as u64,
        }));
        Ok::<_, String>(rates)
    })?;
    runtime.block_on(async {
        measured(&mut figures, "served", &mut World::<Remote>::served().await, &baseline).await?;
        if let Some(mut world) = World::<Remote>::anvil().await {
            measured(&mut figures, "anvil 1.7.1", &mut world, &baseline).await?;
        }
        Ok::<_, String>(())
    })?;
    Ok(figures)
}

/// Transactions a second under each load.
async fn measured<C: Timed>(
    figures: &mut Figures,
    host: &str,
    world: &mut World<C>,
    baseline: &[f64],
) -> Result<Vec<f64>, String> {
    world.register().await;
    let mut program = program();
    if let Some(pays) = &mut program.pays {
        pays.budget = 1 << 40;
    }
    world.enact_program(program).await;
    for client in 1..CLIENTS {
        let further = Act::AddRequesterKey(name("welfare-office"), key(&client_key(client)).address());
        world.enact(&further).await.map_err(|e| e.to_string())?;
    }
    let (mut next, mut rates) = (0, Vec::new());
    for (load, (count, at_once)) in LOADS.into_iter().enumerate() {
        let mut took: Vec<Duration> = Vec::new();
        let mut all = Duration::ZERO;
        for first in (0..count).step_by(at_once) {
            let sent = approvals(world, next, at_once.min(count - first)).await?;
            next += sent.len();
            let one = async |signed: Signed| {
                let begun = Instant::now();
                world.chain.submit(signed).await.map(|_| begun.elapsed()).map_err(|e| e.to_string())
            };
            let begun = Instant::now();
            let done = join_all(sent.into_iter().map(one)).await;
            all += begun.elapsed();
            for took_one in done {
                took.push(took_one?);
            }
        }
        took.sort_unstable();
        let rate = count as f64 / all.as_secs_f64();
        let at = |share: usize| took[(took.len() - 1) * share / 100].as_secs_f64() * 1e3;
        let rounded = |value: f64| (value * 100.0).round() / 100.0;
        figures.row(json!({
            "host": host, "transactions": count, "at_once": at_once, "per_second": rounded(rate),
            "median_ms": rounded(at(50)), "p99_ms": rounded(at(99)),
            "ratio": rounded(rate / baseline.get(load).copied().unwrap_or(rate)),
        }));
        rates.push(rate);
    }
    Ok(rates)
}

fn client_key(client: usize) -> String {
    if client == 0 { "welfare-office-key".into() } else { format!("welfare-office-key-{client}") }
}

/// Signed approvals of so many people, each by another client.
async fn approvals<C: Timed>(world: &World<C>, first: usize, count: usize) -> Result<Vec<Signed>, String> {
    let mut all = Vec::new();
    for n in first..first + count {
        let office = key(&client_key(n - first));
        let mut request = world.request();
        request.nonce.0[..8].copy_from_slice(&(n as u64).to_be_bytes());
        let call = approval_of(&signed(request, "welfare-office-key"), 1_000_000 + n as u64, 1).abi_encode();
        let prepared = world.chain.prepare(office.address(), world.chain.contracts().decisions, call.into()).await;
        let prepared = prepared.map_err(|e| e.to_string())?;
        all.push(prepared.sign(&office).map_err(|e| e.to_string())?);
    }
    Ok(all)
}

/// Bytes of a directory's files.
fn size(directory: &Path) -> u64 {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum()
}
