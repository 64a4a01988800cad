//! The sentences that a holder is shown, by language. One function per language, in the same order, so that translators can compare.

mod code;
mod history;
mod rejection;
mod release;
mod request;

pub use code::chinese;
pub use rejection::{Said, Spoken};
pub(crate) use release::ReleaseFacts;

use super::{
    facts::Facts,
    summary::{Language, Section},
};
use crate::history::Dealings;
use sealroot_protocol::{name::Name, possession::Role};

/// What a consent means.
pub(crate) fn request(language: Language, facts: &Facts) -> Vec<Section> {
    match language {
        Language::En => request::english(facts),
        Language::Zh => request::chinese(facts),
    }
}

/// What the release of a record means.
pub(crate) fn release(language: Language, facts: &ReleaseFacts) -> Vec<Section> {
    match language {
        Language::En => release::english(facts),
        Language::Zh => release::chinese(facts),
    }
}

/// How often each office asked, and what it got.
pub(crate) fn history(language: Language, dealings: &[Dealings]) -> Vec<Section> {
    match language {
        Language::En => history::english(dealings),
        Language::Zh => history::chinese(dealings),
    }
}

/// What answering an enrolment challenge means.
pub(crate) fn enrolment(language: Language, agency: &Name, role: Role) -> String {
    match (language, role) {
        (Language::En, Role::Holder) => format!(
            "{agency} asks to bind this wallet's key to the records it holds about you. From then on only this wallet \
             can consent to their use. Answer only if you are dealing with {agency} right now."
        ),
        (Language::En, Role::Representative) => format!(
            "{agency} asks to register this wallet's key as a representative's. From then on it can release the records that {agency} holds \
             about the person whom you represent. It can't consent or claim in that person's place. Answer only if you are dealing with {agency} right now."
        ),
        (Language::Zh, Role::Holder) => {
            format!(
                "{agency} 请求将本钱包的密钥绑定到其持有的您的记录。此后只有本钱包可以同意使用这些记录。仅当您此刻正在 {agency} 办理时才应答。"
            )
        }
        (Language::Zh, Role::Representative) => {
            format!(
                "{agency} 请求将本钱包的密钥登记为代理人密钥。此后它可以授权提供 {agency} 持有的被代理人的记录，但不能代其同意或申领。\
                 仅当您此刻正在 {agency} 办理时才应答。"
            )
        }
    }
}

/// What every count of earlier requests leaves open: a file that was cut or put back counts less.
fn as_far_as(language: Language) -> String {
    match language {
        Language::En => "This is as far as this wallet's history file goes; another device, or an older copy of the file, doesn't know more.".into(),
        Language::Zh => "以上以本钱包的历史文件为限；其他设备或该文件的旧副本不知道更多。".into(),
    }
}

fn section(heading: &str, lines: Vec<String>) -> Section {
    Section { heading: heading.to_owned(), lines }
}

/// Titles of facts; `many` says how many values a repeated one has.
fn reads(facts: &[(String, usize)], comma: &str, many: impl Fn(&str, usize) -> String) -> String {
    let one = |(title, count): &(String, usize)| if *count > 1 { many(title, *count) } else { title.clone() };
    facts.iter().map(one).collect::<Vec<_>>().join(comma)
}
