//! The story: record → sealed → leaf → anchored → request → consent → proof → decision → bundle → audit.

use super::{
    Args, Counts, DemoReport,
    citizens::{self, Cast},
    stage::{AGENCIES, CLERK, OFFICE, Stage, name},
};
use crate::{
    clock,
    decision::ByProofArgs,
    failure::{Failure, OrFail, Outcome},
    files::{self, ForceArgs},
    identity::NationalIdArgs,
    language::LanguageArgs,
    secret::new_signing_key,
    ui::Ui,
    verb::{agency, audit, bundle, chain, decide, policy, program, prove, request, setup, verify, wallet},
};
use sealroot_circuits::matrices;
use sealroot_protocol::{
    amount::Amount,
    bundle::Bundle,
    code::Code,
    date::{Date, Month},
    machine::Shape,
    moment::Moment,
};
use sealroot_vault::import::MOST_PERCENT;
use std::time::Instant;

/// Seconds between proposal and confirmation on the demo's chain.
const DELAY: u64 = 3 * 86_400;

/// The honest case.
pub const CASE: &str = "applicant";

/// The case of somebody who isn't eligible, and is honest about it.
pub const REFUSED_CASE: &str = "ineligible";

/// Plays it.
pub async fn play(stage: &Stage, args: &Args, ui: Ui) -> Outcome<DemoReport> {
    let mut report = DemoReport::default();
    let quiet = Ui::silent();

    ui.say("1  Keys. A development setup makes the universal keys of the circuit: insecure, and marked so.");
    let (out, shapes) = (stage.path("keys"), vec![Shape::Solo]);
    let setup_args = setup::Args { out, shapes, insecure_dev: true, tables: false, budget: 0, seed: None };
    report.times_ms.setup = setup::run(&setup_args, quiet)?.milliseconds;
    report.constraints = matrices(Shape::Solo).size();

    ui.say("2  Chain. Contracts in an embedded EVM; two officers enact two policies and a program, before any period begins.");
    enact(stage).await?;

    ui.say(format!(
        "3  Vaults. {} citizens at two agencies, from CSV, each record under a data key of its own.",
        args.records
    ));
    let month = today()?.month();
    citizens::write(&stage.path("csv"), args.records, args.seed, month)?;
    fill_vaults(stage, month, &mut report, ui).await?;

    ui.say("4  Wallets. Three citizens make a wallet each and prove to both agencies that the key is theirs.");
    enrol(stage).await?;

    ui.say("5  Anchors. Each agency puts the root of its tree on chain: the only thing about citizens that leaves it.");
    let started = Instant::now();
    for (agency, ..) in AGENCIES {
        let args = agency::AnchorArgs {
            vault: stage.vault(agency),
            chain: stage.chain(),
            signing_key: stage.signing_key(agency),
        };
        let anchored = agency::anchor(&args).await?;
        let root = anchored.root.unwrap_or_default();
        ui.say(format!("     {agency:<15} {root}"));
        report.roots.insert(agency.into(), root);
    }
    report.times_ms.anchor = started.elapsed().as_millis();

    ui.say("6  Request. The office asks about one named applicant; the request hides the name behind a case secret.");
    let asked = request::new(&stage.request(Cast::Applicant, CASE, None)?).await?;
    ui.say(format!("     {asked}"));

    ui.say("7  Consent. The wallet checks who asks and under which law, says it in plain words, and signs:");
    let consented = wallet::consent(&stage.consent(Cast::Applicant, Cast::Applicant, CASE), quiet).await?;
    for line in consented.shown.lines() {
        ui.say(format!("     | {line}"));
    }

    ui.say("8  Proofs. Each agency proves its part where the data lies; no record moves.");
    for i in 0..AGENCIES.len() {
        let proved = prove::run(&stage.prove(i, Cast::Applicant, CASE)?, quiet).await?;
        report.times_ms.witness += proved.times_ms.witness;
        report.times_ms.prove += proved.times_ms.prove;
        ui.say(format!("     {proved}"));
    }
    let made = bundle::run(&bundle_args(stage, CASE)).await?;
    ui.say(format!("     {made}"));

    ui.say("9  Decision. The office verifies both proofs against the chain, and enters the approval: the nullifier is spent.");
    let bundle_file = stage.case(CASE, "bundle.json");
    let started = Instant::now();
    let verified = verify::run(&verify::Args {
        bundle: bundle_file.clone(),
        chain: stage.chain(),
        keys: stage.keys(),
        by_proof: ByProofArgs::default(),
        language: LanguageArgs::default(),
    })
    .await?;
    report.times_ms.verify = started.elapsed().as_millis();
    for line in verified.to_string().lines() {
        ui.say(format!("     {line}"));
    }
    let decide_args = decide::Args {
        bundle: Some(bundle_file),
        refusals: None,
        chain: stage.chain(),
        keys: stage.keys(),
        by_proof: ByProofArgs::default(),
        signing_key: stage.signing_key(OFFICE),
        out: stage.path("bundle.json"),
        force: ForceArgs::default(),
        language: LanguageArgs::default(),
    };
    let decided = decide::run(&decide_args).await?;
    ui.say(format!("     {decided}"));
    if !decided.approved {
        return Err(Failure::new(Code::StoryBroken, "the applicant of the story was not approved"));
    }
    let refusal = refuse(stage).await?;
    ui.say("     Another applicant earns too much: the refusal is proved just the same, spends nothing, and is dated in a batch.");
    ui.say(format!("     {refusal}"));
    report.decision = if decided.approved { "approved" } else { "refused" }.into();
    report.amount = decided.amount.clone();
    report.sizes_bytes.bundle = decided.bytes;
    report.sizes_bytes.proof =
        files::read_document::<Bundle>(&stage.path("bundle.json"))?.parts.first().map_or(0, |p| p.proof.0.len());

    ui.say("10 Audit. Years later, without a network: the bundle and the auditor's trust file are enough.");
    let trust = audit::TrustArgs {
        chain: stage.chain(),
        keys: stage.keys(),
        checkpoints: audit::CheckpointArgs::default(),
        out: stage.path("trust.toml"),
    };
    audit::trust(&trust).await?;
    let started = Instant::now();
    let audited = audit::audit(&audit_args(stage, stage.path("bundle.json")))?;
    report.times_ms.audit = started.elapsed().as_millis();
    for line in audited.to_string().lines() {
        ui.say(format!("     {line}"));
    }
    if audited.rejected > 0 {
        return Err(Failure::new(Code::StoryBroken, "the audit rejected the story's bundle"));
    }
    let audited = audit::audit(&audit_args(stage, stage.path("dated/ineligible.json")))?;
    for line in audited.to_string().lines() {
        ui.say(format!("     {line}"));
    }
    if audited.rejected > 0 {
        return Err(Failure::new(Code::StoryBroken, "the audit rejected the story's refusal"));
    }

    report.counts = Counts { agencies: 2, citizens: args.records, records: 2 * args.records, parts: 2, attacks: 0 };
    Ok(report)
}

