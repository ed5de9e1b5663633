/**
 * Modules that play a tape (recordRun.ts) to a program: its imports renamed, an adapter that gives them and drives its
 * exports, and, for engines that cannot link in a circle, a module of calls through a table.
 *
 * Invariant: all engines run the same three binaries; the tape's bytes lie in a memory of the adapter's own.
 */
import wabtFactory from "wabt";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import type { Module } from "../../src/interpreter/binary/module.ts";
import type { Recording, Signature, TapeOperation, Types } from "./recordRun.ts";

const typeNames: Readonly<Record<number, string>> = {
  127: "i32",
  126: "i64",
  125: "f32",
  124: "f64",
};
const pageBytes = 65536;
const operations = { return: 0, write: 1, grow: 2, call: 3 } as const;

const named = (type: {
  readonly params: readonly number[];
  readonly results: readonly number[];
}): Signature => ({
  params: type.params.map((code) => typeNames[code]),
  results: type.results.map((code) => typeNames[code]),
});

/** Types of a module's imported and exported functions. */
export function typesOf(bytes: Uint8Array): Types {
  const module = decodeModule(bytes);
  const imports = new Map<string, Signature>();
  const types: Signature[] = [];
  for (const item of module.imports) {
    if (item.kind !== "function") continue;
    types.push(named(module.types[item.typeIndex]));
    imports.set(`${item.module}.${item.name}`, types[types.length - 1]);
  }
  for (const index of module.functions) types.push(named(module.types[index]));
  const exports = new Map<string, Signature>();
  for (const { name, kind, index } of module.exports)
    if (kind === "function") exports.set(name, types[index]);
  return { imports, importList: types.slice(0, types.length - module.functions.length), exports };
}

export interface TapeModules {
  /** The program; it imports functions `f0 …` of `tape`, and its memory, if it imports one, as `memory` of `memory`. */
  readonly program: Uint8Array;
  /** Gives the functions; imports memory and exports of `program`; exports `gateway`. */
  readonly tape: Uint8Array;
  /** Gives functions `f0 …` that call through its table `t`. */
  readonly circle: Uint8Array;
  /** The memory that the program imports, if it does. */
  readonly memory: Uint8Array | undefined;
}

/** The binaries that play a recording. */
export async function tapeModules({ bytes, tape }: Recording): Promise<TapeModules> {
  const module = decodeModule(bytes);
  const { importList, exports } = typesOf(bytes);
  const memoryImport = module.imports.find(({ kind }) => kind === "memory");
  const memoryName = module.exports.find(({ kind }) => kind === "memory")?.name;
  const called = [...new Set(tape.flatMap((one) => (one.kind === "call" ? [one.name] : [])))];
  const signatures = called.map((name) => exports.get(name) as Signature);
  const words = encode(tape, called, signatures);
  const given = importList;
  const wat = tapeText(
    given,
    called,
    signatures,
    memoryImport ? undefined : memoryName,
    words.length,
  );
  const circle = given.map(
    (type, index) =>
      `(func (export "f${index}") ${typeText(type)} ${type.params.map((_, at) => `(local.get ${at})`).join("")} (call_indirect ${typeText(type)} (i32.const ${index})))`,
  );
  const limits = memoryImport?.kind === "memory" ? memoryImport.type : undefined;
  return {
    program: renamed(module),
    tape: withData(await assembled(wat), words),
    circle: await assembled(
      `(module (table (export "t") ${Math.max(1, given.length)} funcref) ${circle.join("\n")})`,
    ),
    memory:
      limits &&
      (await assembled(`(module (memory (export "memory") ${limits.min} ${limits.max ?? ""}))`)),
  };
}

/** Of wabt 1.0.39, whose types do not know multi_memory yet. */
const features = { multi_memory: true, bulk_memory: true } as object;

async function assembled(text: string): Promise<Uint8Array> {
  const wabt = await wabtFactory();
  const parsed = wabt.parseWat("tape.wat", text, features);
  return new Uint8Array(parsed.toBinary({}).buffer);
}

const typeText = ({ params, results }: Signature): string =>
  `${params.length > 0 ? `(param ${params.join(" ")})` : ""}${results.length > 0 ? `(result ${results.join(" ")})` : ""}`;

const fromBits: Readonly<Record<string, string>> = {
  i32: "i32.wrap_i64",
  i64: "",
  f32: "f32.reinterpret_i32 (i32.wrap_i64",
  f64: "f64.reinterpret_i64",
};

function converted(type: string, value: string): string {
  if (type === "i64") return value;
  return type === "f32" ? `(${fromBits.f32} ${value}))` : `(${fromBits[type]} ${value})`;
}

