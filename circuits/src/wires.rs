//! The wires: every value that two obligations share, or that an attacker could choose.
//!
//! Generic over what a wire holds: [`Wires<F>`] is a witness, [`Wires<Linear>`](crate::system::Linear) its variables.
//! The order of fields is the order of variables: first what is public, in the order of the specification, then the
//! rest.

use crate::system::Number;
use sealroot_protocol::{
    field::F,
    machine::{Dimensions, Layout, Level},
};

/// Something made of wires.
pub trait Wire {
    /// The same thing made of `U`.
    type Of<U>;

    /// One `U` for each wire, in order.
    fn map<U>(&self, f: &mut impl FnMut(F) -> U) -> Self::Of<U>;

    /// Visits each wire, in the same order.
    fn visit(&mut self, f: &mut impl FnMut(&mut F));
}

impl Wire for F {
    type Of<U> = U;
    fn map<U>(&self, f: &mut impl FnMut(F) -> U) -> U {
        f(*self)
    }
    fn visit(&mut self, f: &mut impl FnMut(&mut F)) {
        f(self);
    }
}

impl<W: Wire> Wire for Vec<W> {
    type Of<U> = Vec<W::Of<U>>;
    fn map<U>(&self, f: &mut impl FnMut(F) -> U) -> Self::Of<U> {
        self.iter().map(|w| w.map(f)).collect()
    }
    fn visit(&mut self, f: &mut impl FnMut(&mut F)) {
        self.iter_mut().for_each(|w| w.visit(f));
    }
}

impl<W: Wire> Wire for Option<W> {
    type Of<U> = Option<W::Of<U>>;
    fn map<U>(&self, f: &mut impl FnMut(F) -> U) -> Self::Of<U> {
        self.as_ref().map(|w| w.map(f))
    }
    fn visit(&mut self, f: &mut impl FnMut(&mut F)) {
        if let Some(w) = self {
            w.visit(f);
        }
    }
}

/// Sizes are not wires.
impl Wire for Dimensions {
    type Of<U> = Self;
    fn map<U>(&self, _: &mut impl FnMut(F) -> U) -> Self {
        *self
    }
    fn visit(&mut self, _: &mut impl FnMut(&mut F)) {}
}

