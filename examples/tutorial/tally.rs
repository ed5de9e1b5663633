//! The tutorial's program in Rust: counts votes, one byte each, for 16 candidates; the counts go on from call to
//! call. Returns the number of the candidate who leads.
#![no_std]

#[link(wasm_import_module = "arbiter")]
extern "C" {
    fn input_size() -> u32;
    fn input_read(destination: *mut u8, offset: u32, length: u32);
}

static mut COUNTS: [u32; 16] = [0; 16];

#[no_mangle]
pub unsafe extern "C" fn gateway() -> u32 {
    let mut leader = 0;
    for i in 0..input_size() {
        let mut vote = 0u8;
        input_read(&mut vote, i, 1);
        if (vote as usize) < 16 {
            COUNTS[vote as usize] += 1;
        }
    }
    for i in 1..16 {
        if COUNTS[i] > COUNTS[leader] {
            leader = i;
        }
    }
    leader as u32
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
