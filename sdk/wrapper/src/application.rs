//! The application and the call's input. The application's module exports its `memory`, `request_buffer: [] -> [i32]`,
//! the address of 65,600 bytes in it, and `handle: [i32 transaction, i32 length] -> [i64 result]`.
//!
//! Invariant: transactions pass through the application's buffer, because host functions work on memory 0 of the module
//! that imports them; what the wrapper decides on is its own copy.
use crate::transaction::{Transaction, HEAD_BYTES, MAX_BYTES};

#[link(wasm_import_module = "arbiter")]
extern "C" {
    #[link_name = "input_size"]
    fn host_input_size() -> u32;
}

#[link(wasm_import_module = "glue")]
extern "C" {
    fn read(destination: u32, offset: u32, length: u32);
    fn fetch(destination: *mut u8, source: u32, length: u32);
    fn put(destination: u32, source: *const u8, length: u32);
}

#[link(wasm_import_module = "application")]
extern "C" {
    fn request_buffer() -> u32;
    #[link_name = "handle"]
    fn application_handle(transaction: u32, length: u32) -> u64;
}

/// Bytes before the payload that the application gets: client 20, zero 4, height u64, session u64, nonce u64.
const REQUEST_HEAD_BYTES: usize = 48;
/// Where a transaction is read to, so that the request's head ends where its payload begins and lies at 64.
const TRANSACTION_AT: u32 = (64 + REQUEST_HEAD_BYTES - HEAD_BYTES) as u32;
const REQUEST_AT: u32 = 64;

pub fn input_size() -> u32 {
    unsafe { host_input_size() }
}

/// The application with its buffer's address in its memory.
pub struct Application {
    buffer: u32,
}

/// What `handle` returned: bytes of the application's memory.
pub struct Response {
    address: u32,
    pub length: usize,
}

impl Application {
    pub fn new() -> Self {
        Self { buffer: unsafe { request_buffer() } }
    }

    /// Copies bytes [offset, offset + target's length) of the input, of which there are at most `MAX_BYTES`.
    pub fn read_input(&self, offset: u32, target: &mut [u8]) {
        debug_assert!(target.len() <= MAX_BYTES);
        let at = self.buffer + TRANSACTION_AT;
        let length = target.len() as u32;
        unsafe {
            read(at, offset, length);
            fetch(target.as_mut_ptr(), at, length);
        }
    }

    /// Has the transaction handled that `read_input` read last.
    pub fn handle(&self, transaction: &Transaction, height: u64) -> Response {
        let mut head = [0u8; REQUEST_HEAD_BYTES];
        head[0..20].copy_from_slice(&transaction.client);
        head[24..32].copy_from_slice(&height.to_le_bytes());
        head[32..40].copy_from_slice(&transaction.session.to_le_bytes());
        head[40..48].copy_from_slice(&transaction.nonce.to_le_bytes());
        let at = self.buffer + REQUEST_AT;
        let length = REQUEST_HEAD_BYTES + transaction.payload.len();
        let packed = unsafe {
            put(at, head.as_ptr(), head.len() as u32);
            application_handle(at, length as u32)
        };
        Response { address: packed as u32, length: (packed >> 32) as usize }
    }
}

impl Response {
    /// Copies its bytes; traps if they do not lie in the application's memory.
    pub fn copy_to(&self, target: &mut [u8]) {
        unsafe { fetch(target.as_mut_ptr(), self.address, target.len() as u32) }
    }
}
