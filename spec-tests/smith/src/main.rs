//! Writes random valid modules to standard output: `smith FIRST_SEED COUNT`. Each is preceded by its seed, the fuel that it
//! counts and its length, three little-endian u32. Half of them count fuel of their own, and so end on any engine; the
//! others, whose fuel is 0, are ended by the machine's limits.
//!
//! Invariant: a module is a function of its seed and of the version of wasm-smith that Cargo.lock names.

use std::io::{self, Write};

use arbitrary::Unstructured;
use wasm_smith::{Config, MemoryOffsetChoices, Module};

/// splitmix64: a seed's bytes do not depend on any library.
struct Source(u64);

impl Source {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        let words = (0..count.div_ceil(8)).flat_map(|_| self.next().to_le_bytes());
        words.take(count).collect()
    }
}

/// A module that imports what the machine's host offers (docs/machine.md §8), in the binary format.
fn host_imports() -> Vec<u8> {
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    let types = [&b"\x60\x00\x01\x7f"[..], b"\x60\x03\x7f\x7f\x7f\x00", b"\x60\x00\x01\x7e"];
    let names = ["input_size", "input_read", "time_ms"];
    let imports = names.iter().enumerate().map(|(index, name)| {
        let mut import = b"\x07arbiter".to_vec();
        import.push(name.len() as u8);
        import.extend_from_slice(name.as_bytes());
        import.extend_from_slice(&[0x00, index as u8]);
        import
    });
    section(&mut module, 1, types.iter().map(|item| item.to_vec()).collect());
    section(&mut module, 2, imports.collect());
    module
}

fn section(module: &mut Vec<u8>, id: u8, items: Vec<Vec<u8>>) {
    let content = items.concat();
    module.extend_from_slice(&[id, content.len() as u8 + 1, items.len() as u8]);
    module.extend_from_slice(&content);
}

/// What the machine takes (docs/machine.md §2), in varying sizes.
fn config(source: &mut Source, disallow_traps: bool) -> Config {
    let small = source.one_in(2);
    let has_hosts = source.one_in(2);
    // Vectors, 64-bit memories and tables, shared memories and atomic instructions: in three modules of four each.
    let [vectors, wide, shared] = [(); 3].map(|()| !source.one_in(4));
    Config {
        available_imports: has_hosts.then(host_imports),
        max_imports: if has_hosts { 4 } else { 0 },
        export_everything: true,
        allow_floats: !source.one_in(4),
        max_instructions: if small { 60 } else { 400 },
        max_funcs: if small { 4 } else { 12 },
        min_funcs: 1,
        max_types: 12,
        max_globals: 6,
        max_memories: 1 + source.below(3) as usize,
        min_memories: source.below(2) as u32,
        max_memory32_bytes: 4 * 65536,
        max_memory64_bytes: 4 * 65536,
        memory_max_size_required: true,
        memory_offset_choices: MemoryOffsetChoices(90, 8, 2),
        max_tables: 1 + source.below(3) as usize,
        min_tables: source.below(2) as u32,
        max_table_elements: 40,
        table_max_size_required: true,
        max_element_segments: 4,
        max_elements: 8,
        max_data_segments: 3,
        tail_call_enabled: true,
        multi_value_enabled: true,
        reference_types_enabled: true,
        bulk_memory_enabled: true,
        saturating_float_to_int_enabled: true,
        sign_extension_ops_enabled: true,
        disallow_traps,
        gc_enabled: false,
        simd_enabled: vectors,
        // What they mean differs from one engine to the other.
        relaxed_simd_enabled: false,
        threads_enabled: shared,
        exceptions_enabled: false,
        memory64_enabled: wide,
        wide_arithmetic_enabled: false,
        extended_const_enabled: false,
        compact_imports_enabled: false,
        custom_descriptors_enabled: false,
        custom_page_sizes_enabled: false,
        ..Config::default()
    }
}

/// The module of a seed and its fuel; an error where its bytes are too few for what the configuration asks for.
fn module(seed: u64) -> arbitrary::Result<(u32, Vec<u8>)> {
    let mut source = Source(seed);
    let fuel = if source.one_in(2) { 0 } else { 20 + source.below(500) as u32 };
    // Random code traps soon, and shows little of what it computes.
    let disallow_traps = source.one_in(3) || fuel > 0 && !source.one_in(4);
    let config = config(&mut source, disallow_traps);
    let length = 200 + source.below(if config.max_instructions < 100 { 1500 } else { 9000 });
    let bytes = source.bytes(length as usize);
    let mut module = Module::new(config, &mut Unstructured::new(&bytes))?;
    if fuel > 0 {
        module.ensure_termination(fuel).expect("functions that wasm-smith has made");
    }
    Ok((fuel, module.to_bytes()))
}

fn number(argument: Option<String>) -> u64 {
    let text = argument.expect("usage: smith FIRST_SEED COUNT");
    text.parse().expect("usage: smith FIRST_SEED COUNT")
}

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let first = number(arguments.next());
    let count = number(arguments.next());
    let mut out = io::BufWriter::new(io::stdout().lock());
    for seed in first..first + count {
        let Ok((fuel, bytes)) = module(seed) else { continue };
        for number in [seed as u32, fuel, bytes.len() as u32] {
            out.write_all(&number.to_le_bytes())?;
        }
        out.write_all(&bytes)?;
    }
    out.flush()
}
