//! Electronic invoices: many per person, handed to a new holder by re-issue, reimbursed once ever, no matter how often they change hands.

use crate::office::{Country, Law, args};
use sealroot_handover::ConsentFile;
use sealroot_protocol::{
    canonical,
    field::Digest,
    policy::{PolicyDigest, PolicyDocument},
    request::{Nonce, Request, SignedRequest},
    signature::SecretSigningKey,
};
use sealroot_wallet::{Passphrase, Wallet};
use std::{fs, path::Path};

const LAW: Law = Law {
    program: r#"
suite = "sealroot-bn254-poseidon-groth16/1"
id = "reimbursement"
title = { en = "Reimbursement of expenses", zh = "费用报销" }
policies = ["invoice"]
requesters = ["welfare-office"]
grid = { first = "2026-01", months = 1, count = 240 }
claim = { opens_after_days = 0, closes_after_days = 90 }
as_of = "period-start"
pays = { part = 0, output = 0, currency = "EUR", budget = "100000000" }
[manual_path]
en = "At the counter."
"#,
    policies: &[(
        "invoice",
        r#"
id = "invoice"
version = 1
title = { en = "Reimbursement of an invoice", zh = "发票报销" }
legal_reference = "Expenses Act (test), section 2"
shape = "solo"
identity = "identity"
nullifier = "record-once"
[in_force]
from = "2026-01-01"
[[source]]
name = "invoices"
agency = "invoice-platform"
schema = "invoice.schema.toml"
period = "timeless"
[parameter.limit]
value = "500.00"
unit = "EUR"
[[requirement]]
code = "issuer-unknown"
when = "registered_issuer"
reveal = true
message = { en = "The issuer is not on the register.", zh = "开票方未登记。" }
[[requirement]]
code = "above-limit"
when = "amount <= limit"
reveal = true
message = { en = "Invoices above 500.00 are not reimbursed.", zh = "超过 500.00 的发票不予报销。" }
[[output]]
name = "amount"
title = { en = "amount", zh = "金额" }
value = "amount"
"#,
    )],
    schemas: &[(
        "invoice.schema.toml",
        r#"
name = "invoice"
period = "timeless"
many = true
title = { en = "Invoice", zh = "发票" }
[[attribute]]
name = "identity"
kind = "text"
[[attribute]]
name = "amount"
kind = "money"
currency = "EUR"
min = 0
max = 100000000
[[attribute]]
name = "registered_issuer"
kind = "boolean"
"#,
    )],
    agencies: &["invoice-platform"],
    shape: "solo",
};

const PLATFORM: &str = "invoice-platform";

fn country() -> Country {
    let country = Country::new(&LAW);
    let csv = "number,national_id,amount,registered_issuer\n\
               INV-1,ann,120.50,true\n\
               INV-2,ben,80.00,true\n\
               INV-3,ann,500.01,false\n";
    let file = country.write("invoices.csv", csv);
    country.agency(PLATFORM, &["agency", "import", &file, "--schema", "invoice", "--key-column", "number"]);
    country.enrol("ann", &[PLATFORM]);
    country.enrol("ben", &[PLATFORM]);
    country.anchor(PLATFORM);
    country
}

/// Proves one invoice of somebody for a case that is open; the bundle's file.
fn claim(country: &Country, case: &str, person: &str, number: &str) -> String {
    let vault = country.vault(PLATFORM);
    country.bundle(case, "invoice", &[&args(&vault)[..], &["--national-id", person, "--business-key", number]].concat())
}

