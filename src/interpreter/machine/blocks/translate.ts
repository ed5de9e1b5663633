/**
 * Translates one function's records into block code: straight-line runs of operations, each behind a header that says
 * how many steps and how much fuel the run takes.
 *
 * Invariant: at every block boundary all operands are in their slots, so the state there is exactly the stepper's.
 * Instructions that are rare or long stay with the exact stepper (`exact`).
 */
import type { InstructionRow } from "../../isa/table.ts";
import { instructionOf } from "../../isa/table.ts";
import { branchBytes } from "../../program.ts";
import { readU16, readU32 } from "../recordBytes.ts";
import type { BlockCode } from "./blockCode.ts";
import { Operands, places } from "./operands.ts";
import {
  branchIf,
  branchUnless,
  headerWords,
  immediate,
  operationNumber,
  type StructuralOperation,
} from "./operations.ts";

/** Records in a block at most, so that its cost fits an int32 whatever the schedule. */
const blockCeiling = 4096;
/** A reserve that no budget covers: the block is left to the exact stepper. */
const reserveCeiling = 2 ** 30;
/** Static offsets from here on are left to the exact stepper (the loop adds in int32). */
const offsetCeiling = 2 ** 30;

const inverse: Readonly<Record<string, string>> = {
  eq: "ne",
  ne: "eq",
  lt_s: "ge_s",
  ge_s: "lt_s",
  gt_s: "le_s",
  le_s: "gt_s",
  lt_u: "ge_u",
  ge_u: "lt_u",
  gt_u: "le_u",
  le_u: "gt_u",
};

interface Stub {
  /** Word that shall hold the stub's position. */
  readonly patch: number;
  readonly pc: number;
  readonly target: number;
  readonly from: number;
  readonly to: number;
  readonly arity: number;
}

/** Where a branch goes: a target height is relative to fp. */
interface Branch {
  readonly target: number;
  readonly height: number;
  readonly arity: number;
}

/** Translates the function that holds `pc`, all of it. */
export function translateFunction(blocks: BlockCode, pc: number): void {
  const { start, end } = blocks.functionRange(pc);
  if (blocks.entries[start] < 0) new Translation(blocks, start, end).run();
}

class Translation {
  private readonly blocks: BlockCode;
  private readonly start: number;
  private readonly end: number;
  private readonly isStart: Uint8Array;
  private readonly operands = sharedOperands;
  /** Words that shall hold the position of the block at a pc. */
  private readonly patches: { readonly word: number; readonly target: number }[] = [];
  private readonly stubs: Stub[] = [];
  /** The next record. */
  private pc = 0;
  /** The record that operations are emitted for: where a trap of theirs happens. */
  private current = 0;
  private header = 0;
  /** Cost of a branch that is translated together with the comparison before it. */
  private extraFuel = 0;
  private reserve = 0;
  /** Position of the last operation whose result is in the topmost slot, or −1. */
  private retargetable = -1;

  constructor(blocks: BlockCode, start: number, end: number) {
    this.blocks = blocks;
    this.start = start;
    this.end = end;
    this.isStart = new Uint8Array(end - start + 1);
  }

  run(): void {
    this.findStarts();
    for (this.pc = this.start; this.pc < this.end; ) this.block();
    while (this.stubs.length > 0) this.emitStub(this.stubs.pop() as Stub);
    for (const { word, target } of this.patches) {
      this.blocks.code[word] = this.blocks.entries[target];
    }
  }

  private row(pc: number): InstructionRow {
    return instructionOf(this.blocks.opcode(pc)) as InstructionRow;
  }

