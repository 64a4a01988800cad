//! A request, from an office's bytes to one that may be consented to: the [`check`]s, what its policies [disclose](disclosure), and everything for which it is
//! [rejected](rejection).
//!
//! One check for two parties: a wallet runs it before its holder is asked anything, and an office before it signs, so that it signs nothing that the applicant's
//! wallet would reject. The crate holds no key and does no I/O; the wallet's secret key is elsewhere, and no office links it.

pub mod check;
pub mod disclosure;
pub mod rejection;
mod told;

pub use check::{Applying, AskedRequest, CheckedRequest, check, check_asked};
pub use rejection::Rejection;
