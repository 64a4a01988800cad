//! Why the wallet says no, in Chinese: what failed and what to do. The English words stand at the errors themselves.
//!
//! Guarantee: every error of the wallet's use cases has both languages; one without doesn't compile. What only an engineer can use (a document that
//! contradicts itself) is said in Chinese, with the English detail behind it.

use crate::{
    enrolment::EnrolmentError, file::KeyFileError, history::HistoryError, release::ReleaseOfferError,
    sealed::SealedWalletError,
};
use sealroot_protocol::{
    code::{Code, Coded},
    id_form::IdFormError,
    identifier::NotAnIdentifier,
    possession::Role,
    printable::printable,
    release::ReleaseError,
    request::RequestError,
};
use sealroot_requests::Rejection;
use std::fmt::Display;

/// What failed, and what to do about it, in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What failed.
    pub message: String,
    /// What to do.
    pub advice: String,
}

/// An error that a holder meets: its `Display` is English.
pub trait Spoken: Coded {
    /// The same in Chinese.
    fn chinese(&self) -> Said;
}

const NEW_REQUEST: &str = "请向该机关索取新的请求。";
const TELL_OFFICE: &str = "不要同意；请告知该机关。";
const GET_AGAIN: &str = "请重新获取文件。";

fn said(message: impl Into<String>, advice: impl Into<String>) -> Said {
    Said { message: message.into(), advice: advice.into() }
}

/// What an engineer needs, as the library says it.
fn detail(what: &str, error: impl Display) -> String {
    format!("{what}（{}）", printable(&error.to_string()))
}

impl Spoken for Rejection {
    fn chinese(&self) -> Said {
        match self {
            Self::Form(error) => said(form(error), NEW_REQUEST),
            Self::Purpose => said("请求的目的含有控制字符，可能隐藏其真实内容", NEW_REQUEST),
            Self::Signer { requester, signer } => {
                said(format!("请求自称来自 {requester}，但由 {signer} 签署，而该密钥不属于它"), "不要相信此请求。")
            }
            Self::Key { requester } => said(format!("请求由 {requester} 已停用或已撤销的密钥签署"), NEW_REQUEST),
            Self::Requester { requester, program } => {
                said(format!("{requester} 无权依据项目 {program} 提出请求"), TELL_OFFICE)
            }
            Self::Policies(program) => said(format!("请求所列政策与项目 {program} 的政策或其顺序不一致"), TELL_OFFICE),
            Self::Grid(period) => {
                said(format!("{} 至 {} 不是该项目的期间", period.start, period.end), "请向该机关索取有效期间的请求。")
            }
            Self::NotYetValid(from) => said(format!("请求自 {from} 起才有效"), "请届时再试，或检查本设备的时钟。"),
            Self::Expired(at) => said(format!("请求已于 {at} 失效"), "请向该机关索取新的请求，或检查本设备的时钟。"),
            Self::ClaimTooEarly(from) => said(format!("此期间自 {from} 起才可申领"), "请届时再试。"),
            Self::ClaimTooLate(until) => said(format!("此期间的申领已于 {until} 截止"), "请向该机关询问人工办理途径。"),
            Self::AsOfInFuture(day) => said(format!("基准日为 {day}，尚未到来"), "请届时再试。"),
            Self::NamedWhereAnonymous => said("该项目是匿名的，但请求指名了申请人", TELL_OFFICE),
            Self::AnonymousWhereNamed => said("该项目须指名申请人，但请求没有指名", NEW_REQUEST),
            Self::Applicant => {
                said("请求不是关于您的，或案件密码不是该机关给您的那一个", "请与您的信函核对身份号码和案件密码。")
            }
            Self::OtherProgram { expected, found } => {
                said(format!("项目文件是 {found} 的，而请求涉及 {expected}"), "请获取正确的项目文件。")
            }
            Self::Program(error) => said(detail("项目文件无法使用", error), TELL_OFFICE),
            Self::ProgramDiffers => said("项目文件不是已颁布的那一份", GET_AGAIN),
            Self::ProgramEntry(program) => said(format!("链上项目 {program} 的规则与其文件不同"), TELL_OFFICE),
            Self::DocumentCount { expected, found } => {
                said(format!("请求列出 {expected} 份政策文件，实际给出 {found} 份"), GET_AGAIN)
            }
            Self::PolicyDiffers(digest) => said(format!("有一份政策文件不是请求所列的版本 {digest}"), GET_AGAIN),
            Self::Policy { policy, fault } => said(detail(&format!("政策 {policy} 无法使用"), fault), TELL_OFFICE),
            Self::DoesNotCompose(policy) => {
                said(format!("政策 {policy} 按记录计数，不能与其他政策组成一个项目"), TELL_OFFICE)
            }
            Self::ApplicantRule(policy) => {
                said(format!("政策 {policy} 与其项目对是否指名申请人的规定不一致"), TELL_OFFICE)
            }
            Self::Document(error) => said(detail("文件没有规范形式", error), GET_AGAIN),
            Self::Date(error) => said(detail("日期超出日历范围", error), "请检查本设备的时钟。"),
            Self::ProgramNotEnacted(program) => said(format!("项目 {program} 未在此链上颁布"), TELL_OFFICE),
            Self::ProgramClosed(program) => said(format!("项目 {program} 已关闭"), "请向该机关询问人工办理途径。"),
            Self::PolicyNotEnacted(digest) => {
                said(format!("政策版本 {digest} 从未颁布；机关只能依据已颁布的政策提出请求"), TELL_OFFICE)
            }
            Self::PolicyEntry(digest) => said(format!("链上版本 {digest} 的政策或机构与其文件不同"), TELL_OFFICE),
            Self::PolicyWithdrawn(digest) => said(format!("政策版本 {digest} 已被撤回"), NEW_REQUEST),
            Self::PolicyNotInForce { policy, day } => {
                said(format!("政策版本 {policy} 在期间的第一天 {day} 不具效力"), NEW_REQUEST)
            }
            Self::OtherChain(_) => said("所读取的链或合约与请求所属的不同", "请读取请求所指的链。"),
            Self::OtherDeployment(deployment) => said(
                format!("请求属于链 {}、合约 {}，本钱包不认识它", deployment.chain_id, deployment.programs),
                "仅在您的机关确认后才添加它。",
            ),
            Self::Identity(error) => {
                said(format!("您给出的身份号码{}", id(error)), "请按信函上的写法重新输入身份号码。")
            }
            Self::CaseSecretMissing => said(
                "请求指名了申请人，但没有给出案件密码",
                "请给出信函中的案件密码和您的身份号码（--case-secret、--national-id）。",
            ),
        }
    }
}

