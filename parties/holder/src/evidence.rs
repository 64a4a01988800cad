//! What the chain says of a request, shown by evidence instead of by a chain at hand: how a wallet on a phone checks a request.
//!
//! Guarantee: the snapshot is what the pinned contracts held at a block that a pinned sealer sealed, that enough pinned organisations signed, or whose hash is pinned, at most [`MAX_AGE`] ago by the holder's own
//! clock, and not before the newest block that this holder saw.
//! Non-guarantee: what changed within that time. Whether an approval stands already under the holder's nullifier is never shown to a wallet.

use sealroot_protocol::{
    code::{Code, Coded},
    evidence::Evidence,
    moment::Moment,
    snapshot::{BlockRef, Snapshot, SnapshotQuery},
};
use sealroot_verifier::{
    evidence::{BlockAuthentication, EvidenceError, check_authenticated},
    trust::Trust,
};
use sealroot_wallet::{Said, Spoken};

/// Seconds that a block may be old: a served chain has a new one every ten minutes, and post takes its time.
pub const MAX_AGE: u64 = 30 * 60;
/// Seconds that a block may be ahead of the holder's clock.
pub const MAX_AHEAD: u64 = 5 * 60;

/// Why evidence of a request doesn't count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestEvidenceError {
    /// What it shows may have changed since.
    #[error("the evidence is of {}, and it is {} by this device's clock: it is too old", Moment::from_unix(*block), Moment::from_unix(*now))]
    TooOld {
        /// The block's time.
        block: u64,
        /// The holder's.
        now: u64,
    },
    /// One of two clocks is wrong.
    #[error("the evidence is of {}, which is ahead of this device's clock ({})", Moment::from_unix(*block), Moment::from_unix(*now))]
    Ahead {
        /// The block's time.
        block: u64,
        /// The holder's.
        now: u64,
    },
    /// Somebody shows the holder the chain as it was, or another one.
    #[error("the evidence is of block {block}, and this wallet saw block {seen} of another or a later history")]
    NotAfterSeen {
        /// The evidence's block.
        block: u64,
        /// The newest that was seen.
        seen: u64,
    },
    /// It isn't what the pinned chain says.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
}

impl Coded for RequestEvidenceError {
    fn code(&self) -> Code {
        match self {
            Self::TooOld { .. } => Code::EvidenceTooOld,
            Self::Ahead { .. } => Code::EvidenceAhead,
            Self::NotAfterSeen { .. } => Code::ChainRolledBack,
            Self::Evidence(error) => error.code(),
        }
    }

    fn advice(&self) -> Option<String> {
        self.remedy().map(str::to_owned)
    }
}

impl RequestEvidenceError {
    /// What the holder can do. What is advised of evidence in a bundle is for offices and auditors.
    fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::TooOld { .. } | Self::Ahead { .. } => None,
            Self::NotAfterSeen { .. } => Some(
                "ask the office for fresh evidence; if it says the same, ask another office which chain is the right one",
            ),
            Self::Evidence(EvidenceError::Sealer { .. }) => Some(
                "compare the trust card with the office: this evidence is of another chain, or the card is an old one",
            ),
            Self::Evidence(EvidenceError::TooFewCheckpoints { .. } | EvidenceError::Unsealed(_)) => {
                Some("ask the office for evidence that as many organisations have signed as your trust card asks for")
            }
            Self::Evidence(_) => {
                Some("ask the office for fresh evidence of this request, and compare the trust card with it")
            }
        }
    }
}

impl Spoken for RequestEvidenceError {
    fn chinese(&self) -> Said {
        let (message, advice) = match self {
            Self::TooOld { .. } => {
                ("链上证据已超过 30 分钟，不能再用", "请重新获取证据；若仍然过旧，请检查本设备的时钟。")
            }
            Self::Ahead { .. } => ("链上证据的时间晚于本设备的时钟", "请设置本设备的时钟。"),
            Self::NotAfterSeen { .. } => {
                ("证据早于您已见过的区块，或属于另一条链", "请重新获取证据；若仍然如此，请向机关询问。")
            }
            Self::Evidence(EvidenceError::Sealer { .. }) => {
                ("证据不是由您信任的封块者签发的", "请核对信任文件是否属于此链，并向机关重新获取证据。")
            }
            Self::Evidence(EvidenceError::TooFewCheckpoints { .. }) => {
                ("为该区块签名的机构数量不足", "请向机关重新获取证据，并附足够机构的签名。")
            }
            Self::Evidence(EvidenceError::CheckpointSigner { .. } | EvidenceError::UnaskedCheckpoint(_)) => {
                ("证据上有您的信任文件未列明的机构签名", "请核对信任文件是否属于此链，并向机关重新获取证据。")
            }
            Self::Evidence(_) => ("链上证据不成立", "请向机关重新获取证据；信任文件须与其一致。"),
        };
        Said { message: message.into(), advice: advice.into() }
    }
}

/// What evidence says of a query, if it counts now: by the holder's clock (Unix seconds), the holder's pins, and the newest block that the holder saw.
pub fn shown(
    evidence: &Evidence,
    query: &SnapshotQuery,
    trust: &Trust,
    now: u64,
    seen: Option<BlockRef>,
) -> Result<(Snapshot, BlockAuthentication), RequestEvidenceError> {
    // Whose block it is comes first: of anybody else's, the time says nothing.
    let (snapshot, by) = check_authenticated(evidence, query, trust)?;
    let block = snapshot.block;
    if block.time > now.saturating_add(MAX_AHEAD) {
        return Err(RequestEvidenceError::Ahead { block: block.time, now });
    }
    if block.time.saturating_add(MAX_AGE) < now {
        return Err(RequestEvidenceError::TooOld { block: block.time, now });
    }
    let goes_on = |seen: BlockRef| block.number > seen.number || (block.number, block.hash) == (seen.number, seen.hash);
    match seen.filter(|seen| !goes_on(*seen)) {
        Some(seen) => Err(RequestEvidenceError::NotAfterSeen { block: block.number, seen: seen.number }),
        None => Ok((snapshot, by)),
    }
}
