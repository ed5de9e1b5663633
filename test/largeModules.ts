/**
 * Modules that are worth keeping in a program cache, for its tests.
 */
import { leastCachedBytes } from "../src/programCache.ts";
import { binaryOf } from "./merkle/program.ts";

/** The module behind a custom section that makes it worth keeping. */
export function large(bytes: Uint8Array): Uint8Array {
  const length = leastCachedBytes;
  const section = [0, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14, 1, 0x78];
  const padded = new Uint8Array(bytes.length + section.length + length - 2);
  padded.set(bytes);
  padded.set(section, bytes.length);
  return padded;
}

/** With a start function, stubs, a passive segment and a vector. */
export const starting =
  binaryOf(`(module (import "arbiter" "input_size" (func $size (result i32))) (memory 1)
  (table 4 funcref) (elem (i32.const 0) $size $start) (data "passive") (global $g (mut v128) (v128.const i64x2 1 2))
  (func $start (global.set $g (v128.const i64x2 0x123456789abcdef0 7))) (start $start)
  (func (export "gateway") (result i32) (br_table 0 0 (i32.const 1) (i32.const 0))))`);