fn form(error: &RequestError) -> String {
    match error {
        RequestError::Lifetime => "请求的失效时间须在生效之后，且不超过 60 天",
        RequestError::Purpose => "请求须写明目的，且不超过 500 字节",
        RequestError::ChainId => "请求的链编号须小于 2^53",
        RequestError::Policies => "请求须列出 1 至 8 个政策版本",
        RequestError::Zero => "请求中的收款地址或被更正的请求为 0",
        RequestError::Signature(_) => "请求的签名无效",
    }
    .to_owned()
}

fn id(error: &IdFormError) -> String {
    match error {
        IdFormError::Identifier(error) => identifier(error),
        IdFormError::Pattern(form) => format!("不符合规定的格式：{}", printable(form)),
        IdFormError::Separators => "含有应省略的分隔符".to_owned(),
        IdFormError::Checksum => "的校验位不对：有一个字符输错".to_owned(),
        IdFormError::Disagree => "在该项目的各机构有不同读法：请按它们共同的大小写书写".to_owned(),
        IdFormError::Form(what) => detail("的规定格式本身有误", what),
    }
}

fn identifier(error: &NotAnIdentifier) -> String {
    let at = |what: &str, c: char| format!("{what}（U+{:04X}）", u32::from(c));
    match error {
        NotAnIdentifier::Empty => "是空的".to_owned(),
        NotAnIdentifier::TooLong => "过长".to_owned(),
        NotAnIdentifier::SpaceAround => "首尾有空格".to_owned(),
        NotAnIdentifier::SpaceInside => "中间的空白不是单个空格".to_owned(),
        NotAnIdentifier::Invisible(c) => at("含有不可见字符或方向字符", *c),
        NotAnIdentifier::Digit(c) => at("含有 0 至 9 以外的数字", *c),
        NotAnIdentifier::LookAlike(c) => at("含有形似其他字符的字符", *c),
        NotAnIdentifier::Character(c) => at("含有身份号码不会有的字符", *c),
        NotAnIdentifier::MixedScripts => "混用了形似的不同文字的字母".to_owned(),
    }
}

