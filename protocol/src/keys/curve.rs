//! Baby Jubjub in EIP-2494 form, `168700·x² + y² = 1 + 168696·x²·y²`: points, scalars, public keys.
//!
//! Arithmetic runs on `ark-ed-on-bn254`, the isomorphic form with a = 1; only this file knows the factor √168700 between them.
//! A [`Point`] is on the curve by construction; a [`PublicKey`] is also in the prime-order subgroup and not the identity.

use crate::field::{self, F};
use ark_ec::{AffineRepr, CurveConfig, CurveGroup};
use ark_ed_on_bn254::{EdwardsAffine, EdwardsConfig};
use ark_ff::{AdditiveGroup, BigInteger, Field, MontFp, PrimeField, Zero};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use std::{
    fmt,
    ops::{Add, Mul, Neg, Sub},
};
use zeroize::Zeroize;

/// Coefficient of x² in EIP-2494.
pub const A: u64 = 168_700;
/// Coefficient of x²y² in EIP-2494.
pub const D: u64 = 168_696;

/// √168700, the factor between the two forms: x(a = 1) = √168700 · x(EIP-2494). Either root gives an isomorphism.
const SQRT_A: F = MontFp!("7214280148105020021932206872019688659210616427216992810330019057549499971851");

/// A point of the whole curve, subgroup or not.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Point(EdwardsAffine);

/// Why coordinates or bytes are rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CurveError {
    /// The equation does not hold.
    #[error("the point is not on Baby Jubjub (EIP-2494)")]
    OffCurve,
    /// Order is not ℓ.
    #[error("the point is outside the subgroup of prime order")]
    OutsideSubgroup,
    /// The neutral element (0, 1).
    #[error("the point is the identity")]
    Identity,
    /// A scalar that is not less than ℓ.
    #[error("the scalar is not less than the subgroup order")]
    ScalarNotReduced,
}

impl Point {
    /// The neutral element (0, 1).
    pub const IDENTITY: Self = Self(EdwardsAffine::new_unchecked(F::ZERO, F::ONE));

    /// From EIP-2494 coordinates; rejects points off the curve.
    pub fn new(x: F, y: F) -> Result<Self, CurveError> {
        let point = EdwardsAffine::new_unchecked(x * SQRT_A, y);
        if point.is_on_curve() { Ok(Self(point)) } else { Err(CurveError::OffCurve) }
    }

    /// EIP-2494's base point of the subgroup of order ℓ.
    pub fn base8() -> Self {
        const X: F = MontFp!("5299619240641551281634865583518297030282874472190772894086521144482721001553");
        const Y: F = MontFp!("16950150798460657717958625567821834550301663161624707787222815936182638968203");
        Self(EdwardsAffine::new_unchecked(X * SQRT_A, Y))
    }

    /// EIP-2494 x coordinate.
    pub fn x(&self) -> F {
        const INVERSE: F = MontFp!("2957874849018779266517920829765869116077630550401372566248359756137677864698");
        self.0.x * INVERSE
    }

    /// EIP-2494 y coordinate.
    pub fn y(&self) -> F {
        self.0.y
    }

    /// Eight times the point: clears the cofactor.
    pub fn times_cofactor(&self) -> Self {
        Self(self.0.into_group().double().double().double().into_affine())
    }

    /// Whether it is (0, 1).
    pub fn is_identity(&self) -> bool {
        self.0.is_zero()
    }

    /// Whether its order divides ℓ.
    pub fn is_in_subgroup(&self) -> bool {
        self.0.is_in_correct_subgroup_assuming_on_curve()
    }

    /// `k·self` for a 128-bit `k`.
    pub fn times_u128(&self, k: u128) -> Self {
        Self(self.0.mul_bigint([k as u64, (k >> 64) as u64]).into_affine())
    }
}

impl Add for Point {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self((self.0 + other.0).into_affine())
    }
}
impl Sub for Point {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self((self.0.into_group() - other.0).into_affine())
    }
}
impl Neg for Point {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}
impl Mul<&Scalar> for Point {
    type Output = Self;
    /// Variable time in the scalar: run it only where the holder's timing can't be observed.
    fn mul(self, k: &Scalar) -> Self {
        Self(self.0.mul_bigint(k.0.into_bigint()).into_affine())
    }
}
impl fmt::Debug for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Point({}, {})", self.x(), self.y())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Coordinates {
    #[serde(with = "field::serde_hex")]
    x: F,
    #[serde(with = "field::serde_hex")]
    y: F,
}
impl Serialize for Point {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        Coordinates { x: self.x(), y: self.y() }.serialize(s)
    }
}
impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let Coordinates { x, y } = Coordinates::deserialize(d)?;
        Self::new(x, y).map_err(serde::de::Error::custom)
    }
}

/// An integer modulo the subgroup order ℓ. Here it is public: the response of a signature. The wallet alone keeps one as a secret, in a type of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Scalar(<EdwardsConfig as CurveConfig>::ScalarField);

