//! Where a vault's key ring is kept, and what keeps a second writing process out.

use crate::keys::error::KeyError;

/// Keeps the text of one vault's key ring. As long as it lives, no other process writes to the same vault: two would prepare different roots, and
/// one would wrap keys that the other's ring doesn't have.
pub trait RingKeeper: Send + Sync + 'static {
    /// The text that was saved last; none where there is no vault yet.
    fn load(&self) -> Result<Option<String>, KeyError>;
    /// Saves it so that a crash leaves the old text or the new one.
    fn save(&self, text: &str) -> Result<(), KeyError>;
    /// Lets another process write to the vault from now on, while this one reads.
    fn share(&self) -> Result<(), KeyError>;
    /// Keeps readers out as long as what it returns lives: their key ring would be the one before. Fails while there are some, and for somebody who reads.
    fn alone(&self) -> Result<Box<dyn Send>, KeyError>;
    /// Where that is, for messages.
    fn location(&self) -> String;
}
