//! Counts words: each call reads a text, adds its words to a map that goes on from call to call, and returns how many
//! different words there are. With Rust's standard library and its allocator.
use std::cell::RefCell;
use std::collections::BTreeMap;

#[link(wasm_import_module = "arbiter")]
extern "C" {
    fn input_size() -> u32;
    fn input_read(destination: *mut u8, offset: u32, length: u32);
}

thread_local! {
    static COUNTS: RefCell<BTreeMap<String, u32>> = RefCell::new(BTreeMap::new());
}

fn input() -> Vec<u8> {
    let size = unsafe { input_size() };
    let mut bytes = vec![0; size as usize];
    unsafe { input_read(bytes.as_mut_ptr(), 0, size) };
    bytes
}

#[no_mangle]
pub extern "C" fn gateway() -> u32 {
    let text = String::from_utf8_lossy(&input()).into_owned();
    COUNTS.with(|counts| {
        let mut counts = counts.borrow_mut();
        for word in text.split_ascii_whitespace() {
            *counts.entry(word.to_string()).or_insert(0) += 1;
        }
        counts.len() as u32
    })
}
