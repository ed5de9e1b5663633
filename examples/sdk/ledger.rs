//! The ledger on the SDK, in Rust; assembly/ledger.ts tells its transactions and answers.
#![no_std]

use application::{application, Request, Response};

application!(handle);

const DONE: u32 = 0;
const UNKNOWN: u32 = 1;
const INSUFFICIENT: u32 = 2;
const OVERFLOW: u32 = 3;
const FULL: u32 = 4;

const ACCOUNTS: usize = 65_536;
const PLACES: usize = 64;

#[derive(Clone, Copy)]
#[repr(C, align(32))]
struct Account {
    address: [u8; 20],
    is_open: bool,
    balance: u64,
}

static mut LEDGER: [Account; ACCOUNTS] =
    [Account { address: [0; 20], is_open: false, balance: 0 }; ACCOUNTS];

fn handle(request: &Request, response: &mut Response) {
    let ledger = unsafe { &mut *&raw mut LEDGER };
    let own = place(ledger, request.client);
    let outcome = own.map_or(FULL, |own| apply(ledger, own, request.payload));
    response.write(&outcome.to_le_bytes());
    response.write(&[0; 4]);
    response.write(&own.map_or(0, |own| ledger[own].balance).to_le_bytes());
}

/// Checks everything first, then writes: what is not done changes nothing.
fn apply(ledger: &mut [Account; ACCOUNTS], own: usize, payload: &[u8]) -> u32 {
    let amount = || u64::from_le_bytes(core::array::from_fn(|i| payload[1 + i]));
    let balance = ledger[own].balance;
    match (payload.first(), payload.len()) {
        (Some(1), 9) => {
            let Some(sum) = balance.checked_add(amount()) else { return OVERFLOW };
            ledger[own].balance = sum;
        }
        (Some(2), 9) => {
            let Some(rest) = balance.checked_sub(amount()) else { return INSUFFICIENT };
            ledger[own].balance = rest;
        }
        (Some(3), 29) => {
            let Some(rest) = balance.checked_sub(amount()) else { return INSUFFICIENT };
            let receiver = core::array::from_fn(|i| payload[9 + i]);
            let Some(to) = place(ledger, receiver) else { return FULL };
            if to == own {
                return DONE;
            }
            let Some(sum) = ledger[to].balance.checked_add(amount()) else { return OVERFLOW };
            ledger[to].balance = sum;
            ledger[own].balance = rest;
        }
        (Some(4), 1) => {}
        _ => return UNKNOWN,
    }
    DONE
}

/// Where an address's account is, opened if it is new.
fn place(ledger: &mut [Account; ACCOUNTS], address: [u8; 20]) -> Option<usize> {
    let first = u16::from_le_bytes([address[0], address[1]]) as usize;
    let found = (first..first + PLACES)
        .map(|place| place % ACCOUNTS)
        .find(|&place| !ledger[place].is_open || ledger[place].address == address)?;
    ledger[found].address = address;
    ledger[found].is_open = true;
    Some(found)
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