  private findStarts(): void {
    const { blocks, start } = this;
    const mark = (pc: number): void => {
      this.isStart[pc - start] = 1;
    };
    mark(start);
    for (let pc = start; pc < this.end; pc++) {
      const row = this.row(pc);
      if (row.family !== "control") {
        if (!this.isExact(pc, row)) continue;
        mark(pc);
      } else if (row.mnemonic === "nop") {
        continue;
      } else if (row.mnemonic === "br_table") {
        for (const { target } of this.tableBranches(pc)) mark(target);
      } else if (["br", "br_if", "if", "else"].includes(row.mnemonic)) {
        mark(blocks.field(pc, 0));
      } else if (this.isExact(pc, row)) {
        mark(pc);
      }
      mark(pc + 1);
    }
  }

  /** Whether the exact stepper executes the record at `pc`. */
  private isExact(pc: number, row: InstructionRow): boolean {
    const name = row.mnemonic;
    if (row.width !== undefined) {
      return this.blocks.field(pc, 0) >= offsetCeiling || this.blocks.field(pc, 1) !== 0;
    }
    return operationNumber(name) === undefined && !folded.has(name);
  }

  /** Translates from `pc` up to the next block. */
  private block(): void {
    const { blocks, operands } = this;
    const first = this.pc;
    this.current = first;
    operands.reset(blocks.program.heights[first]);
    this.retargetable = -1;
    this.reserve = 0;
    this.header = blocks.length;
    blocks.entries[first] = this.header;
    for (let word = 0; word < headerWords; word++) blocks.push(0, first);
    if (this.isExact(first, this.row(first))) {
      this.operation("exact");
      this.pc++;
      return;
    }
    let fuel = 0;
    let isOpen = true;
    do {
      fuel += blocks.cost(this.pc);
      this.current = this.pc;
      isOpen = this.instruction();
    } while (isOpen && this.isStart[this.pc - this.start] === 0 && this.pc - first < blockCeiling);
    blocks.code[this.header] = this.pc - first;
    blocks.code[this.header + 1] = fuel + this.extraFuel;
    blocks.code[this.header + 2] = Math.min(this.reserve, reserveCeiling);
    this.extraFuel = 0;
    if (isOpen) {
      this.settleAll();
      this.operation("next");
    }
  }

  /** Emits an operation and its words; returns its position. */
  private operation(name: StructuralOperation | (string & {}), ...words: number[]): number {
    const { blocks, current } = this;
    const number = operationNumber(name);
    if (number === undefined) throw new RangeError(`expected an operation, got ${name}`);
    const position = blocks.push(number, current);
    for (const word of words) blocks.push(word, current);
    return position;
  }

  /** Moves a value that is not in its slot there. */
  private settle(slot: number): void {
    this.materialise(slot, slot);
    this.operands.settle(slot);
  }

  /** Writes the value of an entry to a slot. */
  private materialise(entry: number, slot: number): void {
    const { operands } = this;
    const low = operands.lowOf(entry);
    switch (operands.placeOf(entry)) {
      case places.local:
        if (low !== slot) this.operation("copy", slot * 2, low * 2);
        break;
      case places.constant:
        this.operation("const", slot * 2, low);
        break;
      case places.constant64:
        this.operation("const64", slot * 2, low, operands.highOf(entry));
        break;
      default:
        if (entry !== slot) this.operation("copy", slot * 2, entry * 2);
    }
    this.retargetable = -1;
  }

  private settleAll(): void {
    for (const slot of this.operands.looseSlots()) this.settle(slot);
  }

  /** Word of the slot to read an operand from. */
  private source(slot: number): number {
    const place = this.operands.placeOf(slot);
    if (place === places.constant || place === places.constant64) this.settle(slot);
    return this.operands.source(slot) * 2;
  }

  private isConstant(slot: number): boolean {
    const place = this.operands.placeOf(slot);
    return place === places.constant || place === places.constant64;
  }

  private pop(count: number): void {
    for (let left = count; left > 0; left--) this.operands.pop();
  }

  /** Emits an operation whose result goes to the slot on top; returns its position. */
  private result(name: string, ...words: number[]): void {
    const slot = this.operands.pushCanonical();
    this.retargetable = this.operation(name, slot * 2, ...words);
  }

