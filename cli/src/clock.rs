//! This machine's clock.

use crate::failure::{Failure, Outcome};
use sealroot_protocol::date::plausible_time;
use std::time::{SystemTime, UNIX_EPOCH};

/// Unix seconds. A clock that isn't set dates what nobody can undate, so it is refused before it dates anything.
pub fn now() -> Outcome<u64> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    plausible_time(seconds).map_err(|e| Failure::of(e).context("this machine's clock"))
}
