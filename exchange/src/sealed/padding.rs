//! Padding: what an envelope says shows in its length as one of six sizes, and each kind has a least one.
//!
//! Guarantee: an approval and a refusal have one size, and so have a part and a claim's rejection. One content has one padding; a reader refuses any other.
//! Non-guarantee: how many envelopes somebody gets, and when, still shows.

use crate::content::Kind;
use zeroize::Zeroizing;

/// Sizes of a padded content, bytes.
pub const BUCKETS: [usize; 6] = [1024, 4096, 16_384, 65_536, 131_072, 261_120];

/// What ends the content (ISO/IEC 7816-4): this byte, then zeros.
const END: u8 = 0x80;

impl Kind {
    /// The least bucket of this kind, bytes.
    pub const fn least_bucket(self) -> usize {
        match self {
            Self::ReturnAddress => BUCKETS[0],
            Self::EnrolmentAnswer => BUCKETS[1],
            Self::Claim | Self::Part | Self::Progress | Self::HolderRequest | Self::Contest => BUCKETS[2],
            Self::HolderReply => BUCKETS[3],
            // A bundle's evidence is as long as the chain's trie is deep, and a refusal has less of it: all decisions have the largest size.
            Self::Decision => BUCKETS[5],
        }
    }
}

/// The bucket of a content of this kind and length; none where it is too long for any.
fn bucket(kind: Kind, length: usize) -> Option<usize> {
    BUCKETS.into_iter().find(|size| *size >= kind.least_bucket() && *size > length)
}

/// Pads; none where the content is too long.
pub(crate) fn pad(kind: Kind, content: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let size = bucket(kind, content.len())?;
    let mut padded = Zeroizing::new(Vec::with_capacity(size));
    padded.extend_from_slice(content);
    padded.push(END);
    padded.resize(size, 0);
    Some(padded)
}

/// The content before the padding; none where there is none.
pub(crate) fn content(padded: &[u8]) -> Option<&[u8]> {
    let end = padded.iter().rposition(|byte| *byte != 0)?;
    (padded[end] == END).then(|| &padded[..end])
}

/// Whether a padded content has the one size that a content of this kind has.
pub(crate) fn fits(kind: Kind, content: &[u8], padded: usize) -> bool {
    bucket(kind, content.len()) == Some(padded)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_content_has_one_padding() {
        for kind in Kind::ALL {
            for length in [1, 1023, 1024, 4095, 4096, 16_383, 65_535, 65_536, 131_072, 261_119] {
                let text = vec![b'x'; length];
                let padded = pad(kind, &text).unwrap();
                assert!(BUCKETS.contains(&padded.len()) && padded.len() >= kind.least_bucket());
                assert_eq!(content(&padded), Some(text.as_slice()));
                for other in BUCKETS {
                    assert_eq!(fits(kind, &text, other), other == padded.len(), "{length} in {other}");
                }
            }
            assert!(pad(kind, &vec![b'x'; 261_120]).is_none());
        }
        assert!(BUCKETS.is_sorted());
    }

    #[test]
    fn other_padding_is_none() {
        for bad in [&b""[..], b"\0\0\0", b"{}\0\0", b"{}\x80\x01", b"{}\x81\0"] {
            assert_eq!(content(bad), None);
        }
        // A second end belongs to the content, which is then no JSON.
        assert_eq!(content(b"{}\x80\x80\0"), Some(&b"{}\x80"[..]));
    }

    /// A post that watches sizes learns no outcome.
    #[test]
    fn outcomes_share_a_bucket() {
        assert_eq!(Kind::Decision.least_bucket(), *BUCKETS.last().unwrap());
        assert_eq!(Kind::Part.least_bucket(), Kind::Progress.least_bucket());
    }
}
