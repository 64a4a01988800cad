//! Where a vault's key ring is kept, and what keeps a second process out.

use crate::keys::error::KeyError;

/// Keeps the text of one vault's key ring. As long as it lives, no other process has one for the same vault: two would prepare different roots, and
/// one would wrap keys that the other's ring doesn't have.
pub trait RingKeeper: Send + Sync + 'static {
    /// The text that was saved last; none where there is no vault yet.
    fn load(&self) -> Result<Option<String>, KeyError>;
    /// Saves it so that a crash leaves the old text or the new one.
    fn save(&self, text: &str) -> Result<(), KeyError>;
    /// Where that is, for messages.
    fn location(&self) -> String;
}
