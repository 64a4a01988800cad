//! Where everybody's files lie during the demo, and each party's arguments for the verbs.

use super::citizens::Cast;
use crate::{
    chain::{ChainArgs, OfficerArgs},
    failure::{OrFail, Outcome},
    files::{ForceArgs, Form, Output},
    identity::BusinessKeyArgs,
    keys::KeyArgs,
    language::LanguageArgs,
    published::PublishedArgs,
    secret::{VaultPassphraseArgs, WalletPassphraseArgs},
    verb::{agency::VaultArgs, prove, request, wallet},
};
use sealroot_protocol::{code::Code, consent::RequestDigest, name::Name};
use sealroot_vault::{master::write_key_file, seal::Key};
use std::path::{Path, PathBuf};

/// The two agencies: name, schema, policy.
pub const AGENCIES: [(&str, &str, &str); 2] =
    [("civil-registry", "citizen", "residence"), ("tax-office", "income", "income")];

/// The office.
pub const OFFICE: &str = "welfare-office";

/// The office's second clerk, who has a key of the office's, too.
pub const CLERK: &str = "second-clerk";

/// The example's files, as they stand in `examples/heating-allowance/`.
const EXAMPLE: [(&str, &str); 5] = [
    ("citizen.schema.toml", include_str!("../../../examples/heating-allowance/citizen.schema.toml")),
    ("income.schema.toml", include_str!("../../../examples/heating-allowance/income.schema.toml")),
    ("residence.policy.toml", include_str!("../../../examples/heating-allowance/residence.policy.toml")),
    ("income.policy.toml", include_str!("../../../examples/heating-allowance/income.policy.toml")),
    ("program.toml", include_str!("../../../examples/heating-allowance/program.toml")),
];

/// The directory of a demo.
pub struct Stage {
    directory: PathBuf,
}

impl Stage {
    /// Creates the directory with the law's texts, and the keys that unlock the vaults and wallets of the demo.
    pub fn new(directory: &Path) -> Outcome<Self> {
        let stage = Self { directory: directory.to_owned() };
        for (name, text) in EXAMPLE {
            Output::new(&stage.path(&format!("law/{name}")), Form::public("a law"))?.put(text.as_bytes())?;
        }
        for (agency, ..) in AGENCIES {
            let path = stage.path(&format!("{agency}/master.key"));
            std::fs::create_dir_all(stage.path(agency))?;
            write_key_file(&path, &Key::random()).or_fail(Code::MasterKey)?;
        }
        let passphrase = Output::new(&stage.path("wallets/passphrase"), Form::secret("a passphrase"))?;
        passphrase.put(b"a passphrase for the demo only\n")?;
        Ok(stage)
    }

    /// A path within it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// A text of the law.
    pub fn law(&self, name: &str) -> PathBuf {
        self.path("law").join(name)
    }

    /// Signing key of a party.
    pub fn signing_key(&self, party: &str) -> PathBuf {
        self.path(&format!("{party}/signing.key"))
    }

    pub fn chain(&self) -> ChainArgs {
        self.path("chain").into()
    }

    pub fn keys(&self) -> KeyArgs {
        KeyArgs { keys: self.path("keys"), allow_insecure_dev_keys: true }
    }

    pub fn published(&self) -> PublishedArgs {
        PublishedArgs { published: self.path("published") }
    }

    /// One of the two officers, who proposes or confirms.
    pub fn officer(&self, n: usize) -> OfficerArgs {
        let officer = Some(self.signing_key(&format!("officer-{n}")));
        OfficerArgs { chain: self.chain(), officer, unsigned: None, confirm: n == 2 }
    }

    pub fn vault(&self, agency: &str) -> VaultArgs {
        VaultArgs {
            vault: self.path(&format!("{agency}/vault")),
            key_file: Some(self.path(&format!("{agency}/master.key"))),
            passphrase: VaultPassphraseArgs::default(),
        }
    }

    pub fn wallet(&self, who: Cast) -> wallet::WalletArgs {
        wallet::WalletArgs {
            wallet: self.path(&format!("wallets/{}.json", who.label())),
            passphrase: WalletPassphraseArgs { passphrase_file: Some(self.path("wallets/passphrase")) },
        }
    }

    /// The office's request for one person.
    pub fn request(&self, who: Cast, case: &str, corrects: Option<RequestDigest>) -> Outcome<request::NewArgs> {
        Ok(request::NewArgs {
            chain: self.chain(),
            published: self.published(),
            program: name("heating-allowance")?,
            requester: name(OFFICE)?,
            signing_key: self.signing_key(OFFICE),
            applicant: who.national_id().into(),
            case_secret: Some(self.case(case, "case.secret")),
            purpose: "Heating allowance for this month".into(),
            period_of: None,
            valid_days: 14,
            recipient: None,
            corrects,
            out: self.case(case, "request.json"),
            force: ForceArgs::default(),
        })
    }

    /// A person's consent to the request of a case, applying as `applicant`.
    pub fn consent(&self, who: Cast, applicant: Cast, case: &str) -> wallet::ConsentArgs {
        wallet::ConsentArgs {
            request: self.case(case, "request.json"),
            wallet: self.wallet(who),
            chain: self.chain(),
            shown: wallet::EvidenceArgs::default(),
            published: self.published(),
            applicant: applicant.national_id().into(),
            case_secret: Some(self.case(case, "case.secret")),
            yes: true,
            language: LanguageArgs::default(),
            out: self.case(case, &format!("consent-{}.json", who.label())),
        }
    }

    /// The proof of one agency's part for a case, from one person's record and consent.
    pub fn prove(&self, agency: usize, who: Cast, case: &str) -> Outcome<prove::Args> {
        let (agency, _, policy) = AGENCIES[agency];
        let vault = self.vault(agency);
        Ok(prove::Args {
            vault: Some(vault.vault),
            key_file: vault.key_file,
            passphrase: vault.passphrase,
            person: who.national_id().into(),
            business_key: BusinessKeyArgs::default(),
            released: Vec::new(),
            recipient_key: None,
            chain: self.chain(),
            keys: self.keys(),
            published: self.published(),
            policy: name(policy)?,
            request: self.case(case, "request.json"),
            consent: self.case(case, &format!("consent-{}.json", who.label())),
            out: self.case(case, &format!("{policy}.part.json")),
            force: ForceArgs::default(),
        })
    }

    /// A file of a case.
    pub fn case(&self, case: &str, file: &str) -> PathBuf {
        self.path("cases").join(case).join(file)
    }
}

/// A name that is one.
pub fn name(text: &str) -> Outcome<Name> {
    text.parse().or_fail(Code::BadName)
}
