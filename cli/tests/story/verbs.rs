//! Every verb reports in the form that its schema describes: a verb without a schema, or one that isn't run here, fails.

use super::{demo, reports};
use sealroot_testing::hosts::Anvil;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

/// A walk through all verbs, on a copy of the demo's files.
struct Walk {
    directory: PathBuf,
    seen: BTreeSet<String>,
}

/// The applicant of the story, and somebody whom it doesn't name.
const APPLICANT: &str = "20260101-00";

impl Walk {
    fn new() -> Self {
        let directory = demo().0.with_extension("walk");
        Self { directory, seen: BTreeSet::from(["demo".to_owned()]) }
    }

    fn path(&self, name: &str) -> String {
        self.directory.join(name).to_str().unwrap().to_owned()
    }

    /// Runs a verb, in words; `@` stands for the directory.
    fn run(&self, line: &str) -> (Vec<String>, Output) {
        let at = format!("{}/", self.directory.display());
        let words: Vec<String> = line.split_whitespace().chain(["--json"]).map(|word| word.replace('@', &at)).collect();
        let output = Command::new(env!("CARGO_BIN_EXE_sealroot"))
            .args(&words)
            .env("SEALROOT_CHAIN", self.path("chain"))
            .env("SEALROOT_KEYS", demo().0.join("keys"))
            .env("SEALROOT_PUBLISHED", self.path("published"))
            .env("SEALROOT_WALLET_PASSPHRASE_FILE", self.path("wallets/passphrase"))
            .env("SEALROOT_ALLOW_INSECURE_DEV_KEYS", "true")
            .output()
            .unwrap();
        (words, output)
    }

    /// One that must fail: what it says.
    #[track_caller]
    fn fails(&self, line: &str) -> (String, String) {
        let (_, output) = self.run(line);
        assert!(!output.status.success(), "{line}");
        let said: Value = serde_json::from_slice(&output.stderr).unwrap();
        let text = |name: &str| said["error"][name].as_str().unwrap().to_owned();
        (text("code"), format!("{}; {}", text("message"), text("advice")))
    }

    /// One that must succeed: its report.
    #[track_caller]
    fn ok(&mut self, line: &str) -> Value {
        let (words, output) = self.run(line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        self.seen.extend(reports::check(&words, &output));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        no_seconds(&report, line);
        let verb = words.iter().take_while(|word| !word.starts_with('-')).copied().take(2).collect::<Vec<_>>();
        let names = [verb.join(" "), verb[0].to_owned()];
        let verb = names.into_iter().find(|verb| reports::verbs().contains(verb)).unwrap();
        for corrupted in reports::corruptions(&report) {
            assert!(!reports::accepts(&verb, &corrupted), "{verb} accepts {corrupted}");
        }
        report
    }

    /// A vault's arguments.
    fn vault(&self, agency: &str) -> String {
        format!("--vault @{agency}/vault --key-file @{agency}/master.key")
    }

    fn officers(&mut self, line: &str, later: &str) {
        self.ok(&format!("{line} --chain @chain2 --officer @officer-1/signing.key"));
        self.ok(&format!("chain set-clock --chain @chain2 --standing-at {later}"));
        self.ok(&format!("{line} --chain @chain2 --officer @officer-2/signing.key --confirm"));
    }
}

/// No number of a report is a moment of our days in seconds or milliseconds.
fn no_seconds(value: &Value, line: &str) {
    match value {
        Value::Object(fields) => fields.values().for_each(|value| no_seconds(value, line)),
        Value::Array(items) => items.iter().for_each(|value| no_seconds(value, line)),
        Value::Number(number) => {
            let n = number.as_u64().unwrap_or_default();
            let seconds = 1_700_000_000..2_000_000_000;
            assert!(!seconds.contains(&n) && !seconds.contains(&(n / 1000)), "{line}: {n} is a date in seconds");
        }
        _ => {}
    }
}

/// Copies a tree but for the keys, which nobody changes.
pub(super) fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true if entry.file_name() == "keys" => {}
            true => copy(&entry.path(), &target),
            false => {
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }
}

#[test]
fn every_verb_reports_as_its_schema_says() {
    let mut walk = Walk::new();
    keys_and_chain(&mut walk);
    law(&mut walk);
    agencies(&mut walk);
    claim(&mut walk);
    officers_and_custody(&mut walk);
    node(&mut walk);
    let missing: Vec<_> = reports::verbs().difference(&walk.seen).collect();
    assert!(missing.is_empty(), "not run here: {missing:?}");
}

