/**
 * Validates runs of plain code, which most of a body is: instructions of one byte whose types follow from that byte and a
 * variable, constants, accesses to the first memory, calls, blocks and branches without values. The rest, and what is rare of
 * these (long indices), is left to expressionValidator.ts, instruction by instruction.
 *
 * Invariant: the code at hand is reachable, so no operand is unknown. A run ends before the first instruction that is not
 * of its kinds or not plainly valid, with nothing of it done: so what is wrong is found and told where it always is.
 */
import { valueTypes } from "../binary/module.ts";
import { emptyBlock, shorthandType } from "../binary/valueType.ts";
import { enabledRows, rowOfDense } from "../isa/denseRows.ts";
import type { InstructionCursor } from "../isa/instructionCursor.ts";
import { codeOf, type InstructionRow } from "../isa/table.ts";
import {
  byRule,
  naturalAlignments,
  operandCounts,
  operandTypes,
  resultTypes,
} from "./denseSignatures.ts";
import type { Locals } from "./localTypes.ts";
import type { Context } from "./validationContext.ts";
import { frameKinds, type ValidationStacks } from "./validationStacks.ts";

const { i32, v128 } = valueTypes;
const noValues = shorthandType(-emptyBlock);
const END = codeOf("end");
const oneByteCodes = 256;
/** Bytes of an instruction that a run looks at, at most. */
const mostBytes = 12;
/** Bytes of an index that a run reads; longer ones are rare. */
const mostIndexBytes = 4;

/**
 * What a run does with an instruction; 0 for one that ends it. Those up to `memarg` name something by an index, those from
 * `call` on are control, those from `block` on vanish when they are lowered.
 */
const forms = {
  localGet: 1,
  localSet: 2,
  localTee: 3,
  globalGet: 4,
  globalSet: 5,
  memarg: 6,
  none: 7,
  drop: 8,
  i32: 9,
  i64: 10,
  f32: 11,
  f64: 12,
  call: 13,
  branchIf: 14,
  if: 15,
  block: 16,
  loop: 17,
  end: 18,
} as const;

const formOfMnemonic: Readonly<Record<string, number | undefined>> = {
  "local.get": forms.localGet,
  "local.set": forms.localSet,
  "local.tee": forms.localTee,
  "global.get": forms.globalGet,
  "global.set": forms.globalSet,
  drop: forms.drop,
  call: forms.call,
  br_if: forms.branchIf,
  if: forms.if,
  block: forms.block,
  loop: forms.loop,
  end: forms.end,
};
const formOfImmediates: Readonly<Record<string, number | undefined>> = {
  none: forms.none,
  memarg: forms.memarg,
  i32: forms.i32,
  i64: forms.i64,
  f32: forms.f32,
  f64: forms.f64,
};

function formOf({ mnemonic, immediates }: InstructionRow, dense: number): number {
  const ruled = operandCounts[dense] === byRule;
  return (ruled ? formOfMnemonic[mnemonic] : formOfImmediates[immediates]) ?? 0;
}

export class PlainRuns {
  private readonly context: Context;
  private readonly stacks: ValidationStacks;
  private readonly locals: Locals;
  private readonly formOf = new Uint8Array(oneByteCodes);
  private immediate = 0;

  constructor(context: Context, stacks: ValidationStacks, locals: Locals) {
    this.context = context;
    this.stacks = stacks;
    this.locals = locals;
    const enabled = enabledRows(context.features);
    for (let code = 0; code < oneByteCodes; code++) {
      const row = rowOfDense(code);
      if (row !== undefined && enabled[code] === 1) this.formOf[code] = formOf(row, code);
    }
  }

  /** Validates what comes next as far as it is of a run; returns how many instructions it is lowered to. */
  run(cursor: InstructionCursor): number {
    const { formOf, stacks } = this;
    const { bytes } = cursor;
    const { operands, room } = stacks;
    const last = cursor.limit - mostBytes;
    let { height, top, base } = stacks;
    let count = 0;
    let at = cursor.position;
    while (at < last) {
      const opcode = bytes[at];
      const form = formOf[opcode];
      if (form === 0) break;
      let next = at + 1;
      if (form >= forms.call) {
        stacks.height = height;
        stacks.top = top;
        next = this.control(cursor, form, at);
        if (next < 0) break;
        ({ height, top, base } = stacks);
        if (form < forms.block) count++;
        at = next;
        continue;
      }
      // What the instruction pops, counted from the top of the stack, and what it pushes; 0 for nothing.
      let first = 0;
      let second = 0;
      let result = resultTypes[opcode];
      if (form <= forms.memarg) {
        next = this.index(bytes, form === forms.memarg ? next + 1 : next);
        if (next < 0) break;
        if (form === forms.memarg) {
          if (bytes[at + 1] > naturalAlignments[opcode] || !this.hasMemory) break;
        } else {
          const type = this.variableType(form, this.immediate);
          if (type === 0) break;
          if (form !== forms.localGet && form !== forms.globalGet) first = type;
          if (form !== forms.localSet && form !== forms.globalSet) result = type;
        }
      } else if (form > forms.none) {
        next = behindConstant(bytes, form, next);
        if (next < 0) break;
      }
      if (form === forms.memarg || form === forms.none) {
        first = operandTypes[opcode * 3];
        second = operandTypes[opcode * 3 + 1];
      }
      let left = height;
      if (first !== 0) {
        if (left === base || operands[--left] !== first) break;
        if (second !== 0 && (left === base || operands[--left] !== second)) break;
      } else if (form === forms.drop && (left === base || operands[--left] === v128)) break;
      if (result !== 0) {
        if (left === room) break;
        operands[left++] = result;
        if (left > top) top = left;
      }
      height = left;
      count++;
      at = next;
    }
    stacks.height = height;
    stacks.top = top;
    cursor.skipTo(at);
    return count;
  }

