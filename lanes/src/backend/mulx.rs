//! Montgomery multiplication with MULX, ADCX and ADOX: two chains of carries side by side, which compilers don't make of portable code.
//!
//! Four limbs of 64 bits, R = 2^256. For moduli of at most 254 bits no sum overflows ("Faster big-integer modular multiplication for most
//! moduli", Botrel and El Housni, ePrint 2022/1400).

use crate::field::negated_inverse;
use std::arch::asm;

/// A number of 256 bits.
type Limbs = [u64; 4];

/// A proof that processor and operating system have the instructions.
#[derive(Clone, Copy)]
pub(crate) struct Mulx(());

impl Mulx {
    /// If they are there.
    #[inline(always)]
    pub(crate) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("bmi2") && is_x86_feature_detected!("adx")).then_some(Self(()))
    }
}

/// A modulus of at most 254 bits, and `−p⁻¹ mod 2^64`.
#[derive(Clone, Copy)]
pub(crate) struct Modulus {
    p: Limbs,
    negated_inverse: u64,
}

impl Modulus {
    pub(crate) const fn new(p: Limbs) -> Self {
        assert!(p[3] >> 62 == 0 && p[0] & 1 == 1, "an odd modulus of at most 254 bits");
        Self { p, negated_inverse: negated_inverse(p[0]) }
    }
}

/// `t += a·b_i` for the limbs 1 to 3 of b; the sum's fifth limb is in t4.
macro_rules! accumulate {
    ($offset:literal) => {
        concat!(
            "mov rdx, [{b} + ",
            $offset,
            "]\n",
            "xor eax, eax\n",
            "mulx {high}, rax, [{a}]\n adox {t0}, rax\n adcx {t1}, {high}\n",
            "mulx {high}, rax, [{a} + 8]\n adox {t1}, rax\n adcx {t2}, {high}\n",
            "mulx {high}, rax, [{a} + 16]\n adox {t2}, rax\n adcx {t3}, {high}\n",
            "mulx {t4}, rax, [{a} + 24]\n adox {t3}, rax\n mov eax, 0\n adcx {t4}, rax\n adox {t4}, rax\n",
        )
    };
}

/// `t = (t + q·p) / 2^64` with the q for which it divides; the fifth limb, or rax = 0, comes last.
macro_rules! reduce {
    ($fifth:literal) => {
        concat!(
            "mov rdx, {inverse}\n imul rdx, {t0}\n",
            "xor eax, eax\n",
            "mulx {high}, rax, [{p}]\n adcx rax, {t0}\n mov {t0}, {high}\n adcx {t0}, {t1}\n",
            "mulx {t1}, rax, [{p} + 8]\n adox {t0}, rax\n adcx {t1}, {t2}\n",
            "mulx {t2}, rax, [{p} + 16]\n adox {t1}, rax\n adcx {t2}, {t3}\n",
            "mulx {t3}, rax, [{p} + 24]\n adox {t2}, rax\n mov eax, 0\n adcx {t3}, rax\n adox {t3}, ",
            $fifth,
            "\n",
        )
    };
}

/// `a·b·2^−256`, less than p, of two that are less than p.
#[inline(always)]
pub(crate) fn mul(_: Mulx, a: &Limbs, b: &Limbs, modulus: &Modulus) -> Limbs {
    let [t0, t1, t2, t3]: Limbs;
    // SAFETY: `Mulx` says that the instructions are there. Memory is only read, four limbs behind each of a, b and p.
    unsafe {
        asm!(
            "mov rdx, [{b}]",
            "xor eax, eax",
            "mulx {t1}, {t0}, [{a}]",
            "mulx {t2}, rax, [{a} + 8]\n adcx {t1}, rax",
            "mulx {t3}, rax, [{a} + 16]\n adcx {t2}, rax",
            "mulx {t4}, rax, [{a} + 24]\n adcx {t3}, rax\n mov eax, 0\n adcx {t4}, rax",
            reduce!("{t4}"),
            accumulate!("8"), reduce!("{t4}"),
            accumulate!("16"), reduce!("{t4}"),
            accumulate!("24"), reduce!("{t4}"),
            a = in(reg) a.as_ptr(), b = in(reg) b.as_ptr(), p = in(reg) modulus.p.as_ptr(),
            inverse = in(reg) modulus.negated_inverse,
            t0 = out(reg) t0, t1 = out(reg) t1, t2 = out(reg) t2, t3 = out(reg) t3,
            t4 = out(reg) _, high = out(reg) _, out("rax") _, out("rdx") _,
            options(pure, readonly, nostack),
        );
    }
    minus_where_possible([t0, t1, t2, t3], &modulus.p)
}

