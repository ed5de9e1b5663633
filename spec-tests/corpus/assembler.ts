/**
 * A small binary assembler for test modules (core specification §5). Opcodes and immediate kinds come from
 * the instruction table; signatures are written as there: `ii:I` in i I f F v, and r (funcref), x (externref).
 *
 * Invariant: it writes what it is told and checks nothing but operand counts, so that invalid modules can be written
 * too. It is independent of the decoder: neither imports the other.
 */
import {
  codeOf,
  type ImmediateKind,
  instructionOf,
  isDecoded,
} from "../../src/interpreter/isa/table.ts";

type AnyMnemonic = Parameters<typeof codeOf>[0];
export type Code = readonly number[];
/** `labels` takes an array and a default; `block` a type letter, "" or a type index; floats take their bits. */
export type Immediate = number | bigint | string | readonly number[];

const typeCodes: Readonly<Record<string, number>> = {
  i: 0x7f,
  I: 0x7e,
  f: 0x7d,
  F: 0x7c,
  v: 0x7b,
  r: 0x70,
  x: 0x6f,
};

export function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return bytes;
}

export function signed(value: bigint): Code {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    const group = Number(rest & 0x7fn);
    const done = rest >> 6n === 0n || rest >> 6n === -1n;
    bytes.push(done ? group : group | 0x80);
    if (done) return bytes;
  }
}

function fixed(bits: bigint, bytes: number): Code {
  return Array.from({ length: bytes }, (_, index) => Number((bits >> BigInt(8 * index)) & 0xffn));
}

const typeOf = (letter: string): number => {
  const code = typeCodes[letter];
  if (code === undefined) throw new RangeError(`expected a type letter, got ${letter}`);
  return code;
};
const types = (letters: string): Code => [...letters].map(typeOf);
export const vector = (items: readonly Code[]): Code => [
  ...unsigned(items.length),
  ...items.flat(),
];
const text = (value: string): Code =>
  vector([...new TextEncoder().encode(value)].map((byte) => [byte]));

function blockType(immediate: Immediate): Code {
  if (immediate === "") return [0x40];
  return typeof immediate === "string" ? types(immediate) : signed(BigInt(immediate as number));
}

/** A memory beyond the first is marked by bit 6 of the alignment field (specification 3.0 §5.4.6). */
function memarg(width: number, offset: number, memory: number): Code {
  const alignment = Math.log2(width);
  if (memory === 0) return [alignment, ...unsigned(offset)];
  return [alignment | 0x40, ...unsigned(memory), ...unsigned(offset)];
}

function immediateCode(kind: ImmediateKind, operands: readonly Immediate[], width: number): Code {
  const index = (at: number) => unsigned(Number(operands[at] ?? 0));
  switch (kind) {
    case "none":
      return [];
    case "zero":
      return [0];
    case "block":
      return blockType(operands[0] ?? "");
    case "labels":
      return [...vector((operands[0] as readonly number[]).map(unsigned)), ...index(1)];
    case "types":
    case "heapType":
      return kind === "types"
        ? vector([types(operands[0] as string)])
        : types(operands[0] as string);
    case "i32":
      return signed(BigInt.asIntN(32, BigInt(operands[0] as number)));
    case "i64":
      return signed(BigInt.asIntN(64, BigInt(operands[0] as number)));
    case "f32":
      return fixed(BigInt(operands[0] as number), 4);
    case "f64":
      return fixed(BigInt(operands[0] as number), 8);
    case "memarg":
      return memarg(width, Number(operands[0] ?? 0), Number(operands[1] ?? 0));
    case "memargLane":
      return [
        ...memarg(width, Number(operands[1] ?? 0), Number(operands[2] ?? 0)),
        Number(operands[0] ?? 0),
      ];
    case "lane":
      return [Number(operands[0] ?? 0)];
    case "v128":
      return fixed(BigInt(operands[0] as number), 16);
    case "shuffle":
      return [...(operands[0] as readonly number[])];
    case "typeTable":
    case "dataMemory":
    case "elementTable":
    case "memoryMemory":
    case "tableTable":
      return [...index(0), ...index(1)];
    default:
      return index(0);
  }
}

/**
 * One instruction. Immediates in the order of the binary: `typeTable` type, table; `dataMemory` segment, memory;
 * `elementTable` segment, table; copies destination, source; `memarg` offset, memory (alignment is natural);
 * `memargLane` lane, offset, memory; `shuffle` an array of 16 numbers.
 */
export function op(mnemonic: AnyMnemonic, ...operands: readonly Immediate[]): Code {
  const code = codeOf(mnemonic);
  const row = instructionOf(code);
  if (row === undefined || !isDecoded(row)) throw new RangeError(`${mnemonic} has no binary code`);
  // On a prefixed page the second number is an unsigned LEB128.
  const bytes = code > 0xff ? [code >> 16, ...unsigned(code & 0xffff)] : [code];
  return [...bytes, ...immediateCode(row.immediates, operands, row.width ?? 1)];
}

/** A shared memory has a maximum; `i64` is the type of its addresses, or of a table's indices. */
type Limits = readonly [min: number, max?: number | undefined, kind?: "shared" | "i64"];
type Placement = { readonly index?: number; readonly offset: Code };

