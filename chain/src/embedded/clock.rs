//! Where block times come from, how far they may leap, and how the setting is authenticated.
//!
//! Guarantees: a block's time is after its parent's, in the years 2024 to 2199, and, where the machine's clock gives it, at most [`MAX_JUMP_DAYS`] after the
//! parent's time or after the moment that a person confirmed, and at most as many ahead of the machine's clock. The setting is signed by the sealer together
//! with the head, so that it can be neither edited nor put back from an earlier block. Non-guarantee: two settings that were made at one head can be exchanged
//! for each other until the next block.

use super::error::EmbeddedError;
use alloy_primitives::{Address, B256, keccak256};
use sealroot_protocol::{
    date::{Date, plausible_time},
    signature::{EthereumSignature, SecretSigningKey, Signer, SignerError},
};
use std::time::{SystemTime, UNIX_EPOCH};

/// Days that a block may be dated after the newest one without somebody's word that the machine's clock is right.
pub const MAX_JUMP_DAYS: u64 = 30;
const MAX_JUMP: u64 = MAX_JUMP_DAYS * 86_400;

/// Where block times come from. Never backwards, and every block at least a second after the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockClock {
    /// The machine's clock.
    System,
    /// Stands at a Unix time until it is set again; so that a story can enact a policy before its period begins.
    Standing(u64),
}

/// The clock, and until when a person has vouched for the machine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Setting {
    pub clock: BlockClock,
    /// What the machine's clock showed when a person said that it is right; 0 if nobody did.
    pub confirmed: u64,
}

impl From<BlockClock> for Setting {
    fn from(clock: BlockClock) -> Self {
        Self { clock, confirmed: 0 }
    }
}

impl Setting {
    /// The machine's clock, for which a person vouches by saying which day it is.
    pub(super) fn confirmed(day: Date, machine: u64) -> Result<Self, EmbeddedError> {
        plausible_time(machine)?;
        if Date::from_unix_time(machine).ok() != Some(day) {
            return Err(EmbeddedError::OtherDay { said: day, now: machine });
        }
        Ok(Self { clock: BlockClock::System, confirmed: machine })
    }

    /// The time that calls see now.
    pub(super) fn time(self, head: u64, machine: u64) -> u64 {
        let clock = match self.clock {
            BlockClock::System => machine,
            BlockClock::Standing(time) => time,
        };
        clock.max(head.saturating_add(1))
    }

    /// The time of the next block, which nothing can undo.
    pub(super) fn block_time(self, head: u64, machine: u64) -> Result<u64, EmbeddedError> {
        let time = plausible_time(self.time(head, machine))?;
        if self.clock == BlockClock::System {
            if machine > head.max(self.confirmed).saturating_add(MAX_JUMP) {
                return Err(EmbeddedError::Jump { head, now: machine });
            }
            if time > machine.saturating_add(MAX_JUMP) {
                return Err(EmbeddedError::Behind { head, now: machine });
            }
        }
        Ok(time)
    }

    /// As it is stored.
    pub(super) fn text(self) -> String {
        match self {
            Self { clock: BlockClock::System, confirmed: 0 } => "system".into(),
            Self { clock: BlockClock::System, confirmed } => format!("system {confirmed}"),
            Self { clock: BlockClock::Standing(time), .. } => format!("standing {time}"),
        }
    }

    /// The setting of a text that the sealer signed at this head.
    pub(super) fn read(text: &str, seal: &str, chain_id: u64, head: B256, sealer: Address) -> Option<Self> {
        let mut bytes = [0; 65];
        hex::decode_to_slice(seal, &mut bytes).ok()?;
        let signature = EthereumSignature::from_bytes(&bytes).ok()?;
        if signature.signer(&hash(text, chain_id, head)).ok()? != sealer {
            return None;
        }
        let (word, number) = text.split_once(' ').unwrap_or((text, "0"));
        let number = number.parse().ok()?;
        match word {
            "system" => Some(Self { clock: BlockClock::System, confirmed: number }),
            "standing" => Some(BlockClock::Standing(number).into()),
            _ => None,
        }
    }

