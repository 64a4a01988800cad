//! Merkle tree hash of an append-only log: RFC 6962, section 2.1 (the same as RFC 9162), over SHA-256.
//!
//! Guarantee: a head commits to every entry and to their order; inclusion and consistency proofs show that an entry is under a head, and
//! that one head's log only grew into another's. Leaf and node hashes have different prefixes, so that neither passes for the other.

use sealroot_protocol::field::Digest;
use sha2::{Digest as _, Sha256};

/// Hash of the empty log: SHA-256 of nothing.
pub fn empty_head() -> Digest {
    Digest(Sha256::digest([]).into())
}

/// `SHA-256(0x00 ‖ entry)`.
pub fn leaf_hash(entry: &[u8]) -> Digest {
    Digest(Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
}

/// `SHA-256(0x01 ‖ left ‖ right)`.
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    Digest(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// A complete subtree: `2^level` leaves, from leaf `position · 2^level` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subtree {
    /// Height above the leaves.
    pub level: u32,
    /// Position among the subtrees of its height.
    pub position: u64,
}

/// The maximal complete subtrees of a log of `size` leaves, left to right.
pub fn peaks(size: u64) -> Vec<Subtree> {
    (0..64)
        .rev()
        .filter(|level| size >> level & 1 == 1)
        .map(|level| Subtree { level, position: (size >> level) - 1 })
        .collect()
}

/// The head over its peaks' hashes, left to right.
pub fn head_of_peaks(peaks: &[Digest]) -> Digest {
    let mut right_to_left = peaks.iter().rev();
    let Some(last) = right_to_left.next() else { return empty_head() };
    right_to_left.fold(*last, |acc, peak| node_hash(peak, &acc))
}

/// How to compute the hash of leaves `begin..end`: its complete subtrees left to right (their fold is the hash).
fn range_peaks(begin: u64, end: u64) -> Vec<Subtree> {
    // In RFC 6962's recursion `begin` is always aligned to the largest power of two below the range's length.
    peaks(end - begin)
        .into_iter()
        .map(|s| Subtree { level: s.level, position: s.position + (begin >> s.level) })
        .collect()
}

/// The largest power of two smaller than `n`, for `n > 1`.
fn split(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}

/// The ranges whose hashes make the inclusion proof of leaf `index` in a log of `size` (RFC 6962, 2.1.1), leaf side first.
/// Each is given by its complete subtrees. Empty when `index ≥ size`.
pub fn inclusion_ranges(index: u64, size: u64) -> Vec<Vec<Subtree>> {
    let (mut begin, mut end) = (0, size);
    let mut out = Vec::new();
    if index >= size {
        return out;
    }
    while end - begin > 1 {
        let k = split(end - begin);
        if index - begin < k {
            out.push(range_peaks(begin + k, end));
            end = begin + k;
        } else {
            out.push(range_peaks(begin, begin + k));
            begin += k;
        }
    }
    out.reverse();
    out
}

/// The ranges whose hashes make the consistency proof from `old` to `new` leaves (RFC 6962, 2.1.2). Empty when `old` is 0 or not less than `new`.
pub fn consistency_ranges(old: u64, new: u64) -> Vec<Vec<Subtree>> {
    let mut out = Vec::new();
    if old == 0 || old >= new {
        return out;
    }
    let (mut begin, mut end, mut m, mut whole) = (0, new, old, true);
    while m != end - begin {
        let k = split(end - begin);
        if m <= k {
            out.push(range_peaks(begin + k, end));
            end = begin + k;
        } else {
            out.push(range_peaks(begin, begin + k));
            begin += k;
            m -= k;
            whole = false;
        }
    }
    if !whole {
        out.push(range_peaks(begin, end));
    }
    out.reverse();
    out
}

/// Checks an inclusion proof (RFC 9162, 2.1.3.2).
pub fn verify_inclusion(leaf: &Digest, index: u64, size: u64, proof: &[Digest], head: &Digest) -> bool {
    if index >= size {
        return false;
    }
    let (mut f, mut s, mut r) = (index, size - 1, *leaf);
    for p in proof {
        if s == 0 {
            return false;
        }
        if f & 1 == 1 || f == s {
            r = node_hash(p, &r);
            while f & 1 == 0 && f != 0 {
                f >>= 1;
                s >>= 1;
            }
        } else {
            r = node_hash(&r, p);
        }
        f >>= 1;
        s >>= 1;
    }
    s == 0 && r == *head
}

/// Checks that the log of `old` leaves under `old_head` is a prefix of the one of `new` leaves under `new_head` (RFC 9162, 2.1.4.2).
pub fn verify_consistency(old: u64, new: u64, old_head: &Digest, new_head: &Digest, proof: &[Digest]) -> bool {
    if old > new {
        return false;
    }
    if old == new {
        return proof.is_empty() && old_head == new_head;
    }
    if old == 0 {
        return proof.is_empty() && *old_head == empty_head();
    }
    let mut path = proof.iter();
    let first = if old.is_power_of_two() { Some(old_head) } else { path.next() };
    let Some(first) = first else { return false };
    let (mut f, mut s) = (old - 1, new - 1);
    while f & 1 == 1 {
        f >>= 1;
        s >>= 1;
    }
    let (mut fr, mut sr) = (*first, *first);
    for c in path {
        if s == 0 {
            return false;
        }
        if f & 1 == 1 || f == s {
            fr = node_hash(c, &fr);
            sr = node_hash(c, &sr);
            while f & 1 == 0 && f != 0 {
                f >>= 1;
                s >>= 1;
            }
        } else {
            sr = node_hash(&sr, c);
        }
        f >>= 1;
        s >>= 1;
    }
    s == 0 && fr == *old_head && sr == *new_head
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Entries and heads of the Certificate Transparency reference log (google/certificate-transparency, merkle tree tests).
    const ENTRIES: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const HEADS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn subtree(leaves: &[Digest], s: Subtree) -> Digest {
        let width = 1usize << s.level;
        let begin = s.position as usize * width;
        let mut row = leaves[begin..begin + width].to_vec();
        while row.len() > 1 {
            row = row.chunks(2).map(|p| node_hash(&p[0], &p[1])).collect();
        }
        row[0]
    }
    fn fold(leaves: &[Digest], range: &[Subtree]) -> Digest {
        head_of_peaks(&range.iter().map(|s| subtree(leaves, *s)).collect::<Vec<_>>())
    }
    fn head(leaves: &[Digest]) -> Digest {
        fold(leaves, &peaks(leaves.len() as u64))
    }

    #[test]
    fn reference_heads() {
        let leaves: Vec<Digest> = ENTRIES.iter().map(|e| leaf_hash(&hex::decode(e).unwrap())).collect();
        for (n, expected) in HEADS.iter().enumerate() {
            assert_eq!(head(&leaves[..n]).to_string(), format!("0x{expected}"), "{n} leaves");
        }
    }

    #[test]
    fn all_proofs_of_small_logs_hold_and_no_other() {
        let leaves: Vec<Digest> = (0u8..33).map(|i| leaf_hash(&[i])).collect();
        for size in 1..=leaves.len() {
            let now = head(&leaves[..size]);
            for index in 0..size {
                let proof: Vec<Digest> =
                    inclusion_ranges(index as u64, size as u64).iter().map(|r| fold(&leaves, r)).collect();
                let check = |leaf: usize, i: usize, n: usize, p: &[Digest], h: &Digest| {
                    verify_inclusion(&leaves[leaf], i as u64, n as u64, p, h)
                };
                assert!(check(index, index, size, &proof, &now), "{index} of {size}");
                assert!(!check((index + 1) % 33, index, size, &proof, &now));
                assert!(!check(index, size, size, &proof, &now));
                assert!(!check(index, index, size, &[proof.as_slice(), &[now]].concat(), &now));
                for i in 0..proof.len() {
                    let mut bad = proof.clone();
                    bad[i].0[5] ^= 1;
                    assert!(!check(index, index, size, &bad, &now));
                    bad.remove(i);
                    assert!(!check(index, index, size, &bad, &now));
                }
            }
            for old in 0..=size {
                let proof: Vec<Digest> =
                    consistency_ranges(old as u64, size as u64).iter().map(|r| fold(&leaves, r)).collect();
                let before = head(&leaves[..old]);
                assert!(verify_consistency(old as u64, size as u64, &before, &now, &proof), "{old} to {size}");
                let mut other = before;
                other.0[0] ^= 1;
                assert!(!verify_consistency(old as u64, size as u64, &other, &now, &proof));
                for i in 0..proof.len() {
                    let mut bad = proof.clone();
                    bad[i].0[5] ^= 1;
                    assert!(!verify_consistency(old as u64, size as u64, &before, &now, &bad));
                }
            }
        }
    }
}
