//! `wallet log`: an agency's access-log entries about the holder, opened with the wallet's reading key.

use super::WalletArgs;
use crate::{failure::Outcome, files, language::LanguageArgs};
use sealroot_handover::{
    LogExport,
    access_log::{LoggedAct, What},
};
use sealroot_holder::log::{self as party, OpenedEntry, OpenedLog};
use sealroot_protocol::{
    moment::Moment,
    name::Name,
    printable::{counted, printable},
};
use sealroot_wallet::Language;
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Opens an agency's log.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  sealroot agency log --vault tax-office --national-id-file id --out log.json      (the agency)\n  sealroot wallet log log.json\n\nA key that you don't know, or a release that you didn't sign, is a reason to go to the agency."
)]
pub struct LogArgs {
    /// What the agency gave you
    pub file: PathBuf,
    /// Wallet.
    #[command(flatten)]
    pub wallet: WalletArgs,
    /// Language.
    #[command(flatten)]
    pub language: LanguageArgs,
}

/// Opened entries.
#[derive(Debug, Serialize)]
pub struct LogReport {
    agency: Name,
    /// This wallet's key, as entries name it.
    key: String,
    entries: Vec<LogLine>,
    /// Entries that are sealed to somebody else: to the agency, which reads them to you, or to a reading key that came before or after this wallet's.
    sealed: usize,
    #[serde(skip)]
    language: Language,
}

#[derive(Debug, Serialize)]
struct LogLine {
    position: u64,
    at: Moment,
    disclosure: LoggedAct,
}

impl fmt::Display for LogReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let english = self.language == Language::En;
        for LogLine { position, at, disclosure: d } in &self.entries {
            write!(f, "#{position} {at}: {}", words(d.what, english))?;
            if let (Some(schema), Some(period)) = (&d.schema, &d.period) {
                write!(f, " {schema} ({period})")?;
            }
            write!(f, "; {}: {}", printable(&d.access.who), printable(&d.access.why))?;
            if let Some(key) = &d.key {
                let whose = match (*key == self.key, english) {
                    (true, true) => "this wallet's key",
                    (true, false) => "本钱包的密钥",
                    (false, true) => "key",
                    (false, false) => "密钥",
                };
                write!(f, " ({whose} {})", printable(key))?;
            }
            if let Some(until) = d.until {
                write!(f, " {} {until}", if english { "until" } else { "至" })?;
            }
            writeln!(f)?;
        }
        match english {
            true => write!(
                f,
                "{} of {}; {} sealed to others",
                counted(self.entries.len(), "entry", "entries"),
                self.agency,
                counted(self.sealed, "more is", "more are")
            ),
            false => write!(f, "{} 的 {} 条记录；另有 {} 条封存给他人", self.agency, self.entries.len(), self.sealed),
        }
    }
}

fn words(what: What, english: bool) -> String {
    let zh = match what {
        What::Opened => "为生成证明而解密",
        What::Released => "已提供",
        What::Enrolled => "密钥已登记",
        What::KeyReplaced => "密钥已更换",
        What::ReleaseWithdrawn => "授权已撤回",
        What::RepresentativeAdded => "代理人已登记",
        What::Compared => "与文件比对",
        What::Changed => "数据库已变更",
        What::IdChanged => "身份证号码已变更",
        What::Erased => "全部数据已删除",
        What::Restored => "数据库已从备份恢复",
        What::Lost => "条目已丢失",
        What::RepresentativeRemoved => "代理人已移除",
    };
    if english { what.to_string() } else { zh.to_owned() }
}

/// Runs it.
pub fn log(args: &LogArgs) -> Outcome<LogReport> {
    let export: LogExport = files::read_document(&args.file)?;
    let wallet = args.wallet.open(args.language.language)?;
    let OpenedLog { agency, key, entries, sealed } = party::open_log(&export, &wallet);
    let line = |entry: OpenedEntry| LogLine {
        position: entry.position,
        at: Moment::from_signed(entry.at),
        disclosure: entry.act,
    };
    Ok(LogReport {
        agency,
        key,
        entries: entries.into_iter().map(line).collect(),
        sealed,
        language: args.language.language,
    })
}