fn keys_and_chain(walk: &mut Walk) {
    walk.ok("setup --out @keys2 --insecure-dev --shape solo --seed 1");
    walk.ok("key new @new.key");
    walk.ok("key new --recipient @recipient.key");
    let address = walk.ok("key show @new.key")["address"].as_str().unwrap().to_owned();
    let officers = "--officer @officer-1/signing.key --officer @officer-2/signing.key";
    let at = "--standing-at 2025-12-01 --delay 3600";
    let created = walk.ok(&format!("chain create --chain @chain2 --chain-id 7 {officers} {at}"));
    assert!(created["head_time"].as_str().unwrap().starts_with("2025-12-01T00:00:"), "{created}");
    walk.ok("chain show");
    for (day, agency) in [(2, "tax-office"), (3, "civil-registry")] {
        let other = walk.ok(&format!("key show @{agency}/signing.key"))["address"].as_str().unwrap().to_owned();
        let register = format!("chain register-agency --name {agency} --address {other}");
        walk.officers(&register, &format!("2025-12-0{day}T12:00:00Z"));
    }
    walk.officers(&format!("chain register-requester --name welfare-office --address {address}"), "2025-12-04");
}

fn law(walk: &mut Walk) {
    walk.ok("policy check @law/income.policy.toml --comparisons 20");
    walk.ok("policy explain @law/income.policy.toml --language zh");
    let newer = fs::read_to_string(walk.path("law/income.policy.toml")).unwrap();
    let newer = newer.replace("version = 1", "version = 2").replace("24000.00", "9000.00").replace("452.00", "460.00");
    fs::write(walk.path("law/newer.policy.toml"), newer).unwrap();
    let changed =
        walk.ok("policy diff @law/income.policy.toml @law/newer.policy.toml --records @csv/income.csv --samples 50");
    let names: Vec<_> = changed["changes"].as_array().unwrap().iter().map(|change| &change["name"]).collect();
    assert_eq!(names, ["ceiling", "full_amount"]);
    assert!(changed["records"]["newly_refused"].as_u64().unwrap() > 0, "{changed}");
    assert!(changed["records"]["outputs"][0]["more"].as_u64().unwrap() > 0, "{changed}");
    let page = walk.ok("policy explain @law/income.policy.toml --format html --out @income.html");
    assert!(page["page"].as_str().unwrap().starts_with("<!DOCTYPE html>") && page["out"].is_string(), "{page}");
    walk.ok("policy explain @law/income.policy.toml --format markdown --out @income.html --force");
    let explained = walk.ok("policy explain @law/income.policy.toml --on-chain @chain");
    assert!(explained["enacted"][0]["enacted"].is_string(), "{explained}");
    walk.ok("policy eval @law/income.policy.toml --as-of 2026-11-01 --fact employed=true --fact income=800.00");
    let steps =
        "policy eval @law/income.policy.toml --as-of 2026-11-01 --fact employed=true --fact income=800.00 --steps";
    assert_eq!(walk.ok(steps)["steps"].as_array().unwrap().last().unwrap()["value"], "412.00 EUR");
    let refused =
        walk.ok("policy eval @law/income.policy.toml --as-of 2026-11-01 --fact employed=true --fact income=2400.00");
    let words = "Your income of the last twelve months is above the ceiling.";
    assert_eq!(refused["reasons"][0]["message"]["en"], words);
    assert_eq!(refused["titles"]["amount"]["zh"], "每月金额");
    walk.ok("policy key @law/income.policy.toml --out @income.key");
    for (day, policy) in [(5, "residence"), (6, "income")] {
        let enact = format!("policy enact @law/{policy}.policy.toml --published @published2");
        walk.officers(&enact, &format!("2025-12-0{day}"));
    }
    walk.ok("program check @law/program.toml --policy @law/residence.policy.toml --policy @law/income.policy.toml");
    walk.officers("program enact @law/program.toml --published @published2", "2025-12-07");
    let shown = walk.ok("program show heating-allowance");
    assert_eq!(shown["budget"]["currency"], "EUR");
}

