//! What comes after a decision: the office lowers it without the holder, and the holder contests it with a claim of which the contract itself verifies the proofs.

use super::{
    citizens::Cast,
    stage::{AGENCIES, CLERK, OFFICE, Stage},
    story::{audit_args, bundle_args},
};
use crate::{
    decision::ByProofArgs,
    failure::{Failure, Outcome},
    files::{self, ForceArgs, Form, Output},
    language::LanguageArgs,
    secret::new_signing_key,
    ui::Ui,
    verb::{audit, bundle, chain, decide, prove, reduction, request, wallet},
};
use sealroot_protocol::{bundle::Bundle, code::Code};

/// The holder's second request of the story.
const CONTESTED: &str = "contested";

/// Plays it.
pub async fn play(stage: &Stage, ui: Ui) -> Outcome<()> {
    ui.say("11 Afterwards. Two clerks lower the approval for a written reason; the holder is not asked, and sees it.");
    let decided: Bundle = files::read_document(&stage.path("bundle.json"))?;
    reduce(stage, ui).await?;
    told(stage, "reduced.json", ui)?;

    ui.say("   The holder contests it: a new request, consent and proofs. Anybody may send these; the contract verifies them, and the approval is raised again.");
    raise(stage, &decided, ui).await?;
    let report = chain::report::Args {
        program: decided.program.id.clone(),
        chain: stage.chain(),
        csv: None,
        svg: Some(stage.path("report.svg")),
    };
    lines(&chain::report::run(&report).await?, usize::MAX, ui);
    Ok(())
}

async fn reduce(stage: &Stage, ui: Ui) -> Outcome<()> {
    let reason = stage.path("cases/applicant/reason.txt");
    Output::new(&reason, Form::personal("a reason"))?
        .put(b"The lease seems to have ended in the middle of the month.\n")?;
    let signed = stage.path("cases/applicant/reduction.json");
    let sign = reduction::SignArgs {
        bundle: stage.path("bundle.json"),
        to: "112.00".into(),
        reason_file: reason,
        chain: stage.chain(),
        signing_key: stage.signing_key(OFFICE),
        valid_days: 14,
        out: signed.clone(),
        force: ForceArgs::default(),
    };
    reduction::sign(&sign).await?;
    let enter = reduction::EnterArgs {
        reduction: signed,
        bundle: stage.path("bundle.json"),
        chain: stage.chain(),
        signing_key: stage.signing_key(CLERK),
        out: stage.path("reduced.json"),
        force: ForceArgs::default(),
    };
    lines(&reduction::enter(&enter).await?, usize::MAX, ui);
    Ok(())
}

async fn raise(stage: &Stage, decided: &Bundle, ui: Ui) -> Outcome<()> {
    let (who, quiet) = (Cast::Applicant, Ui::silent());
    let corrects = Some(decided.request.request.digest());
    request::new(&stage.request(who, CONTESTED, corrects)?).await?;
    wallet::consent(&stage.consent(who, who, CONTESTED), quiet).await?;
    for i in 0..AGENCIES.len() {
        prove::run(&stage.prove(i, who, CONTESTED)?, quiet).await?;
    }
    bundle::run(&bundle_args(stage, CONTESTED)).await?;
    // No account of anybody's: a key of its own links the decision to nothing.
    let sender = stage.path("wallets/sender.key");
    new_signing_key(&sender)?;
    let args = decide::Args {
        bundle: Some(stage.case(CONTESTED, "bundle.json")),
        refusals: None,
        chain: stage.chain(),
        keys: stage.keys(),
        by_proof: ByProofArgs { by_proof: true },
        signing_key: sender,
        out: stage.path("raised.json"),
        force: ForceArgs::default(),
        language: LanguageArgs::default(),
    };
    let raised = decide::run(&args).await?;
    lines(&raised, usize::MAX, ui);
    if !raised.approved {
        return Err(Failure::new(Code::StoryBroken, "the contested claim was not approved"));
    }
    told(stage, "raised.json", ui)
}

/// The first lines of a report.
fn lines(report: &impl ToString, count: usize, ui: Ui) {
    for line in report.to_string().lines().take(count) {
        ui.say(format!("     {line}"));
    }
}

/// What an auditor reads in a bundle.
fn told(stage: &Stage, file: &str, ui: Ui) -> Outcome<()> {
    let audited = audit::audit(&audit_args(stage, stage.path(file)))?;
    lines(&audited, 4, ui);
    if audited.rejected > 0 {
        return Err(Failure::new(Code::StoryBroken, format!("the audit rejected {file}")));
    }
    Ok(())
}
