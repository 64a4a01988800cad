//! Products of pairings: eight pairs side by side, and one squaring for all of them.
//!
//! The optimal ate pairing of BN curves with the loop count of arkworks; T runs in homogeneous projective coordinates (Costello, Lange,
//! Naehrig, ePrint 2009/615; Aranha, Barreto, Longa, Ricardini, ePrint 2013/722). Lines may differ from arkworks' by a factor in Fq2, which
//! the final exponentiation removes.
//!
//! Guarantee: for points of the groups of prime order, [`multi_miller_loop`] is arkworks' up to such factors. No exceptional case exists for
//! them. Where ±Q is added, T is k·Q with an even k, `2 ≤ k < 6x + 4`; where ψ(Q) = 6x²·Q is, T is (6x + 2)·Q; where −ψ²(Q) =
//! (36x³ + 18x² + 6x + 1)·Q is, T is (6x² + 6x + 2)·Q. All of these factors are less than r/2, and no two that meet are equal: so T is never ±
//! the point that is added, and never infinity. r is odd, so no doubling is exceptional either.
//! Non-guarantee: nothing is said of pairs outside of these groups. The caller has checked them.

use super::tower::{Line, Twelfth};
use crate::backend::{Backend, Instructions, Kernel, Step, mul, square};
use crate::field::{Extension, Packed, WIDTH};
use ark_bn254::{Bn254, Config, Fq, Fq2, Fq12, G1Affine, G2Affine, g2};
use ark_ec::AffineRepr;
use ark_ec::bn::BnConfig;
use ark_ec::pairing::Pairing;
use ark_ec::short_weierstrass::SWCurveConfig;
use ark_ff::{AdditiveGroup, Field};

/// The product of the Miller loops of all pairs, for the final exponentiation. A pair with infinity counts as 1.
pub fn multi_miller_loop(instructions: Instructions, pairs: &[(G1Affine, G2Affine)]) -> Fq12 {
    let (packed, single) = pairs.split_at(instructions.worth_packing(pairs.len()));
    let (p, q): (Vec<_>, Vec<_>) = single.iter().copied().unzip();
    instructions.run(Miller { pairs: packed }) * Bn254::multi_miller_loop(p, q).0
}

struct Miller<'a> {
    pairs: &'a [(G1Affine, G2Affine)],
}

impl Kernel for Miller<'_> {
    type Output = Fq12;

    #[inline(always)]
    fn run<B: Backend>(self) -> Fq12 {
        if self.pairs.is_empty() {
            return Fq12::ONE;
        }
        let mut packs: Vec<Pack<B>> = Vec::with_capacity(self.pairs.len().div_ceil(WIDTH));
        for pairs in self.pairs.chunks(WIDTH) {
            packs.push(Pack::new(pairs));
        }
        let twist = Twist::<B>::new();
        let mut f = Twelfth::<B>::one();
        let (last, digits) = match Config::ATE_LOOP_COUNT.split_last() {
            Some((_, digits)) => (digits.len(), digits),
            None => (0, &[][..]),
        };
        for i in (0..last).rev() {
            if i + 1 != last {
                f = f.square();
            }
            times_all(&mut f, &mut packs, &twist, Move::Double);
            match digits[i] {
                1 => times_all(&mut f, &mut packs, &twist, Move::Add),
                -1 => times_all(&mut f, &mut packs, &twist, Move::Subtract),
                _ => {}
            }
        }
        times_all(&mut f, &mut packs, &twist, Move::AddFrobenius);
        times_all(&mut f, &mut packs, &twist, Move::SubtractFrobeniusTwice);
        let mut product = Fq12::ONE;
        for lane in f.unpack() {
            product *= lane;
        }
        product
    }
}

/// What T does next.
#[derive(Clone, Copy)]
enum Move {
    Double,
    Add,
    Subtract,
    AddFrobenius,
    SubtractFrobeniusTwice,
}

/// Moves every T, and multiplies f by all lines, two by two.
struct TimesAll<'a, B: Backend> {
    f: &'a mut Twelfth<B>,
    packs: &'a mut [Pack<B>],
    twist: &'a Twist<B>,
    which: Move,
}

impl<B: Backend> Step for TimesAll<'_, B> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let mut waiting: Option<Line<B>> = None;
        for pack in self.packs {
            let line = pack.line(self.twist, self.which);
            waiting = match waiting {
                None => Some(line),
                Some(first) => {
                    *self.f = self.f.times_lines(&first, &line);
                    None
                }
            };
        }
        if let Some(line) = waiting {
            *self.f = self.f.times_line(&line);
        }
    }
}

#[inline(always)]
fn times_all<B: Backend>(f: &mut Twelfth<B>, packs: &mut [Pack<B>], twist: &Twist<B>, which: Move) {
    B::call(TimesAll { f, packs, twist, which });
}

/// Constants of the twist.
struct Twist<B: Backend> {
    three_b: B::Fq2,
    frobenius: [B::Fq2; 2],
}

impl<B: Backend> Twist<B> {
    #[inline(always)]
    fn new() -> Self {
        let b = <g2::Config as SWCurveConfig>::COEFF_B;
        Self {
            three_b: B::Fq2::splat(b.double() + b),
            frobenius: [B::Fq2::splat(Config::TWIST_MUL_BY_Q_X), B::Fq2::splat(Config::TWIST_MUL_BY_Q_Y)],
        }
    }

