//! The key ring: one text that holds every long-lived secret of a vault, locked with a passphrase or a key file.
//!
//! Master key (never stored) → opens the ring → key-encryption keys (the first encrypts, all decrypt) → wrap data keys.
//! The ring also holds the keys of the three keyed functions (subject, serial, index) and the agency's log key.
//!
//! Guarantee: without the master key the text shows the number of keys and nothing of them. Not guaranteed: that a copy of an older ring
//! with an older passphrase is useless; destroy old copies after changing either.

use crate::{
    integrity::Integrity,
    keys::{
        error::KeyError,
        master::{Argon2Cost, Lock, MasterKey, master_key, master_keys},
        seal::{self, Key, RowPlace},
    },
};
use hmac::{Hmac, KeyInit, Mac};
use sealroot_handover::transfer::{RecipientKey, RecipientSecret};
use sealroot_protocol::{
    canonical::{SUITE, Suite},
    field,
    identifier::Identifier,
    json_text,
    name::Name,
    record::{Serial, Subject},
};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Id of a key-encryption key: 8 random bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KekId(pub [u8; 8]);

impl std::fmt::Debug for KekId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// An open key ring. Every secret in it is zeroised when dropped.
pub struct KeyRing {
    agency: String,
    lock: Lock,
    master: Key,
    keks: Vec<(KekId, Key)>,
    subject: Key,
    serial: Key,
    index: Key,
    log: RecipientSecret,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RingFile {
    suite: Suite,
    agency: Name,
    lock: Lock,
    /// Hexadecimal: the sealed contents.
    sealed: String,
}

/// Whose key ring a file's bytes are, and what locks it, without opening it; none if they are no key ring.
pub fn ring_head(bytes: &[u8]) -> Option<(Name, &'static str)> {
    let RingFile { agency, lock, .. } = serde_json::from_slice(bytes).ok()?;
    let lock = match lock {
        Lock::Passphrase { .. } => "a passphrase",
        Lock::KeyFile => "a key file",
    };
    Some((agency, lock))
}

impl KeyRing {
    /// A new ring with fresh keys, and `subject_key` in place of a fresh one where agencies share it.
    pub fn generate(
        agency: &Name,
        master: &MasterKey,
        cost: Argon2Cost,
        subject_key: Option<Key>,
    ) -> Result<Self, KeyError> {
        let lock = Lock::fresh(master, cost);
        Ok(Self {
            agency: agency.as_str().to_owned(),
            master: master_key(master, &lock)?,
            lock,
            keks: vec![(KekId(seal::random_bytes()), Key::random())],
            subject: subject_key.unwrap_or_else(Key::random),
            serial: Key::random(),
            index: Key::random(),
            log: RecipientSecret::random(),
        })
    }

    /// Opens a ring from its text. `location` is where it was kept, for messages.
    pub fn open(text: &str, location: &str, master: &MasterKey) -> Result<Self, KeyError> {
        let format = |what: String| KeyError::Format { location: location.to_owned(), what };
        let file: RingFile = json_text::read(text).map_err(|e| format(e.to_string()))?;
        let keys = master_keys(master, &file.lock)?;
        let sealed = hex::decode(&file.sealed).map_err(|_| format("what is sealed in it is not hexadecimal".into()))?;
        let agency = file.agency.as_str().to_owned();
        let lock = file.lock.to_bytes();
        let open = |key| Some((seal::open(&key, &place(&agency, &lock), &sealed).ok()?, key));
        let (opened, key) = keys.into_iter().find_map(open).ok_or(KeyError::WrongKey)?;
        Self::decode(agency, file.lock, key, &opened).ok_or_else(|| format("its contents are not canonical".into()))
    }

    /// The ring as text, sealed under its master key: what [`Self::open`] reads.
    pub fn to_text(&self) -> Result<String, KeyError> {
        let sealed = seal::seal(&self.master, &place(&self.agency, &self.lock.to_bytes()), &self.encode())
            .map_err(|_| KeyError::WrongKey)?;
        let file = RingFile {
            suite: Suite,
            agency: self.agency.parse().map_err(|_| KeyError::WrongKey)?,
            lock: self.lock.clone(),
            sealed: hex::encode(sealed),
        };
        serde_json::to_string_pretty(&file).map(|text| text + "\n").map_err(|_| KeyError::WrongKey)
    }

    /// Locks the ring with another master key; takes effect when its text is saved.
    pub fn relock(&mut self, master: &MasterKey, cost: Argon2Cost) -> Result<(), KeyError> {
        let lock = Lock::fresh(master, cost);
        self.master = master_key(master, &lock)?;
        self.lock = lock;
        Ok(())
    }

