//! Consenting, in two steps: the request is checked and shown, then signed.
//!
//! Guarantee: only an [`Offer`], which has passed every check, can be signed; the history has its entry before the consent exists.

use crate::{
    fresh,
    receive::{ReceiveError, Received},
};
use rand::CryptoRng;
use sealroot_handover::ConsentFile;
use sealroot_protocol::{
    code::{Code, Coded},
    consent::RequestDigest,
};
use sealroot_wallet::{
    Applying, CheckedRequest, History, HistoryError, Language, Said, Spoken, Summary, Wallet, check, consent,
};

/// A request that the holder is asked to consent to.
#[derive(Debug)]
pub struct ConsentInput {
    /// The request.
    pub received: Received,
    /// The holder's identity towards the office; none where the program is anonymous.
    pub applying: Option<Applying>,
}

/// A request that passed every check, ready to be shown and signed. Made by [`offer`] only.
#[derive(Debug)]
pub struct Offer {
    checked: CheckedRequest,
    now: u64,
}

/// Why no consent was signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// No entry, no consent.
    #[error(transparent)]
    History(#[from] HistoryError),
}

impl Coded for SignError {
    fn code(&self) -> Code {
        match self {
            Self::History(error) => error.code(),
        }
    }
}

impl Spoken for SignError {
    fn chinese(&self) -> Said {
        match self {
            Self::History(error) => error.chinese(),
        }
    }
}

/// Checks a request, and counts that it was asked.
pub fn offer(input: ConsentInput, wallet: &Wallet, history: &mut History) -> Result<Offer, ReceiveError> {
    let (now, applying) = (input.received.now, input.applying);
    let checked = input.received.check(
        wallet,
        history,
        CheckedRequest::asked,
        |(signed, program, policies, snapshot), wallet, now| {
            check(signed, program, policies, snapshot, wallet.deployments(), applying.as_ref(), now)
        },
    )?;
    Ok(Offer { checked, now })
}

impl Offer {
    /// What the holder must see before signing.
    pub fn summary(&self, language: Language, history: &History) -> Summary {
        history.summary_of(&self.checked, language)
    }

    /// What a consent signs.
    pub fn request(&self) -> RequestDigest {
        self.checked.digest()
    }

    /// Writes the history's entry and then signs.
    pub fn sign(
        self,
        wallet: &Wallet,
        history: &mut History,
        random: &mut impl CryptoRng,
    ) -> Result<ConsentFile, SignError> {
        Ok(consent(&wallet.secret_key(), self.checked, history, self.now, fresh(random))?)
    }
}
