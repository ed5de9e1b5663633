/**
 * Rewrites a module so that engines can be compared on it: behind each instruction that may make a NaN stands code that makes it
 * this machine's (docs/machine.md §7), behind each that computes a number code that mixes it into an exported global, since most of
 * what random code computes is seen nowhere else.
 *
 * Invariant: indices stay: functions have locals more, the last, and the global is the last; sections that need no change are copied
 * byte for byte.
 */
import { type Code, op, unsigned } from "../../spec-tests/corpus/assembler.ts";
import { Reader } from "../../src/interpreter/binary/binaryReader.ts";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { type FunctionBody, type Module, valueTypes } from "../../src/interpreter/binary/module.ts";
import { signatureParts } from "../../src/interpreter/isa/columns.ts";
import { InstructionCursor } from "../../src/interpreter/isa/instructionCursor.ts";
import { type InstructionRow, instructionOf } from "../../src/interpreter/isa/table.ts";
import { canonicalCode, type ScratchLocals } from "./values.ts";

const headerBytes = 8;
const sections = { global: 6, export: 7, code: 10 } as const;
const letters = "iIfFv";
const { i32, i64, f32, f64, v128 } = valueTypes;
const scratchTypes = [i32, i64, f32, f64, v128];
const hashName = "a hash of what was computed";

/** Bits of a value as an i64, or as two. */
const bitsOf: Readonly<Record<string, readonly Code[]>> = {
  i: [op("i64.extend_i32_u")],
  I: [[]],
  f: [[...op("i32.reinterpret_f32"), ...op("i64.extend_i32_u")]],
  F: [op("i64.reinterpret_f64")],
  v: [op("i64x2.extract_lane", 0), op("i64x2.extract_lane", 1)],
};

/** Mixes the number on top of the stack, which stays there, into a global; sizes, which have two types, are left out. */
function hashCode(row: InstructionRow, global: number, scratch: ScratchLocals): Code {
  const { signature, immediates } = row;
  const isSize = immediates === "memory" || immediates === "table";
  const type = signature === null || isSize ? "" : signatureParts(signature).results;
  if (bitsOf[type] === undefined) return [];
  const mixed = bitsOf[type].flatMap((bits) => [
    ...[...op("global.get", global), ...op("i64.const", 7), ...op("i64.rotl")],
    ...[...op("local.get", scratch[type]), ...bits, ...op("i64.xor"), ...op("global.set", global)],
  ]);
  return [...op("local.tee", scratch[type]), ...mixed];
}

class Rewriting {
  private readonly module: Module;
  private readonly hasCanonicalNans: boolean;
  /** Index of the global; undefined where the module exports nothing, or has no global. */
  private readonly hash: number | undefined;

  constructor(module: Module, hasCanonicalNans: boolean) {
    this.module = module;
    this.hasCanonicalNans = hasCanonicalNans;
    const canHash = module.exports.length > 0 && module.globals.length > 0;
    const imported = module.imports.filter(({ kind }) => kind === "global").length;
    this.hash = canHash ? imported + module.globals.length : undefined;
  }

  /** What stands in place of a section's content. */
  content(id: number, old: Uint8Array): Code | undefined {
    const { module, hash } = this;
    if (id === sections.code) {
      const bodies = module.bodies.flatMap((_, index) => this.body(index));
      return [...unsigned(module.bodies.length), ...bodies];
    }
    if (hash === undefined) return undefined;
    if (id === sections.global) return extended(old, [i64, 1, ...op("i64.const", 0), ...op("end")]);
    if (id !== sections.export) return undefined;
    const name = [...new TextEncoder().encode(hashName)];
    return extended(old, [...unsigned(name.length), ...name, 3, ...unsigned(hash)]);
  }

  private body(index: number): Code {
    const { module } = this;
    const body = module.bodies[index];
    const first = module.types[module.functions[index]].params.length + body.localCount;
    const scratch = Object.fromEntries([...letters].map((letter, at) => [letter, first + at]));
    const code = this.instructions(body, scratch);
    const runs = [...body.locals, ...scratchTypes.map((type) => ({ count: 1, type }))];
    const locals = runs.flatMap(({ count, type }) => [...unsigned(count), type]);
    const content = [...unsigned(runs.length), ...locals, ...code];
    return [...unsigned(content.length), ...content];
  }

  private instructions({ start, end }: FunctionBody, scratch: ScratchLocals): Code {
    const { bytes, features } = this.module;
    const cursor = new InstructionCursor(bytes, features);
    const code: number[] = [];
    cursor.open(start, end);
    while (cursor.next()) {
      for (let at = cursor.offset; at < cursor.position; at++) code.push(bytes[at]);
      const row = instructionOf(cursor.code);
      if (row === undefined) continue;
      if (row.mayMakeNan && this.hasCanonicalNans) code.push(...canonicalCode(row, scratch));
      if (this.hash !== undefined) code.push(...hashCode(row, this.hash, scratch));
    }
    return code;
  }
}

/** A section's content with one item more. */
function extended(content: Uint8Array, item: Code): Code {
  const reader = new Reader(content);
  const count = reader.u32();
  return [...unsigned(count + 1), ...content.subarray(reader.position), ...item];
}

/** The module with its hash, and with canonical NaNs where the engine has others. Throws what `decodeModule` throws. */
export function rewritten(bytes: Uint8Array, hasCanonicalNans: boolean): Uint8Array {
  const rewriting = new Rewriting(decodeModule(bytes), hasCanonicalNans);
  const result = [...bytes.subarray(0, headerBytes)];
  const reader = new Reader(bytes, headerBytes);
  while (reader.position < bytes.length) {
    const from = reader.position;
    const id = reader.u8();
    const size = reader.u32();
    const start = reader.position;
    reader.position += size;
    const content = rewriting.content(id, bytes.subarray(start, reader.position));
    if (content === undefined) result.push(...bytes.subarray(from, reader.position));
    else result.push(id, ...unsigned(content.length), ...content);
  }
  return Uint8Array.from(result);
}