    /// Agency that the ring belongs to.
    pub fn agency(&self) -> &str {
        &self.agency
    }

    /// The pseudonymous person id shared by the agencies that share the subject key:
    /// `trunc248(HMAC-SHA-256(subject key, "sealroot/1:subject" ‖ 0x0a ‖ UTF-8(national id)))`.
    pub fn subject(&self, national_id: &Identifier) -> Subject {
        self.subject_as_written(national_id.as_str())
    }

    /// Of an id that was taken as it was written, before ids had one spelling.
    pub(crate) fn subject_as_written(&self, national_id: &str) -> Subject {
        Subject(field::truncate_248(&prf(&self.subject, "sealroot/1:subject", &[national_id.as_bytes()])))
    }

    /// Of a business key that was taken as it was written.
    pub(crate) fn serial_as_written(&self, schema_name: &str, business_key: &str) -> Serial {
        let parts = [schema_name.as_bytes(), business_key.as_bytes()];
        Serial(field::truncate_248(&prf(&self.serial, "sealroot/1:serial", &parts)))
    }

    /// Survives re-issue, re-import, erasure and rotation:
    /// `trunc248(HMAC-SHA-256(serial key, "sealroot/1:serial" ‖ 0x0a ‖ schema name ‖ 0x0a ‖ UTF-8(business key)))`.
    /// The name, not the id, so that a new version of a schema keeps every serial.
    pub fn serial(&self, schema_name: &str, business_key: &Identifier) -> Serial {
        self.serial_as_written(schema_name, business_key.as_str())
    }

    /// A keyed reference that rows are found by. It never leaves the vault, so that two stolen databases can't be joined on it.
    pub(crate) fn reference(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        prf(&self.index, purpose, parts)
    }

    /// Authenticates rows ([`crate::store::Tagged`]). No reference is made with it, so that none passes as a tag.
    pub(crate) fn tag_key(&self) -> Key {
        self.derived("sealroot/1:row-tag")
    }

    /// A key for a purpose of its own.
    pub(crate) fn derived(&self, purpose: &str) -> Key {
        Key::from_bytes(&prf(&self.index, purpose, &[]))
    }

    /// Public half of the agency's log key.
    pub fn log_key(&self) -> RecipientKey {
        self.log.public()
    }

    pub(crate) fn log_secret(&self) -> &RecipientSecret {
        &self.log
    }

    /// The subject key, for the file that other agencies import. Anybody who has it can test guesses of national ids against `subject`s.
    pub fn export_subject_key(&self) -> Key {
        self.subject.clone()
    }

    /// The key-encryption key that encrypts now.
    pub fn first_kek(&self) -> KekId {
        self.keks[0].0
    }

    /// How many key-encryption keys there are; more than one while a rotation is under way.
    pub fn kek_count(&self) -> usize {
        self.keks.len()
    }

    /// Whether every key-encryption key of this ring is one of another's: it opens nothing that the other doesn't.
    pub(crate) fn has_no_other_keys(&self, other: &Self) -> bool {
        self.keks.iter().all(|(id, _)| other.keks.iter().any(|(known, _)| known == id))
    }

    /// Adds a fresh key-encryption key in front. The caller saves the ring before it is used.
    pub(crate) fn add_kek(&mut self) {
        self.keks.insert(0, (KekId(seal::random_bytes()), Key::random()));
    }

    /// Takes back [`Self::add_kek`] when the ring could not be saved.
    pub(crate) fn forget_first_kek(&mut self) {
        if self.keks.len() > 1 {
            self.keks.remove(0);
        }
    }

    /// Drops every key-encryption key but the first. The caller has re-wrapped everything, and saves the ring afterwards.
    pub(crate) fn retire_keks(&mut self) {
        self.keks.truncate(1);
    }

    /// Wraps a data key for `id` under the first key-encryption key.
    pub(crate) fn wrap(&self, id: &[u8], key: &Key) -> Result<(KekId, Vec<u8>), KeyError> {
        let (kek_id, kek) = &self.keks[0];
        let sealed =
            seal::seal(kek, &self.key_place(*kek_id, id).as_place(), key.expose()).map_err(|_| KeyError::WrongKey)?;
        Ok((*kek_id, sealed))
    }

    /// Unwraps the data key of `id`.
    pub(crate) fn unwrap(&self, kek_id: KekId, id: &[u8], wrapped: &[u8]) -> Result<Key, UnwrapError> {
        let kek = self.keks.iter().find(|(k, _)| *k == kek_id).map(|(_, k)| k);
        let kek = kek.ok_or_else(|| UnwrapError::Keys(KeyError::UnknownKek(hex::encode(kek_id.0))))?;
        let plain = seal::open(kek, &self.key_place(kek_id, id).as_place(), wrapped).map_err(UnwrapError::Integrity)?;
        let bytes: &[u8; 32] = plain.as_slice().try_into().map_err(|_| UnwrapError::Integrity(Integrity::Encoding))?;
        Ok(Key::from_bytes(bytes))
    }

