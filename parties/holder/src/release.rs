//! Releasing a record to the prover of a household, in two steps: what leaves and its recipient are shown, then it is signed.
//!
//! Guarantee: only a record that a checked request reads can be released; the history has its entry before the signature exists.

use crate::{
    fresh,
    receive::{ReceiveError, Received},
};
use rand::CryptoRng;
use sealroot_protocol::{
    code::{Code, Coded},
    release::SignedRelease,
};
use sealroot_wallet::{
    History, Language, ReleaseOffer, ReleaseOfferError, Said, Spoken, Summary, Wallet, Wanted, check_asked,
};

/// A record that the holder is asked for.
#[derive(Debug)]
pub struct ReleaseInput {
    /// The office's request, which the applicant shows.
    pub received: Received,
    /// Which record, and to whom.
    pub wanted: Wanted,
}

/// A release, ready to be shown and signed. Made by [`offer`] only.
#[derive(Debug)]
pub struct Offer {
    offer: ReleaseOffer,
    now: u64,
}

/// Why no release was signed.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// The request's fault.
    #[error(transparent)]
    Request(#[from] ReceiveError),
    /// The release's.
    #[error(transparent)]
    Offer(#[from] ReleaseOfferError),
}

impl Coded for ReleaseError {
    fn code(&self) -> Code {
        match self {
            Self::Request(error) => error.code(),
            Self::Offer(error) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Request(error) => error.advice(),
            Self::Offer(_) => None,
        }
    }
}

impl Spoken for ReleaseError {
    fn chinese(&self) -> Said {
        match self {
            Self::Request(error) => error.chinese(),
            Self::Offer(error) => error.chinese(),
        }
    }
}

/// Checks the request, counts that it was asked, and finds what is to be released among what it reads.
pub fn offer(input: ReleaseInput, wallet: &Wallet, history: &mut History) -> Result<Offer, ReleaseError> {
    let now = input.received.now;
    let asked = input.received.check(
        wallet,
        history,
        |asked| asked,
        |(signed, program, policies, snapshot), wallet, now| {
            check_asked(signed, program, policies, snapshot, wallet.deployments(), now)
        },
    )?;
    Ok(Offer { offer: ReleaseOffer::new(asked, input.wanted, history, now)?, now })
}

impl Offer {
    /// What the holder must see before signing.
    pub fn summary(&self, language: Language) -> Summary {
        self.offer.summary(language)
    }

    /// Writes the history's entry and then signs.
    pub fn sign(
        self,
        wallet: &Wallet,
        history: &mut History,
        random: &mut impl CryptoRng,
    ) -> Result<SignedRelease, ReleaseError> {
        Ok(self.offer.sign(wallet, history, self.now, fresh(random), fresh(random))?)
    }
}