function tapeText(
  given: readonly Signature[],
  called: readonly string[],
  signatures: readonly Signature[],
  memoryName: string | undefined,
  bytes: number,
): string {
  const memory =
    memoryName === undefined
      ? '(import "memory" "memory" (memory $p 0))'
      : `(import "program" ${JSON.stringify(memoryName)} (memory $p 0))`;
  const calls = signatures.map((type, index) => {
    const args = type.params
      .map((one, at) => converted(one, `(i64.load $t offset=${16 + at * 8} (local.get $at))`))
      .join(" ");
    const back = type.results.map(() => "drop").join(" ");
    return `(if (i32.eq (local.get $k) (i32.const ${index})) (then (global.set $next (i32.add (local.get $at) (i32.const ${16 + type.params.length * 8}))) (call $e${index} ${args}) ${back} (br $go)))`;
  });
  return `(module
    ${memory}
    ${called.map((name, index) => `(import "program" ${JSON.stringify(name)} (func $e${index} ${typeText(signatures[index])}))`).join("\n")}
    (memory $t ${Math.ceil(bytes / pageBytes)})
    (global $next (mut i32) (i32.const 0))
    (func $play (result i64) (local $at i32) (local $op i32) (local $k i32)
      (loop $go (result i64)
        (local.set $at (global.get $next))
        (local.set $op (i32.load $t (local.get $at)))
        (local.set $k (i32.load $t offset=4 (local.get $at)))
        (if (i32.eqz (local.get $op)) (then
          (global.set $next (i32.add (local.get $at) (i32.const 16)))
          (return (i64.load $t offset=8 (local.get $at)))))
        (if (i32.eq (local.get $op) (i32.const ${operations.write})) (then
          (memory.copy $p $t (local.get $k) (i32.add (local.get $at) (i32.const 16)) (i32.load $t offset=8 (local.get $at)))
          (global.set $next (i32.add (i32.add (local.get $at) (i32.const 16)) (i32.and (i32.add (i32.load $t offset=8 (local.get $at)) (i32.const 7)) (i32.const -8))))
          (br $go)))
        (if (i32.eq (local.get $op) (i32.const ${operations.grow})) (then
          (drop (memory.grow $p (local.get $k)))
          (global.set $next (i32.add (local.get $at) (i32.const 16)))
          (br $go)))
        ${calls.join("\n")}
        unreachable))
    (func (export "gateway") (drop (call $play)))
    ${given.map((type, index) => `(func (export "f${index}") ${typeText(type)} ${type.results.length === 0 ? "(drop (call $play))" : converted(type.results[0], "(call $play)")})`).join("\n")}
  )`;
}

function encode(
  tape: readonly TapeOperation[],
  called: readonly string[],
  signatures: readonly Signature[],
): Uint8Array {
  const sizeOf = (one: TapeOperation): number => {
    if (one.kind === "write") return 16 + Math.ceil(one.bytes.length / 8) * 8;
    return 16 + (one.kind === "call" ? one.args.length * 8 : 0);
  };
  const bytes = new Uint8Array(tape.reduce((sum, one) => sum + sizeOf(one), 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const one of tape) {
    view.setUint32(at, operations[one.kind], true);
    if (one.kind === "return") view.setBigUint64(at + 8, one.value, true);
    else if (one.kind === "grow") view.setUint32(at + 4, one.pages, true);
    else if (one.kind === "call") {
      const index = called.indexOf(one.name);
      view.setUint32(at + 4, index, true);
      signatures[index].params.forEach((_, arg) => {
        view.setBigUint64(at + 16 + arg * 8, one.args[arg] ?? 0n, true);
      });
    } else {
      view.setUint32(at + 4, one.address, true);
      view.setUint32(at + 8, one.bytes.length, true);
      bytes.set(one.bytes, at + 16);
    }
    at += sizeOf(one);
  }
  return bytes;
}

const unsigned = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  do {
    const byte = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? byte | 0x80 : byte);
  } while (rest > 0);
  return bytes;
};

/** Appends an active segment of memory 1. */
function withData(module: Uint8Array, data: Uint8Array): Uint8Array {
  const head = [1, 2, 1, 0x41, 0, 0x0b, ...unsigned(data.length)];
  const size = unsigned(head.length + data.length);
  return joined([module, Uint8Array.from([11, ...size, ...head]), data]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const text = (name: string): number[] => {
  const bytes = [...new TextEncoder().encode(name)];
  return [...unsigned(bytes.length), ...bytes];
};

/** The module with its imports under other names. */
function renamed({ bytes, imports }: Module): Uint8Array {
  if (imports.length === 0) return bytes;
  let functions = 0;
  const entries = imports.map((item) => {
    if (item.kind === "function")
      return [...text("tape"), ...text(`f${functions++}`), 0, ...unsigned(item.typeIndex)];
    if (item.kind !== "memory") throw new Error(`expected no imported ${item.kind}`);
    const { min, max } = item.type;
    const limits =
      max === undefined ? [0, ...unsigned(min)] : [1, ...unsigned(min), ...unsigned(max)];
    return [...text("memory"), ...text("memory"), 2, ...limits];
  });
  const content = [...unsigned(entries.length), ...entries.flat()];
  const { start, end } = sectionOf(bytes, 2);
  return joined([
    bytes.subarray(0, start),
    Uint8Array.from([2, ...unsigned(content.length), ...content]),
    bytes.subarray(end),
  ]);
}

function sectionOf(bytes: Uint8Array, wanted: number): { start: number; end: number } {
  for (let at = 8; at < bytes.length; ) {
    const start = at;
    const id = bytes[at++];
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      size += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    at += size;
    if (id === wanted) return { start, end: at };
  }
  throw new Error(`expected a section ${wanted}`);
}
