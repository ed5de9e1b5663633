//! A signed transaction (docs/sdk.md §2): 1 ‖ client 20 ‖ session u64 ‖ nonce u64 ‖ expiry height u64 ‖ r 32 ‖
//! parity of y and s 32 (EIP-2098) ‖ payload. Numbers are little-endian.
//!
//! Invariant: the first byte is 1, so no transaction looks like a block record, which begins with a `w`.
use crate::signature::{keccak, recover};
use crate::status::Status;

/// Bytes before the payload.
pub const HEAD_BYTES: usize = 109;
/// Longest transaction.
pub const MAX_BYTES: usize = 65_536;
/// How many blocks ahead a transaction may expire.
pub const MAX_LIFETIME_BLOCKS: u64 = 4_096;

const FORMAT: u8 = 1;

/// EIP-712, `EIP712Domain(string name,string version)` with "wasm-arbiter transaction" and "1": its separator.
const DOMAIN: [u8; 32] = [
    0x51, 0xe5, 0x26, 0x71, 0x83, 0xcb, 0x2b, 0x04, 0xa5, 0xcb, 0x52, 0x85, 0x91, 0xab, 0x90, 0x2f,
    0xb5, 0xaf, 0x1c, 0x6d, 0xb1, 0x9b, 0xa2, 0x17, 0xd9, 0xf1, 0xb3, 0x9f, 0x65, 0x72, 0xa8, 0x42,
];
/// keccak256 of `Transaction(string chain,uint64 session,uint64 nonce,uint64 expiryHeight,bytes payload)`.
const TYPE: [u8; 32] = [
    0x86, 0xe3, 0x82, 0x44, 0x62, 0xcc, 0x83, 0xa5, 0xbf, 0x1c, 0xa1, 0xb7, 0xd2, 0xa6, 0xf5, 0xeb,
    0xec, 0x0b, 0x9b, 0x09, 0x4e, 0xc1, 0x00, 0x77, 0x36, 0xa9, 0x1f, 0x3d, 0xf3, 0x29, 0x17, 0x91,
];

pub struct Transaction<'a> {
    pub client: [u8; 20],
    pub session: u64,
    pub nonce: u64,
    pub expiry_height: u64,
    signature: &'a [u8; 64],
    pub payload: &'a [u8],
}

impl<'a> Transaction<'a> {
    /// Reads its fields, whatever they say.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Status> {
        let (head, payload) = bytes.split_first_chunk::<HEAD_BYTES>().ok_or(Status::Malformed)?;
        if head[0] != FORMAT || bytes.len() > MAX_BYTES {
            return Err(Status::Malformed);
        }
        let word = |at: usize| u64::from_le_bytes(core::array::from_fn(|i| head[at + i]));
        Ok(Self {
            client: core::array::from_fn(|i| head[1 + i]),
            session: word(21),
            nonce: word(29),
            expiry_height: word(37),
            signature: head.last_chunk::<64>().ok_or(Status::Malformed)?,
            payload,
        })
    }

    /// Whether it may be executed at a height of a chain, nonces aside.
    pub fn check(&self, chain_hash: &[u8; 32], height: u64) -> Result<(), Status> {
        if self.expiry_height < height {
            return Err(Status::Expired);
        }
        if self.expiry_height - height > MAX_LIFETIME_BLOCKS {
            return Err(Status::ExpiryTooFar);
        }
        match recover(&self.digest(chain_hash), self.signature) {
            Some(signer) if signer == self.client => Ok(()),
            _ => Err(Status::BadSignature),
        }
    }

    /// What its client signed.
    fn digest(&self, chain_hash: &[u8; 32]) -> [u8; 32] {
        let mut message = [0u8; 192];
        message[0..32].copy_from_slice(&TYPE);
        message[32..64].copy_from_slice(chain_hash);
        message[88..96].copy_from_slice(&self.session.to_be_bytes());
        message[120..128].copy_from_slice(&self.nonce.to_be_bytes());
        message[152..160].copy_from_slice(&self.expiry_height.to_be_bytes());
        message[160..192].copy_from_slice(&keccak(self.payload));
        let mut typed = [0u8; 66];
        typed[0..2].copy_from_slice(&[0x19, 0x01]);
        typed[2..34].copy_from_slice(&DOMAIN);
        typed[34..66].copy_from_slice(&keccak(&message));
        keccak(&typed)
    }
}
