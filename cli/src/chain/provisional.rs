//! What a network can still take back, said as such.

use crate::failure::{Failure, Outcome};
use sealroot_chain::Chain;
use sealroot_protocol::{language::Language, printable::counted};
use serde::Serialize;

/// What was done is in a block that a network can still take back.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Provisional {
    /// Blocks that follow it.
    confirmations: u64,
}

/// Whether what was done in a block is provisional.
pub async fn provisional(chain: &impl Chain, block: u64) -> Outcome<Option<Provisional>> {
    let confirmations = chain.head().await.map_err(Failure::of)?.number.saturating_sub(block);
    let finalized = chain.finalized().await.map_err(Failure::of)?.number;
    Ok((block > finalized).then_some(Provisional { confirmations }))
}

impl Provisional {
    /// What it means, and what to do.
    pub fn words(self, language: Language) -> String {
        let follow = self.confirmations;
        match language {
            Language::En => format!(
                "its block can still vanish ({} after it): run this again, with the same arguments, until it says so no more; what vanished is entered again",
                counted(follow, "block", "blocks")
            ),
            Language::Zh => format!(
                "其区块仍可能被撤销（其后有 {follow} 个区块）：请以相同参数再次运行，直至不再出现此提示；已撤销的会重新记入"
            ),
        }
    }

    /// The same of an officer's act, which isn't run twice.
    pub fn of_an_act(self) -> String {
        let follow = counted(self.confirmations, "block", "blocks");
        format!(
            "its block can still vanish ({follow} after it): look again before the next step, and do this again if it is gone"
        )
    }

    /// The line under a report.
    pub fn line(this: Option<Self>, language: Language) -> Option<(&'static str, String)> {
        this.map(|this| (language.say("PROVISIONAL", "暂定"), this.words(language)))
    }
}