  /** Validates an instruction of control; the offset behind it, or −1 where it is left to the validator. */
  private control(cursor: InstructionCursor, form: number, at: number): number {
    const { stacks } = this;
    const { bytes } = cursor;
    if (form === forms.end) {
      if (!stacks.isAtPlainEnd) return -1;
      stacks.leave();
      cursor.nest(END);
      return at + 1;
    }
    if (form === forms.call) return this.call(bytes, at);
    const isConditional = form < forms.block;
    if (isConditional && !stacks.holds(i32)) return -1;
    if (form === forms.branchIf) {
      const next = this.index(bytes, at + 1);
      if (next < 0 || !stacks.isPlainLabel(this.immediate)) return -1;
      stacks.pop(i32);
      return next;
    }
    if (bytes[at + 1] !== emptyBlock) return -1;
    if (isConditional) stacks.pop(i32);
    const { block, loop } = frameKinds;
    const kind = form === forms.loop ? loop : form === forms.block ? block : frameKinds.if;
    stacks.enter(kind, noValues);
    cursor.nest(bytes[at]);
    return at + 2;
  }

  private call(bytes: Uint8Array, at: number): number {
    const { stacks, context } = this;
    const next = this.index(bytes, at + 1);
    const type = next < 0 ? undefined : context.types[context.functions[this.immediate]];
    if (type === undefined || !stacks.holdsAll(type.params)) return -1;
    if (stacks.height - type.params.length + type.results.length > stacks.room) return -1;
    stacks.popAll(type.params);
    stacks.pushAll(type.results);
    return next;
  }

  /** Reads an index or an offset into `immediate`; the offset behind it, or −1 where it is a long one. */
  private index(bytes: Uint8Array, start: number): number {
    const byte = bytes[start];
    if (byte < 0x80) {
      this.immediate = byte;
      return start + 1;
    }
    let value = byte & 0x7f;
    for (let length = 1; length < mostIndexBytes; length++) {
      const next = bytes[start + length];
      value |= (next & 0x7f) << (7 * length);
      if (next < 0x80) {
        this.immediate = value;
        return start + length + 1;
      }
    }
    return -1;
  }

  /** Type of a variable that the instruction may name; 0 for one that it may not, and for a vector. */
  private variableType(form: number, index: number): number {
    const { locals, context } = this;
    let type: number;
    if (form < forms.globalGet) {
      if (index >= locals.count) return 0;
      type = locals.typeOf(index);
    } else {
      const global = context.globals[index];
      if (global === undefined || (form === forms.globalSet && !global.mutable)) return 0;
      type = global.type;
    }
    return type === v128 ? 0 : type;
  }

  /** Whether there is a first memory, of 32-bit addresses as everything else. */
  private get hasMemory(): boolean {
    const { memories, hasWideAddresses } = this.context;
    return memories.length > 0 && !hasWideAddresses;
  }
}

/** The offset behind a constant, or behind no immediate; −1 where a constant is too long or not plainly right. */
function behindConstant(bytes: Uint8Array, form: number, start: number): number {
  if (form === forms.drop) return start;
  if (form === forms.f32) return start + 4;
  if (form === forms.f64) return start + 8;
  // All bits of so many bytes count.
  const end = start + (form === forms.i32 ? 4 : 9);
  for (let at = start; at < end; at++) if (bytes[at] < 0x80) return at + 1;
  const isSigned = form === forms.i32 && isSignOfWord(bytes[end]);
  return isSigned ? end + 1 : -1;
}

/** Whether the fifth byte of a word has nothing but the last four bits and their sign. */
function isSignOfWord(byte: number): boolean {
  const rest = byte & 0xf8;
  return rest === 0 || rest === 0x78;
}