impl Spoken for ReleaseOfferError {
    fn chinese(&self) -> Said {
        match self {
            Self::NotNeeded { agency, record, needs } => said(
                format!("该请求不需要 {agency} 的记录 {}；它需要：{}", printable(record), printable(needs)),
                "只授权提供请求所需的记录。",
            ),
            Self::Several { agency, records } => {
                said(format!("该请求读取 {agency} 的多份记录：{}", printable(records)), "请用 --record 指明其中一份。")
            }
            Self::NotEnrolled { agency, person } => {
                let whom = person.as_deref().map_or("您".to_owned(), |name| format!("“{}”", printable(name)));
                said(
                    format!("本钱包尚未就{whom}应答过 {agency} 的登记挑战"),
                    format!("请向 {agency} 索取登记挑战并先应答（同一密钥可再次登记）。"),
                )
            }
            Self::Form(error) => said(release(error), "请改正后重试。"),
            Self::History(error) => error.chinese(),
        }
    }
}

fn release(error: &ReleaseError) -> &'static str {
    match error {
        ReleaseError::Lifetime => "授权的失效时间须在生效之后，且不超过 30 天",
        ReleaseError::NotYetValid => "授权尚未生效",
        ReleaseError::Expired => "授权已失效",
        ReleaseError::BusinessKey => "业务编号为 1 至 200 字节，首尾无空白",
        ReleaseError::Signature => "授权不是由其所指的密钥签署，或签署后被改动",
        ReleaseError::Malformed => "授权没有规范形式",
    }
}

impl Spoken for EnrolmentError {
    fn chinese(&self) -> Said {
        let role = |role: &Role| match role {
            Role::Holder => "您本人的密钥",
            Role::Representative => "代理人的密钥",
        };
        let who = |person: &Option<String>| {
            person.as_ref().map_or("您本人".to_owned(), |name| format!("“{}”", printable(name)))
        };
        match self {
            Self::OtherAgency { expected, found } => said(
                format!("此挑战来自机构 {found}，而您所办理的是 {expected}"),
                format!("请向 {expected} 索取它自己的挑战。"),
            ),
            Self::OtherRole { expected, found } => said(
                format!("此挑战用于{}，而您所期待的是{}", role(found), role(expected)),
                "请询问该机构；代理他人时用 --for 给出其名字，为本人时省略。",
            ),
            Self::PersonName => {
                said("被代理人的名字须有 1 至 64 个字符，没有不可见字符，首尾无空白", "请另取一个名字。")
            }
            Self::NameTaken { agency, person } => said(
                format!("此挑战所涉的人与本钱包在 {agency} 所认识的{}不是同一人", who(person)),
                format!("请询问 {agency} 它涉及谁；换一个名字应答，或用 --replace 声明取代先前的人。"),
            ),
            Self::OtherName { agency, known, person } => said(
                format!("本钱包在 {agency} 认识此人为{}，而您以{}应答", who(known), who(person)),
                format!("请询问 {agency} 它涉及谁；用原来的名字应答，或用 --replace 声明取代先前的名字。"),
            ),
            Self::History(error) => error.chinese(),
            Self::Document(error) => said(detail("无法读取登记挑战", error), "请向该机构索取新的挑战。"),
        }
    }
}

impl Spoken for HistoryError {
    fn chinese(&self) -> Said {
        match self {
            Self::InUse(name) => said(format!("{} 正在使用", printable(name)), "请先关闭另一个钱包。"),
            Self::Tampered { name, line } => said(
                format!("{}：第 {line} 行被改动、移动，或由其他钱包写入", printable(name)),
                "请保留该文件以备调查，另用新文件。",
            ),
            Self::TooLarge(name) => said(format!("{} 大于 32 MiB", printable(name)), "请归档后另用新文件。"),
            Self::Io { name, source } => {
                said(detail(&format!("{} 无法读写", printable(name)), source), "请检查磁盘和权限后重试。")
            }
            Self::Document(error) => said(detail("无法写入历史记录", error), "请将此消息告知软件的维护者。"),
        }
    }
}

