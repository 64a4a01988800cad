//! What a holder's request is checked against, got from files and the chain.

use crate::{
    chain::ChainArgs,
    failure::{Failure, Outcome},
    files,
    published::PublishedArgs,
};
use sealroot_chain::Chain;
use sealroot_holder::receive::{self as party, Received};
use sealroot_protocol::{language::Language, request::SignedRequest};
use std::path::Path;

/// Reads the request, and asks the chain about it.
pub async fn read(
    request: &Path,
    chain: &ChainArgs,
    published: &PublishedArgs,
    language: Language,
) -> Outcome<Received> {
    let signed: SignedRequest = files::read_document(request)?;
    let chain = chain.open().await?;
    let question = party::question(&signed).map_err(|e| Failure::spoken(e, language))?;
    let snapshot = chain.snapshot(&question).await.map_err(Failure::of)?;
    Ok(Received {
        program: published.program(&signed.request.program)?,
        policies: published.policies(&signed.request.policies).map_err(Into::into),
        now: chain.now().await.map_err(Failure::of)?,
        signed,
        snapshot,
    })
}