    /// The sealer's signature over the setting at a head, as it is stored.
    pub(super) fn seal(self, chain_id: u64, head: B256, sealer: &SecretSigningKey) -> Result<String, SignerError> {
        Ok(hex::encode(sealer.sign(&hash(&self.text(), chain_id, head))?.to_bytes()))
    }
}

fn hash(text: &str, chain_id: u64, head: B256) -> B256 {
    keccak256([&b"sealroot/1:clock"[..], &chain_id.to_be_bytes(), head.as_slice(), text.as_bytes()].concat())
}

/// Unix seconds by the machine's clock; 0 before 1970.
pub(super) fn machine() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use sealroot_protocol::code::{Code, Coded};

    const DAY: u64 = 86_400;
    const HEAD: u64 = 1_790_000_000;

    fn code(setting: Setting, machine: u64) -> Result<u64, Code> {
        setting.block_time(HEAD, machine).map_err(|error| error.code())
    }

    /// A clock that is far ahead dates no block, however long the chain was idle, until a person names the day; one that is far behind dates none either.
    #[test]
    fn a_clock_400_days_ahead_dates_no_block() {
        let system = Setting::from(BlockClock::System);
        assert_eq!(code(system, HEAD + 30 * DAY), Ok(HEAD + 30 * DAY));
        assert_eq!(code(system, HEAD + 30 * DAY + 1), Err(Code::ClockJump));
        assert_eq!(code(system, HEAD + 400 * DAY), Err(Code::ClockJump));
        // The machine's clock is a little behind: the chain goes on by seconds.
        assert_eq!(code(system, HEAD - 29 * DAY), Ok(HEAD + 1));
        assert_eq!(code(system, HEAD - 400 * DAY), Err(Code::ClockBehind));
        assert_eq!(code(system, 0), Err(Code::ClockBehind));
        let year_2200 = 7_258_118_400;
        assert_eq!(code(BlockClock::Standing(year_2200).into(), HEAD), Err(Code::ImplausibleTime));

        let later = HEAD + 400 * DAY;
        let today = Date::from_unix_time(later).unwrap();
        let confirmed = Setting::confirmed(today, later).unwrap();
        assert_eq!(code(confirmed, later + 60), Ok(later + 60));
        // The word holds for what the clock showed then, not for any leap after it.
        assert_eq!(code(confirmed, later + 31 * DAY), Err(Code::ClockJump));
        let yesterday = today.plus_days(-1).unwrap();
        assert_eq!(Setting::confirmed(yesterday, later).unwrap_err().code(), Code::ClockDiffers);
    }

    #[test]
    fn a_setting_is_the_sealers_and_of_its_head() {
        let sealer = SecretSigningKey::from_bytes(&[7; 32]).unwrap();
        let (head, by) = (B256::repeat_byte(1), sealer.address());
        for setting in [
            Setting { clock: BlockClock::System, confirmed: 0 },
            Setting { clock: BlockClock::System, confirmed: HEAD },
            BlockClock::Standing(HEAD).into(),
        ] {
            let seal = setting.seal(7, head, &sealer).unwrap();
            assert_eq!(Setting::read(&setting.text(), &seal, 7, head, by), Some(setting));
            assert_eq!(Setting::read(&setting.text(), &seal, 8, head, by), None, "another chain");
            assert_eq!(Setting::read(&setting.text(), &seal, 7, B256::repeat_byte(2), by), None, "another head");
            assert_eq!(Setting::read("standing 1900000000", &seal, 7, head, by), None, "another setting");
            assert_eq!(Setting::read(&setting.text(), &seal, 7, head, Address::ZERO), None, "another sealer");
        }
    }
}