impl Spoken for KeyFileError {
    fn chinese(&self) -> Said {
        let at = |path: &std::path::Path, what: &str| format!("{}：{what}", sealroot_files::shown(path));
        match self {
            Self::Sealed { path, source } => {
                let Said { message, advice } = source.chinese();
                said(at(path, &message), advice)
            }
            Self::Exists(path) => said(at(path, "文件已存在，可能是钱包"), "请另选路径，或自行移走旧文件。"),
            Self::Io { path, .. } if self.code() == Code::FileNotFound => {
                said(at(path, "文件不存在"), "请检查路径；`sealroot wallet new` 可新建钱包。")
            }
            Self::Io { path, .. } if self.code() == Code::NotRegularFile => {
                said(at(path, "不是普通文件"), "请指定钱包文件本身，而不是目录、管道或设备。")
            }
            Self::Io { path, source } => said(at(path, &detail("无法读写", source)), "请检查磁盘和权限后重试。"),
        }
    }
}

impl Spoken for SealedWalletError {
    fn chinese(&self) -> Said {
        match self {
            Self::ShortPassphrase => {
                said(format!("口令至少须有 {} 个字符", crate::sealed::MIN_PASSPHRASE), "四五个随机的词容易记住。")
            }
            Self::WrongPassphrase => said("口令错误，或钱包已损坏", "请重试，或用助记词恢复钱包。"),
            Self::Format(what) => said(detail("不是本版本的钱包", what), "请指定由本程序写出的钱包文件。"),
            Self::Cost => {
                said("所要求的 argon2id 计算代价超出本钱包的限度", "此文件不是由本钱包写出的；请用助记词恢复钱包。")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Whether a text has Chinese in it.
    fn is_chinese(text: &str) -> bool {
        text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
    }

    fn both(errors: &[&dyn Spoken]) {
        for error in errors {
            let said = error.chinese();
            assert!(is_chinese(&said.message) && is_chinese(&said.advice), "{error}: {said:?}");
            assert!(!is_chinese(&error.to_string()), "{error}");
        }
    }

    /// A new error without Chinese words doesn't compile; that the words are Chinese, and keep names and dates, is asked here.
    #[test]
    fn every_refusal_has_both_languages() {
        let agency = || "tax-office".parse().unwrap();
        both(&[
            &Rejection::Purpose,
            &Rejection::Applicant,
            &Rejection::CaseSecretMissing,
            &Rejection::ProgramClosed(agency()),
            &Rejection::Form(RequestError::Lifetime),
            &Rejection::Identity(IdFormError::Checksum),
            &Rejection::Identity(IdFormError::Identifier(NotAnIdentifier::Digit('٣'))),
            &Rejection::ClaimTooLate("2026-11-01".parse().unwrap()),
            &EnrolmentError::PersonName,
            &EnrolmentError::OtherRole { expected: Role::Holder, found: Role::Representative },
            &EnrolmentError::NameTaken { agency: agency(), person: None },
            &ReleaseOfferError::NotEnrolled { agency: agency(), person: None },
            &ReleaseOfferError::Several { agency: agency(), records: "a, b".into() },
            &ReleaseOfferError::Form(ReleaseError::BusinessKey),
            &HistoryError::Tampered { name: "h".into(), line: 3 },
            &SealedWalletError::WrongPassphrase,
            &KeyFileError::Exists("wallet.json".into()),
        ]);
        let late = Rejection::ClaimTooLate("2026-11-01".parse().unwrap()).chinese();
        assert!(late.message.contains("2026-11-01") && late.advice.contains("人工办理"), "{late:?}");
        let shown = HistoryError::InUse("a\u{202e}b".into()).chinese().message;
        assert!(!shown.contains('\u{202e}'), "{shown}");
    }
}