fn agencies(walk: &mut Walk) {
    fs::create_dir_all(walk.directory.join("new-office")).unwrap();
    let key = walk.path("new-office/master.key");
    fs::write(&key, [7; 32]).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let vault = walk.vault("new-office");
    walk.ok(&format!("agency init {vault} --name tax-office --schema @law/income.schema.toml"));
    walk.ok(&format!("agency import {vault} --schema income --period 2025-11 @csv/income.csv"));

    // Somebody who has no wallet yet enrols at both agencies, so that both have something to anchor.
    let citizens = fs::read_to_string(walk.path("csv/citizens.csv")).unwrap();
    let id = citizens.lines().nth(12).unwrap().split(',').next().unwrap().to_owned();
    walk.ok("wallet new --wallet @w.json --phrase-to @w.phrase");
    for agency in ["civil-registry", "tax-office"] {
        let vault = walk.vault(agency);
        walk.ok(&format!("agency enrol {vault} --national-id {id} --challenge @{agency}/c.json"));
        walk.ok(&format!("wallet answer @{agency}/c.json --agency {agency} --wallet @w.json --out @{agency}/a.json"));
        walk.ok(&format!("agency enrol {vault} --challenge @{agency}/c.json --answer @{agency}/a.json --why passport"));
        walk.ok(&format!("agency representatives {vault} --national-id {id}"));
        let anchored = walk.ok(&format!("agency anchor {vault} --signing-key @{agency}/signing.key"));
        assert!(anchored["root"].is_string());
        walk.ok(&format!("agency status {vault} --check"));
    }

    let recipient = walk.ok("key show @recipient.key")["recipient"].as_str().unwrap().to_owned();
    let wallet = "--wallet @wallets/applicant.json";
    walk.ok(&format!(
        "wallet release @cases/applicant/request.json --agency civil-registry --recipient {recipient} {wallet} --yes --out @release.json"
    ));
    let vault = walk.vault("civil-registry");
    walk.ok(&format!("agency release {vault} --authorisation @release.json --out @sealed.json"));
    walk.ok(&format!("agency log {vault} --national-id {APPLICANT} --out @log.json"));
    walk.ok(&format!("wallet log @log.json {wallet}"));
    walk.ok(&format!("wallet show {wallet} --history"));
}

fn claim(walk: &mut Walk) {
    let inspected = walk.ok("inspect @cases/contested/request.json");
    let first = inspected["fields"]["digest"].as_str().unwrap().to_owned();
    // Ids stand in files: every user of the machine sees arguments.
    fs::write(walk.path("id"), format!("{APPLICANT}\r\n")).unwrap();
    fs::set_permissions(walk.path("id"), fs::Permissions::from_mode(0o600)).unwrap();
    walk.ok(&format!(
        "request new --program heating-allowance --requester welfare-office --signing-key @welfare-office/signing.key --applicant-file @id \
         --case-secret @second.secret --purpose Correction --corrects {first} --out @second.request.json"
    ));
    let ask = |program: &str, office: &str| {
        format!(
            "request new --program {program} --requester {office} --signing-key @welfare-office/signing.key --applicant {APPLICANT} \
             --purpose Correction --case-secret @third.secret --out @third.request.json"
        )
    };
    let (code, said) = walk.fails(&ask("heating", "welfare-office"));
    assert!(code == "file-not-found" && said.contains("published there: heating-allowance"), "{said}");
    let (code, said) = walk.fails(&ask("heating-allowance", "tax-bureau"));
    assert!(
        code == "requester-key-unknown" && said.contains("as a key of welfare-office and not as a key of tax-bureau"),
        "{said}"
    );
    assert!(said.contains("these offices may ask: welfare-office") && said.contains("register-requester"), "{said}");
    let (code, said) = walk.fails("wallet consent @second.request.json --wallet @wallets/applicant.json --national-id 20260101-99 --case-secret @second.secret --yes --language zh \
         --out @third.consent.json");
    assert!(code == "applicant-mismatch" && said.contains("请求不是关于您的") && said.contains("信函"), "{said}");
    walk.ok(
        "wallet consent @second.request.json --wallet @wallets/applicant.json --national-id-file @id --case-secret @second.secret --yes \
         --out @second.consent.json",
    );
    for (agency, policy) in [("civil-registry", "residence"), ("tax-office", "income")] {
        let vault = walk.vault(agency);
        walk.ok(&format!(
            "prove {vault} --national-id-file @id --policy {policy} --request @second.request.json --consent @second.consent.json \
             --out @{policy}.part.json"
        ));
    }
    walk.ok("bundle @residence.part.json @income.part.json --request @second.request.json --out @second.bundle.json");
    let verified = walk.ok("verify @second.bundle.json --by-proof");
    assert_eq!(verified["amount"], json!({ "minor": 41_200, "currency": "EUR" }));
    // A proof stands for what it corrects.
    walk.ok("decide @second.bundle.json --by-proof --signing-key @welfare-office/signing.key --out @decided.json");
    walk.ok("trust --out @audit/trust.toml");
    let audited = walk.ok("audit @decided.json @bundle.json @dated/ineligible.json --trust @audit/trust.toml");
    assert_eq!((&audited["held"], &audited["rejected"]), (&json!(3), &json!(0)));
    // The law's own words, and not its code alone.
    let refused = &audited["findings"][2]["decision"];
    let reasons = refused["parts"].as_array().unwrap().iter().flat_map(|part| part["reasons"].as_array().unwrap());
    assert!(
        reasons.clone().count() > 0 && reasons.clone().all(|reason| reason["message"]["zh"].is_string()),
        "{refused}"
    );
    fs::write(walk.path("reason.txt"), "The lease ended.").unwrap();
    let reduction = "--reason-file @reason.txt --signing-key @welfare-office/signing.key --out @reduction.json";
    walk.ok(&format!("reduction sign @decided.json --to 400.00 {reduction}"));
    walk.ok("reduction enter @reduction.json --bundle @decided.json --signing-key @second-clerk/signing.key --out @lowered.json");
    let audited = walk.ok("audit @lowered.json --trust @audit/trust.toml");
    assert_eq!(audited["findings"][0]["decision"]["reduced"]["reason"], "The lease ended.");
    let became = walk.ok("wallet decisions --wallet @wallets/applicant.json");
    assert_eq!(became["consents"][0]["outcome"], "replaced", "{became}");
    assert_eq!(became["consents"][0]["own"], true, "{became}");
    let report = walk.ok("chain report heating-allowance");
    assert_eq!(report["total"]["stands"], "40000");
    walk.ok("export snarkjs @decided.json --out @exported");
    let files = ["verification_key", "proof", "public"].map(|file| format!("@exported/income/{file}.json")).join(" ");
    walk.ok(&format!("verify-proof {files}"));
}

