//! A measurement, not a check: `SEALROOT_CASES=10000 cargo test --release -p sealroot-vault --test throughput -- --ignored --nocapture`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

mod town;

use sealroot_vault::import::ImportMode;
use std::{io::Cursor, time::Instant};
use town::{Embedded, Town, access, csv, import, plan, which};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn import_update_open_rotate() {
    let n = town::cases(10_000) as usize;
    let town = Town::new();
    let vault = town.create::<Embedded>().await;
    let rate = |what: &str, count: usize, started: Instant| {
        let seconds = started.elapsed().as_secs_f64();
        println!("{what}: {count} in {seconds:.2} s, {:.0}/s", count as f64 / seconds);
    };
    let text = csv(0..n);
    let started = Instant::now();
    import(&vault, text.clone()).await;
    rate("import", n, started);
    let started = Instant::now();
    town.anchor(&vault).await;
    rate("anchor", 1, started);
    let started = Instant::now();
    let update = plan(ImportMode::Update { remove_missing: false });
    vault.import(Cursor::new(text), update, |_| {}).await.unwrap();
    rate("unchanged update", n, started);
    let started = Instant::now();
    for i in 0..200 {
        vault.open_record(&which(&vault, i * 37 % n), None, &access()).await.unwrap();
    }
    rate("open", 200, started);
    let started = Instant::now();
    vault.rotate_keys(|_| {}).await.unwrap();
    rate("rotate", n, started);
    let started = Instant::now();
    assert_eq!(vault.check().await.unwrap() as usize, n);
    rate("check", n, started);
}