macro_rules! wires {
    ($($(#[$doc:meta])* struct $name:ident<T> { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name<T> { $($(#[$field_doc])* pub $field: $type,)* }

        impl Wire for $name<F> {
            type Of<U> = $name<U>;
            fn map<U>(&self, f: &mut impl FnMut(F) -> U) -> $name<U> {
                $name { $($field: self.$field.map(&mut *f),)* }
            }
            fn visit(&mut self, f: &mut impl FnMut(&mut F)) {
                $(self.$field.visit(&mut *f);)*
            }
        }
    )*};
}

wires! {
    /// All wires of a statement.
    struct Wires<T> {
        /// The shape's capacities.
        dimensions: Dimensions,
        /// What changes from proof to proof, and everyone sees.
        public: Public<T>,
        /// The policy words; public, folded into the verifying key.
        words: Vec<T>,
        /// The applicant's record: a person's, or a household's.
        record: Record<T>,
        /// What the facts of each source are about.
        facts: Vec<FactsPeriod<T>>,
        /// The household's members; empty for a person.
        household: Household<T>,
        /// What the scope commits to.
        opening: Opening<T>,
        /// Registers.
        registers: Vec<Register<T>>,
        /// Conditions.
        conditions: Vec<Condition<T>>,
        /// Requirements.
        requirements: Vec<Requirement<T>>,
        /// What each output shows if the decision is 1.
        selected: Vec<T>,
        /// The applicant.
        applicant: Applicant<T>,
        /// From scope and key to the base of the nullifier.
        hash_to_curve: HashToCurve<T>,
        /// The holder's signature.
        consent: Consent<T>,
        /// `8·N`.
        cleared: Point<T>,
    }

    /// Public inputs, in the order of the specification.
    struct Public<T> {
        /// One root per source.
        roots: Vec<T>,
        /// The reference day, `YYYYMMDD`.
        as_of: T,
        /// The same as a day number.
        as_of_day: T,
        /// Program and period.
        scope: T,
        /// Digest of the request.
        request: T,
        /// Commitment to the applicant; 0 if anonymous.
        applicant: T,
        /// What an approval spends.
        nullifier: T,
        /// 1 = approved, 0 = refused.
        decision: T,
        /// 0 unless approved.
        outputs: Vec<T>,
        /// Mask of failed requirements that the policy reveals.
        reasons: T,
    }

    /// A point in EIP-2494 coordinates; whether it is on the curve is for an obligation to say.
    struct Point<T> {
        /// x.
        x: T,
        /// y.
        y: T,
    }

    /// A record, and its place in the tree.
    struct Record<T> {
        /// The facts.
        attributes: Vec<T>,
        /// The holder's key `PK`; (0, 0) for someone without a wallet.
        key: Point<T>,
        /// First day from which the key may earn holder nullifiers, `YYYYMMDD`, or 0.
        holder_since: T,
        /// The person or household that the facts are about.
        subject: T,
        /// Stable identity.
        serial: T,
        /// Blinds the leaf.
        salt: T,
        /// `h_4`.
        attributes_digest: T,
        /// The commitment.
        leaf: T,
        /// The four children at each level, from the leaf's up.
        children: Vec<Vec<T>>,
    }

    /// The period that the facts of a source must have.
    struct FactsPeriod<T> {
        /// Year if it is relative to the scope's.
        year: T,
        /// Month, 0 to 11.
        month: T,
        /// `YYYYMM`, or 0.
        period: T,
    }

    /// The members of a household.
    struct Household<T> {
        /// `[name ≠ 0]` for each name in the household's record.
        present: Vec<T>,
        /// First group, then second.
        slots: Vec<Slot<T>>,
    }

    /// A place for one record of one member.
    struct Slot<T> {
        /// 1 if a member is in it.
        active: T,
        /// The schema of its source.
        schema_id: T,
        /// The facts period of its source.
        period: T,
        /// The root of its source.
        root: T,
        /// The member's record; if there is none, zeros.
        record: Record<T>,
        /// The member registers.
        registers: Vec<Register<T>>,
        /// Their values; 0 in an empty slot.
        values: Vec<T>,
    }

    /// The scope's opening, and its first day taken apart.
    struct Opening<T> {
        /// Chain and program contract.
        deployment: T,
        /// The program.
        program: T,
        /// First day, `YYYYMMDD`.
        period_start: T,
        /// Last day, `YYYYMMDD`.
        period_end: T,
        /// Year of the first day.
        start_year: T,
        /// Its month, 1 to 12.
        start_month: T,
        /// Its day of the month.
        start_day: T,
    }

    /// A register.
    struct Register<T> {
        /// `L`.
        line: T,
        /// `⌊L / divisor⌋`.
        quotient: T,
        /// `L − quotient·divisor`, in [0, divisor).
        remainder: T,
        /// 1 if what is range-checked, the line or the quotient, is ≥ 0.
        nonnegative: T,
        /// `[L = 0]`.
        zero: T,
        /// What the value is multiplied by, 0 or 1.
        gate: T,
        /// What later lines read.
        value: T,
    }

    /// A condition.
    struct Condition<T> {
        /// `L`.
        line: T,
        /// 1 if the line, where it is range-checked, is ≥ 0.
        nonnegative: T,
        /// `[L = 0]`.
        zero: T,
        /// `[L ∈ set]`, for the conditions that can test it.
        member: Option<T>,
        /// 0 or 1.
        value: T,
    }

    /// A requirement.
    struct Requirement<T> {
        /// How many of its conditions hold.
        matched: T,
        /// 1 if used and none does.
        failed: T,
    }

    /// The applicant.
    struct Applicant<T> {
        /// The attribute that the policy's identity words select; 0 if none.
        identity: T,
        /// Shared by clerk and wallet.
        case_secret: T,
    }

    /// From scope and key to `H`.
    struct HashToCurve<T> {
        /// `r`, what is mapped.
        input: T,
        /// 1 if `g(u_1)` is a square.
        first: T,
        /// Montgomery u.
        u: T,
        /// Montgomery v.
        v: T,
        /// The canonical bits of v.
        v_bits: Vec<T>,
        /// (x, y) before the cofactor is cleared.
        mapped: Point<T>,
        /// `H`.
        base: Point<T>,
    }

    /// The consent.
    struct Consent<T> {
        /// `N`.
        n: Point<T>,
        /// Bits of `s`, an integer below 2^252.
        response: Vec<T>,
        /// Canonical bits of the challenge hash; `c` is the low 128.
        challenge: Vec<T>,
        /// The challenge hash.
        challenge_hash: T,
        /// `s·Base8 − c·PK`.
        a: Point<T>,
        /// `s·H − c·N`.
        b: Point<T>,
    }
}

impl<T> Wires<T> {
    /// Where each policy word stands.
    pub fn layout(&self) -> Layout {
        Layout::new(self.dimensions)
    }
}

impl<T> Wires<T> {
    /// All records: the applicant's, then one per slot.
    pub fn records(&self) -> impl Iterator<Item = &Record<T>> {
        std::iter::once(&self.record).chain(self.household.slots.iter().map(|slot| &slot.record))
    }

    /// The record at a position of [`Wires::records`].
    pub fn record_mut(&mut self, i: usize) -> &mut Record<T> {
        match i.checked_sub(1) {
            None => &mut self.record,
            Some(slot) => &mut self.household.slots[slot].record,
        }
    }

    /// The registers of a level, as far as one vector of them goes: of the record, or of a slot.
    pub fn registers_of(&self, place: Place) -> &[Register<T>] {
        match place {
            Place::Record => &self.registers,
            Place::Slot(slot) => &self.household.slots[slot].registers,
        }
    }
}

/// Where registers stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Beside the record.
    Record,
    /// In a member slot.
    Slot(usize),
}

