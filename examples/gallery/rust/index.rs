//! An index of the standard input: Rust with std (collections, iterators, formatting, sorting).
use std::collections::{BTreeMap, HashMap};
use std::io::Read;

fn main() {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input).unwrap();
    let mut lines: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut letters: HashMap<char, f64> = HashMap::new();
    for _ in 0..20 {
        for (number, line) in input.lines().enumerate() {
            for word in line.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 6) {
                lines.entry(word.to_lowercase()).or_default().push(number + 1);
            }
            for letter in line.chars().filter(|c| c.is_alphabetic()) {
                *letters.entry(letter.to_ascii_lowercase()).or_insert(0.0) += 0.05;
            }
        }
    }
    for (word, places) in lines.iter_mut() {
        places.sort();
        places.dedup();
        if places.len() > 5 {
            println!("{word:>20} {places:?}");
        }
    }
    let mut sorted: Vec<_> = letters.into_iter().collect();
    sorted.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    for (letter, count) in sorted.iter().take(5) {
        println!("{letter} {count:.2}");
    }
}
