/**
 * Validates runs of straight code, which most of a body is: instructions of one byte whose types follow from that byte and
 * a variable, constants, accesses to the first memory. The rest, and what is rare of these (long immediates), is left to
 * expressionValidator.ts, instruction by instruction.
 *
 * Invariant: the code at hand is reachable, so no operand is unknown. A run ends before the first instruction that is not
 * of its kinds or not plainly valid, with nothing of it done: so what is wrong is found and told where it always is.
 */
import { valueTypes } from "../binary/module.ts";
import { enabledRows, rowOfDense } from "../isa/denseRows.ts";
import type { InstructionRow } from "../isa/table.ts";
import {
  byRule,
  naturalAlignments,
  operandCounts,
  operandTypes,
  resultTypes,
} from "./denseSignatures.ts";
import type { Locals } from "./localTypes.ts";
import type { Context } from "./validationContext.ts";
import type { ValidationStacks } from "./validationStacks.ts";

const { v128 } = valueTypes;
const oneByteCodes = 256;
/** Bytes of an instruction that a run looks at, at most. */
const mostBytes = 12;
/** Bytes of an immediate that a run reads; longer ones are rare. */
const mostImmediateBytes = 4;

/** What a run does with an instruction; 0 for one that ends it. Those up to `memarg` name something by an index. */
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
} as const;

const formOfMnemonic: Readonly<Record<string, number | undefined>> = {
  "local.get": forms.localGet,
  "local.set": forms.localSet,
  "local.tee": forms.localTee,
  "global.get": forms.globalGet,
  "global.set": forms.globalSet,
  drop: forms.drop,
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

export class StraightValidation {
  private readonly context: Context;
  private readonly stacks: ValidationStacks;
  private readonly locals: Locals;
  private readonly formOf = new Uint8Array(oneByteCodes);
  /** Instructions of the last run. */
  count = 0;
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

  /** Validates instructions from byte `start` on; returns the offset of the first that is not of a run. */
  run(bytes: Uint8Array, start: number, limit: number): number {
    const { formOf, stacks } = this;
    const last = limit - mostBytes;
    let { height, top } = stacks;
    const { operands, base, room } = stacks;
    let count = 0;
    let at = start;
    while (at < last) {
      const opcode = bytes[at];
      const form = formOf[opcode];
      if (form === 0) break;
      let next = at + 1;
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
          if (form === forms.localGet || form === forms.globalGet) result = type;
          else first = type;
          if (form === forms.localTee) result = type;
        }
      } else if (form >= forms.i32) {
        next = behindConstant(bytes, form, next);
        if (next < 0) break;
      }
      if (form === forms.memarg || form === forms.none) {
        const types = opcode * 3;
        first = operandTypes[types];
        second = operandTypes[types + 1];
      } else if (form === forms.drop) {
        if (height === base) break;
        first = operands[height - 1];
        if (first === v128) break;
      }
      let left = height;
      if (first !== 0) {
        if (left === base || operands[--left] !== first) break;
        if (second !== 0 && (left === base || operands[--left] !== second)) break;
      }
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
    this.count = count;
    return at;
  }

  /** Reads an index or an offset into `immediate`; the offset behind it, or −1 where it is a long one. */
  private index(bytes: Uint8Array, start: number): number {
    const byte = bytes[start];
    if (byte < 0x80) {
      this.immediate = byte;
      return start + 1;
    }
    let value = byte & 0x7f;
    for (let length = 1; length < mostImmediateBytes; length++) {
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

/** The offset behind a constant, −1 where it is a long one. */
function behindConstant(bytes: Uint8Array, form: number, start: number): number {
  if (form === forms.f32) return start + 4;
  if (form === forms.f64) return start + 8;
  for (let at = start; at < start + mostImmediateBytes; at++) if (bytes[at] < 0x80) return at + 1;
  return -1;
}
