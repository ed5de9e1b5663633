/**
 * Bytes of large modules, written at the speed of a loop: LEB128, sections, bodies (spec §5).
 *
 * Invariant: nothing is checked; a generator says what it means to be valid.
 */
const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** Opcodes that the generators use. */
export const ops = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  call: 0x10,
  callIndirect: 0x11,
  drop: 0x1a,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Load: 0x28,
  i32Store: 0x36,
  i32Const: 0x41,
  f64Const: 0x44,
  i32Add: 0x6a,
  f64Add: 0xa0,
  refFunc: 0xd2,
  extended: 0xfc,
} as const;

export const types = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, funcref: 0x70 } as const;
export const empty = 0x40;

export type Bytes = number[];

export function unsigned(value: number): Bytes {
  const bytes: Bytes = [];
  let rest = value >>> 0;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return bytes;
}

export function signed(value: number): Bytes {
  const bytes: Bytes = [];
  let rest = value;
  for (; rest < -64 || rest >= 64; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest & 0x7f);
  return bytes;
}

export const constant = (value: number): Bytes => [ops.i32Const, ...signed(value)];
export const at = (op: number, index: number): Bytes => [op, ...unsigned(index)];

export function name(text: string): Bytes {
  const bytes = new TextEncoder().encode(text);
  return [...unsigned(bytes.length), ...bytes];
}

/** The concatenation of `count` parts. */
export function repeated(count: number, part: (index: number) => Bytes): Bytes {
  const bytes: Bytes = [];
  for (let index = 0; index < count; index++) for (const byte of part(index)) bytes.push(byte);
  return bytes;
}

/** A vector of `count` items. */
export function vector(count: number, part: (index: number) => Bytes): Bytes {
  return joined([unsigned(count), repeated(count, part)]);
}

export function joined(parts: readonly Bytes[]): Bytes {
  return repeated(parts.length, (index) => parts[index]);
}

export function section(id: number, content: Bytes): Bytes {
  return joined([[id], unsigned(content.length), content]);
}

/** A function type. */
export function type(params: Bytes, results: Bytes): Bytes {
  return joined([[0x60], unsigned(params.length), params, unsigned(results.length), results]);
}

/** Runs of locals, `[count, type]`. */
export type Runs = readonly (readonly [number, number])[];

/** A body with its size; the final `end` is added. */
export function body(runs: Runs, ...parts: Bytes[]): Bytes {
  const locals = vector(runs.length, (index) => [...unsigned(runs[index][0]), runs[index][1]]);
  const content = joined([locals, ...parts, [ops.end]]);
  return joined([unsigned(content.length), content]);
}

/** What a module has besides one function type `[] → []`, number 0, and a gateway of that type, function 0 of those defined. */
export interface Parts {
  /** Types from number 1 on. */
  readonly types?: readonly Bytes[];
  /** Content of whole sections by id, vectors' counts included. */
  readonly imports?: Bytes;
  readonly importedFunctions?: number;
  readonly tables?: Bytes;
  readonly memories?: Bytes;
  readonly globals?: Bytes;
  /** Exports besides the gateway. */
  readonly exports?: readonly Bytes[];
  readonly elements?: Bytes;
  readonly dataCount?: number;
  /** Type and body of each function after the gateway. */
  readonly functions?: readonly { readonly type: number; readonly body: Bytes }[];
  readonly data?: Bytes;
  readonly custom?: readonly Bytes[];
  /** What the gateway does after its loop. */
  readonly gateway?: Bytes;
  /** Turns of four steps that the gateway's loop makes first, so that `auto` compiles. */
  readonly turns?: number;
}

function gateway(turns: number, rest: Bytes): Bytes {
  const loop = [
    ...[ops.loop, empty, ops.localGet, 0, ...constant(1), ops.i32Add, ops.localTee, 0],
    ...[...constant(turns), 0x48, ops.brIf, 0, ops.end],
  ];
  return body([[1, types.i32]], turns > 0 ? loop : [], rest);
}

/** The binary; it exports "gateway". */
export function moduleOf(parts: Parts): Uint8Array {
  const { functions = [], exports = [], importedFunctions = 0, custom = [] } = parts;
  const typeList = [type([], []), ...(parts.types ?? [])];
  const exported = [[...name("gateway"), 0, ...unsigned(importedFunctions)], ...exports];
  const bodies = [gateway(parts.turns ?? 0, parts.gateway ?? []), ...functions.map((f) => f.body)];
  const optional = (id: number, content: Bytes | undefined) =>
    content === undefined ? [] : section(id, content);
  return Uint8Array.from(
    joined([
      magic,
      section(
        1,
        vector(typeList.length, (index) => typeList[index]),
      ),
      optional(2, parts.imports),
      section(
        3,
        vector(bodies.length, (index) => unsigned(functions[index - 1]?.type ?? 0)),
      ),
      optional(4, parts.tables),
      optional(5, parts.memories),
      optional(6, parts.globals),
      section(
        7,
        vector(exported.length, (index) => exported[index]),
      ),
      optional(9, parts.elements),
      optional(12, parts.dataCount === undefined ? undefined : unsigned(parts.dataCount)),
      section(
        10,
        vector(bodies.length, (index) => bodies[index]),
      ),
      optional(11, parts.data),
      ...custom.map((content) => section(0, content)),
    ]),
  );
}
