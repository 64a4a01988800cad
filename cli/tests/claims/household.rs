//! A household claims: its members release their records to the prover that it chose, the head consents, and one approval counts for all of them.

use crate::office::{Country, Law, args};

const LAW: Law = Law {
    program: r#"
suite = "sealroot-bn254-poseidon-groth16/1"
id = "support"
title = { en = "Support for households", zh = "家庭补助" }
policies = ["living"]
requesters = ["welfare-office"]
grid = { first = "2026-01", months = 1, count = 240 }
claim = { opens_after_days = 0, closes_after_days = 90 }
as_of = "period-start"
pays = { part = 0, output = 0, currency = "EUR", budget = "100000000" }
[manual_path]
en = "At the counter."
"#,
    policies: &[(
        "living",
        r#"
id = "living"
version = 1
title = { en = "Minimum living standard", zh = "最低生活保障" }
legal_reference = "Support Act (test), section 4"
shape = "household"
identity = "identity"
nullifier = "record-per-scope"
[in_force]
from = "2026-01-01"
[[source]]
name = "registry"
of = "household"
agency = "civil-registry"
schema = "household.schema.toml"
period = "timeless"
[[source]]
name = "tax"
of = "member"
agency = "tax-office"
schema = "income.schema.toml"
period = "timeless"
[parameter.standard]
value = "600.00"
unit = "EUR"
[definition.income]
value = "sum(members.map(m, m.earnings))"
[[requirement]]
code = "income-above-standard"
when = "income <= standard * size(members)"
reveal = true
message = { en = "The household's income is above the standard.", zh = "家庭收入超过标准。" }
[[output]]
name = "amount"
title = { en = "amount", zh = "金额" }
value = "max(0, standard * size(members) - income)"
"#,
    )],
    schemas: &[
        (
            "household.schema.toml",
            r#"
name = "household"
period = "timeless"
household = true
title = { en = "Household", zh = "家庭" }
[[attribute]]
name = "members"
kind = "integer"
min = 1
max = 8
title = { en = "Number of members", zh = "成员人数" }
[[attribute]]
name = "person"
kind = "member"
repeat = 8
title = { en = "Who they are", zh = "成员" }
[[attribute]]
name = "identity"
kind = "text"
title = { en = "National id of the head", zh = "户主身份证号" }
"#,
        ),
        (
            "income.schema.toml",
            r#"
name = "income"
period = "timeless"
title = { en = "Income", zh = "收入" }
[[attribute]]
name = "earnings"
kind = "money"
currency = "EUR"
min = 0
max = 10000000
title = { en = "Monthly earnings", zh = "月收入" }
[[attribute]]
name = "employer"
kind = "text"
title = { en = "Employer", zh = "雇主" }
"#,
        ),
    ],
    agencies: &["civil-registry", "tax-office"],
    shape: "household",
};

const NUMBERED: [&str; 4] = ["--schema", "household", "--key-column", "number"];
const MEMBERS: &str = "members,person_01,person_02,person_03,person_04,person_05,person_06,person_07,person_08";

/// Ann, Bo and their child Lin, who has no wallet: Ann represents Lin at the tax office. Zed lives alone.
pub fn country() -> Country {
    country_of("H-1,ann,3,ann,bo,lin,,,,,\nH-2,zed,1,zed,,,,,,,\n")
}

/// The same people, in these households.
fn country_of(households: &str) -> Country {
    let country = Country::new(&LAW);
    let registry = country.write("households.csv", &format!("number,national_id,{MEMBERS}\n{households}"));
    country.agency("civil-registry", &[&["agency", "import", &registry], &NUMBERED[..]].concat());
    let incomes =
        "national_id,earnings,employer\nzed,9000.00,works\nlin,0.00,none\nbo,700.00,works\nann,500.00,works\n";
    let tax = country.write("incomes.csv", incomes);
    country.agency("tax-office", &["agency", "import", &tax, "--schema", "income"]);
    country.enrol("ann", &["civil-registry", "tax-office"]);
    country.enrol("bo", &["civil-registry", "tax-office"]);
    country.enrol("zed", &["civil-registry", "tax-office"]);
    let [challenge, answer] = ["lin.challenge", "lin.answer"].map(|file| country.path(file));
    country.agency(
        "tax-office",
        &["agency", "enrol", "--national-id", "lin", "--representative", "--challenge", &challenge],
    );
    let wallet = country.wallet("ann");
    country.ok(&[
        "wallet",
        "answer",
        &challenge,
        "--agency",
        "tax-office",
        "--for",
        "Lin",
        "--wallet",
        &wallet,
        "--out",
        &answer,
    ]);
    country.agency(
        "tax-office",
        &["agency", "enrol", "--challenge", &challenge, "--answer", &answer, "--why", "birth certificate"],
    );
    country.anchor("civil-registry");
    country.anchor("tax-office");
    country.ok(&["key", "new", "--recipient", &country.path("prover.key")]);
    country
}

