/**
 * A module with code of ours in its functions, and a global of ours behind its own (spec 2.0 §5.5).
 *
 * Invariant: the module is valid and the code leaves the operands as they were, so the result is valid and has every index of the
 * original.
 */
import { Reader } from "../../interpreter/binary/binaryReader.ts";
import { type Module, valueTypes } from "../../interpreter/binary/module.ts";
import { sectionIds, Writer, wasmMagic } from "../../interpreter/compile/binaryWriter.ts";

/** Sections that stand before the globals: type, import, function, table, memory, tag. */
const lastBeforeGlobals = sectionIds.memory;
const tagSection = 13;

/** Index of the global that `withProbes` adds. */
export function addedGlobal(module: Module): number {
  return module.imports.filter(({ kind }) => kind === "global").length + module.globals.length;
}

/**
 * The binary of a module with `code` inserted, and a mutable i64 global, 0 at first, added.
 *
 * @param offsets byte offsets of instructions before which the code is inserted, ascending.
 */
export function withProbes(
  module: Module,
  offsets: readonly number[],
  code: Uint8Array,
): Uint8Array {
  const { bytes } = module;
  const out = new Writer(bytes.length + offsets.length * (code.length + 8) + 64).raw(wasmMagic);
  const reader = new Reader(bytes, wasmMagic.length);
  let hasGlobals = false;
  while (reader.position < bytes.length) {
    const start = reader.position;
    const id = reader.u8();
    const length = reader.u32();
    const content = reader.position;
    const isBefore = id <= lastBeforeGlobals || id === tagSection;
    if (!hasGlobals && !isBefore) {
      const count = id === sectionIds.global ? module.globals.length : 0;
      const own = count === 0 ? [] : bytes.subarray(afterCount(bytes, content), content + length);
      out.section(
        sectionIds.global,
        new Writer()
          .unsigned(count + 1)
          .raw(own)
          .raw(counter),
      );
      hasGlobals = true;
    }
    reader.position = content + length;
    if (id === sectionIds.code) out.section(id, probedBodies(module, content, offsets, code));
    else if (id !== sectionIds.global) out.raw(bytes.subarray(start, reader.position));
  }
  return out.bytes;
}

/** mutable i64, `i64.const 0`, `end`. */
const counter = new Writer().u8(valueTypes.i64).u8(1).i64(0n).op("end").bytes;

function afterCount(bytes: Uint8Array, content: number): number {
  const reader = new Reader(bytes, content);
  reader.u32();
  return reader.position;
}

function probedBodies(
  { bytes, bodies }: Module,
  content: number,
  offsets: readonly number[],
  code: Uint8Array,
): Writer {
  const out = new Writer(bytes.length).unsigned(bodies.length);
  let at = afterCount(bytes, content);
  let next = 0;
  for (const { end } of bodies) {
    const reader = new Reader(bytes, at);
    reader.u32();
    let from = reader.position;
    const first = next;
    while (next < offsets.length && offsets[next] < end) next++;
    const size = end - from + (next - first) * code.length;
    out.unsigned(size);
    for (const offset of offsets.slice(first, next)) {
      out.raw(bytes.subarray(from, offset)).raw(code);
      from = offset;
    }
    out.raw(bytes.subarray(from, end));
    at = end;
  }
  return out;
}
