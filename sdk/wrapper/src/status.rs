//! What became of a transaction; the numbers are stable (docs/sdk.md §4).

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Status {
    Executed = 0,
    Malformed = 1,
    Expired = 2,
    ExpiryTooFar = 3,
    BadSignature = 4,
    NonceUsed = 5,
    NonceGap = 6,
    SessionsFull = 7,
    ResultTooLong = 8,
}
