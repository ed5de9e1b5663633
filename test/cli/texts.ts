/** Programs as text that several tests of the command line run. */
import { writeFileSync } from "node:fs";
import { binaryOf } from "../merkle/program.ts";

/** What an allocator does: takes 16 pages, writes to them, or traps, or does what `failure` says. */
export const allocatorText = (failure: string) => `(module (memory 1)
  (func $allocate (export "allocate") (result i32) (local $page i32)
    (local.set $page (memory.grow (i32.const 16)))
    (if (i32.eq (local.get $page) (i32.const -1)) (then ${failure}))
    (i32.store (i32.mul (local.get $page) (i32.const 65536)) (i32.const 7))
    (local.get $page))
  (func (export "gateway") (result i32) (call $allocate)))`;

/** Writes the binary of a WebAssembly text; returns the path. */
export function binaryFile(path: string, text: string): string {
  writeFileSync(path, binaryOf(text));
  return path;
}
