//! Next nonces by client and session: 4,096 buckets of 16 entries of 64 bytes, client 20 ‖ zero 12 ‖ session u64 ‖
//! next nonce u64 ‖ expiry height u64 ‖ zero 8.
//!
//! Invariant: an entry lives until the latest expiry height of its executed transactions has passed, so that none of
//! them can be executed again, and no longer: afterwards its nonces begin at 0. A full bucket takes no new session.
use crate::signature::keccak;
use crate::single::Single;
use crate::status::Status;
use crate::transaction::Transaction;

const BUCKETS: usize = 4_096;
const ENTRIES: usize = 16;

#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub struct Entry {
    client: [u8; 20],
    zero: [u8; 12],
    session: u64,
    /// 0 in an entry that was never used.
    next: u64,
    expiry_height: u64,
}

const FREE: Entry =
    Entry { client: [0; 20], zero: [0; 12], session: 0, next: 0, expiry_height: 0 };

type Buckets = [[Entry; ENTRIES]; BUCKETS];

#[no_mangle]
pub static SESSIONS: Single<Buckets> = Single::new([[FREE; ENTRIES]; BUCKETS]);

/// Position of a session's bucket: the first bytes of keccak256(client ‖ session), as a little-endian number.
fn bucket(transaction: &Transaction) -> usize {
    let mut key = [0u8; 28];
    key[..20].copy_from_slice(&transaction.client);
    key[20..].copy_from_slice(&transaction.session.to_le_bytes());
    let hash = keccak(&key);
    u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]]) as usize % BUCKETS
}

impl Entry {
    fn is_live(&self, height: u64) -> bool {
        self.next != 0 && self.expiry_height >= height
    }

    fn is_of(&self, transaction: &Transaction) -> bool {
        self.session == transaction.session && self.client == transaction.client
    }
}

/// The nonce that a transaction's session wants next.
pub fn next_nonce(transaction: &Transaction, height: u64) -> u64 {
    let bucket = &SESSIONS.get()[bucket(transaction)];
    let live = bucket.iter().find(|entry| entry.is_live(height) && entry.is_of(transaction));
    live.map_or(0, |entry| entry.next)
}

/// Whether a transaction is the next one of its session; if it is, the one after it is next.
pub fn advance(transaction: &Transaction, height: u64) -> Result<(), Status> {
    let next = next_nonce(transaction, height);
    if transaction.nonce < next {
        return Err(Status::NonceUsed);
    }
    if transaction.nonce > next {
        return Err(Status::NonceGap);
    }
    let bucket = &mut SESSIONS.get()[bucket(transaction)];
    let live = bucket.iter_mut().find(|entry| entry.is_live(height) && entry.is_of(transaction));
    if let Some(entry) = live {
        entry.next = next + 1;
        entry.expiry_height = entry.expiry_height.max(transaction.expiry_height);
        return Ok(());
    }
    let free = bucket.iter_mut().find(|entry| !entry.is_live(height)).ok_or(Status::SessionsFull)?;
    *free = Entry {
        client: transaction.client,
        session: transaction.session,
        next: 1,
        expiry_height: transaction.expiry_height,
        ..FREE
    };
    Ok(())
}