  /** Translates the record at `pc` and moves on; false if it ends the block. */
  private instruction(): boolean {
    const { blocks, operands, pc } = this;
    const row = this.row(pc);
    const a = blocks.field(pc, 0);
    const c = blocks.field(pc, 2) | 0;
    if (row.family === "control") return this.control(row.mnemonic);
    this.pc++;
    switch (row.mnemonic) {
      case "local.get":
        operands.push(places.local, a, 0);
        break;
      case "local.set":
      case "local.tee":
        this.setLocal(a, row.mnemonic === "local.tee");
        break;
      case "drop":
        operands.pop();
        break;
      case "i32.const":
      case "f32.const":
        operands.push(places.constant, c, 0);
        break;
      case "i64.const":
      case "f64.const":
        operands.push(places.constant64, c, blocks.field(pc, 1) | 0);
        break;
      case "ref.null":
        operands.push(places.constant, 0, 0);
        break;
      case "ref.func":
        operands.push(places.constant, a, 0);
        break;
      case "ref.is_null":
        this.unary("i32.eqz");
        break;
      case "global.get":
        this.result("global.get", a * 2);
        break;
      case "global.set":
        this.setGlobal(a);
        break;
      case "select":
        this.select();
        break;
      default:
        if (row.width !== undefined) this.access(row, a);
        else return this.numeric(row);
    }
    return true;
  }

  private setLocal(local: number, isTee: boolean): void {
    const { operands } = this;
    const top = operands.height - 1;
    const { retargetable } = this;
    const aliases = operands.looseSlots(local).filter((slot) => slot !== top);
    for (const slot of aliases) this.settle(slot);
    if (aliases.length === 0 && retargetable >= 0 && this.isResult(retargetable, top)) {
      this.blocks.code[retargetable + 1] = local * 2;
      operands.pop();
      if (isTee) operands.push(places.local, local, 0);
      this.retargetable = -1;
      return;
    }
    this.materialise(top, local);
    if (!isTee) operands.pop();
  }

  /** Whether the value in slot `top` is what the operation at `position` has just written there. */
  private isResult(position: number, top: number): boolean {
    return (
      this.operands.placeOf(top) === places.canonical && this.blocks.code[position + 1] === top * 2
    );
  }

  private setGlobal(global: number): void {
    const top = this.operands.height - 1;
    const source = this.source(top);
    this.operation("global.set", global * 2, source);
    this.retargetable = -1;
    this.operands.pop();
  }

  private select(): void {
    const top = this.operands.height - 1;
    const words = [this.source(top - 2), this.source(top - 1), this.source(top)];
    this.pop(3);
    this.result("select", ...words);
  }

  private unary(name: string): void {
    const source = this.source(this.operands.height - 1);
    this.operands.pop();
    this.result(name, source);
  }

  private access(row: InstructionRow, offset: number): void {
    const top = this.operands.height - 1;
    if (!row.mnemonic.includes("store")) {
      const address = this.source(top);
      this.operands.pop();
      this.result(row.mnemonic, address, offset);
      return;
    }
    const value = this.source(top);
    const address = this.source(top - 1);
    this.operation(row.mnemonic, address, value, offset);
    this.retargetable = -1;
    this.pop(2);
    const chunks = row.width === 1 ? 1 : 2;
    this.reserve += chunks * this.blocks.program.config.chunkFuel;
  }

  /** A numeric instruction, with the branch after it if that is the only one to see its result. */
  private numeric(row: InstructionRow): boolean {
    const { operands } = this;
    const params = (row.signature ?? "").indexOf(":");
    const top = operands.height - 1;
    if (this.isBranchNext(row)) return this.compareAndBranch(row, params);
    if (params === 1) {
      this.unary(row.mnemonic);
      return true;
    }
    if (this.isConstant(top) && operationNumber(immediate(row.mnemonic)) !== undefined) {
      const words = this.immediateWords(top);
      const source = this.source(top - 1);
      this.pop(2);
      this.result(immediate(row.mnemonic), source, ...words);
      return true;
    }
    const second = this.source(top);
    const first = this.source(top - 1);
    this.pop(2);
    this.result(row.mnemonic, first, second);
    return true;
  }

