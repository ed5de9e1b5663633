//! The wrapper's signature check as native code, for bench/sdk.ts: `native COUNT DIGEST SIGNATURE` prints the account in
//! hexadecimal and the nanoseconds that a recovery took, of COUNT.
use std::hint::black_box;
use std::time::Instant;

#[path = "../../wrapper/src/signature.rs"]
mod signature;

const BATCH: u32 = 20;

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    std::array::from_fn(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).expect("hexadecimal"))
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let count: u32 = arguments[1].parse().expect("a count");
    let (digest, signed) = (bytes::<32>(&arguments[2]), bytes::<64>(&arguments[3]));
    let recover = || signature::recover(black_box(&digest), black_box(&signed)).expect("a signature");
    for _ in 0..count / 4 {
        recover();
    }
    // The fastest of many short batches: a shared machine disturbs that least.
    let nanoseconds = (0..count / BATCH)
        .map(|_| {
            let begin = Instant::now();
            for _ in 0..BATCH {
                black_box(recover());
            }
            begin.elapsed().as_nanos() / u128::from(BATCH)
        })
        .min()
        .expect("a batch");
    let account: String = recover().iter().map(|byte| format!("{byte:02x}")).collect();
    println!("{account} {nanoseconds}");
}
