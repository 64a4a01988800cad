//! The reader's language: of the law's titles and messages, of what is explained, and of what is asked.

use sealroot_protocol::language::Language;

/// Which language.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct LanguageArgs {
    /// Language of titles, messages and questions: en or zh
    #[arg(long, value_name = "LANGUAGE", env = "SEALROOT_LANGUAGE", default_value = "en")]
    pub language: Language,
}
