//! Results in two rings: entries of 128 bytes, each a leaf of the memory's tree, transaction's SHA-256 32 ‖ height u64 ‖
//! status u32 ‖ length u32 ‖ keccak256 of the result 32 ‖ address of the result u32 ‖ zero; and the results' bytes.
//!
//! Invariant: transaction i of a block has entry (executed before the block + i) mod 8,192, so whoever knows a
//! transaction's place knows the address that proves what became of it, in whatever order they were executed.
use crate::application::Response;
use crate::signature::keccak;
use crate::single::Single;
use crate::status::Status;

const ENTRIES: usize = 8_192;
const BYTES: usize = 1 << 20;
/// Longest result that is kept.
const MAX_RESULT_BYTES: usize = 32_768;

#[derive(Clone, Copy)]
#[repr(C, align(128))]
pub struct Entry {
    transaction: [u8; 32],
    height: u64,
    status: u32,
    length: u32,
    hash: [u8; 32],
    address: u32,
    zero: [u8; 44],
}

const EMPTY: Entry = Entry {
    transaction: [0; 32],
    height: 0,
    status: 0,
    length: 0,
    hash: [0; 32],
    address: 0,
    zero: [0; 44],
};

#[repr(C)]
pub struct Counters {
    /// Transactions of all blocks before this one.
    transactions: u64,
    /// Where the next result's bytes go in their ring.
    position: u32,
}

#[no_mangle]
pub static RESULTS: Single<[Entry; ENTRIES]> = Single::new([EMPTY; ENTRIES]);
#[no_mangle]
pub static RESULT_BYTES: Single<[u8; BYTES]> = Single::new([0; BYTES]);
#[no_mangle]
pub static COUNTERS: Single<Counters> = Single::new(Counters { transactions: 0, position: 0 });

/// Writes the entry of a transaction that was not executed, or writes over the one that it has.
pub fn record(index: u32, transaction: &[u8; 32], height: u64, status: Status) {
    write(index, transaction, height, status);
}

fn write(index: u32, transaction: &[u8; 32], height: u64, status: Status) -> &'static mut Entry {
    let place = (COUNTERS.get().transactions + u64::from(index)) % ENTRIES as u64;
    let entry = &mut RESULTS.get()[place as usize];
    *entry = Entry { transaction: *transaction, height, status: status as u32, ..EMPTY };
    entry
}

/// Writes the entry of a transaction that was executed, and keeps what the application returned.
pub fn record_response(index: u32, transaction: &[u8; 32], height: u64, response: &Response) {
    if response.length > MAX_RESULT_BYTES {
        record(index, transaction, height, Status::ResultTooLong);
        return;
    }
    let counters = COUNTERS.get();
    let mut from = counters.position as usize;
    if from + response.length > BYTES {
        from = 0;
    }
    let kept = &mut RESULT_BYTES.get()[from..from + response.length];
    response.copy_to(kept);
    counters.position = (from + response.length) as u32;
    let entry = write(index, transaction, height, Status::Executed);
    entry.length = response.length as u32;
    entry.hash = keccak(kept);
    entry.address = kept.as_ptr() as u32;
}

/// Ends a block.
pub fn close(count: u32) {
    COUNTERS.get().transactions += u64::from(count);
}
