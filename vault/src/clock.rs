//! The vault's time.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// Time as Unix seconds. Tests and simulations bring their own.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// A clock of the caller's own.
    pub fn new(now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The system's clock.
    pub fn system() -> Self {
        Self::new(|| {
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX))
        })
    }

    /// Unix seconds.
    pub fn now(&self) -> i64 {
        (self.0)()
    }
}