/// The office asks about somebody who isn't eligible; the refusal is dated in a batch, of one in this story.
async fn refuse(stage: &Stage) -> Outcome<decide::DecideReport> {
    let (who, case, quiet) = (Cast::Ineligible, REFUSED_CASE, Ui::silent());
    request::new(&stage.request(who, case, None)?).await?;
    wallet::consent(&stage.consent(who, who, case), quiet).await?;
    for i in 0..AGENCIES.len() {
        prove::run(&stage.prove(i, who, case)?, quiet).await?;
    }
    bundle::run(&bundle::Args { out: stage.path(&format!("refused/{case}.json")), ..bundle_args(stage, case) }).await?;
    let args = decide::Args {
        bundle: None,
        refusals: Some(stage.path("refused")),
        chain: stage.chain(),
        keys: stage.keys(),
        by_proof: ByProofArgs::default(),
        signing_key: stage.signing_key(OFFICE),
        out: stage.path("dated"),
        force: ForceArgs::default(),
        language: LanguageArgs::default(),
    };
    decide::run(&args).await
}

/// Arguments that audit one file.
pub fn audit_args(stage: &Stage, file: std::path::PathBuf) -> audit::Args {
    audit::Args {
        bundles: vec![file],
        trust: stage.path("trust.toml"),
        allow_insecure_dev_keys: true,
        language: LanguageArgs::default(),
        stream: false,
    }
}

