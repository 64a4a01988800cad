//! From a national id to the pseudonymous person id. The national id itself is stored nowhere.

use crate::{rejection::Rejection, store::Store, vault::Vault};
use sealroot_protocol::record::Subject;

impl<S: Store> Vault<S> {
    /// Pseudonymous id of a person.
    pub fn subject(&self, national_id: &str) -> Result<Subject, Rejection> {
        check_national_id(national_id)?;
        Ok(self.ring().subject(national_id))
    }
}

/// No trimming: a space more is another person, so it is rejected rather than guessed.
pub(crate) fn check_national_id(text: &str) -> Result<(), Rejection> {
    if text.is_empty() || text.trim() != text || text.contains('\n') { Err(Rejection::NationalId) } else { Ok(()) }
}
