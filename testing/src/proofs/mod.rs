//! Proofs without a circuit of Sealroot's: a toy one that proves anything, a setup whose trapdoor is known, and other people's files.

pub mod snarkjs;
pub mod toy;
pub mod trapdoor;
