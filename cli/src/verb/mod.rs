//! The verbs, one file each: arguments, what it does on files, and its report. The demo calls the same functions.

pub mod agency;
pub mod audit;
pub mod bundle;
pub mod chain;
pub mod decide;
pub mod export;
pub mod inspect;
pub mod key;
pub mod policy;
pub mod program;
pub mod prove;
pub mod reduction;
pub mod request;
pub mod setup;
pub mod verify;
pub mod verify_proof;
pub mod wallet;
