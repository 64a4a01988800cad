//! How much a post keeps, and how long.

use sealroot_exchange::envelope::MAX_ENVELOPE;
use serde::{Deserialize, Serialize};

/// Seconds of a day.
const DAY: u64 = 86_400;

/// How long a mailbox that its owner doesn't look at stays open, seconds.
pub const MAILBOX_LIFETIME: u64 = 90 * DAY;
/// How long an envelope is kept at most, seconds, whatever its header says. Keys of inboxes last 31 days.
pub const ENVELOPE_LIFETIME: u64 = 40 * DAY;
/// How long a sealed request is kept at most, seconds.
pub const REQUEST_LIFETIME: u64 = 90 * DAY;
// A message says it.
const _: () = assert!(REQUEST_LIFETIME == 90 * DAY);
/// Mailboxes that one live request has set aside: an applicant's, with some for a second device.
pub const MAILBOXES_OF_A_REQUEST: u64 = 32;
/// Envelopes of one answer to a listing.
pub const LISTED: u32 = 100;
/// The longest that a listing waits for an envelope, seconds.
pub const LONGEST_WAIT: u64 = 55;
/// Listings that wait at a time.
pub const WAITING: usize = 4096;

/// What a post's operator decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Bytes of envelopes in all mailboxes.
    pub bytes: u64,
    /// Mailboxes that anybody opened without a request.
    pub mailboxes: u64,
    /// Sealed requests of each organisation.
    pub requests: u64,
}

impl Default for Limits {
    /// 20 GiB, 100,000 mailboxes, 100,000 requests of each organisation.
    fn default() -> Self {
        Self { bytes: 20 << 30, mailboxes: 100_000, requests: 100_000 }
    }
}

/// Whose a mailbox is, which decides how much it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// An organisation's that this post serves.
    Organisation,
    /// An applicant's, for a live request.
    Request,
    /// Anybody's.
    Anybody,
}

impl Holds {
    /// What all mailboxes of this kind take together, of all the bytes that the operator allows: a half organisations', a quarter each applicants' and anybody's.
    pub const fn share(self, bytes: u64) -> u64 {
        match self {
            Self::Organisation => bytes / 2,
            Self::Request | Self::Anybody => bytes / 4,
        }
    }

    /// Envelopes that lie in it at a time.
    pub const fn envelopes(self) -> u64 {
        match self {
            Self::Organisation => 20_000,
            Self::Request => 100,
            Self::Anybody => 20,
        }
    }

    /// Bytes that lie in it at a time.
    pub const fn bytes(self) -> u64 {
        match self {
            Self::Organisation => 4 << 30,
            Self::Request => 32 * MAX_ENVELOPE as u64,
            Self::Anybody => 8 * MAX_ENVELOPE as u64,
        }
    }
}