export interface ModuleText {
  /** Types by hand, from index 0 on; signatures of functions are added behind. */
  readonly types?: readonly string[];
  readonly imports?: readonly ({ readonly module: string; readonly name: string } & (
    | { readonly func: string }
    | { readonly memory: Limits }
    | { readonly table: Limits; readonly type: string }
    | { readonly global: string; readonly mutable?: boolean }
  ))[];
  readonly functions?: readonly {
    readonly signature: string;
    readonly locals?: string;
    /** Without the final `end`. */
    readonly body: readonly Code[];
    readonly export?: string;
  }[];
  readonly tables?: readonly { readonly type: string; readonly limits: Limits }[];
  readonly memories?: readonly Limits[];
  readonly globals?: readonly {
    readonly type: string;
    readonly mutable?: boolean;
    readonly init: Code;
  }[];
  readonly exports?: readonly {
    readonly name: string;
    readonly kind: "func" | "table" | "memory" | "global";
    readonly index: number;
  }[];
  readonly start?: number;
  /** Function indices, or with `type` expressions. No placement: passive; "declarative": only declared. */
  readonly elements?: readonly {
    readonly at?: Placement | "declarative";
    readonly functions?: readonly number[];
    readonly type?: string;
    readonly expressions?: readonly Code[];
  }[];
  readonly data?: readonly { readonly at?: Placement; readonly bytes: Iterable<number> }[];
}

const kinds = { func: 0, table: 1, memory: 2, global: 3 } as const;
const limits = ([min, max, kind]: Limits): Code => {
  const flags = kind === "shared" ? 2 : kind === "i64" ? 4 : 0;
  if (max === undefined) return [flags, ...unsigned(min)];
  return [flags | 1, ...unsigned(min), ...unsigned(max)];
};
const expression = (code: Code): Code => [...code, ...op("end")];

function section(id: number, items: readonly Code[]): Code {
  if (items.length === 0) return [];
  const body = vector(items);
  return [id, ...unsigned(body.length), ...body];
}

function functionType(signature: string): Code {
  const [params, results] = signature.split(":");
  return [
    0x60,
    ...unsigned(params.length),
    ...types(params),
    ...unsigned(results.length),
    ...types(results),
  ];
}

function importCode(
  item: NonNullable<ModuleText["imports"]>[number],
  typeIndex: (s: string) => number,
): Code {
  const names = [...text(item.module), ...text(item.name)];
  if ("func" in item) return [...names, kinds.func, ...unsigned(typeIndex(item.func))];
  if ("memory" in item) return [...names, kinds.memory, ...limits(item.memory)];
  if ("table" in item) return [...names, kinds.table, typeOf(item.type), ...limits(item.table)];
  return [...names, kinds.global, typeOf(item.global), item.mutable ? 1 : 0];
}

function bodyCode({ locals = "", body }: NonNullable<ModuleText["functions"]>[number]): Code {
  const declared = vector([...locals].map((letter) => [1, typeOf(letter)]));
  const code = [...declared, ...expression(body.flat())];
  return [...unsigned(code.length), ...code];
}

/** The flag's bits (specification §5.5.12): 1 passive or declarative, 2 explicit table or declarative, 4 expressions. */
function elementCode(element: NonNullable<ModuleText["elements"]>[number]): Code {
  const { at, functions = [], expressions, type = "r" } = element;
  const items = expressions ? vector(expressions.map(expression)) : vector(functions.map(unsigned));
  const kind = expressions ? [typeOf(type)] : [0];
  const bits = expressions ? 4 : 0;
  if (at === undefined) return [bits | 1, ...kind, ...items];
  if (at === "declarative") return [bits | 3, ...kind, ...items];
  const plain = (at.index ?? 0) === 0 && type === "r";
  if (plain) return [bits, ...expression(at.offset), ...items];
  return [bits | 2, ...unsigned(at.index ?? 0), ...expression(at.offset), ...kind, ...items];
}

function dataCode({ at, bytes }: NonNullable<ModuleText["data"]>[number]): Code {
  const content = vector([...bytes].map((byte) => [byte]));
  if (at === undefined) return [1, ...content];
  if ((at.index ?? 0) === 0) return [0, ...expression(at.offset), ...content];
  return [2, ...unsigned(at.index ?? 0), ...expression(at.offset), ...content];
}

/** The module's binary. */
export function assemble(module: ModuleText): Uint8Array {
  const signatures = [...(module.types ?? [])];
  const typeIndex = (signature: string) => {
    const found = signatures.indexOf(signature);
    return found >= 0 ? found : signatures.push(signature) - 1;
  };
  const functions = module.functions ?? [];
  const imports = module.imports ?? [];
  const imported = imports.filter((item) => "func" in item).length;
  const exports = [
    ...functions.flatMap((item, index) =>
      item.export === undefined
        ? []
        : [{ name: item.export, kind: "func" as const, index: imported + index }],
    ),
    ...(module.exports ?? []),
  ];
  const importSection = section(
    2,
    imports.map((item) => importCode(item, typeIndex)),
  );
  const functionSection = section(
    3,
    functions.map((item) => unsigned(typeIndex(item.signature))),
  );
  const data = module.data ?? [];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, signatures.map(functionType)),
    ...importSection,
    ...functionSection,
    ...section(
      4,
      (module.tables ?? []).map((table) => [typeOf(table.type), ...limits(table.limits)]),
    ),
    ...section(5, (module.memories ?? []).map(limits)),
    ...section(
      6,
      (module.globals ?? []).map(({ type, mutable, init }) => [
        typeOf(type),
        mutable ? 1 : 0,
        ...expression(init),
      ]),
    ),
    ...section(
      7,
      exports.map(({ name, kind, index }) => [...text(name), kinds[kind], ...unsigned(index)]),
    ),
    ...(module.start === undefined
      ? []
      : [8, unsigned(module.start).length, ...unsigned(module.start)]),
    ...section(9, (module.elements ?? []).map(elementCode)),
    // The count goes before the code only where an instruction needs it: 1.0 does not know the section.
    ...(data.some((segment) => segment.at === undefined)
      ? [12, unsigned(data.length).length, ...unsigned(data.length)]
      : []),
    ...section(10, functions.map(bodyCode)),
    ...section(11, data.map(dataCode)),
  ]);
}
