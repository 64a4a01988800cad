//! What a prover finds out before a record is opened, and what it says where a record is from before the enrolment.

use crate::{
    corrections::LAW,
    office::{Country, args},
};

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
