//! Key files are read under their pin, and nothing in them is trusted because it is there.

#![allow(clippy::unwrap_used)]

use ark_ec::AffineRepr;
use sealroot_protocol::field::Digest;
use sealroot_protocol::machine::Shape;
use sealroot_testing::bundle::universal_key;
use sealroot_testing::toy;
use sealroot_verifier::key_header::{HeaderError, KeyHeader, KeyKind, KeySecurity};
use sealroot_verifier::points::PointError;
use sealroot_verifier::universal_key::{KeyError, UniversalKey, UnsafeKey};

const ALLOW: KeySecurity = KeySecurity::AllowInsecure;

fn header_length(file: &[u8]) -> usize {
    let (_, rest) = KeyHeader::decode(file, KeyKind::Verifying, ALLOW).unwrap();
    file.len() - rest.len()
}

#[test]
fn key_files_round_trip_under_their_pin() {
    let key = universal_key();
    let bytes = key.to_bytes();
    assert_eq!(bytes.len(), 151_955, "as the specification says");
    let read = UniversalKey::from_pinned(&bytes, key.hash(), ALLOW).unwrap();
    assert_eq!(read.to_bytes(), bytes);
    assert_eq!((read.shape(), read.circuit(), read.hash()), (Shape::Solo, Digest([7; 32]), key.hash()));
    assert!(read.is_insecure());
}

#[test]
fn insecure_keys_need_an_explicit_word() {
    let key = universal_key();
    let bytes = key.to_bytes();
    let rejected = UniversalKey::from_pinned(&bytes, key.hash(), KeySecurity::ProductionOnly).err();
    assert_eq!(rejected, Some(KeyError::Header(HeaderError::Insecure)));

    // Clearing the mark makes another file, which no pin names.
    let mut cleared = bytes.clone();
    let flag = header_length(&bytes) - 33;
    assert_eq!(cleared[flag], 1);
    cleared[flag] = 0;
    assert!(matches!(UniversalKey::from_pinned(&cleared, key.hash(), ALLOW), Err(KeyError::Pin { .. })));
}

/// A proving key never passes for a verifying key, nor the other way round; the specification names both letters.
#[test]
fn the_two_kinds_of_key_files_are_told_apart() {
    let circuit = Digest([7; 32]);
    for (kind, letter, other) in
        [(KeyKind::Verifying, b'v', KeyKind::Proving), (KeyKind::Proving, b'p', KeyKind::Verifying)]
    {
        let header = KeyHeader { kind, shape: Shape::Solo, insecure: false, circuit };
        let bytes = header.to_bytes();
        assert_eq!(bytes[8], letter, "{kind:?}");
        assert_eq!(KeyHeader::decode(&bytes, kind, KeySecurity::ProductionOnly).unwrap(), (header, &[][..]));
        assert!(matches!(KeyHeader::decode(&bytes, other, ALLOW), Err(HeaderError::Magic(_))), "{kind:?}");
    }
}

/// What a ceremony made isn't called insecure: the mark is read, not assumed.
#[test]
fn a_production_key_is_not_insecure() {
    let mut bytes = universal_key().to_bytes();
    let flag = header_length(&bytes) - 33;
    bytes[flag] = 0;
    let key = UniversalKey::from_unpinned(&bytes, KeySecurity::ProductionOnly).unwrap();
    assert!(!key.is_insecure());
    assert_eq!(key.to_bytes(), bytes);
}

#[test]
fn a_changed_header_is_rejected_for_what_it_says() {
    let key = universal_key();
    let bytes = key.to_bytes();
    let suite = 12 + sealroot_protocol::canonical::SUITE.len();
    let table = [
        ("magic", 0, HeaderError::Magic("verifying")),
        ("kind", 8, HeaderError::Magic("verifying")),
        ("version", 10, HeaderError::Version(0)),
        ("suite length", 11, HeaderError::Suite),
        ("suite", 20, HeaderError::Suite),
        ("shape length", suite, HeaderError::Shape),
        ("shape", suite + 1, HeaderError::Shape),
        ("flags", suite + 5, HeaderError::Flags(0)),
    ];
    for (name, at, expected) in table {
        let mut changed = bytes.clone();
        changed[at] ^= if name == "version" { 1 } else { 2 };
        let found = UniversalKey::from_unpinned(&changed, ALLOW).err();
        let same_kind = match (found, expected) {
            (Some(KeyError::Header(HeaderError::Flags(_))), HeaderError::Flags(_)) => true,
            (Some(KeyError::Header(found)), expected) => found == expected,
            _ => false,
        };
        assert!(same_kind, "{name}: {found:?}");
    }
}

#[test]
fn truncated_and_extended_files_are_rejected() {
    let bytes = universal_key().to_bytes();
    for end in [0, 8, 50, 90, bytes.len() - 64, bytes.len() - 1] {
        assert!(UniversalKey::from_unpinned(&bytes[..end], ALLOW).is_err(), "{end}");
    }
    for extra in [1, 64] {
        let longer = [&bytes[..], &vec![0; extra]].concat();
        assert!(matches!(UniversalKey::from_unpinned(&longer, ALLOW), Err(KeyError::Length { .. })), "{extra}");
    }
}

/// Points are decoded like any other input, not trusted because they come in a key file.
#[test]
fn bad_points_in_a_key_file_are_rejected() {
    let key = universal_key();
    let bytes = key.to_bytes();
    let points = header_length(&bytes);
    let mut identity = bytes.clone();
    identity[points..points + 64].fill(0);
    let mut off = bytes.clone();
    *off.last_mut().unwrap() ^= 1;
    let mut unreduced = bytes;
    unreduced[points + 64..points + 96].fill(0xff);
    for (changed, point, error) in [
        (identity, "alpha", PointError::Identity),
        (off, "IC", PointError::OffCurve),
        (unreduced, "beta", PointError::NotReduced),
    ] {
        let expected = KeyError::Unsafe(UnsafeKey::Point { point, error });
        assert_eq!(UniversalKey::from_unpinned(&changed, ALLOW).err(), Some(expected));
    }
}

/// The setup path is held to the same checks as files.
#[test]
fn an_uncontributed_setup_is_rejected() {
    let mut key = toy::solo().proving.vk.clone();
    key.gamma_g2 = ark_bn254::G2Affine::generator();
    key.delta_g2 = key.gamma_g2;
    let rejected = UniversalKey::from_setup(Shape::Solo, Digest::default(), false, key).err();
    assert_eq!(rejected, Some(KeyError::Unsafe(UnsafeKey::GammaIsDelta)));
}