#[test]
fn an_invoice_is_reimbursed_once_under_any_holder() {
    let country = country();
    country.open("first", "reimbursement", "ann");
    let bundle = claim(&country, "first", "ann", "INV-1");
    let decided = country.ok(&args(&country.decide(&bundle)));
    assert_eq!((decided["approved"].as_bool(), decided["amount"]["minor"].as_u64()), (Some(true), Some(12_050)));

    // Handed to ben: the same invoice, issued again with its serial, for another holder.
    let handed = "number,national_id,amount,registered_issuer\nINV-1,ben,120.50,true\n";
    let file = country.write("handed.csv", handed);
    let update = ["agency", "import", &file, "--schema", "invoice", "--key-column", "number", "--update"];
    assert_eq!(country.agency(PLATFORM, &update)["changed"], 1);
    country.anchor(PLATFORM);

    // A new month, a new holder, a new request, an honest proof: the invoice is used up.
    country.open("second", "reimbursement", "ben");
    let bundle = claim(&country, "second", "ben", "INV-1");
    assert_eq!(country.refused(&["verify", &bundle]), "nullifier-spent");
    assert_eq!(country.refused(&args(&country.decide(&bundle))), "nullifier-spent");

    // Ann, who held it before, can't even prove it. Ben's own key didn't have to wait for anything: ben's other invoice counts.
    country.open("third", "reimbursement", "ann");
    let vault = country.vault(PLATFORM);
    let source = [&args(&vault)[..], &["--national-id", "ann", "--business-key", "INV-1"]].concat();
    assert_eq!(country.refused(&args(&country.prove("third", "invoice", &source))), "record-removed");
    country.open("fourth", "reimbursement", "ben");
    let bundle = claim(&country, "fourth", "ben", "INV-2");
    assert_eq!(country.ok(&args(&country.decide(&bundle)))["amount"]["minor"], 8_000);
    let log = country.agency(PLATFORM, &["agency", "log"]);
    assert!(log["entries"].as_array().unwrap().len() >= 4, "every proof has its entry");
}

