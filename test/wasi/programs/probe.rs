//! What a Rust program with std asks of its system.
use std::io::{Read, Seek, SeekFrom, Write};
use std::{env, fs, io, process};

fn list(path: &str) -> String {
    match fs::read_dir(path) {
        Err(error) => format!("no {path}: {:?}", error.kind()),
        Ok(entries) => {
            let mut names: Vec<String> = entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            format!("{path}: {}", names.join(" "))
        }
    }
}

fn main() {
    for (index, argument) in env::args().enumerate().skip(1) {
        println!("argument {index}: {argument}");
    }
    println!("NAME={}", env::var("NAME").unwrap_or("(none)".into()));
    println!("{}", list("/data"));
    println!("{}", fs::read_to_string("/data/text.txt").unwrap());
    fs::create_dir_all("/data/a/b").unwrap();
    fs::write("/data/a/b/c", "contents").unwrap();
    let mut file = fs::OpenOptions::new().read(true).append(true).open("/data/a/b/c").unwrap();
    file.write_all(b", and more").unwrap();
    file.seek(SeekFrom::Start(3)).unwrap();
    let mut rest = String::new();
    file.read_to_string(&mut rest).unwrap();
    println!("{rest}; {} bytes", fs::metadata("/data/a/b/c").unwrap().len());
    println!("{:?}", fs::remove_dir("/data/a").is_err());
    fs::remove_dir_all("/data/a").unwrap();
    println!("{}", list("/data/a"));
    let started = std::time::Instant::now();
    std::thread::sleep(std::time::Duration::from_millis(30));
    println!("slept: {}", started.elapsed().as_millis() >= 20);
    let words: std::collections::HashMap<&str, usize> = [("a", 1), ("b", 2)].into();
    println!("{} words", words.len());
    let mut input = Vec::new();
    io::stdin().read_to_end(&mut input).unwrap();
    let sum: u32 = input.iter().map(|byte| *byte as u32).sum();
    println!("stdin: {} bytes, sum {sum}", input.len());
    process::exit((sum % 100) as i32);
}
