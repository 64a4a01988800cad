//! Each office that asked, how often, and what it got.

use sealroot_wallet::{History, Language, Summary, history::Dealings};

/// The history, for programs and for people. It goes as far as this wallet's history does, and says so.
#[derive(Debug, Clone)]
pub struct Shown {
    /// By requester, the newest first.
    pub dealings: Vec<Dealings>,
    /// The same in plain words.
    pub summary: Summary,
}

/// Shows it.
pub fn show(history: &History, language: Language) -> Shown {
    Shown { dealings: history.dealings(), summary: history.summary(language) }
}
