//! Reading beside writing: proofs don't wait for an import, in one process and in several; and a process that reads writes nothing but the access log.
//!
//! The test binary runs itself as the other process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, clippy::print_stdout)]

use sealroot_testing::registry::{
    Embedded, Registry, about_people, access, agency, clerk, csv, import, which, write_key,
};
use sealroot_vault::{Clock, EmbeddedVault, KeyError, MasterKey, Rejection, StoreError, VaultError};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// Rows of the file that is being imported.
const FILE: usize = 6000;

/// The other process: imports, and says when it begins and ends. A test that does nothing unless it is asked to.
#[tokio::test]
async fn other_process() {
    let Ok(directory) = std::env::var("SEALROOT_BESIDE") else { return };
    let directory = Path::new(&directory);
    let vault = EmbeddedVault::open_embedded(&directory.join("vault"), &master(directory), clock()).await.unwrap();
    println!("\nopen");
    for round in 0..3 {
        let report = import(&vault, csv(1000 + round * FILE..1000 + (round + 1) * FILE)).await;
        assert!(report.committed);
    }
    println!("\nimported");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    vault.close().await;
}

fn master(directory: &Path) -> MasterKey {
    MasterKey::File(directory.join("master.key"))
}

/// The registry's noon: both processes have one time.
fn clock() -> Clock {
    Registry::new().clock()
}

async fn beside(registry: &Registry) -> Result<EmbeddedVault, VaultError> {
    EmbeddedVault::open_embedded_to_read(&registry.path(), &registry.master(), registry.clock()).await
}

/// Twenty citizens under an anchored root.
async fn anchored() -> Registry {
    let registry = Registry::new();
    let vault = registry.create::<Embedded>().await;
    import(&vault, csv(0..20)).await;
    registry.anchor(&vault).await;
    vault.close().await;
    registry
}

fn start(registry: &Registry) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "other_process", "--nocapture"])
        .env("SEALROOT_BESIDE", registry.directory.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap());
    (child, said)
}

fn wait_for(said: &mut impl BufRead, word: &str) {
    let mut line = String::new();
    while line.trim() != word {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "it ended before it said {word}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn proofs_go_on_while_one_process_imports() {
    let registry = anchored().await;
    let vault = registry.open::<Embedded>().await;
    let root = vault.open_record(&which(&vault, 3), None, &access()).await.unwrap().root;
    let importing = import(&vault, csv(1000..1000 + FILE));
    let mut read = 0;
    let reading = async {
        loop {
            let opened = vault.open_record(&which(&vault, read % 20), None, &access()).await.unwrap();
            assert_eq!(opened.root, root);
            read += 1;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        report = importing => assert!(report.committed),
        () = reading => {}
    }
    assert!(read >= 20, "{read} records were opened during the import");
    assert_eq!(vault.check().await.unwrap() as usize, 20 + FILE);
}

#[tokio::test]
async fn proofs_go_on_while_another_process_imports() {
    let registry = anchored().await;
    let (mut child, mut said) = start(&registry);
    wait_for(&mut said, "open");
    let error =
        EmbeddedVault::open_embedded(&registry.path(), &registry.master(), registry.clock()).await.err().unwrap();
    assert!(matches!(error, VaultError::Rejected(Rejection::InUse(_))), "{error}");
    let mut read = 0;
    for i in 0..40 {
        let vault = beside(&registry).await.unwrap();
        vault.open_record(&which(&vault, i % 20), None, &access()).await.unwrap();
        read += 1;
        vault.close().await;
    }
    let vault = beside(&registry).await.unwrap();
    // Two processes that write would prepare different roots.
    let written = [
        vault.erase(which(&vault, 3).subject, &clerk()).await.map(drop),
        vault.pending_root().await.map(drop),
        vault.enrolment_challenge(which(&vault, 3).subject).await.map(drop),
    ];
    for error in written.map(Result::unwrap_err) {
        assert!(matches!(error, VaultError::Store(StoreError::Reading)), "{error}");
    }
    assert!(matches!(vault.rotate_keys(|_| {}).await, Err(VaultError::Keys(KeyError::Reading))));
    wait_for(&mut said, "imported");
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    vault.close().await;

    let vault = registry.open::<Embedded>().await;
    assert_eq!(vault.check().await.unwrap() as usize, 20 + 3 * FILE);
    let opened = about_people(&vault).await.len();
    assert!(opened >= read, "{opened} entries for {read} records: none of two processes took another's place");
}

#[tokio::test]
async fn a_rotation_waits_for_readers() {
    let registry = anchored().await;
    let reader = beside(&registry).await.unwrap();
    let writer = registry.open::<Embedded>().await;
    let error = writer.rotate_keys(|_| {}).await.unwrap_err();
    assert!(matches!(error, VaultError::Keys(KeyError::Read(_))), "{error}");
    reader.open_record(&which(&reader, 3), None, &access()).await.unwrap();
    reader.close().await;
    writer.rotate_keys(|_| {}).await.unwrap();
    let reader = beside(&registry).await.unwrap();
    reader.open_record(&which(&reader, 3), None, &access()).await.unwrap();
    assert_eq!(reader.agency(), &agency());
}

/// Where nobody writes, a reader recovers what a crash left, and then lets a writer in.
#[tokio::test]
async fn a_reader_lets_a_writer_in() {
    let registry = anchored().await;
    let reader = beside(&registry).await.unwrap();
    let writer = registry.open::<Embedded>().await;
    import(&writer, csv(100..120)).await;
    registry.anchor(&writer).await;
    // The reader sees what is committed.
    assert!(reader.open_record(&which(&reader, 110), None, &access()).await.is_ok());
    writer.erase(which(&writer, 110).subject, &clerk()).await.unwrap();
    let gone = reader.open_record(&which(&reader, 110), None, &access()).await;
    assert!(matches!(gone, Err(VaultError::Rejected(Rejection::NoRecord(_)))));
    write_key(&registry.directory.path().join("other.key"), &[8; 32]);
    let relocked = writer.relock(&MasterKey::File(registry.directory.path().join("other.key")), Default::default());
    assert!(matches!(relocked, Err(KeyError::Read(_))));
    assert_eq!(writer.check().await.unwrap(), 39);
}
