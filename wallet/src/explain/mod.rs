//! Explanations: the summary that a holder reads before consenting: who asks what, why, who will learn what, who won't, until when, how often before.
//!
//! Guarantee: it is made from what was checked (the words that are proved, the signed request, the wallet's own history), and no text in
//! it can move the cursor, hide or reorder other text. Titles and messages are the enacted documents'.

mod facts;
pub mod phrases;
pub mod summary;

use crate::{check::CheckedRequest, history::History};
use facts::Facts;
use summary::{Language, Summary};

impl History {
    /// What the holder must see before consenting to a request.
    pub fn summary_of(&self, request: &CheckedRequest, language: Language) -> Summary {
        let facts = Facts::of(request, language, self.earlier(request.request()));
        Summary { sections: phrases::request(language, &facts) }
    }

    /// How often each office asked, and what it got.
    pub fn summary(&self, language: Language) -> Summary {
        Summary { sections: phrases::history(language, &self.dealings()) }
    }
}
