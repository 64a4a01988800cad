//! The demo attacks itself. The attacker's own software skips every check that only helps the honest, and what rejects it must be
//! the verifier, the chain, the auditor or, where the victim is a citizen, the wallet.

use super::{
    Attack,
    citizens::Cast,
    stage::{AGENCIES, OFFICE, Stage},
    story::{CASE, REFUSED_CASE, audit_args, bundle_args},
};
use crate::{
    failure::{Failure, OrFail, Outcome},
    files::{self, Form, Output},
    secret::{new_signing_key, read_signing_key},
    ui::Ui,
    verb::{agency, audit, bundle, policy, request, wallet},
};
use sealroot_circuits::{RecordWitness, Witness};
use sealroot_handover::{Access, ConsentFile};
use sealroot_protocol::{
    bundle::{Bundle, Part},
    code::Code,
    machine::{PublicInputs, ValidWords},
    policy::PolicyDocument,
    program::Program,
    request::{Request, SignedRequest},
};
use sealroot_prover::Statement;
use sealroot_vault::read::Which;

/// Plays all attacks.
pub async fn play(stage: &Stage, ui: Ui) -> Outcome<Vec<Attack>> {
    ui.say("\nAttacks, each with software of the attacker's own");
    let mut attacks = Vec::new();
    let mut note = |name: &'static str, expected: Code, outcome: Outcome<()>| {
        let (rejected, code) = match outcome {
            Ok(()) => (false, "accepted"),
            // By the check that must stop it: a mistake on the way is no rejection.
            Err(failure) => (failure.code() == expected, failure.code().as_str()),
        };
        ui.say(format!("  {} {name:<62} {code}", if rejected { "rejected" } else { "ACCEPTED" }));
        attacks.push(Attack { name, rejected, code });
    };
    let attacker = Attacker { stage };
    note("an ineligible citizen claims to be eligible", Code::ProofInvalid, attacker.flipped_decision().await);
    note("an eligible neighbour lends a key and a record", Code::PartApplicantMismatch, attacker.lent_key().await);
    note("a consent is moved to another requester", Code::RequesterNotAuthorised, attacker.moved_consent().await);
    note("a second claim in the same period", Code::NullifierSpent, attacker.second_claim().await);
    note("one public input of a proof is changed", Code::ProofInvalid, attacker.raised_amount().await);
    note("a policy that was never enacted", Code::PolicyNotEnacted, attacker.invented_policy().await);
    note("the policy text in a bundle is edited", Code::PolicyEdited, attacker.edited_text());
    note("the parts of two people are mixed", Code::PartApplicantMismatch, attacker.mixed_people().await);
    note("a root that was withdrawn", Code::RootWithdrawn, attacker.withdrawn_root().await);
    Ok(attacks)
}

struct Attacker<'a> {
    stage: &'a Stage,
}

/// An honest case, as far as it goes.
struct Case {
    signed: SignedRequest,
    program: Program,
    policies: Vec<PolicyDocument>,
}

