//! What crosses an organisation: cards, envelopes, claims, messages, links. No I/O.
//!
//! `docs/spec/exchange.md` gives the formats. Read in this order: [`card`] (how an organisation is reached) → [`mailbox`] → [`envelope`] (sealing, the wire) →
//! [`content`] (the kinds) → [`claim`] → [`answers`] and [`receipt`] → [`reply`] (who answers) → [`message`] and [`holder`] → [`link`] (from clerk to
//! applicant) → [`evidence_request`] (what a wallet asks of the chain) → [`trust_card`], [`words`] and [`enrolment`] (what people compare).
//!
//! Guarantee: a post that carries all this can delay and drop it, and can't read, alter or invent any of it. Each document stands for itself: it is signed, proved,
//! on chain, or an answer that only the asked one could give.
//! Non-guarantees: a post that serves a wallet's page can serve another page; the post sees who writes to whom, how much, and when.
//!
//! ```
//! # use rand::{SeedableRng, rngs::StdRng};
//! use sealroot_exchange::{mailbox::{MailboxToken, OwnKey}, link::{Link, LinkSecret}};
//!
//! # let mut rng = StdRng::seed_from_u64(1);
//! // A mailbox is read with its token; senders know its id and a key.
//! let token = MailboxToken::random(&mut rng);
//! let own = OwnKey::random(token.mailbox(), &mut rng);
//! assert_eq!(own.recipient().mailbox, token.mailbox());
//!
//! // What a clerk hands to an applicant.
//! let link = Link { post: "https://post.example".parse()?, office: "welfare-office".parse()?, secret: LinkSecret::random(&mut rng) };
//! let read: Link = link.reveal().parse()?;
//! assert!(read.secret.case_secret() == link.secret.case_secret());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod documents;
mod organisation;
mod people;
mod sealed;
pub mod version;

pub use documents::{answers, claim, content, holder, message, plain_text, receipt};
pub use organisation::{card, correspondent, evidence_request, link, post_url};
pub use people::{enrolment, trust_card, words};
pub use sealed::{envelope, mailbox, reply};
use sealed::{padding, sealing};

pub use card::{AcceptedCard, ServiceCard};
pub use claim::{Claim, SignedClaim};
pub use content::{Content, Kind};
pub use correspondent::{Organisation, Role};
pub use envelope::{Envelope, EnvelopeId, Header};
pub use link::{Link, LinkSecret};
pub use mailbox::{KeyId, MailboxId, MailboxToken, OwnKey, Recipient, ReturnAddress};
pub use message::SignedMessage;
pub use padding::BUCKETS;
pub use reply::{Replies, ReplyNumber, ReplySecret};
pub use sealing::new_key;
pub use words::Words;