/// Somebody releases a record for a case, and the agency hands it out; the sealed file.
pub fn release(country: &Country, case: &str, who: &str, agency: &str, person: Option<&str>) -> String {
    let label = format!("{case}-{who}-{agency}-{}", person.unwrap_or("own"));
    let [release, sealed] = ["release.json", "sealed.json"].map(|file| country.path(&format!("{label}.{file}")));
    let shown = country.ok(&["key", "show", &country.path("prover.key")]);
    let (recipient, wallet) = (shown["recipient"].as_str().unwrap(), country.wallet(who));
    let request = country.path(&format!("{case}.request.json"));
    let mut sign = vec!["wallet", "release", &request, "--agency", agency, "--recipient", recipient];
    sign.extend(["--wallet", &wallet, "--yes", "--out", &release]);
    sign.extend(person.iter().flat_map(|name| ["--for", *name]));
    let told = country.ok(&sign);
    assert!(told["shown"].as_str().unwrap().contains(recipient), "{told}");
    // Needed where a representative signs, or somebody whose key is in no anchored root yet.
    let key = country.path(&format!("{agency}.key"));
    country
        .agency(agency, &["agency", "release", "--authorisation", &release, "--signing-key", &key, "--out", &sealed]);
    sealed
}

/// Everything that the claim needs.
pub fn releases(country: &Country, case: &str) -> Vec<String> {
    vec![
        release(country, case, "ann", "civil-registry", None),
        release(country, case, "bo", "tax-office", None),
        release(country, case, "ann", "tax-office", Some("Lin")),
        release(country, case, "ann", "tax-office", None),
    ]
}

/// Arguments that name released files and the prover's key.
pub fn source(country: &Country, files: &[String]) -> Vec<String> {
    let named = files.iter().flat_map(|file| ["--released".to_owned(), file.clone()]);
    named.chain(["--recipient-key".to_owned(), country.path("prover.key")]).collect()
}

#[test]
fn a_household_claims_once_under_any_head() {
    let country = country();
    country.ask("first", "support", "ann");
    let told = country.ok(&args(&country.consent("first", "ann")));
    let told = told["shown"].as_str().unwrap();
    for words in [
        "The prover that you chose opens the records that you and your household release to it",
        "Monthly earnings",
        "welfare-office doesn't see who lives in your household, how many you are",
        "An approval counts for your household and this period",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
    assert!(!told.contains("Employer"), "what no rule reads");
    let files = releases(&country, "first");

    // Every file is needed, and no other helps: whose is missing is said, nothing is proved.
    let refused =
        |files: &[String]| country.refused(&args(&country.prove("first", "living", &args(&source(&country, files)))));
    for (i, reason) in [(0, "record-missing"), (1, "member-record-missing"), (2, "member-record-missing")] {
        let others: Vec<String> = files.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, f)| f.clone()).collect();
        assert_eq!(refused(&others), reason, "without {}", files[i]);
    }
    let stranger = release(&country, "first", "zed", "tax-office", None);
    assert_eq!(refused(&[&files[..], std::slice::from_ref(&stranger)].concat()), "record-of-no-member");
    assert_eq!(refused(&[&files[..1], &[stranger], &files[2..]].concat()), "record-of-no-member");
    // Another prover's key opens nothing.
    country.ok(&["key", "new", "--recipient", &country.path("other.key")]);
    let mut stolen = source(&country, &files);
    *stolen.last_mut().unwrap() = country.path("other.key");
    assert_eq!(country.refused(&args(&country.prove("first", "living", &args(&stolen)))), "other-recipient");
    // Nor does it help to have them released for one request and to use them for another.
    country.open("other", "support", "ann");
    let for_other = country.prove("other", "living", &args(&source(&country, &files)));
    assert_eq!(country.refused(&args(&for_other)), "released-for-another-request");

    let bundle = country.bundle("first", "living", &args(&source(&country, &files)));
    let decided = country.ok(&args(&country.decide(&bundle)));
    assert_eq!((decided["approved"].as_bool(), decided["amount"]["minor"].as_u64()), (Some(true), Some(60_000)));
    let text = std::fs::read_to_string(&bundle).unwrap();
    assert!(!text.contains("50000") && !text.contains("70000"), "no income is in the bundle");

    // Ann asks again this month: the household has one number, and it is spent.
    country.open("again", "support", "ann");
    let bundle = country.bundle("again", "living", &args(&source(&country, &releases(&country, "again"))));
    assert_eq!(country.refused(&["verify", &bundle]), "nullifier-spent");

    // Bo becomes the head and asks in her place: a household that changed within the period has no claim in it.
    let csv = format!("number,national_id,{MEMBERS}\nH-1,bo,3,ann,bo,lin,,,,,\n");
    let file = country.write("bo.csv", &csv);
    country.agency("civil-registry", &[&["agency", "import", &file, "--update"], &NUMBERED[..]].concat());
    country.anchor("civil-registry");
    country.open("second", "support", "bo");
    let files = vec![
        release(&country, "second", "bo", "civil-registry", None),
        release(&country, "second", "bo", "tax-office", None),
        release(&country, "second", "ann", "tax-office", Some("Lin")),
        release(&country, "second", "ann", "tax-office", None),
    ];
    let prove = country.prove("second", "living", &args(&source(&country, &files)));
    assert_eq!(country.unprovable(&args(&prove)), "nullifier");
}