/// A chain that another process serves, and one on a foreign network.
fn node(walk: &mut Walk) {
    walk.ok("trust --out @node.toml");
    walk.ok("request evidence @cases/contested/request.json --out @node.evidence.json");
    let served = Serving::start(walk);
    let at = format!("--chain {} --chain-trust @node.toml", served.url);
    assert_eq!(walk.ok(&format!("chain show {at}"))["chain"], served.url);
    walk.ok(&format!("request evidence @cases/contested/request.json --out @node.again.json {at}"));
    let read = |name: &str| fs::read(walk.path(&format!("node.{name}.json"))).unwrap();
    assert_eq!(read("evidence"), read("again"), "the same block, read from the directory and from its node");
    // The database waits for the other process before it gives up, and says so on a line of its own.
    let (_, output) = walk.run("chain show");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("\"chain-in-use\""), "{said}");
    let (code, said) = walk.fails(&format!("chain show --chain {}", served.url));
    assert_eq!(code, "no-chain-trust", "{said}");
    // The evidence is taken, if the walk took less than half an hour; what the wallet finds next is that the request is about somebody else.
    let (code, _) = walk.fails("wallet consent @cases/contested/request.json --wallet @wallets/applicant.json --national-id-file @id --case-secret @second.secret --evidence @node.evidence.json --trust-card @node.toml --out @node.consent.json --yes");
    assert!(["applicant-mismatch", "evidence-too-old"].contains(&code.as_str()), "{code}");
    let verified = walk.ok(&format!("chain verify-deployment {at}"));
    assert_eq!((&verified["holds"], verified["policies"].as_array().unwrap().len()), (&json!(true), 2), "{verified}");
    let (code, said) = walk.fails(&format!("chain verify-deployment {at} --published @nothing"));
    assert!(code == "file-not-found" && said.contains("documents of 2 of 2 enacted versions"), "{said}");
    walk.ok(&format!("chain checkpoint {at} --signing-key @new.key --out @checkpoint.json"));
    // Embedded chains have seals, and their cards name no organisations: such evidence is for others.
    let signed = "request evidence @cases/contested/request.json --checkpoint @checkpoint.json --out @signed.json";
    let (code, said) = walk.fails(&format!("{signed} {at}"));
    assert!(code == "evidence-invalid" && said.contains("names none whose signatures count"), "{said}");
    let (_, output) = walk.run(&format!("chain watch {at} --from 0 --once"));
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let events: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(output.status.success() && events.len() > 20, "{lines}");
    for line in lines.lines() {
        let output = Output { stdout: line.into(), ..output.clone() };
        walk.seen.extend(reports::check(&["chain", "watch", "--json"], &output));
    }
    assert!(
        events.iter().any(|event| event["event"] == "Approved" && event["fields"]["program"] == "heating-allowance")
    );
    let output = served.stop();
    walk.seen.extend(reports::check(&["chain", "serve", "--json"], &output));

    let runtime = tokio::runtime::Runtime::new().unwrap();
    if let Some((_anvil, url)) = runtime.block_on(Anvil::start(&[])) {
        let officers = ["officer-1", "officer-2"].map(|officer| {
            let address = walk.ok(&format!("key show @{officer}/signing.key"))["address"].clone();
            format!("--officer {}", address.as_str().unwrap())
        });
        let deploy = format!("chain deploy --rpc {url} --deployer @new.key {} --out @anvil.toml", officers.join(" "));
        walk.ok(&deploy);
        walk.ok(&format!("chain show --chain {url} --chain-trust @anvil.toml"));
        let deployer = walk.ok("key show @new.key")["address"].as_str().unwrap().to_owned();
        let verify = format!("chain verify-deployment --chain {url} --chain-trust @anvil.toml --deployer");
        walk.ok(&format!("{verify} {deployer}"));
        let (code, said) = walk.fails(&format!("{verify} 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
        assert!(code == "deployment-false" && said.contains("another key deployed"), "{said}");
    } else {
        walk.seen.insert("chain deploy".to_owned());
    }
}

/// `chain serve`, until it is told to end.
struct Serving {
    child: Child,
    url: String,
    said: String,
}

impl Serving {
    fn start(walk: &Walk) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sealroot"))
            .args(["chain", "serve", "--chain", &walk.path("chain"), "--listen", "127.0.0.1:0", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        while !said.ends_with("}\n") {
            assert!(output.read_line(&mut said).unwrap() > 0, "it ended: {said}");
        }
        let report: Value = serde_json::from_str(&said).unwrap();
        Self { child, url: report["url"].as_str().unwrap().to_owned(), said }
    }

    fn stop(self) -> Output {
        let ended = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(ended.success());
        let output = self.child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Output { stdout: self.said.into_bytes(), ..output }
    }
}

fn officers_and_custody(walk: &mut Walk) {
    let office = walk.ok("key show @welfare-office/signing.key")["address"].as_str().unwrap().to_owned();
    let agency = walk.ok("key show @tax-office/signing.key")["address"].as_str().unwrap().to_owned();
    let officer = "--officer @officer-1/signing.key";
    let further = |name: &str| format!("--name {name} --address 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed {officer}");
    walk.ok(&format!("chain add-requester-key {}", further("welfare-office")));
    walk.ok(&format!("chain add-agency-key {}", further("tax-office")));
    walk.ok(&format!("chain revoke-requester-key {office} {officer}"));
    // The second officer's key is in another wallet.
    let second = walk.ok("key show @officer-2/signing.key")["address"].as_str().unwrap().to_owned();
    let confirm = format!("chain revoke-requester-key {office} --confirm --unsigned");
    let printed = walk.ok(&format!("{confirm} {second}"));
    assert_eq!((&printed["step"], &printed["call"]["value"]), (&json!("unsigned confirmation"), &json!("0")));
    assert!(printed["block"].is_null() && printed["call"]["data"].as_str().unwrap().len() > 100, "{printed}");
    let (code, said) = walk.fails(&format!("{confirm} 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
    assert_eq!(code, "not-an-officer", "{said}");
    walk.ok(&format!("chain revoke-agency-key {agency} {officer}"));
    let digest = walk.ok("policy key @law/income.policy.toml")["digest"].as_str().unwrap().to_owned();
    let proposed = walk.ok(&format!("policy withdraw {digest} {officer}"));
    assert!(proposed["confirm_from"].as_str().is_some_and(|time| time.ends_with('Z')), "{proposed}");
    let vault = walk.vault("civil-registry");
    fs::write(walk.path("another.key"), [9; 32]).unwrap();
    fs::set_permissions(walk.path("another.key"), fs::Permissions::from_mode(0o600)).unwrap();
    walk.ok(&format!("agency relock {vault} --new-key-file @another.key"));
    let vault = vault.replace("civil-registry/master.key", "another.key");
    walk.ok(&format!("agency rotate-keys {vault}"));
    let citizens = fs::read_to_string(walk.path("csv/citizens.csv")).unwrap();
    walk.ok(&format!("agency check-ids @csv/citizens.csv {vault}"));
    let moved = citizens.lines().nth(19).unwrap().split(',').next().unwrap().to_owned();
    fs::write(walk.path("new-id"), format!("P-{moved}\n")).unwrap();
    fs::set_permissions(walk.path("new-id"), fs::Permissions::from_mode(0o600)).unwrap();
    walk.ok(&format!("agency change-id --old {moved} --new-file @new-id --why passport {vault}"));
    let id = citizens.lines().nth(20).unwrap().split(',').next().unwrap().to_owned();
    walk.ok(&format!("agency erase {vault} --national-id {id} --why request --yes"));
    let root = walk.ok(&format!("agency anchor {vault} --signing-key @civil-registry/signing.key"))["root"].clone();
    copies(walk, &vault);
    let root = root.as_str().unwrap();
    walk.ok(&format!("agency withdraw-root {root} {vault} --signing-key @civil-registry/signing.key --yes"));
}

/// The vault is copied, an erasure follows, and the copy goes on in another place: with the log that tells of the erasure, and without it.
fn copies(walk: &mut Walk, vault: &str) {
    let made = walk.ok(&format!("agency backup {vault} --out @copy"));
    assert_eq!(made["agency"], "civil-registry");
    let judged = walk.ok(&format!("agency check-backups @copy {vault}"));
    assert_eq!(judged["backups"][0]["erasures_since"], json!(0));
    // A copy that was made by hand is a vault's directory.
    let by_hand = walk.fails(&format!("agency check-backups @civil-registry/vault {vault}"));
    assert!(by_hand.0 == "backup-damaged" && by_hand.1.contains("keys.db"), "{by_hand:?}");
    let citizens = fs::read_to_string(walk.path("csv/citizens.csv")).unwrap();
    let id = citizens.lines().nth(21).unwrap().split(',').next().unwrap().to_owned();
    walk.ok(&format!("agency erase {vault} --national-id {id} --why request --yes"));
    assert_eq!(walk.fails(&format!("agency check-backups @copy {vault}")).0, "backups-outdated");
    let restored = vault.replace("civil-registry/vault", "restored");
    let newer =
        walk.ok(&format!("agency restore --from @copy --log-from @civil-registry/vault {restored} --why drill"));
    assert_eq!((&newer["standing"], &newer["erased_again"]), (&json!("newest"), &json!(1)));
    let log = walk.ok(&format!("agency log {restored}"));
    assert!(log.to_string().contains("restored"), "{log}");
    let states = walk.ok(&format!("agency log --states {restored}"));
    let lost = states["entries"].as_array().unwrap().iter().filter(|entry| entry["lost"] == true).count();
    assert_eq!(json!(lost), newer["lost_changes"], "{states}");
    assert!(!log.to_string().contains("\"lost\":true"), "{log}");
    // The old directory anchors something that the copy lacks: now only an older copy is left.
    walk.ok(&format!("agency anchor {vault} --signing-key @civil-registry/signing.key"));
    let behind = walk.fails(&format!("agency anchor {restored} --signing-key @civil-registry/signing.key"));
    assert_eq!(behind.0, "vault-behind-chain");
    assert!(behind.1.contains("agency restore"), "{}", behind.1);
    let again = vault.replace("civil-registry/vault", "restored-again");
    let unconfirmed = walk.fails(&format!("agency restore --from @copy {again} --why drill"));
    assert_eq!(unconfirmed.0, "not-confirmed");
    assert!(unconfirmed.1.contains("--although-older"), "{}", unconfirmed.1);
    let older = walk.ok(&format!("agency restore --from @copy {again} --although-older --why drill"));
    assert_eq!(older["standing"], "older");
    assert!(older["holder_since"].is_string() && older["anchor_by"].is_string(), "{older}");
    walk.ok(&format!("agency anchor {again} --signing-key @civil-registry/signing.key"));
    assert!(walk.ok(&format!("agency status --check {again}"))["checked_records"].is_number());
    assert!(walk.ok(&format!("agency status --check --quick {again}"))["compared_rows"].is_number());
}
