//! The vault: an agency's records, encrypted, committed in a tree whose root is anchored.
//!
//! Read in the order of a record's life: [`keys`] → [`vault`] (create, open) → [`enrol`] → [`import`] (rows in [`rows`]) → [`seal`] and
//! [`tree`] → [`anchor`] → [`read`] with [`log`](mod@log) and [`log_export`] → [`release`] with [`represent`] and [`transfer`] → [`erase`], [`rotate`]. Below them: [`store`] (what a
//! database must do), [`sqlite`] (the embedded one) and [`merkle`]. `docs/DATA_MODEL.md` says what every stored thing is trusted with.

pub mod anchor;
mod check;
pub mod enrol;
pub mod erase;
pub mod error;
mod hex_bytes;
mod household;
pub mod import;
mod issue;
pub mod keys;
pub mod log;
pub mod log_export;
pub mod master;
pub mod merkle;
mod parallel;
mod private;
pub mod read;
mod record_bytes;
pub mod release;
pub mod represent;
pub mod rotate;
pub mod rows;
pub mod seal;
mod sealed_record;
pub mod sqlite;
pub mod store;
pub mod transfer;
pub mod tree;
pub mod vault;

pub use error::{Integrity, KeyError, Rejection, StoreError, VaultError};
pub use keys::KeyRing;
pub use master::{Argon2Cost, MasterKey};
pub use vault::{Clock, Creation, Status, Timing, Vault};