/// `a·b` of two numbers that are less than 2^256: the low four limbs, then the high ones.
#[inline(always)]
pub(crate) fn product(_: Mulx, a: &Limbs, b: &Limbs) -> [Limbs; 2] {
    let [l0, l1, l2, l3]: Limbs;
    let [h0, h1, h2, h3]: Limbs;
    // Adds a·b_i to four limbs, and makes the fifth.
    macro_rules! row {
        ($offset:literal, $w0:literal, $w1:literal, $w2:literal, $w3:literal, $w4:literal) => {
            concat!(
                "mov rdx, [{b} + ",
                $offset,
                "]\n",
                "xor eax, eax\n",
                "mulx {high}, rax, [{a}]\n adox {",
                $w0,
                "}, rax\n adcx {",
                $w1,
                "}, {high}\n",
                "mulx {high}, rax, [{a} + 8]\n adox {",
                $w1,
                "}, rax\n adcx {",
                $w2,
                "}, {high}\n",
                "mulx {high}, rax, [{a} + 16]\n adox {",
                $w2,
                "}, rax\n adcx {",
                $w3,
                "}, {high}\n",
                "mulx {",
                $w4,
                "}, rax, [{a} + 24]\n adox {",
                $w3,
                "}, rax\n",
                "mov eax, 0\n adcx {",
                $w4,
                "}, rax\n adox {",
                $w4,
                "}, rax\n",
            )
        };
    }
    // SAFETY: `Mulx` says that the instructions are there. Memory is only read, four limbs behind each of a and b.
    unsafe {
        asm!(
            "mov rdx, [{b}]",
            "xor eax, eax",
            "mulx {l1}, {l0}, [{a}]",
            "mulx {l2}, rax, [{a} + 8]\n adcx {l1}, rax",
            "mulx {l3}, rax, [{a} + 16]\n adcx {l2}, rax",
            "mulx {h0}, rax, [{a} + 24]\n adcx {l3}, rax\n mov eax, 0\n adcx {h0}, rax",
            row!("8", "l1", "l2", "l3", "h0", "h1"),
            row!("16", "l2", "l3", "h0", "h1", "h2"),
            row!("24", "l3", "h0", "h1", "h2", "h3"),
            a = in(reg) a.as_ptr(), b = in(reg) b.as_ptr(),
            l0 = out(reg) l0, l1 = out(reg) l1, l2 = out(reg) l2, l3 = out(reg) l3,
            h0 = out(reg) h0, h1 = out(reg) h1, h2 = out(reg) h2, h3 = out(reg) h3,
            high = out(reg) _, out("rax") _, out("rdx") _,
            options(pure, readonly, nostack),
        );
    }
    [[l0, l1, l2, l3], [h0, h1, h2, h3]]
}

/// `t·2^−256`, less than p, of a number that is less than `p·2^256`.
#[inline(always)]
pub(crate) fn reduce(_: Mulx, [low, high]: &[Limbs; 2], modulus: &Modulus) -> Limbs {
    let [mut t0, mut t1, mut t2, mut t3] = *low;
    // SAFETY: `Mulx` says that the instructions are there. Memory is only read, four limbs behind p.
    unsafe {
        asm!(
            reduce!("rax"), reduce!("rax"), reduce!("rax"), reduce!("rax"),
            p = in(reg) modulus.p.as_ptr(), inverse = in(reg) modulus.negated_inverse,
            t0 = inout(reg) t0, t1 = inout(reg) t1, t2 = inout(reg) t2, t3 = inout(reg) t3,
            high = out(reg) _, out("rax") _, out("rdx") _,
            options(pure, readonly, nostack),
        );
    }
    // At most p, plus less than p.
    minus_where_possible(add(&[t0, t1, t2, t3], high).0, &modulus.p)
}

/// The sum, and the carry.
#[inline(always)]
pub(crate) fn add(a: &Limbs, b: &Limbs) -> (Limbs, bool) {
    let (mut out, mut carry) = ([0; 4], false);
    for i in 0..4 {
        (out[i], carry) = a[i].carrying_add(b[i], carry);
    }
    (out, carry)
}

/// The difference, and the borrow.
#[inline(always)]
pub(crate) fn sub(a: &Limbs, b: &Limbs, mut borrow: bool) -> (Limbs, bool) {
    let mut out = [0; 4];
    for i in 0..4 {
        (out[i], borrow) = a[i].borrowing_sub(b[i], borrow);
    }
    (out, borrow)
}

/// The number, or the number less p, whichever is not negative and smaller.
#[inline(always)]
fn minus_where_possible(x: Limbs, p: &Limbs) -> Limbs {
    let (less, negative) = sub(&x, p, false);
    if negative { x } else { less }
}
