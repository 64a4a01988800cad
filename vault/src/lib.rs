//! The vault: an agency's records, encrypted, committed in a tree whose root is anchored.
//!
//! Read in the order of a record's life: [`keys`] → [`vault`] (create, open) → [`enrol`] → [`import`] (rows in [`rows`]) → [`seal`] and
//! [`tree`] → [`anchor`] → [`read`] with [`log`](mod@log) → [`release`] with [`represent`] → [`change_id`] with [`check_ids`] → [`erase`], [`Vault::rotate_keys`] → [`restore`]. Below them: [`store`] (what a
//! database must do) and [`embedded`] (files and SQLite). `docs/DATA_MODEL.md` says what every stored thing is trusted with.
//!
//! ```
//! use sealroot_protocol::schema::Schema;
//! use sealroot_vault::{
//!     Clock, Creation, MasterKey, Vault,
//!     import::{ImportMode, ImportPlan},
//!     master,
//!     rows::Columns,
//!     seal::Key,
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let home = tempfile::tempdir()?;
//! let key_file = home.path().join("master.key");
//! master::write_key_file(&key_file, &Key::random())?;
//! let (directory, lock) = (home.path().join("vault"), MasterKey::File(key_file));
//! let vault = Vault::create_embedded(&directory, &"civil-registry".parse()?, &lock, Creation::default()).await?;
//!
//! let schema = Schema::from_toml(
//!     r#"
//!     name = "resident"
//!     period = "timeless"
//!     [[attribute]]
//!     name = "identity"
//!     kind = "text"
//!     [[attribute]]
//!     name = "born"
//!     kind = "date"
//!     "#,
//! )?;
//! vault.add_schema(&schema).await?;
//! let empty = vault.status().await?.working_root;
//!
//! let file = "national_id,born\nA-1,1990-05-17\nA-2,1958-11-02\n".as_bytes();
//! let columns = Columns::default();
//! let plan = ImportPlan { schema, columns, mode: ImportMode::Add, dry_run: false, skip_bad_rows: false };
//! let report = vault.import(file, plan, |_| {}).await?;
//! assert_eq!((report.progress.added, report.committed), (2, true));
//!
//! // The root commits to both records, and is the one to be anchored.
//! let pending = vault.pending_root().await?.expect("something changed");
//! assert!(pending.root != empty && pending.root == vault.status().await?.working_root);
//! vault.close().await;
//!
//! let again = Vault::open_embedded(&directory, &lock, Clock::system()).await?;
//! assert_eq!(again.check().await?, 2);
//! # Ok(())
//! # }
//! ```

mod clock;
mod disclosure;
pub mod embedded;
pub mod error;
mod integrity;
pub mod keys;
pub mod log;
mod people;
mod records;
mod rejection;
pub mod restore;
mod status;
pub mod store;
mod timing;
pub mod tree;
pub mod vault;

pub use disclosure::{absence, read, release};
pub use embedded::{EmbeddedVault, sqlite};
pub use keys::{master, seal};
pub use log::merkle;
pub use people::{change_id, check_ids, enrol, erase, represent};
pub use records::{check::CheckProgress, import, rows};
pub use tree::anchor;

pub use clock::Clock;
pub use error::{Integrity, KeyError, Rejection, StoreError, VaultError};
pub use keys::master::{Argon2Cost, MasterKey};
pub use keys::{KeyRing, ring_head};
pub use status::{RootStanding, Status};
pub use timing::Timing;
pub use vault::{Creation, Vault};
