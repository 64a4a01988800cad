//! Maps of vectors of scalars: transforms, sparse matrices, Poseidon's permutation.

pub mod ntt;
pub mod poseidon;
pub mod sparse;
