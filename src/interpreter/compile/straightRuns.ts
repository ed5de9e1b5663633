/**
 * Emits runs of straight code, which most of a body is: locals that are read and written, constants of integers,
 * arithmetic of one byte, loads. One loop reads their bytes and goes on until it meets another instruction; so what most
 * instructions take is compiled soon by the host that runs the emitter, and calls little.
 *
 * Invariant: the code at hand is reachable in the program, and has been validated; operands change as the instruction's type says.
 */
import { isNumeric } from "../isa/columns.ts";
import { codeOf, instructionOf } from "../isa/table.ts";
import { readU32 } from "../program/bigEndian.ts";
import { instructionBytes } from "../program/program.ts";
import type { Origin } from "./addressTracker.ts";
import type { BodyEmitter } from "./bodyEmitter.ts";
import { setLocal } from "./emitInstructions.ts";
import { emitLoad } from "./emitMemory.ts";
import { i32, i64 } from "./hostTypes.ts";
import { type InstructionShape, shapeOf } from "./instructionShape.ts";
import { placeOf } from "./keptLocals.ts";

const oneByteCodes = 256;
const ADD = codeOf("i32.add");
const SUB = codeOf("i32.sub");
/** Bit of a LEB128 byte that another follows, and of a memarg's alignment that a memory index follows. */
const more = 0x80;
const explicitMemory = 0x40;

/** What a run does with an instruction; 0 for one that ends it. */
const forms = {
  localGet: 1,
  localSet: 2,
  localTee: 3,
  i32: 4,
  i64: 5,
  numeric: 6,
  load: 7,
} as const;
const formOfCode = new Uint8Array(oneByteCodes);
/** By code, of numeric instructions and loads. */
const shapes: (InstructionShape | undefined)[] = new Array(oneByteCodes).fill(undefined);

for (let code = 0; code < oneByteCodes; code++) {
  const row = instructionOf(code);
  if (row === undefined || row.hostLacks) continue;
  const shape = shapeOf(code);
  const isPlain = isNumeric(row) && !shape.seesBits && row.immediates === "none";
  if (!isPlain && row.access !== "load") continue;
  formOfCode[code] = isPlain ? forms.numeric : forms.load;
  shapes[code] = shape;
}
formOfCode[codeOf("local.get")] = forms.localGet;
formOfCode[codeOf("local.set")] = forms.localSet;
formOfCode[codeOf("local.tee")] = forms.localTee;
formOfCode[codeOf("i32.const")] = forms.i32;
formOfCode[codeOf("i64.const")] = forms.i64;

/** Bytes of a run that are emitted at one time: then somebody looks at what the function has come to (engineBounds.ts). */
const bytesAtOnce = 1024;

/** Emits what comes next as far as it is of a run; returns whether there may be more of it. */
export function emitRun(emitter: BodyEmitter): boolean {
  const { cursor } = emitter;
  const { bytes } = cursor;
  let at = cursor.position;
  const most = at + bytesAtOnce;
  for (let code = bytes[at]; formOfCode[code] !== 0 && at < most; code = bytes[at]) {
    const form = formOfCode[code];
    if (form === forms.numeric) {
      numeric(emitter, code);
      at++;
    } else if (form === forms.load) {
      load(emitter, code);
      at = behindMemarg(bytes, at + 1);
    } else {
      at = withImmediate(emitter, form, at);
    }
  }
  cursor.skipTo(at);
  return at >= most;
}

/** An instruction with an index or a constant, which is one byte long as a rule; returns the offset behind it. */
function withImmediate(emitter: BodyEmitter, form: number, at: number): number {
  const { cursor, lazy } = emitter;
  const byte = cursor.bytes[at + 1];
  const isShort = byte < more;
  if (!isShort) {
    cursor.skipTo(at);
    cursor.next();
  }
  if (form === forms.i32) {
    constant(emitter, isShort ? signed(byte) : cursor.low);
  } else if (form === forms.i64) {
    longConstant(
      emitter,
      isShort ? signed(byte) : cursor.low,
      isShort ? signed(byte) >> 31 : cursor.high,
    );
  } else {
    lazy.passTo(at);
    const index = isShort ? byte : cursor.index;
    if (form === forms.localGet) getLocal(emitter, index);
    else setLocal(emitter, index, form === forms.localTee);
  }
  return isShort ? at + 2 : cursor.position;
}

/** The value of a signed LEB128 integer of one byte. */
function signed(byte: number): number {
  return (byte << 25) >> 25;
}

function behindMemarg(bytes: Uint8Array, start: number): number {
  let at = start;
  const hasIndex = (bytes[at] & explicitMemory) !== 0;
  for (let items = hasIndex ? 3 : 2; items > 0; items--) {
    while (bytes[at] >= more) at++;
    at++;
  }
  return at;
}

function numeric(emitter: BodyEmitter, code: number): void {
  const { frame } = emitter;
  const { operands, results, nans } = shapes[code] as InstructionShape;
  const origin = code === ADD || code === SUB ? originOf(emitter, code) : undefined;
  emitter.advance();
  frame.use(operands);
  frame.pop(operands);
  if (frame.live) frame.out.u8(code);
  frame.push(results[0], nans);
  if (origin !== undefined) frame.top().origin = origin;
}

/** The sum or difference of an address and a constant. */
function originOf({ frame, addresses }: BodyEmitter, code: number): Origin | undefined {
  const { constant } = frame.top();
  if (constant === undefined) return undefined;
  const left = frame.operands[frame.height - 2];
  const { base, delta } = left.origin ?? addresses.fresh();
  return { base, delta: (code === ADD ? delta + constant : delta - constant) | 0 };
}

function load(emitter: BodyEmitter, code: number): void {
  const { row, operands, results } = shapes[code] as InstructionShape;
  const at = emitter.pc * instructionBytes;
  const { code: records } = emitter.scope.program;
  const [offset, memory] = [readU32(records, at + 4), readU32(records, at + 8)];
  emitLoad(emitter, row, memory, offset, { operands, result: results[0] });
}

function getLocal(emitter: BodyEmitter, index: number): void {
  const { frame, source, lazy, locals } = emitter;
  emitter.advance();
  const place = placeOf(source, index);
  const type = source.locals[place];
  if (frame.live) frame.out.localGet(locals[place]);
  frame.push(type, lazy.floats[place]);
  if (type === i32) frame.top().origin = emitter.addresses.ofLocal(place);
}

function constant(emitter: BodyEmitter, value: number): void {
  const { frame } = emitter;
  emitter.advance();
  if (frame.live) frame.out.i32(value);
  frame.push(i32);
  frame.top().constant = value;
}

function longConstant(emitter: BodyEmitter, low: number, high: number): void {
  const { frame } = emitter;
  emitter.advance();
  if (frame.live) frame.out.i64Halves(low, high);
  frame.push(i64);
}
