//! The vault: an agency's records, encrypted, committed in a tree whose root is anchored.
//!
//! Read in the order of a record's life: [`keys`] → [`vault`] (create, open) → [`enrol`] → [`import`] (rows in [`rows`]) → [`seal`] and
//! [`tree`] → [`anchor`] → [`read`] with [`log`](mod@log) → [`release`] with [`represent`] → [`erase`], [`Vault::rotate_keys`]. Below them: [`store`] (what a
//! database must do), [`sqlite`] (the embedded one) and [`merkle`]. `docs/DATA_MODEL.md` says what every stored thing is trusted with.

mod disclosure;
pub mod embedded;
pub mod error;
mod integrity;
pub mod keys;
pub mod log;
mod people;
mod records;
mod rejection;
pub mod store;
pub mod tree;
pub mod vault;

pub use disclosure::{read, release};
pub use embedded::sqlite;
pub use keys::{master, seal};
pub use log::merkle;
pub use people::{enrol, erase, represent};
pub use records::{import, rows};
pub use tree::anchor;

use embedded::private;
use records::{bad_rows, household, issue, record_bytes};
use tree::parallel;

pub use error::{Integrity, KeyError, Rejection, StoreError, VaultError};
pub use keys::KeyRing;
pub use keys::master::{Argon2Cost, MasterKey};
pub use vault::{Clock, Creation, Status, Timing, Vault};
