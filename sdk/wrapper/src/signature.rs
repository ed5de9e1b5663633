//! Who signed: ECDSA over secp256k1 with the key recovered (SEC 1 §4.1.6), as the EVM's `ecrecover` does it.
//!
//! Invariant: one signature per message, key and nonce: s is in the lower half, r below the group's order.
use k256::elliptic_curve::ops::{Invert, LinearCombination, Reduce};
use k256::elliptic_curve::point::DecompressPoint;
use k256::elliptic_curve::scalar::IsHigh;
use k256::elliptic_curve::sec1::ToEncodedPoint;
use k256::elliptic_curve::PrimeField;
use k256::{AffinePoint, FieldBytes, ProjectivePoint, Scalar, U256};
use tiny_keccak::{Hasher, Keccak};

pub fn keccak(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0u8; 32];
    let mut hasher = Keccak::v256();
    hasher.update(bytes);
    hasher.finalize(&mut hash);
    hash
}

/// The account whose key signed a digest, from an EIP-2098 signature: r ‖ s with the parity of y in the topmost bit.
pub fn recover(digest: &[u8; 32], signature: &[u8; 64]) -> Option<[u8; 20]> {
    let mut r_bytes = FieldBytes::default();
    let mut s_bytes = FieldBytes::default();
    r_bytes.copy_from_slice(&signature[..32]);
    s_bytes.copy_from_slice(&signature[32..]);
    let parity = s_bytes[0] >> 7;
    s_bytes[0] &= 0x7f;
    let r = scalar(r_bytes)?;
    let s = scalar(s_bytes)?;
    if bool::from(s.is_high()) {
        return None;
    }
    let point = Option::<AffinePoint>::from(AffinePoint::decompress(&r_bytes, parity.into()))?;
    let inverse = Option::<Scalar>::from(r.invert_vartime())?;
    let z = <Scalar as Reduce<U256>>::reduce_bytes(&FieldBytes::from(*digest));
    let key = ProjectivePoint::lincomb(
        &ProjectivePoint::GENERATOR,
        &-(inverse * z),
        &ProjectivePoint::from(point),
        &(inverse * s),
    )
    .to_affine();
    let encoded = key.to_encoded_point(false);
    // The point at infinity has one byte, and is nobody's key.
    let hash = keccak(encoded.as_bytes().get(1..65)?);
    Some(core::array::from_fn(|i| hash[12 + i]))
}

/// A number in [1, order).
fn scalar(bytes: FieldBytes) -> Option<Scalar> {
    let value = Option::<Scalar>::from(Scalar::from_repr(bytes))?;
    (!bool::from(value.is_zero())).then_some(value)
}
