//! The wrapper (paper App. B): the gateway of an application. It reads a block's framed transactions, checks who signed
//! each for which chain and until when, puts those of a session into the order of their nonces, has the application
//! handle them, and keeps what became of each where clients can prove it. docs/sdk.md is normative.
//!
//! Invariant: a transaction never traps here, whatever its bytes; what does is the application's. All memory is static.
#![no_std]

mod application;
mod block;
mod held;
mod results;
mod sessions;
mod signature;
mod single;
mod status;
mod transaction;

use application::Application;
use block::Block;
use sha2::{Digest, Sha256};
use single::Single;
use status::Status;
use transaction::{Transaction, MAX_BYTES};

/// The transaction that is being looked at.
static BYTES: Single<[u8; MAX_BYTES]> = Single::new([0; MAX_BYTES]);

/// Executes the block that the input is; returns how many of its transactions were executed, 2^32 − 1 for no block.
#[no_mangle]
pub extern "C" fn gateway() -> u32 {
    let application = Application::new();
    let Some(block) = Block::read(&application) else { return u32::MAX };
    let run = Run { application, block };
    held::clear();
    let executed = (0..run.block.count).map(|index| run.offer(index)).sum();
    run.refuse_held();
    results::close(run.block.count);
    executed
}

struct Run {
    application: Application,
    block: Block,
}

/// A transaction's SHA-256, and itself if it can be read.
struct Loaded {
    hash: [u8; 32],
    transaction: Result<Transaction<'static>, Status>,
}

impl Run {
    /// Executes a transaction and those held that follow it, or records why not; returns how many were executed.
    fn offer(&self, index: u32) -> u32 {
        let Loaded { hash, transaction } = self.load(index);
        let Block { chain_hash, height, .. } = &self.block;
        let checked = transaction.and_then(|it| it.check(chain_hash, *height).map(|()| it));
        let transaction = match checked {
            Ok(transaction) => transaction,
            Err(status) => {
                results::record(index, &hash, *height, status);
                return 0;
            }
        };
        if let Err(status) = sessions::advance(&transaction, *height) {
            results::record(index, &hash, *height, status);
            if status == Status::NonceGap {
                held::hold(&transaction, index);
            }
            return 0;
        }
        let Transaction { client, session, nonce, .. } = transaction;
        self.execute(index, &hash, &transaction);
        self.follow(&client, session, nonce)
    }

    /// Executes those held that follow a transaction that was executed; returns how many were, with it.
    fn follow(&self, client: &[u8; 20], session: u64, nonce: u64) -> u32 {
        let mut executed = 1;
        while let Some(index) = held::take(client, session, nonce + u64::from(executed)) {
            let Loaded { hash, transaction } = self.load(index);
            let Ok(transaction) = transaction else { break };
            if sessions::advance(&transaction, self.block.height).is_err() {
                break;
            }
            self.execute(index, &hash, &transaction);
            executed += 1;
        }
        executed
    }

    fn execute(&self, index: u32, hash: &[u8; 32], transaction: &Transaction) {
        let response = self.application.handle(transaction, self.block.height);
        results::record_response(index, hash, self.block.height, &response);
    }

    /// Of those still held, a second one with a nonce is refused because the first has used it.
    fn refuse_held(&self) {
        while let Some(index) = held::pop() {
            let Loaded { hash, transaction } = self.load(index);
            let Ok(transaction) = transaction else { continue };
            if transaction.nonce < sessions::next_nonce(&transaction, self.block.height) {
                results::record(index, &hash, self.block.height, Status::NonceUsed);
            }
        }
    }

    fn load(&self, index: u32) -> Loaded {
        let (from, to) = self.block.range(&self.application, index);
        let length = (to - from) as usize;
        let bytes = BYTES.get();
        if length > MAX_BYTES {
            let mut hasher = Sha256::new();
            let mut rest = from..to;
            while !rest.is_empty() {
                let piece = &mut bytes[..MAX_BYTES.min(rest.len())];
                self.application.read_input(rest.start, piece);
                hasher.update(&*piece);
                rest.start += piece.len() as u32;
            }
            return Loaded { hash: hasher.finalize().into(), transaction: Err(Status::Malformed) };
        }
        let bytes = &mut bytes[..length];
        self.application.read_input(from, bytes);
        let bytes = &*bytes;
        Loaded { hash: Sha256::digest(bytes).into(), transaction: Transaction::read(bytes) }
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