  private immediateWords(slot: number): number[] {
    const low = this.operands.lowOf(slot);
    const isWide = this.operands.placeOf(slot) === places.constant64;
    return isWide ? [low, this.operands.highOf(slot)] : [low];
  }

  /** Whether the record after a comparison is a `br_if` or `if` in the same block. */
  private isBranchNext(row: InstructionRow): boolean {
    if (this.isStart[this.pc - this.start] === 1) return false;
    const next = this.row(this.pc).mnemonic;
    if (next !== "br_if" && next !== "if") return false;
    return this.branchName(row, next === "if") !== undefined;
  }

  /** Operation that branches if the comparison holds, or (`negate`) if it does not. */
  private branchName(row: InstructionRow, negate: boolean): string | undefined {
    if (!negate) {
      return operationNumber(branchIf(row.mnemonic)) === undefined
        ? undefined
        : branchIf(row.mnemonic);
    }
    if (row.mnemonic === "i32.eqz") return "br_if";
    if (row.family === "float") {
      const name = branchUnless(row.mnemonic);
      return operationNumber(name) === undefined ? undefined : name;
    }
    const [type, test = ""] = row.mnemonic.split(".");
    return test in inverse ? branchIf(`${type}.${inverse[test]}`) : undefined;
  }

  private compareAndBranch(row: InstructionRow, params: number): boolean {
    const { blocks, operands } = this;
    const branchPc = this.pc;
    const isIf = this.row(branchPc).mnemonic === "if";
    const top = operands.height - 1;
    let name = this.branchName(row, isIf) as string;
    const words: number[] = [];
    if (params === 2 && this.isConstant(top) && operationNumber(immediate(name)) !== undefined) {
      words.push(this.source(top - 1), ...this.immediateWords(top));
      name = immediate(name);
    } else {
      for (let slot = top - params + 1; slot <= top; slot++) words.push(this.source(slot));
    }
    this.pop(params);
    this.settleAll();
    this.extraFuel = blocks.cost(branchPc);
    this.pc = branchPc + 1;
    const branch = isIf ? this.plainBranch(branchPc) : this.branchAt(branchPc);
    this.conditional(name, words, branch, branchPc);
    return false;
  }

  /** A conditional operation with its target as the last word. */
  private conditional(name: string, words: number[], branch: Branch, pc: number): void {
    this.operation(name, ...words);
    this.target(branch, pc);
  }

  /** Pushes a word for the position where a branch goes: a block, or a stub that moves values first. */
  private target({ target, height, arity }: Branch, pc: number): void {
    const word = this.blocks.push(0, this.current);
    const from = this.operands.height - arity;
    if (arity === 0 || from === height) this.patches.push({ word, target });
    else this.stubs.push({ patch: word, pc, target, from, to: height, arity });
  }

  /** A block of no step that moves the values of a taken branch and goes on to its target. */
  private emitStub({ patch, pc, target, from, to, arity }: Stub): void {
    const { blocks } = this;
    this.current = pc;
    blocks.code[patch] = blocks.length;
    for (let word = 0; word < headerWords; word++) blocks.push(0, pc);
    for (let index = 0; index < arity; index++) {
      this.operation("copy", (to + index) * 2, (from + index) * 2);
    }
    this.operation("br");
    this.patches.push({ word: blocks.push(0, pc), target });
  }

  private branchAt(pc: number): Branch {
    const { blocks } = this;
    return {
      target: blocks.field(pc, 0),
      height: blocks.field(pc, 1),
      arity: blocks.field(pc, 2),
    };
  }

  private plainBranch(pc: number): Branch {
    return { target: this.blocks.field(pc, 0), height: 0, arity: 0 };
  }

