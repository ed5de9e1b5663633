/**
 * A minimal WebAssembly assembler: just enough to write the Keccak kernel as bytes
 * (WebAssembly core specification §5, binary format).
 *
 * Invariant: codes are those of the instruction table, without its other columns, which a light client need not load.
 */
import { instructionCodes } from "../../../interpreter/isa/generated/instructionCodes.ts";

export type Bytes = readonly number[];

export const valueCodes = { i32: 0x7f, i64: 0x7e, v128: 0x7b } as const;
export type ValueName = keyof typeof valueCodes;

/** Unsigned LEB128 (spec §5.2.2). */
export function unsigned(value: number): Bytes {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}

/** Signed LEB128 of a 64-bit integer. */
export function signed(value: bigint): Bytes {
  const bytes: number[] = [];
  let rest = BigInt.asIntN(64, value);
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

/** An instruction with immediates that are already encoded. */
export function op(mnemonic: keyof typeof instructionCodes, ...immediates: Bytes[]): Bytes {
  const code = instructionCodes[mnemonic];
  // Behind a prefix the number is an unsigned LEB128.
  const bytes = code > 0xff ? [code >> 16, ...unsigned(code & 0xffff)] : [code];
  return [...bytes, ...immediates.flat()];
}

/** Memory immediate: natural alignment as a power of two, static offset. */
export function at(alignment: number, offset: number): Bytes {
  return [alignment, ...unsigned(offset)];
}

export const get = (local: number): Bytes => op("local.get", unsigned(local));
export const set = (local: number): Bytes => op("local.set", unsigned(local));
export const tee = (local: number): Bytes => op("local.tee", unsigned(local));
export const i32 = (value: number): Bytes => op("i32.const", signed(BigInt(value | 0)));
export const i64 = (value: bigint): Bytes => op("i64.const", signed(value));

const emptyBlock = 0x40;
export const end = (): Bytes => op("end");
export const loop = (...body: Bytes[]): Bytes => [
  ...op("loop", [emptyBlock]),
  ...body.flat(),
  ...end(),
];
export const block = (...body: Bytes[]): Bytes => [
  ...op("block", [emptyBlock]),
  ...body.flat(),
  ...end(),
];
/** `if` without result; the else branch may be empty. */
export const when = (yes: Bytes, no: Bytes = []): Bytes => [
  ...op("if", [emptyBlock]),
  ...yes,
  ...(no.length > 0 ? op("else") : []),
  ...no,
  ...end(),
];

export interface FunctionSource {
  /** Export name; undefined for an inner function. */
  readonly name: string | undefined;
  readonly params: readonly ValueName[];
  readonly results: readonly ValueName[];
  /** Declared locals, numbered after the parameters. */
  readonly locals: readonly ValueName[];
  readonly body: Bytes;
}

const vectorOf = (items: readonly Bytes[]): Bytes => [...unsigned(items.length), ...items.flat()];
const sized = (bytes: Bytes): Bytes => [...unsigned(bytes.length), ...bytes];
const section = (id: number, content: Bytes): Bytes => [id, ...sized(content)];
const text = (value: string): Bytes => sized([...new TextEncoder().encode(value)]);

function codeEntry(source: FunctionSource): Bytes {
  const locals = source.locals.map((name) => [1, valueCodes[name]]);
  return sized([...vectorOf(locals), ...source.body, ...end()]);
}

/** A module of functions, one exported memory and one data segment at address 0. */
export function assemble(
  functions: readonly FunctionSource[],
  memoryPages: number,
  data: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const functionForm = 0x60;
  const values = (names: readonly ValueName[]) => vectorOf(names.map((name) => [valueCodes[name]]));
  const types = functions.map((f) => [functionForm, ...values(f.params), ...values(f.results)]);
  const exported = functions.flatMap((f, index) =>
    f.name === undefined ? [] : [[...text(f.name), 0, ...unsigned(index)]],
  );
  const segment = [0, ...i32(0), ...end(), ...sized([...data])];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vectorOf(types)),
    ...section(3, vectorOf(functions.map((_, index) => unsigned(index)))),
    ...section(5, vectorOf([[0, ...unsigned(memoryPages)]])),
    ...section(7, vectorOf([[...text("memory"), 2, 0], ...exported])),
    ...section(10, vectorOf(functions.map(codeEntry))),
    ...section(11, vectorOf([segment])),
  ]);
}
