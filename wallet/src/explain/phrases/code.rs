//! What a holder is told in Chinese about failures that are no refusals of the wallet itself: files, passphrases, the chain. They have a code of the catalogue.
//!
//! Guarantee: no code is without words and advice in Chinese: its own, or those of the party that can mend it. The library's message stands behind them, since it
//! names the file or the block.

use super::rejection::Said;
use sealroot_protocol::{
    code::{Code, Party},
    printable::printable,
};

/// The failure in Chinese; `message` is what the library says.
pub fn chinese(code: Code, message: &str) -> Said {
    let (what, advice) = own(code).unwrap_or_else(|| ("操作未完成", of_party(code.party())));
    Said { message: format!("{what}（{}）", printable(message)), advice: advice.to_owned() }
}

/// What a holder meets most.
fn own(code: Code) -> Option<(&'static str, &'static str)> {
    Some(match code {
        Code::Usage => ("命令用法有误", "请参阅 `--help` 中的示例。"),
        Code::FileNotFound => ("找不到文件", "请检查路径，指定存在的文件。"),
        Code::NotRegularFile => ("不是普通文件", "请指定普通文件，而不是目录、管道或设备。"),
        Code::FileTooLarge => ("文件过大", "请检查是否指定了正确的文件。"),
        Code::FileUnreadable => ("无法读取文件", "请允许本用户读取该文件。"),
        Code::FileUnwritable => ("无法写入文件", "请指定可以写入的位置，并检查磁盘是否已满。"),
        Code::FileExists => ("文件已存在，不会被覆盖", "请另选路径，或自行移走旧文件。"),
        Code::FileProtected => ("该文件不是此命令写出的，不会被覆盖", "请另选路径；若无人需要该文件，请自行移走。"),
        Code::OutputIsInput => ("输出文件同时是输入文件", "请另选输出路径。"),
        Code::InputOutput => ("读写出错", "请检查磁盘是否已满、文件是否可读。"),
        Code::NotUtf8 => ("不是 UTF-8 文本", "请将文件保存为 UTF-8。"),
        Code::BadDocument => ("文件不是所需的文档", "请指定正确的文件，或重新获取：须与写出时逐字节相同。"),
        Code::BadCaseSecret => ("不是案件密码", "请使用机关给出的案件密码，不作改动。"),
        Code::BadNationalId => ("身份号码写法有误", "请按机构所用的写法书写身份号码。"),
        Code::SecretReadableByOthers => ("其他用户可以读取该机密文件", "请只允许所有者读取：chmod 600。"),
        Code::NoPassphrase => ("无法读取口令", "请在终端中运行，或设置消息中所指的环境变量。"),
        Code::PassphrasesDiffer => ("两次输入的口令不同；未生成任何内容", "请两次输入相同的口令。"),
        Code::NoTerminal => ("没有可显示助记词的终端", "请在终端中运行，或用 --phrase-to 写入文件。"),
        Code::BadPhrase => ("助记词有误", "请按顺序输入 24 个词。"),
        Code::Clock => ("本设备的时钟有误", "请设置本设备的时钟。"),
        Code::NoChain => ("那里没有链", "请指定链所在的目录（--chain）。"),
        Code::ChainInUse => ("链正被另一个进程使用", "请等待另一个进程结束。"),
        Code::ChainDamaged => ("链的文件已损坏", "请从备份恢复链的目录。"),
        Code::ChainDatabase | Code::ChainFile => ("无法读写链的文件", "请检查磁盘和目录权限后重试。"),
        Code::ChainOtherFormat => ("链是由另一版本的程序创建的", "请用创建它的版本打开，或取得新的链目录。"),
        Code::ChainUnfinished => ("链尚未创建完成", "请取得完整的链目录。"),
        Code::ChainUnreadable => ("链上的合约不属于此版本", "请检查是否读取了正确的链。"),
        Code::ChainRolledBack => (
            "链比您上次见到的更旧，或者是另一条链",
            "请取得链目录的最新副本。若运营方告知链是有意退回的，请用 --accept-chain 接受其最新区块。",
        ),
        _ => return None,
    })
}

fn of_party(party: Party) -> &'static str {
    match party {
        Party::Caller | Party::Holder => "请改正消息所指之处后重试。",
        Party::Sender => "请向提供该文件的一方重新获取。",
        Party::Office => "请告知提出请求的机关。",
        Party::Prover => "请告知证明方。",
        Party::Agency => "请告知持有记录的机构。",
        Party::Officer | Party::Author => "请告知机关：法规或项目须由其负责人更正。",
        Party::Operator => "请检查本设备的磁盘、时钟和密钥，或询问其管理员。",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_said_in_chinese_with_the_librarys_message_behind() {
        let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        for code in Code::ALL {
            let Said { message, advice } = chinese(*code, "a.json\u{202e}: it failed");
            assert!(is_chinese(&message) && is_chinese(&advice), "{code}");
            assert!(message.contains("it failed") && !message.contains('\u{202e}'), "{message}");
        }
        // What a citizen meets has words of its own.
        let own = Code::ALL.iter().filter(|code| own(**code).is_some()).count();
        assert!(own >= 25, "{own}");
    }
}