/// Lin, who was counted with Ann, moves to Zed: the household that receives Lin has no claim in the period.
/// The control is a country in which Lin lived with Zed from the start: the same claim over the same facts is proved there,
/// so that it is the move that ends the other one.
#[test]
fn nobody_counts_in_two_households_of_a_period() {
    let moved = country();
    let alone = releases_of_zed(&moved, "alone");
    let proved = moved.ok(&args(&moved.prove("alone", "living", &args(&source(&moved, &alone)))));
    assert_eq!(proved["decision"], false, "Zed earns too much alone; that can be proved: {proved}");
    let csv = format!("number,national_id,{MEMBERS}\n{LIN_WITH_ZED}");
    let file = moved.write("move.csv", &csv);
    moved.agency("civil-registry", &[&["agency", "import", &file, "--update"], &NUMBERED[..]].concat());
    moved.anchor("civil-registry");
    assert_eq!(moved.unprovable(&args(&claim_with_lin(&moved))), "nullifier");

    let from_the_start = country_of(LIN_WITH_ZED);
    let proved = from_the_start.ok(&args(&claim_with_lin(&from_the_start)));
    assert_eq!(proved["decision"], false, "Zed earns too much for two as well; that can be proved: {proved}");
}

const LIN_WITH_ZED: &str = "H-1,ann,2,ann,bo,,,,,,\nH-2,zed,2,zed,lin,,,,,,\n";

/// Zed's own records for a case: the household's and the income.
fn releases_of_zed(country: &Country, case: &str) -> Vec<String> {
    country.open(case, "support", "zed");
    ["civil-registry", "tax-office"].map(|agency| release(country, case, "zed", agency, None)).to_vec()
}

/// What proves Zed's claim with Lin in the household.
fn claim_with_lin(country: &Country) -> Vec<String> {
    let mut files = releases_of_zed(country, "together");
    files.push(release(country, "together", "ann", "tax-office", Some("Lin")));
    country.prove("together", "living", &args(&source(country, &files)))
}

/// Records under a root that doesn't count prove nothing to anybody, but a proof over them would tell its outputs to the inventor of some of them.
#[test]
fn nothing_is_proved_under_a_root_that_does_not_count() {
    let country = country();
    country.open("early", "support", "ann");
    let files = releases(&country, "early");
    let root = country.agency("tax-office", &["agency", "status"])["working_root"].as_str().unwrap().to_owned();
    let withdraw = ["agency", "withdraw-root", &root, "--yes", "--signing-key", &country.path("tax-office.key")];
    country.agency("tax-office", &withdraw);
    let prove = country.prove("early", "living", &args(&source(&country, &files)));
    assert_eq!(country.refused(&args(&prove)), "root-withdrawn");
    assert!(!std::path::Path::new(&country.path("early.living.part.json")).exists());
    // Again, as after a crash between chain and vault.
    country.agency("tax-office", &withdraw);
}
