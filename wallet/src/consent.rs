//! Consenting: the only way to sign.
//!
//! Guarantees: what is signed was checked; the history has its entry, on disk, before the consent exists.

use crate::{
    check::CheckedRequest,
    history::{Entry, History, HistoryError},
    secret_key::SecretKey,
};
use sealroot_handover::ConsentFile;
use sealroot_protocol::canonical::Suite;

/// Writes the history's entry and then signs. `now` is Unix seconds, `fresh` 32 random bytes.
pub fn consent(
    key: &SecretKey,
    request: CheckedRequest,
    history: &mut History,
    now: u64,
    fresh: [u8; 32],
) -> Result<ConsentFile, HistoryError> {
    history.append(&Entry::consented(&request, now))?;
    let (digest, scope) = (request.digest(), request.scope());
    Ok(ConsentFile {
        suite: Suite,
        request: digest,
        scope,
        holder: key.public_key(),
        consent: key.sign_consent(scope, digest, fresh),
        case_secret: request.case_secret().cloned(),
    })
}
