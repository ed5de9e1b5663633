//! The framed block that a call's input is (docs/history.md §2): keccak256(chain id) ‖ height u64 ‖ count u32 ‖
//! count + 1 offsets u32 ‖ transactions.
//!
//! Invariant: only a canonical framing is read; anything else is no block, and changes nothing.
use crate::application::{input_size, Application};

const HEAD_BYTES: u32 = 40;

pub struct Block {
    pub chain_hash: [u8; 32],
    pub height: u64,
    pub count: u32,
}

impl Block {
    pub fn read(application: &Application) -> Option<Self> {
        let size = input_size();
        if size < HEAD_BYTES + 8 {
            return None;
        }
        let mut head = [0u8; HEAD_BYTES as usize + 4];
        application.read_input(0, &mut head);
        let block = Self {
            chain_hash: core::array::from_fn(|i| head[i]),
            height: u64::from_le_bytes(core::array::from_fn(|i| head[32 + i])),
            count: u32::from_le_bytes(core::array::from_fn(|i| head[40 + i])),
        };
        let first = u64::from(HEAD_BYTES) + 4 * (u64::from(block.count) + 2);
        if block.height > i64::MAX as u64 || first > u64::from(size) {
            return None;
        }
        let mut end = first;
        for index in 0..block.count {
            let (from, to) = block.range(application, index);
            if u64::from(from) != end || to < from {
                return None;
            }
            end = u64::from(to);
        }
        let last_is_size = end == u64::from(size);
        let has_first = block.count > 0 || block.offset(application, 0) == size;
        (last_is_size && has_first).then_some(block)
    }

    /// Where transaction `index` begins and ends in the input.
    pub fn range(&self, application: &Application, index: u32) -> (u32, u32) {
        let mut words = [0u8; 8];
        application.read_input(HEAD_BYTES + 4 * (index + 1), &mut words);
        let word = |at: usize| u32::from_le_bytes(core::array::from_fn(|i| words[at + i]));
        (word(0), word(4))
    }

    fn offset(&self, application: &Application, index: u32) -> u32 {
        let mut word = [0u8; 4];
        application.read_input(HEAD_BYTES + 4 * (index + 1), &mut word);
        u32::from_le_bytes(word)
    }
}
