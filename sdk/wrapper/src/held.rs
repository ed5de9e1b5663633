//! Transactions of this block that came before the ones that they follow.
//!
//! Invariant: bounded: a transaction that finds no room stays refused for its gap, as its entry says already.
use crate::single::Single;
use crate::transaction::Transaction;

const MOST: usize = 4_096;

#[derive(Clone, Copy)]
struct Held {
    client: [u8; 20],
    session: u64,
    nonce: u64,
    index: u32,
}

const NOBODY: Held = Held { client: [0; 20], session: 0, nonce: 0, index: 0 };

struct List {
    count: usize,
    places: [Held; MOST],
}

static HELD: Single<List> = Single::new(List { count: 0, places: [NOBODY; MOST] });

/// Forgets those of the block before.
pub fn clear() {
    HELD.get().count = 0;
}

pub fn hold(transaction: &Transaction, index: u32) {
    let list = HELD.get();
    if let Some(place) = list.places.get_mut(list.count) {
        let Transaction { client, session, nonce, .. } = *transaction;
        *place = Held { client, session, nonce, index };
        list.count += 1;
    }
}

/// Takes the earliest that was held with this nonce of the session.
pub fn take(client: &[u8; 20], session: u64, nonce: u64) -> Option<u32> {
    let list = HELD.get();
    let held = list.places.get_mut(..list.count)?;
    let found = held.iter().position(|place| {
        place.nonce == nonce && place.session == session && place.client == *client
    })?;
    let index = held[found].index;
    held.copy_within(found + 1.., found);
    list.count -= 1;
    Some(index)
}

/// Takes the latest that was held.
pub fn pop() -> Option<u32> {
    let list = HELD.get();
    list.count = list.count.checked_sub(1)?;
    list.places.get(list.count).map(|place| place.index)
}
