/**
 * Lowers runs of straight code, which most of a body is: instructions whose fields and effect on the height follow from
 * their byte and one immediate. The rest, and what is rare of these (long immediates, other memories), is left to
 * lower.ts, instruction by instruction, with the same result.
 *
 * Invariant: the body is valid and the code at hand reachable; a run ends before the first instruction that is not of
 * its kinds, with nothing of it done.
 */

import type { InstructionRow } from "../isa/table.ts";
import { codeOf, denseCode, opOf } from "../isa/table.ts";
import type { BodyContext } from "./bodyContext.ts";
import { instructionWords, swapped } from "./codeBuffer.ts";
import type { FuelSchedule } from "./fuelSchedule.ts";
import { globalSetCost } from "./fuelSchedule.ts";
import type { Plain } from "./plainRows.ts";

/** How the immediates of an instruction become its fields; 0 for one that ends a run. */
const forms = { none: 1, local: 2, i32: 3, memarg: 4, i64: 5, f32: 6, f64: 7, global: 8 } as const;

const formOfKind = new Map<string, number>(Object.entries(forms));
const oneByteCodes = 256;
/** Bytes of an immediate that a run reads; longer ones are rare. */
const mostBytes = 4;
const globalSet = codeOf("global.set");
const globalSetOp = opOf("global.set");

export class StraightCode {
  /** Behind a run: the height, and the most that it has been. */
  height = 0;
  top = 0;
  private readonly context: BodyContext;
  private readonly bytes: Uint8Array;
  private readonly formOf = new Uint8Array(oneByteCodes);
  private readonly popsOf = new Uint8Array(oneByteCodes);
  private readonly pushesOf = new Uint8Array(oneByteCodes);
  /** First word of an instruction, swapped. */
  private readonly headOf = new Int32Array(oneByteCodes);
  private immediate = 0;

  /** `rows`: by dense number, those without rules of their own. */
  constructor(context: BodyContext, rows: readonly (Plain | undefined)[]) {
    this.context = context;
    this.bytes = context.module.bytes;
    for (let code = 0; code < oneByteCodes; code++) {
      const plain = rows[denseCode(code)];
      if (plain === undefined) continue;
      const { row, immediates, pops, pushes } = plain;
      this.formOf[code] = formOfKind.get(immediates) ?? 0;
      this.popsOf[code] = pops;
      this.pushesOf[code] = pushes;
      this.headOf[code] = headOf(row, costOf(row, context.schedule));
    }
  }

  /**
   * Lowers instructions from byte `at` on; returns the offset of the first that is not of a run. The final `end` of the
   * body, at `end` − 1, is none, so nothing is read past it.
   */
  run(start: number, from: number): number {
    const { bytes, formOf, popsOf, pushesOf, headOf, context } = this;
    const { code } = context;
    let height = from;
    let top = from;
    let at = start;
    let pc = code.instructions;
    let room = code.heightOf.length;
    let { words, heightOf, offsetOf } = code;
    for (;;) {
      const opcode = bytes[at];
      const form = formOf[opcode];
      if (form === 0) break;
      let next = at + 1;
      let head = headOf[opcode];
      let a = 0;
      let b = 0;
      let c = 0;
      if (form !== forms.none) {
        next = this.operand(form, next);
        if (next < 0) break;
        const value = this.immediate;
        if (form === forms.local) {
          a = value;
        } else if (form === forms.i32 || form === forms.f32) {
          c = value;
        } else if (form === forms.memarg) {
          a = value;
          b = context.memories[0];
        } else if (form === forms.i64) {
          b = value >> 31;
          c = value;
        } else if (form === forms.f64) {
          c = value;
          b = int32At(bytes, next - 4);
        } else {
          a = context.globals[value];
          if (opcode === globalSet) head = globalSetHead(a, context.schedule);
        }
      }
      if (pc === room) {
        code.instructions = pc;
        code.grow();
        room = code.heightOf.length;
        ({ words, heightOf, offsetOf } = code);
      }
      const word = pc * instructionWords;
      words[word] = head;
      if (a !== 0) words[word + 1] = swapped(a);
      if (b !== 0) words[word + 2] = swapped(b);
      if (c !== 0) words[word + 3] = swapped(c);
      heightOf[pc] = height;
      if (offsetOf !== undefined) offsetOf[pc] = at;
      pc++;
      height += pushesOf[opcode] - popsOf[opcode];
      if (height > top) top = height;
      at = next;
    }
    code.instructions = pc;
    this.height = height;
    this.top = top;
    return at;
  }

  /** Reads an immediate into `immediate`; the offset behind it, or −1 where that is left to the cursor. */
  private operand(form: number, start: number): number {
    const { bytes } = this;
    if (form === forms.f32 || form === forms.f64) {
      this.immediate = int32At(bytes, start);
      return start + (form === forms.f32 ? 4 : 8);
    }
    let at = start;
    if (form === forms.memarg) {
      // Bit 6 says that another memory follows.
      if (bytes[at++] >= 0x40) return -1;
    }
    let byte = bytes[at++];
    let value = byte & 0x7f;
    let shift = 7;
    for (; byte >= 0x80; shift += 7) {
      if (shift === 7 * mostBytes) return -1;
      byte = bytes[at++];
      value |= (byte & 0x7f) << shift;
    }
    const isSigned = form === forms.i32 || form === forms.i64;
    this.immediate = isSigned ? (value << (32 - shift)) >> (32 - shift) : value;
    return at;
  }
}

function int32At(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

function costOf({ fuel }: InstructionRow, schedule: FuelSchedule): number {
  return fuel === "none" ? 0 : schedule[fuel];
}

function headOf(row: InstructionRow, cost: number): number {
  return swapped(((row.op as number) << 16) | cost);
}

function globalSetHead(index: number, schedule: FuelSchedule): number {
  return swapped((globalSetOp << 16) | globalSetCost(schedule.global, index, schedule));
}
