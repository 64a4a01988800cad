//! What the wallet does with a request before it shows it to anybody: the chain is asked who may ask it, and the history counts it.

use super::WalletArgs;
use crate::{
    chain::ChainArgs,
    failure::{Failure, OrBadInput, Outcome},
    files,
    published::PublishedArgs,
};
use sealroot_chain::Chain;
use sealroot_protocol::{
    policy::PolicyDocument,
    program::Program,
    request::SignedRequest,
    snapshot::{Snapshot, SnapshotQuery},
};
use sealroot_wallet::{History, Refusal, Wallet};
use std::path::Path;

/// A request with all that it is checked against.
pub struct Received {
    pub wallet: Wallet,
    pub history: History,
    /// The chain's clock.
    pub now: u64,
    signed: SignedRequest,
    program: Program,
    policies: Outcome<Vec<PolicyDocument>>,
    snapshot: Snapshot,
}

/// What a check is given: request, program, policies, what the chain says.
pub type Given<'a> = (SignedRequest, &'a Program, &'a [PolicyDocument], &'a Snapshot);

impl Received {
    /// Reads the request, and asks the chain about it.
    pub async fn read(
        request: &Path,
        wallet: &WalletArgs,
        chain: &ChainArgs,
        published: &PublishedArgs,
    ) -> Outcome<Self> {
        let signed: SignedRequest = files::read_document(request)?;
        let chain = chain.open().await?;
        let wallet_file = wallet.open()?;
        let history = wallet.history(&wallet_file)?;
        let signer = signed.signer().map_err(|e| Failure::rejected("bad-request", e))?;
        let snapshot = chain.snapshot(&SnapshotQuery::of_request(&signed, signer)).await.map_err(Failure::of)?;
        let now = chain.now().await.map_err(Failure::of)?;
        Ok(Self {
            program: published.program(&signed.request.program)?,
            // An office that probes with policies of its own publishes none of them: that is counted, not answered with a missing file.
            policies: published.policies(&signed.request.policies),
            wallet: wallet_file,
            history,
            now,
            signed,
            snapshot,
        })
    }

    /// Checks it. A request that no law allows is counted against who made it, whether its policies are published or not.
    pub fn check<T>(&mut self, check: impl FnOnce(Given<'_>, &Wallet, u64) -> Result<T, Refusal>) -> Outcome<T> {
        let request = self.signed.request.clone();
        let policies = self.policies.as_deref().unwrap_or_default();
        let given = (self.signed.clone(), &self.program, policies, &self.snapshot);
        check(given, &self.wallet, self.now).or_else(|refusal| {
            self.history.note_refused(&request, &refusal, self.now).or_bad_input("history")?;
            let missing = std::mem::replace(&mut self.policies, Ok(Vec::new())).err();
            match (missing, &refusal) {
                (Some(missing), Refusal::DocumentCount { .. }) => Err(missing),
                _ => Err(Failure::rejected(refusal.reason(), refusal)),
            }
        })
    }
}
