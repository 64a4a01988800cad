//! A small country made with the verbs alone: a chain whose clock is today's, agencies with vaults, laws, an office, people with wallets.

use super::reports;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};
use tempfile::TempDir;

/// Officers act from this day on (2025-12-01), because nothing is enacted for a period that has begun; then the clock is the machine's.
const GENESIS: u64 = 1_764_547_200;
const DAY: u64 = 86_400;

/// The day by this machine's clock.
fn today() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    sealroot_protocol::date::Date::from_unix_time(now).unwrap().to_string()
}

/// The office that asks.
pub const OFFICE: &str = "welfare-office";

/// The second clerk's key.
pub const CLERK: &str = "second-clerk";

/// A law: program, policies and schemas as texts, by file name.
pub struct Law {
    pub program: &'static str,
    /// Id and text.
    pub policies: &'static [(&'static str, &'static str)],
    /// File name and text.
    pub schemas: &'static [(&'static str, &'static str)],
    pub agencies: &'static [&'static str],
    pub shape: &'static str,
}

/// See the module.
pub struct Country {
    directory: TempDir,
    pub keys: &'static Path,
}

/// Development keys of a shape, made once.
fn keys(shape: &'static str) -> &'static Path {
    static SOLO: OnceLock<PathBuf> = OnceLock::new();
    static HOUSEHOLD: OnceLock<PathBuf> = OnceLock::new();
    let made = if shape == "solo" { &SOLO } else { &HOUSEHOLD };
    made.get_or_init(|| {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("keys-{shape}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&directory);
        let out = directory.to_str().unwrap();
        let made = Command::new(env!("CARGO_BIN_EXE_sealroot"))
            .args(["setup", "--out", out, "--insecure-dev", "--shape", shape, "--seed", "7"])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        directory
    })
}

impl Country {
    /// Everything enacted; vaults empty.
    pub fn new(law: &Law) -> Self {
        let country = Self { directory: tempfile::tempdir().unwrap(), keys: keys(law.shape) };
        for (name, text) in law.schemas {
            country.write(&format!("law/{name}"), text);
        }
        for (id, text) in law.policies {
            country.write(&format!("law/{id}.policy.toml"), text);
        }
        country.write("law/program.toml", law.program);
        country.secret("passphrase", "a passphrase for tests only\n");
        for party in ["officer-1", "officer-2", OFFICE, CLERK].into_iter().chain(law.agencies.iter().copied()) {
            country.ok(&["key", "new", &country.path(&format!("{party}.key"))]);
        }
        let officers = ["officer-1", "officer-2"].map(|officer| country.path(&format!("{officer}.key")));
        let genesis = GENESIS.to_string();
        let create = ["chain", "create", "--chain-id", "20262", "--delay", "3600", "--standing-at", &genesis];
        country.ok(&[&create[..], &["--officer", &officers[0], "--officer", &officers[1]]].concat());
        let mut registrations = Vec::new();
        for (party, kind) in
            law.agencies.iter().map(|agency| (*agency, "register-agency")).chain([(OFFICE, "register-requester")])
        {
            let address = country.address(party);
            registrations.push(["chain", kind, "--name", party, "--address", &address].map(str::to_owned).to_vec());
        }
        let enact = |what: &str, file: String| vec![what.to_owned(), "enact".to_owned(), file];
        let policies =
            law.policies.iter().map(|(id, _)| enact("policy", country.path(&format!("law/{id}.policy.toml"))));
        let second = ["chain", "add-requester-key", "--name", OFFICE, "--address", &country.address(CLERK)];
        let last = vec![enact("program", country.path("law/program.toml")), second.map(str::to_owned).to_vec()];
        let steps = [registrations, policies.collect(), last];
        for (acts, day) in steps.into_iter().zip(1..) {
            for act in &acts {
                country.ok(&[&args(act)[..], &["--officer", &officers[0]]].concat());
            }
            country.ok(&["chain", "set-clock", "--standing-at", &(GENESIS + day * DAY).to_string()]);
            for act in &acts {
                country.ok(&[&args(act)[..], &["--officer", &officers[1], "--confirm"]].concat());
            }
        }
        country.ok(&["chain", "set-clock", "--system", "--confirm-day", &today()]);
        for (i, agency) in law.agencies.iter().enumerate() {
            country.secret_bytes(&format!("{agency}.master"), &[i as u8 + 1; 32]);
            let mut init = vec!["agency", "init", "--name", agency];
            let (subject, schemas): (String, Vec<String>) = (
                country.path("subject.key"),
                law.schemas.iter().map(|(name, _)| country.path(&format!("law/{name}"))).collect(),
            );
            init.extend([if i == 0 { "--export-subject-key" } else { "--subject-key" }, &subject]);
            for schema in &schemas {
                init.extend(["--schema", schema]);
            }
            country.agency(agency, &init);
        }
        country
    }

    pub fn path(&self, name: &str) -> String {
        self.directory.path().join(name).to_str().unwrap().to_owned()
    }

    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn secret(&self, name: &str, text: &str) {
        self.secret_bytes(name, text.as_bytes());
    }

    fn secret_bytes(&self, name: &str, bytes: &[u8]) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.directory.path().join(name);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Runs a verb where everybody's common things lie: chain, keys, documents.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let arguments = [arguments, &["--json"]].concat();
        let output = self.as_people_do(&arguments);
        reports::check(&arguments, &output);
        output
    }

    /// What a verb that must succeed says to people.
    #[track_caller]
    pub fn text(&self, arguments: &[&str]) -> String {
        let output = self.as_people_do(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn as_people_do(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_sealroot"))
            .args(arguments)
            .env("SEALROOT_CHAIN", self.path("chain"))
            .env("SEALROOT_KEYS", self.keys)
            .env("SEALROOT_PUBLISHED", self.path("published"))
            .env("SEALROOT_WALLET_PASSPHRASE_FILE", self.path("passphrase"))
            .env("SEALROOT_ALLOW_INSECURE_DEV_KEYS", "true")
            .output()
            .unwrap()
    }

    /// A verb that must succeed.
    #[track_caller]
    pub fn ok(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The reason for which a verb is refused.
    #[track_caller]
    pub fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?} was accepted");
        let text = String::from_utf8_lossy(&output.stderr);
        let last = text.trim().lines().last().unwrap_or_default();
        let json: Value = serde_json::from_str(last).unwrap_or_else(|e| panic!("{e}: {text}"));
        json["error"]["code"].as_str().unwrap().to_owned()
    }

    /// The obligation that can't be met, where a verb finds that something can't be proved: one code stands for all of them.
    #[track_caller]
    pub fn unprovable(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let text = String::from_utf8_lossy(&output.stderr);
        let last = text.trim().lines().last().unwrap_or_default();
        let json: Value = serde_json::from_str(last).unwrap_or_else(|e| panic!("{e}: {text}"));
        assert_eq!(json["error"]["code"], "unprovable", "{json}");
        let message = json["error"]["message"].as_str().unwrap();
        let obligation = message.split("obligation `").nth(1).and_then(|rest| rest.split('`').next());
        obligation.unwrap_or_else(|| panic!("no obligation is named: {message}")).to_owned()
    }

    fn address(&self, party: &str) -> String {
        let shown = self.ok(&["key", "show", &self.path(&format!("{party}.key"))]);
        shown["address"].as_str().unwrap().to_owned()
    }

    /// A verb on an agency's vault.
    #[track_caller]
    pub fn agency(&self, agency: &str, arguments: &[&str]) -> Value {
        let (vault, master) = (self.path(&format!("{agency}.vault")), self.path(&format!("{agency}.master")));
        self.ok(&[arguments, &["--vault", &vault, "--key-file", &master]].concat())
    }

    /// Anchors what is in an agency's vault.
    pub fn anchor(&self, agency: &str) {
        self.agency(agency, &["agency", "anchor", "--signing-key", &self.path(&format!("{agency}.key"))]);
    }

    /// Somebody makes a wallet and enrols it.
    pub fn enrol(&self, person: &str, agencies: &[&str]) {
        let (wallet, phrase) = (self.wallet(person), self.path(&format!("{person}.phrase")));
        self.ok(&["wallet", "new", "--wallet", &wallet, "--phrase-to", &phrase]);
        for agency in agencies {
            let [challenge, answer] =
                ["challenge", "answer"].map(|file| self.path(&format!("{person}-{agency}.{file}")));
            self.agency(agency, &["agency", "enrol", "--national-id", person, "--challenge", &challenge]);
            self.ok(&["wallet", "answer", &challenge, "--agency", agency, "--wallet", &wallet, "--out", &answer]);
            self.agency(
                agency,
                &["agency", "enrol", "--challenge", &challenge, "--answer", &answer, "--why", "passport"],
            );
        }
    }

    pub fn wallet(&self, person: &str) -> String {
        self.path(&format!("{person}.wallet.json"))
    }

    /// The office asks about a person, who consents. Files of the case are named after it.
    pub fn open(&self, case: &str, program: &str, person: &str) {
        self.ask(case, program, person);
        self.ok(&self.consent(case, person).iter().map(String::as_str).collect::<Vec<_>>());
    }

    /// The office asks about somebody.
    pub fn ask(&self, case: &str, program: &str, person: &str) {
        let (secret, out) = (self.path(&format!("{case}.secret")), self.path(&format!("{case}.request.json")));
        let key = self.path(&format!("{OFFICE}.key"));
        let mut request = vec!["request", "new", "--program", program, "--requester", OFFICE, "--signing-key", &key];
        request.extend(["--applicant", person, "--case-secret", &secret, "--purpose", "a test", "--out", &out]);
        self.ok(&request);
    }

    /// Arguments with which somebody consents to a case's request.
    pub fn consent(&self, case: &str, person: &str) -> Vec<String> {
        let file = |name: &str| self.path(&format!("{case}.{name}"));
        let named = ["--wallet", "--national-id", "--case-secret", "--out"];
        let values = [self.wallet(person), person.to_owned(), file("secret"), file("consent.json")];
        let mut arguments = vec!["wallet".into(), "consent".into(), file("request.json"), "--yes".into()];
        arguments.extend(named.into_iter().zip(values).flat_map(|(name, value)| [name.to_owned(), value]));
        arguments
    }

    /// Arguments that prove a case's part from what `source` names.
    pub fn prove(&self, case: &str, policy: &str, source: &[&str]) -> Vec<String> {
        let file = |name: &str| self.path(&format!("{case}.{name}"));
        let mut arguments = vec!["prove".to_owned(), "--force".into(), "--policy".into(), policy.into()];
        for (name, value) in
            [("--request", "request.json"), ("--consent", "consent.json"), ("--out", &format!("{policy}.part.json"))]
        {
            arguments.extend([name.to_owned(), file(value)]);
        }
        arguments.extend(source.iter().map(|text| (*text).to_owned()));
        arguments
    }

    /// Proves the one part of a case and bundles it; the bundle's file.
    pub fn bundle(&self, case: &str, policy: &str, source: &[&str]) -> String {
        self.ok(&self.prove(case, policy, source).iter().map(String::as_str).collect::<Vec<_>>());
        let [part, request, bundle] =
            [&format!("{policy}.part.json"), "request.json", "bundle.json"].map(|f| self.path(&format!("{case}.{f}")));
        self.ok(&["bundle", "--force", &part, "--request", &request, "--out", &bundle]);
        bundle
    }

    /// Arguments that decide a bundle.
    pub fn decide(&self, bundle: &str) -> Vec<String> {
        let (key, out) = (self.path(&format!("{OFFICE}.key")), format!("{bundle}.decided"));
        ["decide", "--force", bundle, "--signing-key", &key, "--out", &out].map(str::to_owned).to_vec()
    }

    /// Arguments that open an agency's vault.
    pub fn vault(&self, agency: &str) -> [String; 4] {
        let (vault, master) = (self.path(&format!("{agency}.vault")), self.path(&format!("{agency}.master")));
        ["--vault".into(), vault, "--key-file".into(), master]
    }
}

/// As arguments are taken.
pub fn args(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}