  private tableBranches(pc: number): Branch[] {
    const { branches } = this.blocks.program;
    const first = this.blocks.field(pc, 0);
    const labels = this.blocks.field(pc, 1);
    return Array.from({ length: labels + 1 }, (_, label) => {
      const at = (first + label) * branchBytes;
      return {
        target: readU32(branches, at),
        height: readU16(branches, at + 4),
        arity: readU16(branches, at + 6),
      };
    });
  }

  /** Translates a control record; all of them but `nop` end the block. */
  private control(mnemonic: string): boolean {
    const { blocks, operands, pc } = this;
    this.pc++;
    switch (mnemonic) {
      case "nop":
        return true;
      case "br":
        this.jump(this.branchAt(pc));
        return false;
      case "else":
        this.settleAll();
        this.operation("br");
        this.target(this.plainBranch(pc), pc);
        return false;
      case "br_if":
      case "if": {
        const words = [this.source(operands.height - 1)];
        operands.pop();
        this.settleAll();
        const branch = mnemonic === "if" ? this.plainBranch(pc) : this.branchAt(pc);
        this.conditional(mnemonic === "if" ? "br_unless" : "br_if", words, branch, pc);
        return false;
      }
      case "br_table":
        this.branchTable(pc);
        return false;
      case "return":
        this.returnValues(blocks.field(pc, 0));
        return false;
      case "call":
        this.call(pc);
        return false;
      case "call_indirect":
        this.callIndirect(pc);
        return false;
      default:
        throw new RangeError(`expected a control instruction of a block, got ${mnemonic}`);
    }
  }

  /** An unconditional branch: the values that it carries go straight to where they belong. */
  private jump({ target, height, arity }: Branch): void {
    const from = this.operands.height - arity;
    for (let index = 0; index < arity; index++) this.materialise(from + index, height + index);
    // Values under the carried ones are live only where nothing lies between them and the target.
    for (const slot of this.operands.looseSlots()) if (slot < height) this.settle(slot);
    this.operation("br");
    this.patches.push({ word: this.blocks.push(0, this.current), target });
  }

  private branchTable(pc: number): void {
    const index = this.source(this.operands.height - 1);
    this.operands.pop();
    this.settleAll();
    const branches = this.tableBranches(pc);
    this.operation("br_table", index, branches.length - 1);
    for (const branch of branches) this.target(branch, pc);
  }

  private returnValues(arity: number): void {
    const { operands } = this;
    if (arity === 0) {
      this.operation("return");
    } else if (arity === 1) {
      this.operation("return1", this.source(operands.height - 1));
    } else {
      this.settleAll();
      this.operation("returnN", (operands.height - arity) * 2, arity);
    }
  }

  private call(pc: number): void {
    const { blocks, operands } = this;
    const shape = blocks.field(pc, 1);
    const params = shape >>> 16;
    const locals = shape & 0xffff;
    this.settleAll();
    const base = (operands.height - params) * 2;
    const frame = blocks.field(pc, 2);
    const entry = blocks.field(pc, 0);
    this.operation("call", base, entry, params * 2, locals * 2, frame * 2, pc + 1);
  }

  private callIndirect(pc: number): void {
    const { blocks, operands } = this;
    const index = this.source(operands.height - 1);
    operands.pop();
    this.settleAll();
    const params = blocks.field(pc, 2);
    const base = (operands.height - params) * 2;
    this.operation("call_indirect", base, index, blocks.field(pc, 0), blocks.field(pc, 1), pc + 1);
  }
}

/** One for all translations: it is large, and translating is not re-entrant. */
const sharedOperands = new Operands();

/** Instructions that no operation stands for alone. */
const folded = new Set([
  "local.get",
  "local.set",
  "local.tee",
  "drop",
  "nop",
  "if",
  "else",
  "i32.const",
  "i64.const",
  "f32.const",
  "f64.const",
  "ref.null",
  "ref.func",
  "ref.is_null",
]);
