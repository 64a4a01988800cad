//! The languages in which policies are explained.

/// Languages of the words between the policy's own titles and messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Chinese, simplified.
    Chinese,
}

impl Language {
    /// From a language tag; whatever isn't Chinese is explained in English.
    pub fn from_tag(tag: &str) -> Self {
        if tag == "zh" || tag.starts_with("zh-") { Self::Chinese } else { Self::English }
    }

    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    pub(crate) fn say<'a>(self, english: &'a str, chinese: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::Chinese => chinese,
        }
    }
}
