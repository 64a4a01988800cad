//! What a tag covers: the table's name and every column, so that no two rows have the same bytes under the key.

use crate::{
    keys::seal::Key,
    store::{
        BatchRow, EnrolmentRow, ImportRow, KnownKeyRow, LookRow, MembershipRow, NonceRow, OwedRow, RecordRow,
        Reference, ReleaseRow, RootRow, SchemaRow, StoreError, Stored, Tag, ValueRow, tagged::state::Part,
    },
};
use hmac::{Hmac, KeyInit, Mac};
use sealroot_protocol::field;
use sha2::Sha256;
use std::sync::Arc;

/// Makes and checks tags.
#[derive(Debug, Clone)]
pub(super) struct Tagger(Arc<Key>);

impl Tagger {
    pub(super) fn new(key: Key) -> Self {
        Self(Arc::new(key))
    }

    /// The row with its tag.
    pub(super) fn tagged<R: Columns + Clone>(&self, row: &R) -> R {
        let mut row = row.clone();
        row.set_tag(Tag(self.message(&row).0.finalize().into_bytes().into()));
        row
    }

    /// The rows with their tags.
    pub(super) fn all<R: Columns + Clone>(&self, rows: &[R]) -> Vec<R> {
        rows.iter().map(|row| self.tagged(row)).collect()
    }

    /// The row, if its tag is right.
    pub(super) fn check<R: Columns>(&self, row: R) -> Stored<R> {
        // In constant time: the answer tells nothing of the right tag.
        self.message(&row).0.verify_slice(&row.tag().0).map_err(|_| StoreError::Tag(R::TABLE))?;
        Ok(row)
    }

    /// The rows, if all their tags are right.
    pub(super) fn check_all<R: Columns>(&self, rows: Vec<R>) -> Stored<Vec<R>> {
        rows.into_iter().map(|row| self.check(row)).collect()
    }

    fn message<R: Columns>(&self, row: &R) -> Message {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mac = Hmac::<Sha256>::new_from_slice(self.0.expose()).expect("any key length");
        let mut message = Message(mac);
        message.bytes(R::TABLE.as_bytes());
        row.write(&mut message);
        message
    }
}

/// Columns, one after another: a byte for what it is, and a length before what has one.
pub(super) struct Message(Hmac<Sha256>);