    /// ψ(x, y).
    #[inline(always)]
    fn map(&self, [x, y]: [B::Fq2; 2]) -> [B::Fq2; 2] {
        [mul::<B, _>(x.conjugate(), self.frobenius[0]), mul::<B, _>(y.conjugate(), self.frobenius[1])]
    }
}

/// Eight pairs.
struct Pack<B: Backend> {
    /// Of P: x, y, 3x, −2y.
    x: B::Fq,
    y: B::Fq,
    three_x: B::Fq,
    minus_two_y: B::Fq,
    q: [B::Fq2; 2],
    /// Homogeneous projective.
    t: [B::Fq2; 3],
    /// Lanes whose lines are 1.
    idle: u8,
}

impl<B: Backend> Pack<B> {
    #[inline(always)]
    fn new(pairs: &[(G1Affine, G2Affine)]) -> Self {
        let idle = (G1Affine::generator(), G2Affine::generator());
        let mut mask = 0;
        let mut p = [[Fq::ZERO; WIDTH]; 4];
        let mut q = [[Fq2::ZERO; WIDTH]; 2];
        for i in 0..WIDTH {
            let mut pair = if i < pairs.len() { pairs[i] } else { idle };
            if i >= pairs.len() || pair.0.is_zero() || pair.1.is_zero() {
                mask |= 1 << i;
                pair = idle;
            }
            (p[0][i], p[1][i]) = (pair.0.x, pair.0.y);
            (p[2][i], p[3][i]) = (pair.0.x.double() + pair.0.x, -pair.0.y.double());
            (q[0][i], q[1][i]) = (pair.1.x, pair.1.y);
        }
        let q = [B::Fq2::pack(&q[0]), B::Fq2::pack(&q[1])];
        Self {
            x: B::Fq::pack(&p[0]),
            y: B::Fq::pack(&p[1]),
            three_x: B::Fq::pack(&p[2]),
            minus_two_y: B::Fq::pack(&p[3]),
            q,
            t: [q[0], q[1], B::Fq2::splat(Fq2::ONE)],
            idle: mask,
        }
    }

    #[inline(always)]
    fn line(&mut self, twist: &Twist<B>, which: Move) -> Line<B> {
        let [x, y] = self.q;
        let added = match which {
            Move::Double => None,
            Move::Add => Some([x, y]),
            Move::Subtract => Some([x, y.neg()]),
            Move::AddFrobenius => Some(twist.map(self.q)),
            Move::SubtractFrobeniusTwice => {
                let [x, y] = twist.map(twist.map(self.q));
                Some([x, y.neg()])
            }
        };
        let line = match added {
            None => self.double(twist),
            Some(point) => self.add(point),
        };
        if self.idle == 0 { line } else { line.one_where(self.idle) }
    }

    /// T becomes 2·T; the tangent in T, at P.
    ///
    /// With coordinates four times those of the literature, so that nothing is halved.
    #[inline(always)]
    fn double(&mut self, twist: &Twist<B>) -> Line<B> {
        let [x, y, z] = self.t;
        let xy = mul::<B, _>(x, y);
        let yz = mul::<B, _>(y, z);
        let xx = square::<B, _>(x);
        let b = square::<B, _>(y);
        let e = mul::<B, _>(square::<B, _>(z), twist.three_b);
        let f = e.add(e).add_reduced(e);
        let half = mul::<B, _>(b.sub(f), xy);
        let g = square::<B, _>(b.add_reduced(f));
        let two_e = square::<B, _>(e.add_reduced(e));
        let quarter = mul::<B, _>(b.add(b), yz.add_reduced(yz));
        self.t = [half.add_reduced(half), g.sub_two(two_e, two_e).sub_reduced(two_e), quarter.add_reduced(quarter)];
        Line { a: yz.scale(self.minus_two_y), b: xx.scale(self.three_x), c: e.sub_reduced(b) }
    }

    /// T becomes T + Q for an affine Q whose coordinates are at most 3 p; the line through both, at P.
    #[inline(always)]
    fn add(&mut self, [qx, qy]: [B::Fq2; 2]) -> Line<B> {
        let [x, y, z] = self.t;
        let theta = y.sub_reduced(mul::<B, _>(z, qy));
        let lambda = x.sub_reduced(mul::<B, _>(z, qx));
        let c = square::<B, _>(theta);
        let d = square::<B, _>(lambda);
        let e = mul::<B, _>(lambda, d);
        let f = mul::<B, _>(z, c);
        let g = mul::<B, _>(x, d);
        let h = e.add(f).sub_reduced(g.add_reduced(g));
        self.t =
            [mul::<B, _>(lambda, h), mul::<B, _>(g.sub(h), theta).sub_reduced(mul::<B, _>(e, y)), mul::<B, _>(z, e)];
        let j = mul::<B, _>(theta, qx).sub_reduced(mul::<B, _>(lambda, qy));
        Line { a: lambda.scale(self.y), b: theta.neg().scale(self.x), c: j }
    }
}
