//! Answering an agency's enrolment challenge, in two steps: what it means is shown, then it is answered.

use crate::fresh;
use rand::CryptoRng;
use sealroot_handover::EnrolmentAnswer;
use sealroot_protocol::{name::Name, possession::PossessionChallenge};
use sealroot_wallet::{EnrolmentError, EnrolmentOffer, History, Wallet};

/// A challenge, and what the holder expects of it.
#[derive(Debug, Clone)]
pub struct ChallengeInput {
    /// What the agency handed out. Nobody has signed it.
    pub challenge: PossessionChallenge,
    /// The agency that the holder deals with.
    pub agency: Name,
    /// The holder's own name for the person whom they are to represent; none: the challenge is about the holder.
    pub person: Option<String>,
    /// The holder says that the name's or the person's earlier meaning at this agency is replaced.
    pub replace: bool,
}

/// Takes a challenge; show [`EnrolmentOffer::describe`] before answering it.
pub fn offer(input: ChallengeInput) -> Result<EnrolmentOffer, EnrolmentError> {
    let offer = EnrolmentOffer::new(input.challenge, &input.agency, input.person)?;
    Ok(if input.replace { offer.replacing() } else { offer })
}

/// Answers it. The history remembers the person's id first, because releases name it. `now` is Unix seconds.
pub fn answer(
    offer: &EnrolmentOffer,
    wallet: &Wallet,
    history: &mut History,
    now: u64,
    random: &mut impl CryptoRng,
) -> Result<EnrolmentAnswer, EnrolmentError> {
    offer.answer(wallet, history, now, fresh(random))
}