impl Scalar {
    /// From 32 big-endian bytes; rejects values that are not less than ℓ.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, CurveError> {
        let mut limbs = [0u64; 4];
        for (limb, chunk) in limbs.iter_mut().rev().zip(bytes.chunks_exact(8)) {
            *limb = chunk.iter().fold(0, |acc, b| (acc << 8) | u64::from(*b));
        }
        PrimeField::from_bigint(ark_ff::BigInt(limbs)).map(Self).ok_or(CurveError::ScalarNotReduced)
    }

    /// 32 big-endian bytes.
    pub fn to_bytes(&self) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(&self.0.into_bigint().to_bytes_be());
        out
    }

    /// A scalar whose distance from uniform is below 2^-250, from 64 uniform bytes (RFC 9380, section 5).
    #[expect(clippy::disallowed_methods, reason = "a wide reduction is wanted: 512 uniform bits into 251")]
    pub fn from_uniform_bytes(bytes: &[u8; 64]) -> Self {
        Self(PrimeField::from_be_bytes_mod_order(bytes))
    }

    /// Whether it is 0.
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// `self + c·k mod ℓ`: the response to a challenge `c`.
    pub fn plus_challenge_times(&self, c: u128, k: &Self) -> Self {
        Self(self.0 + <EdwardsConfig as CurveConfig>::ScalarField::from(c) * k.0)
    }
}
impl Zeroize for Scalar {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}
impl fmt::Debug for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scalar(…)")
    }
}
impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&format!("0x{}", hex::encode(self.to_bytes())))
    }
}
impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let bytes = field::hex32(&text).ok_or_else(|| serde::de::Error::custom(field::FieldError::Syntax))?;
        Self::from_bytes(&bytes).map_err(serde::de::Error::custom)
    }
}

/// A holder's public key `PK`: on the curve, in the prime-order subgroup, not the identity.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct PublicKey(Point);

impl PublicKey {
    /// Checks all that makes a point a key.
    pub fn new(point: Point) -> Result<Self, CurveError> {
        if point.is_identity() {
            Err(CurveError::Identity)
        } else if point.is_in_subgroup() {
            Ok(Self(point))
        } else {
            Err(CurveError::OutsideSubgroup)
        }
    }

    /// The point.
    pub fn point(&self) -> Point {
        self.0
    }

    /// EIP-2494 x coordinate.
    pub fn x(&self) -> F {
        self.0.x()
    }

    /// EIP-2494 y coordinate.
    pub fn y(&self) -> F {
        self.0.y()
    }

    /// 16 hexadecimal digits by which people tell keys apart: the first 8 bytes of `SHA-256("sealroot/1:key-fingerprint" ‖ x ‖ y)`. Nothing is
    /// authorised by them: 64 bits are too few.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::new()
            .chain_update(b"sealroot/1:key-fingerprint")
            .chain_update(field::to_bytes(self.x()))
            .chain_update(field::to_bytes(self.y()))
            .finalize();
        hex::encode(&digest[..8])
    }
}
impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::new(Point::deserialize(d)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn point(x: &str, y: &str) -> Point {
        Point::new(x.parse().unwrap(), y.parse().unwrap()).unwrap()
    }

    fn eip_2494_generator() -> Point {
        point(
            "995203441582195749578291179787384436505546430278305826713579947235728471134",
            "5472060717959818805561601436314318772137091100104008585924551046643952123905",
        )
    }

    /// EIP-2494, section "Test cases": addition, doubling, doubling the identity, membership.
    #[test]
    fn eip_2494_vectors() {
        let p1 = point(
            "17777552123799933955779906779655732241715742912184938656739573121738514868268",
            "2626589144620713026669568689430873010625803728049924121243784502389097019475",
        );
        let p2 = point(
            "16540640123574156134436876038791482806971768689494387082833631921987005038935",
            "20819045374670962167435360035096875258406992893633759881276124905556507972311",
        );
        let sum = point(
            "7916061937171219682591368294088513039687205273691143098332585753343424131937",
            "14035240266687799601661095864649209771790948434046947201833777492504781204499",
        );
        assert_eq!(p1 + p2, sum);
        let doubled = point(
            "6890855772600357754907169075114257697580319025794532037257385534741338397365",
            "4338620300185947561074059802482547481416142213883829469920100239455078257889",
        );
        assert_eq!(p1 + p1, doubled);
        assert_eq!(Point::IDENTITY + Point::IDENTITY, Point::IDENTITY);
        assert_eq!(Point::new(F::from(1u8), F::from(0u8)), Err(CurveError::OffCurve));
        assert_eq!(eip_2494_generator().times_cofactor(), Point::base8());
        assert!(Point::base8().is_in_subgroup() && !eip_2494_generator().is_in_subgroup());
    }

    /// The library's own generator is another point: using it would make keys that nobody else can check.
    #[test]
    fn library_generator_is_not_base8() {
        assert_ne!(Point(EdwardsAffine::generator()), Point::base8());
    }

    #[test]
    fn keys_are_in_the_subgroup() {
        assert_eq!(PublicKey::new(Point::IDENTITY), Err(CurveError::Identity));
        let torsion = Point::new(F::from(0u8), -F::from(1u8)).unwrap();
        assert_eq!(PublicKey::new(torsion), Err(CurveError::OutsideSubgroup));
        assert_eq!(PublicKey::new(Point::base8() + torsion), Err(CurveError::OutsideSubgroup));
        let json = serde_json::to_string(&(Point::base8() + torsion)).unwrap();
        assert!(serde_json::from_str::<Point>(&json).is_ok());
        assert!(serde_json::from_str::<PublicKey>(&json).is_err());
    }

    #[test]
    fn scalars_are_reduced() {
        let order = <EdwardsConfig as CurveConfig>::ScalarField::MODULUS.to_bytes_be();
        let bytes: [u8; 32] = order.try_into().unwrap();
        assert_eq!(Scalar::from_bytes(&bytes), Err(CurveError::ScalarNotReduced));
        assert!(Scalar::from_bytes(&[0; 32]).unwrap().is_zero());
        let mut below = bytes;
        below[31] -= 1;
        assert_eq!(Scalar::from_bytes(&below).unwrap().to_bytes(), below);
    }
}
