//! What an application in Rust needs besides its `handle` (docs/sdk.md §6):
//!
//! ```ignore
//! fn handle(request: &Request, response: &mut Response) { … }
//! application::application!(handle);
//! ```
//!
//! Invariant: fields lie as the wrapper writes them, 48 bytes before the payload; a response holds at most the 32,768
//! bytes that the wrapper keeps.
#![no_std]

/// Bytes before the payload.
const HEAD_BYTES: usize = 48;
/// Longest response.
pub const MAX_RESPONSE_BYTES: usize = 32_768;

/// A transaction whose client, chain, time and place in its session the wrapper has checked.
pub struct Request<'a> {
    /// The client's address.
    pub client: [u8; 20],
    /// Height of the block.
    pub height: u64,
    pub session: u64,
    pub nonce: u64,
    pub payload: &'a [u8],
}

/// What the application answers: bytes, collected.
pub struct Response {
    bytes: [u8; MAX_RESPONSE_BYTES],
    length: usize,
}

impl Response {
    #[doc(hidden)]
    pub const fn new() -> Self {
        Self { bytes: [0; MAX_RESPONSE_BYTES], length: 0 }
    }

    /// Appends bytes; whether there was room for them.
    pub fn write(&mut self, bytes: &[u8]) -> bool {
        let Some(room) = self.bytes.get_mut(self.length..self.length + bytes.len()) else {
            return false;
        };
        room.copy_from_slice(bytes);
        self.length += bytes.len();
        true
    }
}

/// Reads the request that the wrapper has written.
#[doc(hidden)]
pub fn request(bytes: &[u8]) -> Request<'_> {
    let word = |at: usize| u64::from_le_bytes(core::array::from_fn(|i| bytes[at + i]));
    Request {
        client: core::array::from_fn(|i| bytes[i]),
        height: word(24),
        session: word(32),
        nonce: word(40),
        payload: &bytes[HEAD_BYTES..],
    }
}

/// Empties a response; packs its address and, once handled, its length.
#[doc(hidden)]
pub fn respond(response: &mut Response, handle: impl FnOnce(&mut Response)) -> u64 {
    response.length = 0;
    handle(response);
    (response.length as u64) << 32 | response.bytes.as_ptr() as usize as u64
}

/// Exports an application: its `fn(&Request, &mut Response)`.
#[macro_export]
macro_rules! application {
    ($handle:path) => {
        const _: () = {
            #[no_mangle]
            extern "C" fn request_buffer() -> *mut u8 {
                #[repr(align(64))]
                struct Buffer(#[allow(dead_code)] [u8; 65_600]);
                static mut BUFFER: Buffer = Buffer([0; 65_600]);
                (&raw mut BUFFER).cast()
            }

            #[export_name = "handle"]
            unsafe extern "C" fn exported(transaction: *const u8, length: usize) -> u64 {
                static mut RESPONSE: $crate::Response = $crate::Response::new();
                let bytes = core::slice::from_raw_parts(transaction, length);
                let request = $crate::request(bytes);
                $crate::respond(&mut *&raw mut RESPONSE, |response| $handle(&request, response))
            }
        };
    };
}
