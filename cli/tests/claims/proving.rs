//! What a prover finds out before a record is opened, and what it says where a record is from before the enrolment.

use crate::{
    corrections::LAW,
    office::{Country, args},
};
use std::fs;

const PLATFORM: &str = "invoice-platform";

/// How often somebody's records were accessed, enrolments included.
fn accesses(country: &Country, person: &str) -> usize {
    country.agency(PLATFORM, &["agency", "log", "--national-id", person])["entries"].as_array().unwrap().len()
}

#[test]
fn the_wrong_person_is_known_before_a_record_is_opened() {
    let country = Country::new(&LAW);
    let csv = "number,national_id,amount\nINV-1,ann,20.000\nINV-2,ben,30.000\n";
    let file = country.write("invoices.csv", csv);
    country.agency(PLATFORM, &["agency", "import", &file, "--schema", "invoice", "--key-column", "number"]);
    country.anchor(PLATFORM);
    country.enrol("ann", &[PLATFORM]);
    country.enrol("ben", &[PLATFORM]);
    country.open("case", "refund", "ann");

    let vault = country.vault(PLATFORM);
    let of = |person, number| [&args(&vault)[..], &["--national-id", person, "--business-key", number]].concat();
    let (ann, ben) = (of("ann", "INV-1"), of("ben", "INV-2"));
    let prove = country.prove("case", "invoice", &ann);
    // Imported and enrolled, and the anchor came between the two.
    let early = country.run(&args(&prove));
    let told = String::from_utf8_lossy(&early.stderr).into_owned();
    assert!(told.contains("\"enrolled-after-anchor\"") && told.contains("agency anchor"), "{told}");
    assert_eq!(early.status.code(), Some(1));
    country.anchor(PLATFORM);

    let before = ["ann", "ben"].map(|person| accesses(&country, person));
    assert_eq!(country.refused(&args(&country.prove("case", "invoice", &ben))), "applicant-mismatch");
    // Ben's wallet consents to what is asked about Ann.
    let [request, secret, consent, wallet] =
        ["case.request.json", "case.secret", "other.consent.json", "ben.wallet.json"].map(|name| country.path(name));
    let answer = ["wallet", "consent", &request, "--yes", "--wallet", &wallet, "--national-id", "ann"];
    country.ok(&[&answer[..], &["--case-secret", &secret, "--out", &consent]].concat());
    let foreign: Vec<String> =
        prove.iter().map(|text| if text.ends_with("consent.json") { consent.clone() } else { text.clone() }).collect();
    assert_eq!(country.refused(&args(&foreign)), "consent-mismatch");
    assert_eq!(["ann", "ben"].map(|person| accesses(&country, person)), before, "nothing was opened");

    country.bundle("case", "invoice", &ann);
    assert_eq!(accesses(&country, "ann"), before[0] + 1);
}

/// After a changed id the wallet's key is nobody's until it is enrolled anew. Each message says the next step, the wallet's own among them.
#[test]
fn a_changed_id_is_enrolled_again_and_every_message_says_how() {
    let country = Country::new(&LAW);
    let file = country.write("invoices.csv", "number,national_id,amount\nINV-1,ann,20.000\n");
    country.agency(PLATFORM, &["agency", "import", &file, "--schema", "invoice", "--key-column", "number"]);
    country.enrol("ann", &[PLATFORM]);
    country.anchor(PLATFORM);
    let change = ["agency", "change-id", "--old", "ann", "--new", "ann-2", "--why", "permit 1"];
    let said = country.text(&[&change[..], &args(&country.vault(PLATFORM))].concat());
    assert!(said.contains("in 1 record and 0 households") && said.contains("`--replace`"), "{said}");
    country.anchor(PLATFORM);

    // The same wallet, under the new id.
    fs::copy(country.wallet("ann"), country.wallet("ann-2")).unwrap();
    country.open("case", "refund", "ann-2");
    let vault = country.vault(PLATFORM);
    let ann = [&args(&vault)[..], &["--national-id", "ann-2", "--business-key", "INV-1"]].concat();
    let prove = country.prove("case", "invoice", &ann);
    let refused = country.run(&args(&prove));
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("\"consent-mismatch\"") && told.contains("national id changed"), "{told}");
    assert!(told.contains("agency enrol") && told.contains("--replace") && !told.contains("another one"), "{told}");

    // As the message says: the wallet knew the person by the old id, so that it answers with --replace alone.
    let [challenge, answer] = ["again.challenge", "again.answer"].map(|name| country.path(name));
    country.agency(PLATFORM, &["agency", "enrol", "--national-id", "ann-2", "--challenge", &challenge]);
    let wallet = country.wallet("ann");
    let reply = ["wallet", "answer", &challenge, "--agency", PLATFORM, "--wallet", &wallet, "--out", &answer];
    assert_eq!(country.refused(&reply), "other-person");
    country.ok(&[&reply[..], &["--replace"]].concat());
    let enrol = ["agency", "enrol", "--challenge", &challenge, "--answer", &answer, "--why", "passport"];
    country.agency(PLATFORM, &enrol);
    let early = country.run(&args(&prove));
    assert!(String::from_utf8_lossy(&early.stderr).contains("\"enrolled-after-anchor\""));
}
