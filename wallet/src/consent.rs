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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Applying, Seed, Wallet, check};
    use sealroot_testing::asked::Case;

    /// No entry, no consent: a history that can't be written stops the signature.
    #[test]
    fn no_entry_no_consent() {
        let directory = tempfile::tempdir().unwrap();
        let wallet = Wallet::new(Seed::from_bytes(&[5; 32]));
        let path = directory.path().join("h");
        let mut history = History::open(&path, &wallet).unwrap();
        history.fail_writes();
        let case = Case::new();
        let who = case.applying.as_ref().unwrap();
        let applying = Applying { identity: who.identity.clone(), case_secret: who.case_secret.clone() };
        let checked = check(
            case.signed(),
            &case.program,
            &case.policies,
            &case.snapshot,
            &case.pinned,
            Some(&applying),
            case.now,
        )
        .unwrap();
        assert!(consent(&wallet.secret_key(), checked, &mut history, case.now, [1; 32]).is_err());
        assert!(history.entries().is_empty());
    }
}
