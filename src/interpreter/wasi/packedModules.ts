/**
 * The two modules that are made for a packed program: the image's memory, and the gateway that enters the program
 * (docs/wasi.md).
 *
 * Invariant: plain modules in the binary format (spec 2.0 §5), decoded and validated as any other.
 */
import type { FunctionType } from "../binary/module.ts";
import { pageBytes } from "../program/program.ts";

const sections = {
  type: 1,
  import: 2,
  function: 3,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  code: 10,
  data: 11,
} as const;
const kinds = { function: 0, memory: 2 } as const;
const opcode = {
  unreachable: 0x00,
  if: 0x04,
  end: 0x0b,
  call: 0x10,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Const: 0x41,
} as const;
const emptyBlock = 0x40;
const functionForm = 0x60;
const i32 = 0x7f;
const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** Unsigned LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...unsigned(Math.floor(value / 128))];
}

/** Signed LEB128 of a number that is not negative. */
function signed(value: number): number[] {
  return value < 64 ? [value] : [(value % 128) + 128, ...signed(Math.floor(value / 128))];
}

const text = (value: string): number[] => {
  const bytes = [...new TextEncoder().encode(value)];
  return [...unsigned(bytes.length), ...bytes];
};
const vector = (items: readonly (readonly number[])[]): number[] => [
  ...unsigned(items.length),
  ...items.flat(),
];
const section = (id: number, content: readonly number[]): number[] => [
  id,
  ...unsigned(content.length),
  ...content,
];

/** A module that defines the memory `memory`, filled with the image from address 0 on. */
export function imageModule(image: Uint8Array): Uint8Array {
  const pages = Math.ceil(image.length / pageBytes);
  const active = [0, opcode.i32Const, ...signed(0), opcode.end, ...unsigned(image.length)];
  const dataLength = 1 + active.length + image.length;
  const head = [
    ...magic,
    ...section(sections.memory, vector([[1, ...unsigned(pages), ...unsigned(pages)]])),
    ...section(sections.export, vector([[...text("memory"), kinds.memory, 0]])),
    sections.data,
    ...unsigned(dataLength),
    1,
    ...active,
  ];
  const bytes = new Uint8Array(head.length + image.length);
  bytes.set(head);
  bytes.set(image, head.length);
  return bytes;
}

/** A function that the gateway imports and calls. */
export interface GatewayCall {
  readonly module: string;
  readonly name: string;
}

/** What the gateway calls. */
export interface GatewayCalls {
  /** What every call enters, in order; all but the last have no parameters and results. */
  readonly each: readonly GatewayCall[];
  /** The type of the last of them. */
  readonly type: FunctionType;
  /** What is called once, before the first call. */
  readonly first: readonly GatewayCall[];
  /** Whether a second call traps. */
  readonly once: boolean;
}

/** A module whose export `gateway` enters the program. */
export function gatewayModule({ each, type, first, once }: GatewayCalls): Uint8Array {
  const imported = [...each, ...first];
  const calls = (from: number, to: number): number[] =>
    imported.slice(from, to).flatMap((_, index) => [opcode.call, ...unsigned(from + index)]);
  const guard = [
    ...[opcode.globalGet, 0, opcode.if, emptyBlock, opcode.unreachable, opcode.end],
    ...[opcode.i32Const, ...signed(1), opcode.globalSet, 0],
  ];
  const bodies = [[...(once ? guard : []), ...calls(0, each.length)]];
  if (first.length > 0) bodies.push(calls(each.length, imported.length));
  const functionType = (results: readonly number[]) => [
    functionForm,
    ...vector([]),
    ...vector(results.map((result) => [result])),
  ];
  const imports = imported.map(({ module, name }, index) => {
    const isLast = index === each.length - 1;
    return [...text(module), ...text(name), kinds.function, isLast ? 1 : 0];
  });
  const entry = [...text("gateway"), kinds.function, ...unsigned(imported.length)];
  return Uint8Array.from([
    ...magic,
    ...section(sections.type, vector([functionType([]), functionType(type.results)])),
    ...section(sections.import, vector(imports)),
    ...section(sections.function, vector(bodies.map((_, index) => [index === 0 ? 1 : 0]))),
    ...section(sections.global, vector([[i32, 1, opcode.i32Const, ...signed(0), opcode.end]])),
    ...section(sections.export, vector([entry])),
    ...(first.length > 0 ? section(sections.start, unsigned(imported.length + 1)) : []),
    ...section(sections.code, vector(bodies.map(functionCode))),
  ]);
}

/** A body without declared locals. */
function functionCode(body: readonly number[]): number[] {
  const code = [0, ...body, opcode.end];
  return [...unsigned(code.length), ...code];
}

/**
 * The module without its start section, the start function exported under a name instead, so that a gateway can call it.
 *
 * @param start Index of the start function.
 */
export function exportingStart(module: Uint8Array, start: number, name: string): Uint8Array {
  const entry = [...text(name), kinds.function, ...unsigned(start)];
  const parts: Uint8Array[] = [module.subarray(0, magic.length)];
  let isExported = false;
  const exportAlone = () => {
    if (!isExported) parts.push(Uint8Array.from(section(sections.export, vector([entry]))));
    isExported = true;
  };
  for (let at = magic.length; at < module.length; ) {
    const id = module[at];
    const [length, content] = readUnsigned(module, at + 1);
    const end = content + length;
    if (id === sections.export) {
      const [count, entries] = readUnsigned(module, content);
      const counted = unsigned(count + 1);
      const old = module.subarray(entries, end);
      const size = counted.length + old.length + entry.length;
      parts.push(Uint8Array.from([id, ...unsigned(size), ...counted]), old, Uint8Array.from(entry));
      isExported = true;
    } else if (id === sections.start) {
      exportAlone();
    } else {
      parts.push(module.subarray(at, end));
    }
    at = end;
  }
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Value and the place after it, in a module that has been decoded before. */
function readUnsigned(bytes: Uint8Array, from: number): [value: number, next: number] {
  let value = 0;
  let at = from;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[at++];
    value += (byte & 127) * scale;
    if (byte < 128) return [value, at];
  }
}