    fn key_place<'a>(&'a self, kek: KekId, id: &'a [u8]) -> KeyPlace<'a> {
        KeyPlace { agency: &self.agency, kek: kek.0, id }
    }

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(160 + 40 * self.keks.len()));
        for key in [&self.subject, &self.serial, &self.index] {
            out.extend_from_slice(key.expose());
        }
        out.extend_from_slice(self.log.to_bytes().as_slice());
        for (id, key) in &self.keks {
            out.extend_from_slice(&id.0);
            out.extend_from_slice(key.expose());
        }
        out
    }

    fn decode(agency: String, lock: Lock, master: Key, plain: &[u8]) -> Option<Self> {
        let (fixed, keks) = plain.split_at_checked(128)?;
        let key = |i: usize| fixed[32 * i..32 * i + 32].try_into().ok();
        if keks.is_empty() || keks.len() % 40 != 0 {
            return None;
        }
        let keks = keks
            .chunks_exact(40)
            .map(|c| Some((KekId(c[..8].try_into().ok()?), Key::from_bytes(c[8..].try_into().ok()?))))
            .collect::<Option<Vec<_>>>()?;
        Some(Self {
            agency,
            lock,
            master,
            keks,
            subject: Key::from_bytes(&key(0)?),
            serial: Key::from_bytes(&key(1)?),
            index: Key::from_bytes(&key(2)?),
            log: RecipientSecret::from_bytes(&key(3)?).ok()?,
        })
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing").field("agency", &self.agency).field("keks", &self.keks.len()).finish_non_exhaustive()
    }
}

/// Why a data key doesn't unwrap.
pub(crate) enum UnwrapError {
    Keys(KeyError),
    Integrity(Integrity),
}

struct KeyPlace<'a> {
    agency: &'a str,
    kek: [u8; 8],
    id: &'a [u8],
}

impl KeyPlace<'_> {
    fn as_place(&self) -> RowPlace<'_> {
        RowPlace { agency: self.agency, table: "data_keys", id: self.id, version: 0, schema: &self.kek }
    }
}

/// The lock is authenticated, so that nobody weakens its parameters unnoticed.
fn place<'a>(agency: &'a str, lock: &'a [u8]) -> RowPlace<'a> {
    RowPlace { agency, table: "keyring", id: lock, version: 1, schema: SUITE.as_bytes() }
}

