//! The wires: every value that two obligations share, or that an attacker could choose.
//!
//! Generic over what a wire holds: [`Wires<F>`] is a witness, [`Wires<Linear>`](crate::system::Linear) its variables.
//! The order of fields is the order of variables: first what is public, in the order of the specification, then the
//! rest.

use sealroot_protocol::{
    field::F,
    machine::{Dimensions, Layout},
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
        /// One record per source.
        sources: Vec<Source<T>>,
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
        /// Who applies.
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
        /// The day on which facts are judged, `YYYYMMDD`.
        as_of: T,
        /// The same as a day number.
        as_of_day: T,
        /// Program and period.
        scope: T,
        /// Digest of the request.
        request: T,
        /// Commitment to who applies; 0 if anonymous.
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
    struct Source<T> {
        /// The facts.
        attributes: Vec<T>,
        /// The holder's key `PK`; (0, 0) for someone without a wallet.
        key: Point<T>,
        /// First day from which the key may earn holder nullifiers, `YYYYMMDD`, or 0.
        holder_since: T,
        /// Whom the facts are about.
        subject: T,
        /// What they are about, `YYYYMM`, or 0.
        period: T,
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
        /// Year of the facts period if it is relative to the scope's.
        facts_year: T,
        /// Its month, 0 to 11.
        facts_month: T,
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

    /// Who applies.
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

impl<T: Clone> Wires<T> {
    /// The vector `v` as far as register `registers` sees it: all entries for the number of registers.
    pub fn entries(&self, registers: usize) -> Vec<T> {
        let mut v: Vec<T> = self.sources.first().map(|record| record.attributes.clone()).unwrap_or_default();
        let (public, opening) = (&self.public, &self.opening);
        v.extend([&public.as_of, &public.as_of_day, &opening.period_start, &opening.period_end].map(T::clone));
        v.extend(self.registers[..registers].iter().map(|register| register.value.clone()));
        v
    }
}