impl<T: Number> Wires<T> {
    /// The level of registers at a place.
    pub fn level(&self, place: Place) -> Level {
        match place {
            Place::Record => Level::Record,
            Place::Slot(slot) => Level::Member(slot / self.dimensions.group_slots),
        }
    }

    /// The vector of a place as far as register `registers` sees it: all entries for the number of registers.
    pub fn entries(&self, place: Place, registers: usize) -> Vec<T> {
        let (public, opening, slots) = (&self.public, &self.opening, &self.household.slots);
        let dates = [&public.as_of, &public.as_of_day, &opening.period_start, &opening.period_end];
        let record = match place {
            Place::Record => &self.record,
            Place::Slot(slot) => &slots[slot].record,
        };
        let mut v: Vec<T> = record.attributes.iter().chain(dates).cloned().collect();
        match place {
            Place::Record => {
                // An empty slot's attributes and values are 0.
                for group in slots.chunks(self.dimensions.group_slots.max(1)) {
                    let sum = |i| T::sum(group.iter().map(|slot| &slot.record.attributes[i]));
                    v.extend((0..self.dimensions.attributes).map(sum));
                }
                for group in slots.chunks(self.dimensions.group_slots.max(1)) {
                    let sum = |i| T::sum(group.iter().map(|slot| &slot.values[i]));
                    v.extend((0..self.dimensions.member_registers).map(sum));
                }
                v.extend(self.registers[..registers].iter().map(|register| register.value.clone()));
            }
            Place::Slot(slot) => {
                if let Some(counterpart) = slot.checked_sub(self.dimensions.group_slots) {
                    v.extend_from_slice(&slots[counterpart].values);
                }
                v.extend_from_slice(&slots[slot].values[..registers]);
            }
        }
        v
    }
}
