//! Before the release of a record: what leaves an agency, to whom, what for.

use super::{Section, reads, section};
use sealroot_protocol::{name::Name, release::RecipientKey};

/// What the sentences speak of, as cleaned text.
pub(crate) struct ReleaseFacts {
    pub agency: Name,
    /// The person that the holder represents; none: the holder.
    pub person: Option<String>,
    pub record: String,
    pub facts: Option<String>,
    pub business_key: Option<String>,
    pub holds: Vec<(String, usize)>,
    pub recipient: RecipientKey,
    pub requester: Name,
    pub program: String,
    pub period: (String, String),
    pub purpose: String,
    pub expiry: String,
}

pub(super) fn english(f: &ReleaseFacts) -> Vec<Section> {
    let whose = f.person.as_ref().map_or("your".to_owned(), |name| format!("{name}'s"));
    let about = f.facts.as_ref().map_or(String::new(), |month| format!(" (from {month} on)"));
    let which = f.business_key.as_ref().map_or(String::new(), |key| format!(", number {key}"));
    vec![
        section(
            "What leaves the agency",
            vec![
                format!("{} hands out {whose} record \"{}\"{about}{which}, the whole of it: {}.", f.agency, f.record, list(f, ", ", "values")),
                "It also hands out the record's serial number. Anybody who has that number can find out what was claimed with the record.".into(),
            ],
        ),
        section(
            "To whom",
            vec![
                format!("Only the owner of the key {} can open it. Compare it with what the prover shows that your household chose.", f.recipient),
                "The prover can read all of it. It promises to use it for this request only; nothing but your trust holds it to that.".into(),
            ],
        ),
        section(
            "What for",
            vec![
                format!("{} asks under the program \"{}\", for {} to {}: \"{}\".", f.requester, f.program, f.period.0, f.period.1, f.purpose),
                format!("{} learns the decision about the household, not the record. A member of the household consents to that separately.", f.requester),
            ],
        ),
        section(
            "Until when",
            vec![
                format!("The release can be used once, until {}. {} logs it, and rejects it once you have withdrawn it there.", f.expiry, f.agency),
                "What was handed out can't be called back.".into(),
            ],
        ),
    ]
}

pub(super) fn chinese(f: &ReleaseFacts) -> Vec<Section> {
    let whose = f.person.as_ref().map_or("您".to_owned(), Clone::clone);
    let about = f.facts.as_ref().map_or(String::new(), |month| format!("（自 {month} 起）"));
    let which = f.business_key.as_ref().map_or(String::new(), |key| format!("，编号 {key}"));
    vec![
        section(
            "什么会离开机构",
            vec![
                format!(
                    "{} 会提供{whose}的记录“{}”{about}{which}的全部内容：{}。",
                    f.agency,
                    f.record,
                    list(f, "、", "个值")
                ),
                "同时提供该记录的序列号；持有它的人可以得知该记录被用于哪些申领。".into(),
            ],
        ),
        section(
            "给谁",
            vec![
                format!("只有持有密钥 {} 的一方能打开。请与您的家庭所选证明方出示的密钥核对。", f.recipient),
                "证明方能读到全部内容。它承诺只用于此请求；除了您的信任，没有别的约束。".into(),
            ],
        ),
        section(
            "为了什么",
            vec![
                format!(
                    "{} 依据项目“{}”请求，期间 {} 至 {}：“{}”。",
                    f.requester, f.program, f.period.0, f.period.1, f.purpose
                ),
                format!("{} 得知的是关于家庭的决定，而不是该记录。家庭中的一人会另行同意。", f.requester),
            ],
        ),
        section(
            "有效期",
            vec![
                format!("该授权只能使用一次，至 {} 止。{} 会记录它；您在该机构撤回后即被拒绝。", f.expiry, f.agency),
                "已提供的内容无法收回。".into(),
            ],
        ),
    ]
}

fn list(f: &ReleaseFacts, comma: &str, values: &str) -> String {
    reads(&f.holds, comma, |title, n| format!("{title} ({n} {values})"))
}