/// A refused person reads why, in the law's own words, from a bundle that anybody can check.
#[test]
fn a_refusal_says_why_in_the_words_of_the_law() {
    let country = country();
    country.open("refused", "reimbursement", "ann");
    let bundle = claim(&country, "refused", "ann", "INV-3");
    let verified = country.ok(&["verify", &bundle]);
    assert_eq!((verified["approved"].as_bool(), verified["amount"]["minor"].as_u64()), (Some(false), Some(0)));
    let reasons = verified["parts"][0]["reasons"].as_array().unwrap();
    let codes: Vec<_> = reasons.iter().map(|reason| reason["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["issuer-unknown", "above-limit"]);
    assert_eq!(reasons[1]["message"]["en"], "Invoices above 500.00 are not reimbursed.");
    assert_eq!(reasons[1]["message"]["zh"], "超过 500.00 的发票不予报销。");
    for (language, words) in [("en", "The issuer is not on the register."), ("zh", "开票方未登记。")] {
        let inspected = country.ok(&["inspect", &bundle, "--language", language]).to_string();
        assert!(inspected.contains(words), "{words}: {inspected}");
    }
    // It spends nothing: the invoice can be corrected and claimed.
    let decided = country.ok(&args(&country.decide(&bundle)));
    assert_eq!((decided["approved"].as_bool(), decided["entered"].as_str()), (Some(false), Some("no")));
}

/// An office with a threshold of its own: neither wallet nor prover works under it, and the wallet remembers who tried.
#[test]
fn what_is_not_enacted_is_neither_consented_to_nor_proved() {
    let country = country();
    country.ask("honest", "reimbursement", "ann");
    let request: SignedRequest = read(&country.path("honest.request.json"));
    let enacted = fs::read_dir(country.path("published/policies")).unwrap().next().unwrap().unwrap().path();
    let mut invented: PolicyDocument = read(enacted.to_str().unwrap());
    invented.policy.version = 2;
    let digest = invented.policy.digest().unwrap();
    let published = format!("published/policies/{}.json", &digest.to_string()[2..]);
    country.write(&published, std::str::from_utf8(&canonical::to_bytes(&invented).unwrap()).unwrap());
    let mut probing = request.request.clone();
    probing.policies = vec![digest];
    probing.nonce = Nonce([7; 16].into());
    let mut probing = probing.sign(&signing_key(&country.path("welfare-office.key"))).unwrap();
    write(&country.path("probing.request.json"), &probing);
    fs::copy(country.path("honest.secret"), country.path("probing.secret")).unwrap();

    assert_eq!(country.refused(&args(&country.consent("probing", "ann"))), "policy-not-enacted");
    // Somebody talks ann's device into a consent all the same: the agency's prover asks the chain before it opens a record.
    let passphrase = Passphrase::new(secrecy::SecretString::from("a passphrase for tests only")).unwrap();
    let wallet = Wallet::open(Path::new(&country.wallet("ann")), &passphrase).unwrap();
    let (request, scope) = (probing.request.digest(), probing.request.scope());
    let case_secret = fs::read_to_string(country.path("honest.secret")).unwrap();
    let consent = ConsentFile {
        suite: Default::default(),
        request,
        scope,
        holder: wallet.public_key(),
        consent: wallet.secret_key().sign_consent(scope, request, [1; 32]),
        case_secret: sealroot_protocol::applicant::CaseSecret::from_text(case_secret.trim()),
    };
    write(&country.path("probing.consent.json"), &consent);
    let vault = country.vault(PLATFORM);
    let source = [&args(&vault)[..], &["--national-id", "ann", "--business-key", "INV-1"]].concat();
    let entries = || country.agency(PLATFORM, &["agency", "log"])["entries"].as_array().unwrap().len();
    let enrolments = entries();
    assert_eq!(country.refused(&args(&country.prove("probing", "invoice", &source))), "policy-not-enacted");
    assert_eq!(entries(), enrolments, "no record was opened");

    // An office that searches for an income doesn't publish its policies: that is counted all the same.
    probing =
        Request { policies: vec![PolicyDigest(Digest([5; 32]))], nonce: Nonce([8; 16].into()), ..probing.request }
            .sign(&signing_key(&country.path("welfare-office.key")))
            .unwrap();
    write(&country.path("secretly.request.json"), &probing);
    fs::copy(country.path("honest.secret"), country.path("secretly.secret")).unwrap();
    assert_eq!(country.refused(&args(&country.consent("secretly", "ann"))), "policy-not-enacted");

    let shown = country.ok(&["wallet", "show", "--history", "--wallet", &country.wallet("ann")]);
    assert_eq!((shown["dealings"][0]["asked"].as_u64(), shown["dealings"][0]["rejected"].as_u64()), (Some(2), Some(2)));
}

/// A law whose own case fails is not even proposed, and nobody confirms one.
#[test]
fn a_law_whose_case_fails_is_not_enacted() {
    let country = country();
    let file = fs::read_dir(country.path("law")).unwrap().map(|file| file.unwrap().path());
    let file = file.into_iter().find(|file| file.to_str().unwrap().ends_with(".policy.toml")).unwrap();
    let text = fs::read_to_string(&file).unwrap().replacen("version = 1", "version = 2", 1);
    let case = |decision: bool| {
        let facts = "facts = { identity = \"ann\", amount = \"1.00\", registered_issuer = true }";
        let says = format!("decision = {decision}\noutputs = {{ amount = \"1.00\" }}");
        format!("[[case]]\nname = \"paid\"\nas_of = \"2026-05-01\"\n{facts}\n{says}\n")
    };
    let officer = country.path("officer-1.key");
    let enact = ["policy", "enact", file.to_str().unwrap(), "--officer", &officer];
    fs::write(&file, format!("{text}{}", case(false))).unwrap();
    assert_eq!(country.refused(&enact), "policy-check-failed");
    assert_eq!(country.refused(&[&enact[..], &["--confirm"]].concat()), "policy-check-failed");
    // With the case as the law has it, only what the contracts say stands against it: its first day has come.
    fs::write(&file, format!("{text}{}", case(true))).unwrap();
    assert_eq!(country.refused(&enact), "already-begun");
}

/// To propose again what another proposed carries out what has no delay: nobody does that by leaving a flag out.
#[test]
fn a_second_proposal_needs_the_flag() {
    let country = country();
    let enacted = fs::read_dir(country.path("published/policies")).unwrap().next().unwrap().unwrap().path();
    let digest = format!("0x{}", enacted.file_stem().unwrap().to_str().unwrap());
    let [first, second] = ["officer-1", "officer-2"].map(|officer| country.path(&format!("{officer}.key")));
    let withdraw = |officer| ["policy", "withdraw", &digest, "--officer", officer];
    assert_eq!(country.ok(&withdraw(&first))["step"], "proposed");
    assert_eq!(country.refused(&withdraw(&second)), "already-proposed");
    assert_eq!(country.ok(&[&withdraw(&second)[..], &["--confirm"]].concat())["step"], "confirmed");
}

/// Tables beside the keys are used; damaged ones are refused and never make a proof; without them the key alone does.
#[test]
fn tables_beside_the_keys_are_used() {
    let country = country();
    let keys = country.path("keys");
    fs::create_dir(&keys).unwrap();
    for file in fs::read_dir(country.keys).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), Path::new(&keys).join(file.file_name())).unwrap();
    }
    country.open("tables", "reimbursement", "ann");
    let vault = country.vault(PLATFORM);
    let source = [&args(&vault)[..], &["--national-id", "ann", "--business-key", "INV-1", "--keys", &keys]].concat();
    let prove = country.prove("tables", "invoice", &source);
    let prove = args(&prove);
    assert_eq!(country.ok(&prove)["tables"], false);

    let setup = country.ok(&["setup", "--out", &keys, "--tables", "--budget", "40"]);
    let (file, bytes) = (setup["tables"][0]["file"].as_str().unwrap(), setup["tables"][0]["bytes"].as_u64().unwrap());
    assert_eq!(fs::metadata(file).unwrap().len(), bytes);
    assert!(bytes < 41_000_000, "{bytes}");
    assert_eq!(country.ok(&prove)["tables"], true);
    let request = country.path("tables.request.json");
    let bundle = country.path("tables.bundle.json");
    country.ok(&["bundle", &country.path("tables.invoice.part.json"), "--request", &request, "--out", &bundle]);
    assert_eq!(country.ok(&["verify", &bundle])["approved"], true);

    let mut damaged = fs::read(file).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    fs::write(file, &damaged).unwrap();
    assert_eq!(country.refused(&prove), "bad-tables");
    fs::write(file, &damaged[..middle]).unwrap();
    assert_eq!(country.refused(&prove), "bad-tables");
    // Keys are never replaced. Where they were taken away, new ones do without the tables of those before them.
    let again = ["setup", "--out", &keys, "--insecure-dev", "--shape", "solo", "--seed", "8"];
    assert_eq!(country.refused(&again), "file-protected");
    assert!(Path::new(file).exists());
    for taken in ["keys.json", "solo.universal.key", "solo.proving.key"] {
        fs::remove_file(Path::new(&keys).join(taken)).unwrap();
    }
    country.ok(&again);
    assert!(!Path::new(file).exists());
}

fn read<T: serde::Serialize + serde::de::DeserializeOwned>(path: &str) -> T {
    canonical::from_bytes(&fs::read(path).unwrap()).unwrap()
}

fn write(path: &str, document: &impl serde::Serialize) {
    fs::write(path, canonical::to_bytes(document).unwrap()).unwrap();
}

fn signing_key(path: &str) -> SecretSigningKey {
    let text = fs::read_to_string(path).unwrap();
    let mut bytes = [0; 32];
    hex::decode_to_slice(text.trim().trim_start_matches("0x"), &mut bytes).unwrap();
    SecretSigningKey::from_bytes(&bytes).unwrap()
}
