// Generic code of the standard library, inlined many times over, for the comparison of its lines with LLVM's.
use std::collections::HashMap;

#[inline(always)]
fn square(x: u64) -> u64 {
    x.wrapping_mul(x)
}

fn main() {
    let mut sums = HashMap::new();
    for i in 0..100u64 {
        *sums.entry(i % 7).or_insert(0u64) += square(i);
    }
    let mut sorted: Vec<_> = sums.into_iter().collect();
    sorted.sort();
    println!("{:?}", sorted);
}