impl Message {
    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(&[1]);
        self.0.update(&(bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
        self
    }

    fn number(&mut self, number: u64) -> &mut Self {
        self.0.update(&[2]);
        self.0.update(&number.to_be_bytes());
        self
    }

    fn time(&mut self, time: i64) -> &mut Self {
        self.0.update(&[3]);
        self.0.update(&time.to_be_bytes());
        self
    }

    fn null(&mut self) -> &mut Self {
        self.0.update(&[0]);
        self
    }

    fn number_or_null(&mut self, number: Option<u64>) -> &mut Self {
        match number {
            Some(number) => self.number(number),
            None => self.null(),
        }
    }

    fn time_or_null(&mut self, time: Option<i64>) -> &mut Self {
        match time {
            Some(time) => self.time(time),
            None => self.null(),
        }
    }
}

/// A row with a tag.
pub(super) trait Columns {
    /// Its table.
    const TABLE: &'static str;
    /// Every column but the tag, in the table's order. Written as patterns without `..`, so that a new column can't be forgotten.
    fn write(&self, message: &mut Message);
    /// Its tag.
    fn tag(&self) -> Tag;
    /// Puts another tag there.
    fn set_tag(&mut self, tag: Tag);
    /// Whether its table is cut into parts.
    const CUT: bool;
    /// The reference that it is mostly found by, where the table is cut into parts.
    fn home(&self) -> Option<&Reference>;
    /// The part that it is in.
    fn part(&self) -> Part {
        Part { table: Self::TABLE, first: self.home().map_or(0, |home| home[0]) }
    }
    /// All parts of its table.
    fn parts() -> impl Iterator<Item = Part> + Send {
        let last = if Self::CUT { u8::MAX } else { 0 };
        (0..=last).map(|first| Part { table: Self::TABLE, first })
    }
}

/// Says what a row's columns are.
macro_rules! columns {
    ($row:ident, $table:literal, { $($column:ident $(: $skipped:pat)?),* }, |$message:ident| $write:expr $(, home $home:ident)?) => {
        impl Columns for $row {
            const TABLE: &'static str = $table;
            const CUT: bool = !concat!("", $(stringify!($home))?).is_empty();
            fn home(&self) -> Option<&Reference> {
                [$(Some(&self.$home),)? None][0]
            }
            fn write(&self, $message: &mut Message) {
                let Self { $($column $(: $skipped)?,)* tag: _ } = self;
                $write;
            }
            fn tag(&self) -> Tag {
                self.tag
            }
            fn set_tag(&mut self, tag: Tag) {
                self.tag = tag;
            }
        }
    };
}

columns!(ValueRow, "vault_values", { name, value }, |m| m.bytes(name.as_bytes()).bytes(value));
columns!(SchemaRow, "schemas", { id, name, json }, |m| {
    m.bytes(&field::to_bytes(id.0)).bytes(name.as_bytes()).bytes(json.as_bytes())
});
columns!(EnrolmentRow, "enrolments", { subject, version, anchor_by, epoch, sealed }, |m| {
    m.bytes(subject).number(*version).time_or_null(*anchor_by).number(*epoch).bytes(sealed)
}, home subject);
columns!(KnownKeyRow, "known_keys", { fingerprint, subject }, |m| m.bytes(fingerprint).bytes(subject), home fingerprint);
columns!(NonceRow, "nonces", { nonce, subject, expires }, |m| m.bytes(nonce).bytes(subject).time(*expires));
columns!(RecordRow, "records", { id, version, schema, period, lookup, serial, subject, index, leaf, since, until, sealed }, |m| {
    m.bytes(id).number(*version).bytes(&field::to_bytes(schema.0)).number(u64::from(*period));
    m.bytes(lookup).bytes(serial).bytes(subject);
    m.number(u64::from(index.0)).bytes(&field::to_bytes(leaf.0)).number(*since).number_or_null(*until).bytes(sealed)
}, home subject);
columns!(MembershipRow, "memberships", { member, household, since, until }, |m| {
    m.bytes(member).bytes(household).number(*since).number_or_null(*until)
}, home member);
columns!(RootRow, "roots", { epoch, root, log_size, log_head, state, anchor_by, sequence, block, anchored_at, superseded_at }, |m| {
    m.number(*epoch).bytes(&field::to_bytes(root.0)).number(*log_size).bytes(&log_head.0);
    m.bytes(state.as_str().as_bytes()).time_or_null(*anchor_by).number_or_null(*sequence).number_or_null(*block);
    m.time_or_null(*anchored_at).time_or_null(*superseded_at)
});
// Without the line, which the running import's own transaction clears.
columns!(LookRow, "looks", { skeleton, subject, ascii, small, capital, line: _ }, |m| {
    m.bytes(skeleton).bytes(subject).number(u64::from(*ascii)).number(u64::from(*small)).number(u64::from(*capital))
}, home subject);
columns!(OwedRow, "owed_destructions", { key }, |m| m.bytes(key));
columns!(BatchRow, "batches", { batch }, |m| m.bytes(batch));
columns!(ImportRow, "imports", { id, schema, at, added, changed, unchanged, removed }, |m| {
    m.bytes(id).bytes(&field::to_bytes(schema.0)).time(*at);
    m.number(*added).number(*changed).number(*unchanged).number(*removed)
});
columns!(ReleaseRow, "releases", { release, expires }, |m| m.bytes(release).time(*expires));

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn row() -> MembershipRow {
        MembershipRow { member: [1; 32], household: [2; 32], since: 3, until: None, tag: Tag::default() }
    }

    #[test]
    fn every_column_and_the_table_are_under_the_tag() {
        let tagger = Tagger::new(Key::from_bytes(&[7; 32]));
        let tagged = tagger.tagged(&row());
        assert_eq!(tagger.check(tagged).unwrap(), tagged);
        let others = [
            MembershipRow { member: [2; 32], household: [1; 32], ..tagged },
            MembershipRow { since: 4, ..tagged },
            // Nothing is not zero.
            MembershipRow { until: Some(0), ..tagged },
            MembershipRow { until: Some(3), since: 0, ..tagged },
            row(),
        ];
        for other in others {
            assert!(matches!(tagger.check(other), Err(StoreError::Tag("memberships"))), "{other:?}");
        }
        assert!(Tagger::new(Key::from_bytes(&[8; 32])).check(tagged).is_err(), "another vault's key");
        // The same bytes in another table, and cut elsewhere.
        let known = tagger.tagged(&KnownKeyRow { fingerprint: [1; 32], subject: [2; 32], tag: Tag::default() });
        let nonce = NonceRow { nonce: [1; 32], subject: [2; 32], expires: 0, tag: known.tag };
        assert!(tagger.check(nonce).is_err());
        let value = |name: &str, value: &[u8]| ValueRow { name: name.into(), value: value.into(), tag: Tag::default() };
        let tag = tagger.tagged(&value("ab", b"c")).tag;
        assert!(tagger.check(ValueRow { tag, ..value("a", b"bc") }).is_err());
    }
}