/// Arguments that bundle a case's parts.
pub fn bundle_args(stage: &Stage, case: &str) -> bundle::Args {
    bundle::Args {
        parts: AGENCIES.iter().map(|(_, _, policy)| stage.case(case, &format!("{policy}.part.json"))).collect(),
        request: stage.case(case, "request.json"),
        published: stage.published(),
        out: stage.case(case, "bundle.json"),
        force: ForceArgs::default(),
    }
}

/// The chain's first days lie before the policies' first day, because nothing can be enacted for a period that has begun.
async fn enact(stage: &Stage) -> Outcome<()> {
    for party in ["officer-1", "officer-2", OFFICE, CLERK].into_iter().chain(AGENCIES.map(|(agency, ..)| agency)) {
        new_signing_key(&stage.signing_key(party))?;
    }
    let first: Date = "2025-12-01".parse().or_fail(Code::Date)?;
    let genesis = first.unix_time().unwrap_or_default();
    let create = chain::CreateArgs {
        chain: stage.chain(),
        chain_id: 20_261,
        officers: vec![stage.signing_key("officer-1"), stage.signing_key("officer-2")],
        delay: DELAY,
        standing_at: Some(Moment::from_unix(genesis)),
    };
    chain::create(&create).await?;
    // Each step rests on the one before: who takes part, the policies, the program.
    let mut now = genesis;
    for step in [Step::Registration, Step::Policies, Step::Program] {
        step.carry_out(stage, 1).await?;
        now += DELAY + 3_600;
        let later = Some(Moment::from_unix(now));
        let clock = chain::SetClockArgs { chain: stage.chain(), standing_at: later, system: false, confirm_day: None };
        chain::set_clock(&clock).await?;
        step.carry_out(stage, 2).await?;
    }
    // The chain stood in the past until now: as long a leap as this needs somebody's word that the machine's clock is right.
    let today = Moment::from_unix(clock::now()?).date().or_fail(Code::Date)?;
    let clock = chain::SetClockArgs { chain: stage.chain(), standing_at: None, system: true, confirm_day: Some(today) };
    chain::set_clock(&clock).await?;
    Ok(())
}

/// What two officers do together, one step after the other.
#[derive(Clone, Copy)]
enum Step {
    Registration,
    Policies,
    Program,
}

impl Step {
    async fn carry_out(self, stage: &Stage, officer: usize) -> Outcome<()> {
        match self {
            Self::Registration => register(stage, officer).await,
            Self::Policies => {
                second_key(stage, officer).await?;
                for (_, _, id) in AGENCIES {
                    let args = policy::EnactArgs {
                        replaces: None,
                        policy: stage.law(&format!("{id}.policy.toml")),
                        officer: stage.officer(officer),
                        keys: stage.keys(),
                        published: stage.published(),
                    };
                    policy::enact(&args).await?;
                }
                Ok(())
            }
            Self::Program => {
                let args = program::EnactArgs {
                    program: stage.law("program.toml"),
                    officer: stage.officer(officer),
                    published: stage.published(),
                };
                program::enact(&args).await.map(drop)
            }
        }
    }
}

async fn register(stage: &Stage, officer: usize) -> Outcome<()> {
    for (agency, ..) in AGENCIES {
        let key = crate::secret::read_signing_key(&stage.signing_key(agency))?;
        let args = chain::RegisterAgencyArgs {
            officer: stage.officer(officer),
            name: name(agency)?,
            address: key.address(),
            grace_days: 3,
        };
        chain::register_agency(&args).await?;
    }
    let key = crate::secret::read_signing_key(&stage.signing_key(OFFICE))?;
    let args =
        chain::RegisterRequesterArgs { officer: stage.officer(officer), name: name(OFFICE)?, address: key.address() };
    chain::register_requester(&args).await.map(drop)
}

/// The office's second clerk has a key of the office's: what one clerk signs alone lowers nothing.
async fn second_key(stage: &Stage, officer: usize) -> Outcome<()> {
    let address = crate::secret::read_signing_key(&stage.signing_key(CLERK))?.address();
    let args = chain::AddKeyArgs { officer: stage.officer(officer), name: name(OFFICE)?, address };
    chain::add_requester_key(&args).await.map(drop)
}

