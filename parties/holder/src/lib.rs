//! What a holder does: make a wallet, answer an agency's challenge, read a request and consent to it, release a record, read the agency's log.
//!
//! Reading order: [`wallet`] → [`enrol`] → [`receive`] (a request with all that it is checked against) → [`evidence`] (what the chain says of it, without a chain) → [`consent`], [`release`] (in two steps each: what is
//! shown, then the signature) → [`decisions`] (what became of it) → [`log`](mod@log), [`history`].
//!
//! A use case takes values: a [`Snapshot`](sealroot_protocol::snapshot::Snapshot) that the host got for it, documents, the time. It links no chain, no vault,
//! no database and no file, so that a command line, a page and a phone run the same checks.
//!
//! Guarantees: nothing is signed that wasn't checked and can't be shown first; no entry in the history, no consent and no release.
//! Non-guarantee: that the snapshot is the chain's newest. A host that reads the chain for the holder can hide a withdrawal; with evidence for half an hour.
//!
//! ```
//! use sealroot_holder::wallet::{create, restore};
//! use sealroot_protocol::{code::{Code, Coded}, scope::Deployment};
//!
//! let chain = Deployment { chain_id: 20_261, programs: [7; 20].into() };
//! let wallet = create(chain).unwrap();
//! let phrase = wallet.seed().phrase();
//! assert_eq!(restore(&phrase, chain).unwrap().public_key(), wallet.public_key());
//! assert_eq!(restore("not a phrase", chain).unwrap_err().code(), Code::BadPhrase);
//! ```

pub mod consent;
pub mod decisions;
pub mod enrol;
pub mod evidence;
pub mod history;
pub mod log;
pub mod receive;
pub mod release;
pub mod wallet;

use rand::CryptoRng;

/// Random bytes of the host's.
fn fresh<const N: usize>(random: &mut impl CryptoRng) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill_bytes(&mut bytes);
    bytes
}