impl Attacker<'_> {
    /// The honest proof says "refused"; the bundle says otherwise.
    async fn flipped_decision(&self) -> Outcome<()> {
        let case = self.case(REFUSED_CASE)?;
        let mut parts = self.existing_parts(REFUSED_CASE)?;
        let honest = self.bundle(&case.signed, &case, parts.clone())?;
        if honest.decision.approved {
            return Err(Failure::new(Code::StoryBroken, "the ineligible citizen is eligible"));
        }
        for part in &mut parts {
            let outputs = if part.inputs.decision { part.inputs.outputs } else { [45_200, 0] };
            part.inputs = PublicInputs { decision: true, outputs, reasons: 0, ..part.inputs.clone() };
        }
        self.verify(&self.bundle(&case.signed, &case, parts)?).await
    }

    /// The neighbour is eligible and helps; but the office asked about somebody else.
    async fn lent_key(&self) -> Outcome<()> {
        let case = self.open("lent", Cast::Neighbour, Cast::Applicant).await?;
        let parts = self.parts(&case, "lent", [Cast::Neighbour; 2]).await?;
        self.verify(&self.bundle(&case.signed, &case, parts)?).await
    }

    /// Another office signs a request of its own and wants to use the applicant's consent for it.
    async fn moved_consent(&self) -> Outcome<()> {
        let case = self.case(CASE)?;
        let other_office = new_signing_key(&self.stage.signing_key("other-office"))?;
        let request =
            Request { requester: "other-office".parse().or_fail(Code::BadName)?, ..case.signed.request.clone() };
        let moved = request.sign(&other_office).or_fail(Code::BadRequest)?;
        // The claimant's own prover makes no proof of it …
        let consent = self.consent_file(CASE, Cast::Applicant)?;
        if self.forge(1, Cast::Applicant, &moved, &case, consent).await.is_ok() {
            return Ok(());
        }
        // … and the proofs that exist are for the other request.
        self.verify(&self.bundle(&moved, &case, self.existing_parts(CASE)?)?).await
    }

    /// Everything is honest and new: request, consent, proofs. Only the month has been paid already.
    async fn second_claim(&self) -> Outcome<()> {
        let case = self.open("again", Cast::Applicant, Cast::Applicant).await?;
        let parts = self.parts(&case, "again", [Cast::Applicant; 2]).await?;
        self.verify(&self.bundle(&case.signed, &case, parts)?).await
    }

    /// A cent more.
    async fn raised_amount(&self) -> Outcome<()> {
        let case = self.open("raised", Cast::Neighbour, Cast::Neighbour).await?;
        let mut parts = self.parts(&case, "raised", [Cast::Neighbour; 2]).await?;
        if let Some(part) = parts.last_mut() {
            part.inputs.outputs[0] += 1;
        }
        self.verify(&self.bundle(&case.signed, &case, parts)?).await
    }

    /// The office signs a request under a law of its own, with a lower ceiling: it wants to search for the income.
    /// The wallet rejects it; so does every verifier.
    async fn invented_policy(&self) -> Outcome<()> {
        let mut case = self.case(CASE)?;
        let text = files::read_text(&self.stage.law("income.policy.toml"))?.replace("\"24000.00\"", "\"9600.00\"");
        let path = self.stage.law("invented.policy.toml");
        Output::new(&path, Form::public("a law"))?.put(text.as_bytes())?;
        let compiled = policy::compile_file(&path)?;
        let universal = self.stage.keys().universal_key(compiled.words().shape())?;
        let invented = compiled.document(universal.hash());
        self.stage.published().add_policy(&invented)?;
        let mut request = case.signed.request.clone();
        request.policies[1] = invented.policy.digest().or_fail(Code::BadPolicy)?;
        case.policies[1] = invented;
        case.signed = request.sign(&read_signing_key(&self.stage.signing_key(OFFICE))?).or_fail(Code::BadRequest)?;
        Output::new(&self.stage.case("invented", "request.json"), Form::REQUEST)?.document(&case.signed)?;
        let secret = files::read(&self.stage.case(CASE, "case.secret"))?;
        Output::new(&self.stage.case("invented", "case.secret"), Form::secret("a case secret"))?.put(&secret)?;
        let consent = self.stage.consent(Cast::Applicant, Cast::Applicant, "invented");
        match wallet::consent(&consent, Ui::silent()).await {
            Err(failure) if failure.code() == Code::PolicyNotEnacted => {}
            _ => return Ok(()),
        }
        self.verify(&self.bundle(&case.signed, &case, self.existing_parts(CASE)?)?).await
    }

    /// The law that people read in the bundle is not the law that was proved.
    fn edited_text(&self) -> Outcome<()> {
        let mut bundle: Bundle = files::read_document(&self.stage.path("bundle.json"))?;
        let document = &mut bundle.policies[1];
        document.text = document.text.replace("\"24000.00\"", "\"12000.00\"");
        let path = self.stage.path("edited.json");
        Output::new(&path, Form::BUNDLE)?.document(&bundle)?;
        let report = audit::audit(&audit_args(self.stage, path))?;
        match report.first {
            None => Ok(()),
            Some(code) => Err(Failure::new(code, "the audit rejected the bundle")),
        }
    }

    /// The residence of one, the income of the other.
    async fn mixed_people(&self) -> Outcome<()> {
        let case = self.open("mixed", Cast::Ineligible, Cast::Ineligible).await?;
        let helper = self.stage.consent(Cast::Neighbour, Cast::Ineligible, "mixed");
        wallet::consent(&helper, Ui::silent()).await?;
        let parts = self.parts(&case, "mixed", [Cast::Ineligible, Cast::Neighbour]).await?;
        self.verify(&self.bundle(&case.signed, &case, parts)?).await
    }

    /// An honest claim of the neighbour; then the tax office withdraws the root that it rests on.
    async fn withdrawn_root(&self) -> Outcome<()> {
        let case = self.open("withdrawn", Cast::Neighbour, Cast::Neighbour).await?;
        let parts = self.parts(&case, "withdrawn", [Cast::Neighbour; 2]).await?;
        let honest = self.bundle(&case.signed, &case, parts)?;
        self.verify(&honest).await.map_err(|e| Failure::new(Code::StoryBroken, e))?;
        let root = honest.parts[1].inputs.roots[0];
        let withdraw = agency::WithdrawRootArgs {
            root,
            vault: self.stage.vault("tax-office"),
            chain: self.stage.chain(),
            signing_key: self.stage.signing_key("tax-office"),
            yes: true,
        };
        agency::withdraw_root(&withdraw).await.map_err(|e| Failure::new(Code::StoryBroken, e))?;
        self.verify(&honest).await
    }

    /// The office asks about `applicant`; `who` consents.
    async fn open(&self, case: &str, who: Cast, applicant: Cast) -> Outcome<Case> {
        // What is rejected here is no attack, but a broken story.
        let broken = |e: Failure| Failure::new(Code::StoryBroken, e);
        request::new(&self.stage.request(applicant, case, None)?).await.map_err(broken)?;
        wallet::consent(&self.stage.consent(who, applicant, case), Ui::silent()).await.map_err(broken)?;
        self.case(case)
    }

    fn case(&self, case: &str) -> Outcome<Case> {
        let signed: SignedRequest = files::read_document(&self.stage.case(case, "request.json"))?;
        let program = self.stage.published().program(&signed.request.program)?;
        let policies = self.stage.published().policies(&signed.request.policies)?;
        Ok(Case { signed, program, policies })
    }

    /// One part from each person named, by a prover that checks nothing.
    async fn parts(&self, case: &Case, name: &str, people: [Cast; 2]) -> Outcome<Vec<Part>> {
        let mut parts = Vec::new();
        for (i, who) in people.into_iter().enumerate() {
            let made = self.forge(i, who, &case.signed, case, self.consent_file(name, who)?).await;
            parts.push(made.map_err(|e| Failure::new(Code::StoryBroken, e))?);
        }
        Ok(parts)
    }

    /// A part by a prover of the attacker's own: it opens the record and proves, and never asks whether a verifier will accept it.
    async fn forge(
        &self,
        agency: usize,
        who: Cast,
        signed: &SignedRequest,
        case: &Case,
        consent: ConsentFile,
    ) -> Outcome<Part> {
        let policy = &case.policies[agency].policy;
        let words = ValidWords::check(policy.shape, policy.words.clone()).or_fail(Code::InvalidWords)?;
        let record = self.record(agency, who, &words, &signed.request).await?;
        let witness = Witness {
            record,
            members: Vec::new(),
            opening: signed.request.scope_opening(),
            case_secret: consent.case_secret,
            consent: consent.consent,
        };
        let statement = Statement {
            policy: policy.digest().or_fail(Code::BadPolicy)?,
            words: &words,
            as_of: case.program.as_of(signed.request.period),
            request: signed.request.digest(),
        };
        let prover = self.stage.keys().prover(policy.shape)?;
        prover.prove(statement, &witness, &mut |_| ()).map_err(|e| Failure::new(Code::Unprovable, e))
    }

    /// One person's record at an agency that helps.
    async fn record(&self, agency: usize, who: Cast, words: &ValidWords, request: &Request) -> Outcome<RecordWitness> {
        let vault = self.stage.vault(AGENCIES[agency].0).open().await?;
        let source = &words.rules().sources[0];
        let which = Which {
            subject: vault.subject(&who.national_id()).or_fail(Code::BadNationalId)?,
            schema: source.schema_id,
            period: source.facts_period.resolve(&request.period).or_fail(Code::BadPeriod)?,
            business_key: None,
        };
        let access = Access { who: "an attacker".to_owned(), why: "an attack".to_owned() };
        let opened = vault.open_record(&which, None, &access).await;
        vault.close().await;
        let opened = opened.map_err(Failure::of)?;
        Ok(RecordWitness { record: opened.record, path: opened.path })
    }

    fn existing_parts(&self, case: &str) -> Outcome<Vec<Part>> {
        let bundle::Args { parts, .. } = bundle_args(self.stage, case);
        parts.iter().map(|path| files::read_document(path)).collect()
    }

    fn consent_file(&self, case: &str, who: Cast) -> Outcome<ConsentFile> {
        let path = self.stage.case(case, &format!("consent-{}.json", who.label()));
        files::read_consent(&path)
    }

    fn bundle(&self, signed: &SignedRequest, case: &Case, parts: Vec<Part>) -> Outcome<Bundle> {
        Bundle::new(signed.clone(), case.program.clone(), case.policies.clone(), parts)
            .ok_or_else(|| Failure::new(Code::StoryBroken, "no decision follows from the parts"))
    }

    async fn verify(&self, bundle: &Bundle) -> Outcome<()> {
        let chain = self.stage.chain().open().await?;
        let keys = self.stage.keys().universal_keys()?;
        let usual = bundle.program.decided_by.usual();
        sealroot_office::verify(bundle.clone(), &chain, &keys, usual).await.map(drop).map_err(Failure::of)
    }
}