/// HMAC-SHA-256 over purpose and parts, separated by line feeds; every part but the last is free of them or of fixed length.
fn prf(key: &Key, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).expect("any key length");
    mac.update(purpose.as_bytes());
    for part in parts {
        mac.update(b"\n");
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    const PASSPHRASE: &str = "correct horse battery";

    fn phrase() -> MasterKey {
        MasterKey::Passphrase(PASSPHRASE.to_owned().into())
    }

    /// A ring that another program locked, at costs of its own: sealed as it should be, so that nothing but the costs is wrong.
    fn locked_at(cost: Argon2Cost) -> String {
        let agency = "tax-office".parse().unwrap();
        let mut ring = KeyRing::generate(&agency, &phrase(), Argon2Cost::LEAST, None).unwrap();
        let params = argon2::Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).unwrap();
        let mut key = [0; 32];
        argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
            .hash_password_into(PASSPHRASE.as_bytes(), &[7; 16], &mut key)
            .unwrap();
        ring.lock = Lock::Passphrase { argon2id: cost, salt: hex::encode([7; 16]) };
        ring.master = Key::from_bytes(&key);
        ring.to_text().unwrap()
    }

    #[test]
    fn a_lock_that_is_cheap_to_guess_is_neither_made_nor_opened() {
        let least = Argon2Cost::LEAST;
        assert!(KeyRing::open(&locked_at(least), "here", &phrase()).is_ok(), "what is locked so opens");
        let agency = "tax-office".parse().unwrap();
        let mut ring = KeyRing::generate(&agency, &phrase(), least, None).unwrap();
        for cheap in [
            Argon2Cost { memory_kib: least.memory_kib - 1, ..least },
            Argon2Cost { passes: least.passes - 1, ..least },
            Argon2Cost { memory_kib: 64, passes: 1, lanes: 1 },
        ] {
            assert!(matches!(KeyRing::open(&locked_at(cheap), "here", &phrase()), Err(KeyError::Cost)), "{cheap:?}");
            assert!(matches!(KeyRing::generate(&agency, &phrase(), cheap, None), Err(KeyError::Cost)));
            assert!(matches!(ring.relock(&phrase(), cheap), Err(KeyError::Cost)));
            assert!(matches!(phrase().check(cheap), Err(KeyError::Cost)));
        }
        assert!(ring.to_text().is_ok_and(|text| KeyRing::open(&text, "here", &phrase()).is_ok()), "it stays as it was");
    }

    /// A head that asks for all memory there is costs nothing.
    #[test]
    fn costs_beyond_anybodys_are_refused_before_memory_is_taken() {
        let text = locked_at(Argon2Cost::LEAST);
        for (from, to) in
            [("19456", "4294967295"), ("\"passes\": 2", "\"passes\": 4000000000"), ("\"lanes\": 1", "\"lanes\": 65")]
        {
            assert!(text.contains(from), "{text}");
            let dear = KeyRing::open(&text.replacen(from, to, 1), "here", &phrase());
            assert!(matches!(dear, Err(KeyError::Cost)), "{to}");
        }
    }

    /// What is no ring is said in words: no type of ours, and nothing that stands in the file.
    #[test]
    fn a_text_that_is_no_ring_is_said_in_words() {
        let text = locked_at(Argon2Cost::LEAST);
        for (bad, words) in [
            ("not JSON".to_owned(), "JSON"),
            (text.replacen("\"sealed\"", "\"sealed2\"", 1), "\"sealed2\" is not known here"),
            (text.replacen("\"sealed\": \"", "\"sealed\": \"zz", 1), "hexadecimal"),
            (text.replacen("tax-office", "Tax Office", 1), "name"),
        ] {
            let said = KeyRing::open(&bad, "here", &phrase()).unwrap_err().to_string();
            assert!(said.contains(words), "{said}");
            for raw in ["serde", "struct", "RingFile", "expected ident", "at line", "`"] {
                assert!(!said.contains(raw), "{said}");
            }
        }
    }

    fn ring() -> KeyRing {
        KeyRing::generate(&"tax-office".parse().unwrap(), &phrase(), Argon2Cost::LEAST, None).unwrap()
    }

    /// The lock stands in clear before what it locks. Who can write the file can't respell it: the salt in capitals is the same salt, and isn't this lock.
    #[test]
    fn the_lock_has_one_spelling() {
        let text = ring().to_text().unwrap();
        assert!(KeyRing::open(&text, "here", &phrase()).is_ok());
        let file: RingFile = serde_json::from_str(&text).unwrap();
        let Lock::Passphrase { salt, .. } = file.lock else { panic!("a passphrase locks it") };
        let respelled = text.replace(&salt, &salt.to_uppercase());
        assert_ne!(respelled, text);
        assert!(matches!(KeyRing::open(&respelled, "here", &phrase()), Err(KeyError::WrongKey)));
    }

    #[test]
    fn the_head_says_whose_ring_it_is_and_what_locks_it() {
        let text = ring().to_text().unwrap();
        let (agency, lock) = ring_head(text.as_bytes()).unwrap();
        assert_eq!((agency.as_str(), lock), ("tax-office", "a passphrase"));
        assert!(ring_head(b"{}").is_none());
    }

    /// A ring without a key-encryption key could wrap nothing; a part of one is no key.
    #[test]
    fn contents_are_keys_and_nothing_else() {
        let sealed = |contents: &[u8]| {
            let ring = ring();
            KeyRing::decode(ring.agency.clone(), ring.lock.clone(), ring.master.clone(), contents).is_some()
        };
        let contents = ring().encode();
        assert_eq!(contents.len(), 168);
        assert!(sealed(&contents));
        for length in [0, 127, 128, 129, 167] {
            assert!(!sealed(&contents[..length]), "{length} bytes");
        }
        assert!(!sealed(&[contents.as_slice(), &[0]].concat()));
    }

    /// When the ring can't be saved, what was wrapped before opens, and what is wrapped next does so under a key that the file has.
    #[test]
    fn a_rotation_that_is_taken_back_leaves_the_old_key() {
        let mut ring = ring();
        let (data_key, old) = (Key::random(), ring.first_kek());
        let (kek, wrapped) = ring.wrap(b"row", &data_key).unwrap();
        assert_eq!(kek, old);
        ring.add_kek();
        assert!(ring.first_kek() != old && ring.kek_count() == 2);
        ring.forget_first_kek();
        assert!(ring.first_kek() == old && ring.kek_count() == 1);
        assert!(ring.unwrap(kek, b"row", &wrapped).is_ok_and(|key| key == data_key));
        // The last one stays: without it nothing opens.
        ring.forget_first_kek();
        assert_eq!(ring.kek_count(), 1);
    }
}
