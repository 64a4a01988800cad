//! A request as it reaches the holder, with all that it is checked against.
//!
//! Guarantee: a request that no law allows is counted against the office that made it before anybody learns what became of it, whether its policies are
//! published or not.

use sealroot_parties_ports::HostError;
use sealroot_protocol::{
    code::{Code, Coded},
    policy::PolicyDocument,
    program::Program,
    request::{RequestError, SignedRequest},
    snapshot::{Snapshot, SnapshotQuery},
};
use sealroot_wallet::{AskedRequest, History, HistoryError, Rejection, Said, Spoken, Wallet};

/// A request with all that it is checked against.
#[derive(Debug)]
pub struct Received {
    /// What an office asks.
    pub signed: SignedRequest,
    /// The program that it names.
    pub program: Program,
    /// The policies that it names, in its order, or why the host has none. An office that probes with policies of its own publishes none of them: that is
    /// counted, not answered with a missing document.
    pub policies: Result<Vec<PolicyDocument>, HostError>,
    /// What the chain says of [`question`].
    pub snapshot: Snapshot,
    /// The time by the chain's clock, Unix seconds.
    pub now: u64,
}

/// What a check is given: request, program, policies, what the chain says.
pub(crate) type Given<'a> = (SignedRequest, &'a Program, &'a [PolicyDocument], &'a Snapshot);

/// Why a request is not shown to the holder.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The signature recovers to no key.
    #[error(transparent)]
    Signature(#[from] RequestError),
    /// A policy's document is missing, and nothing else is wrong with the request.
    #[error(transparent)]
    Missing(#[from] HostError),
    /// A check failed.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The request couldn't be counted.
    #[error(transparent)]
    History(#[from] HistoryError),
}

impl Coded for ReceiveError {
    fn code(&self) -> Code {
        match self {
            Self::Signature(_) => Code::BadRequest,
            Self::Missing(error) => error.code(),
            Self::Rejected(rejection) => rejection.code(),
            Self::History(error) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Signature(_) => None,
            Self::Missing(error) => error.advice(),
            Self::Rejected(_) | Self::History(_) => None,
        }
    }
}

impl Spoken for ReceiveError {
    fn chinese(&self) -> Said {
        match self {
            Self::Signature(error) => Rejection::Form(*error).chinese(),
            Self::Missing(error) => Said {
                message: format!("请求所列的政策没有文件（{error}）"),
                advice: "请从公布政策的地方获取文件（--published）。".to_owned(),
            },
            Self::Rejected(rejection) => rejection.chinese(),
            Self::History(error) => error.chinese(),
        }
    }
}

/// What the host asks the chain about a request.
pub fn question(signed: &SignedRequest) -> Result<SnapshotQuery, ReceiveError> {
    Ok(SnapshotQuery::of_request(signed, signed.signer()?))
}

impl Received {
    /// Checks it, and counts it: as asked if the holder is about to be shown it, however often that happens, else as rejected.
    pub(crate) fn check<T>(
        self,
        wallet: &Wallet,
        history: &mut History,
        asked: fn(&T) -> &AskedRequest,
        check: impl FnOnce(Given<'_>, &Wallet, u64) -> Result<T, Rejection>,
    ) -> Result<T, ReceiveError> {
        let request = self.signed.request.clone();
        let policies = self.policies.as_deref().unwrap_or_default();
        match check((self.signed, &self.program, policies, &self.snapshot), wallet, self.now) {
            // Counted before it is shown: an office has asked a holder who only looks, too.
            Ok(checked) => {
                history.note_asked(asked(&checked), self.now)?;
                Ok(checked)
            }
            Err(rejection) => {
                history.note_rejected(&request, &rejection, self.now)?;
                match (self.policies, rejection) {
                    (Err(missing), Rejection::DocumentCount { .. }) => Err(missing.into()),
                    (_, rejection) => Err(rejection.into()),
                }
            }
        }
    }
}
