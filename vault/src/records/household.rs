//! Households and their members.
//!
//! Guarantees: nobody is in two live households of one schema and period. A household that receives a member of another one, under an anchored root, claims no period
//! that began before the grace of that root has ended, because the other household may have counted that member. That survives leaving, removal and erasure.

use crate::{
    error::VaultError,
    keys::references,
    people::restart::Restart,
    records::rows::ParsedRow,
    store::{Epoch, MembershipRow, RecordRow, Records, RecordsTx, Reference, RootRow, RootState, Store, Tag},
    vault::Vault,
};
use sealroot_protocol::{
    field::F,
    record::Subject,
    schema::{MEMBERS, SchemaId},
};
use std::collections::{HashMap, HashSet};

/// A household's record that an import writes.
pub(crate) struct Written {
    pub(crate) line: u64,
    /// Reference of its serial.
    pub(crate) household: Reference,
    /// Reference of the person whose row it is.
    pub(crate) head: Reference,
    /// References of the members, in the order of the attributes.
    pub(crate) members: Vec<Reference>,
    /// The members under the ids that they had before: member, and reference under such an id.
    pub(crate) former: Vec<(Reference, Reference)>,
}

impl Written {
    /// `earlier`: the people among the members whose national ids changed, and who they were before.
    pub(crate) fn of(
        vault: &Vault<impl Store>,
        schema: SchemaId,
        row: &ParsedRow,
        household: Reference,
        earlier: &HashMap<Subject, Vec<Subject>>,
    ) -> Self {
        let ring = vault.ring();
        let names: Vec<Subject> = present(row).collect();
        let member = |name: &Subject| references::member(&ring, schema, *name, row.period.value());
        let former = names
            .iter()
            .flat_map(|name| earlier.get(name).into_iter().flatten().map(|before| (member(name), member(before))));
        Self {
            line: row.line,
            household,
            head: references::subject(&ring, row.subject),
            members: names.iter().map(member).collect(),
            former: former.collect(),
        }
    }
}

/// The members that a row names.
pub(crate) fn present(row: &ParsedRow) -> impl Iterator<Item = Subject> {
    row.attributes.0[1..=MEMBERS].iter().filter(|name| **name != F::from(0u8)).map(|name| Subject(*name))
}

/// Somebody who came into a household while another one had them; by the end of the file it must have let them go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claimed {
    member: Reference,
    /// Line of the row that names them.
    pub(crate) line: u64,
    /// Position of the attribute that does.
    pub(crate) attribute: usize,
}

/// What writing some households means for others.
#[derive(Default)]
pub(crate) struct Settled {
    /// Heads who receive somebody that another household may have counted, and from when on they may claim.
    pub(crate) restarts: Vec<(Reference, Restart)>,
    /// Members to look at again when the whole file is in.
    pub(crate) claimed: Vec<Claimed>,
}

impl<S: Store> Vault<S> {
    /// Brings memberships in line with households that are about to be written.
    pub(crate) async fn settle_members(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        epoch: Epoch,
        written: &[Written],
    ) -> Result<Settled, VaultError> {
        let households: Vec<Reference> = written.iter().map(|w| w.household).collect();
        let mut now: HashMap<Reference, HashSet<Reference>> = HashMap::new();
        for row in tx.members_of(&households).await? {
            now.entry(row.household).or_default().insert(row.member);
        }
        // Everybody who leaves comes first, so that a member who moves within the chunk is free before arriving.
        let (mut arrivals, mut left) = (Vec::new(), Vec::new());
        for w in written {
            let before = now.remove(&w.household).unwrap_or_default();
            left.extend(before.iter().filter(|m| !w.members.contains(*m)).map(|m| (*m, w.household)));
            arrivals
                .extend(w.members.iter().enumerate().filter(|(_, m)| !before.contains(*m)).map(|(i, m)| (w, i, *m)));
        }
        tx.end_memberships(&left, epoch).await?;
        if arrivals.is_empty() {
            return Ok(Settled::default());
        }

        let mut members: Vec<Reference> = arrivals.iter().map(|(_, _, member)| *member).collect();
        // Under an earlier id another household may have counted them as well.
        let now_called: HashMap<Reference, Reference> =
            written.iter().flat_map(|w| &w.former).map(|(now, before)| (*before, *now)).collect();
        members.extend(now_called.keys());
        let roots = tx.roots().await?;
        let mut elsewhere: HashMap<Reference, Vec<MembershipRow>> = HashMap::new();
        for row in tx.memberships(&members).await? {
            elsewhere.entry(*now_called.get(&row.member).unwrap_or(&row.member)).or_default().push(row);
        }
        let mut settled = Settled::default();
        let mut arrived: HashMap<Reference, Reference> = HashMap::new();
        for (w, i, member) in &arrivals {
            let claimed = Claimed { member: *member, line: w.line, attribute: i + 1 };
            if arrived.insert(*member, w.household).is_some_and(|other| other != w.household) {
                settled.claimed.push(claimed);
            }
            let others = elsewhere.get(member).into_iter().flatten().filter(|row| row.household != w.household);
            for other in others {
                if other.until.is_none() {
                    settled.claimed.push(claimed);
                }
                if let Some(restart) = self.counted_until(&roots, other, epoch) {
                    settled.restarts.push((w.head, restart));
                }
            }
        }
        let came: Vec<MembershipRow> = arrivals
            .into_iter()
            .map(|(w, _, member)| MembershipRow {
                member,
                household: w.household,
                since: epoch,
                until: None,
                tag: Tag::default(),
            })
            .collect();
        tx.put_memberships(&came).await?;
        Ok(settled)
    }

    /// Households whose records end let everybody go. Rows of other schemas have no members.
    pub(crate) async fn dissolve(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        epoch: Epoch,
        ended: &[RecordRow],
    ) -> Result<(), VaultError> {
        let households: Vec<Reference> = ended.iter().map(|row| row.serial).collect();
        let left: Vec<_> = tx.members_of(&households).await?.iter().map(|row| (row.member, row.household)).collect();
        Ok(tx.end_memberships(&left, epoch).await?)
    }

    /// The people still in two live households now that the whole file is in.
    pub(crate) async fn in_two_households(
        &self,
        tx: &mut <S::Records as Records>::Tx,
        claimed: &[Claimed],
    ) -> Result<Vec<Claimed>, VaultError> {
        let mut live: HashMap<Reference, usize> = HashMap::new();
        let members: Vec<Reference> = claimed.iter().map(|c| c.member).collect();
        for row in tx.memberships(&members).await? {
            *live.entry(row.member).or_default() += usize::from(row.until.is_none());
        }
        Ok(claimed.iter().filter(|c| live.get(&c.member).is_some_and(|n| *n > 1)).copied().collect())
    }

    /// Until when another household could count somebody who is, or was, one of its members; none if no root ever showed them there.
    fn counted_until(&self, roots: &[RootRow], other: &MembershipRow, epoch: Epoch) -> Option<Restart> {
        let until = other.until.unwrap_or(epoch);
        let shown = |row: &&RootRow| {
            let on_chain = row.sequence.is_some() || row.state == RootState::Pending;
            on_chain && (other.since..until).contains(&row.epoch)
        };
        let last = roots.iter().filter(shown).max_by_key(|row| row.epoch)?;
        Some(match last.superseded_at {
            Some(at) => Restart::GraceEnds(at.saturating_add_unsigned(self.timing.grace)),
            None => Restart::NextAnchor,
        })
    }
}