async fn fill_vaults(stage: &Stage, month: Month, report: &mut DemoReport, ui: Ui) -> Outcome<()> {
    let year_before = month.plus_months(-12).or_fail(Code::Date)?;
    let subject_key = stage.path("subject.key");
    for (i, (agency, schema, _)) in AGENCIES.into_iter().enumerate() {
        let init = agency::InitArgs {
            vault: stage.vault(agency),
            name: name(agency)?,
            schemas: vec![stage.law(&format!("{schema}.schema.toml"))],
            subject_key: (i > 0).then(|| subject_key.clone()),
            export_subject_key: (i == 0).then(|| subject_key.clone()),
            grace_days: 3,
        };
        agency::init(&init).await?;
        let import = agency::ImportArgs {
            vault: stage.vault(agency),
            csv: stage.path("csv").join(if i == 0 { "citizens.csv" } else { "income.csv" }),
            schema: schema.into(),
            period: Some(
                if i == 0 { "timeless".parse() } else { year_before.to_string().parse() }.or_fail(Code::Period)?,
            ),
            period_column: None,
            id_column: "national_id".into(),
            key_column: None,
            update: false,
            remove_missing: false,
            yes: false,
            max_removed_percent: MOST_PERCENT,
            confirm_removals: None,
            dry_run: false,
            skip_bad_rows: false,
        };
        let imported = agency::import(&import, ui).await?;
        report.times_ms.import += imported.milliseconds;
        ui.say(format!("     {agency:<15} {imported}"));
    }
    Ok(())
}

async fn enrol(stage: &Stage) -> Outcome<()> {
    let quiet = Ui::silent();
    for who in Cast::ALL {
        let new = wallet::NewArgs {
            wallet: stage.wallet(who),
            chain: stage.chain(),
            restore: false,
            phrase_to: Some(stage.path(&format!("wallets/{}.phrase", who.label()))),
            language: LanguageArgs::default(),
        };
        wallet::new(&new).await?;
        for (agency, ..) in AGENCIES {
            let challenge = stage.path(&format!("{agency}/challenge-{}.json", who.label()));
            let reply = stage.path(&format!("{agency}/answer-{}.json", who.label()));
            let ask = agency::EnrolArgs {
                vault: stage.vault(agency),
                person: who.national_id().into(),
                representative: false,
                until: None,
                why: None,
                challenge: challenge.clone(),
                answer: None,
            };
            agency::enrol(&ask).await?;
            let answer = wallet::AnswerArgs {
                challenge,
                agency: name(agency)?,
                person: None,
                replace: false,
                wallet: stage.wallet(who),
                out: reply.clone(),
                language: LanguageArgs::default(),
            };
            wallet::answer(&answer, quiet)?;
            agency::enrol(&agency::EnrolArgs {
                person: NationalIdArgs::default(),
                answer: Some(reply),
                why: Some("seen at the counter, with a passport".to_owned()),
                ..ask
            })
            .await?;
        }
    }
    Ok(())
}

fn today() -> Outcome<Date> {
    Date::from_unix_time(clock::now()?).or_fail(Code::Clock)
}

/// Says what each party knows after the story.
pub fn learned(ui: Ui, amount: Option<&Amount>) {
    let amount = amount.map(ToString::to_string).unwrap_or_default();
    ui.say("\nWho learned what");
    for (who, what, never) in [
        (
            "chain",
            "two roots, the law, one spent nullifier, its amounts, one batch of refusals, the digest of a reason",
            "any attribute, any leaf, the person's name",
        ),
        (
            "office",
            &*format!("\"eligible, {amount} a month\", and that each agency's part is fulfilled"),
            "income, birth date, district, which record",
        ),
        (
            "civil registry",
            "that somebody asked for a proof of residence of this citizen",
            "the income, the amount before it is posted",
        ),
        ("tax office", "that somebody asked for a proof of income of this citizen", "birth date, district"),
        ("auditor", "what the bundle holds: the decision, the law, the proofs", "everything else"),
    ] {
        ui.say(format!("  {who:<15} learned    {what}\n  {:<15} never saw  {never}", ""));
    }
}
