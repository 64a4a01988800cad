//! Ports that several parties' use cases have in common: what they need of the host that runs them, be it a command line, a service or a page.
//!
//! [`Documents`] are the published programs and policies. [`HostError`] is how a host says that it can't give what a port asks for.
//! Everything else that a use case needs is a value, or a port of the crate whose subject it is: the chain in `sealroot-chain`, the stores of
//! a vault in `sealroot-vault`.
//!
//! Guarantee: nothing here links a database, an EVM or a prover.
//!
//! ```
//! use sealroot_parties_ports::HostError;
//! use sealroot_protocol::code::{Code, Coded};
//!
//! let missing = HostError::new(Code::FileNotFound, "the program heating-allowance is not published here");
//! assert_eq!((missing.code().class().exit_code(), missing.code().class().http_status()), (2, 404));
//! ```

mod documents;
mod host;

pub use documents::Documents;
pub use host::HostError;
