//! Where points lie: their bytes, mapped files and large pages, hints to the cache, wiping.

pub mod map;
mod point;
mod prefetch;
mod wipe;

pub use point::{Stored, StoredPoint};
pub(crate) use prefetch::prefetch;
pub(crate) use wipe::{Plain, wipe};
