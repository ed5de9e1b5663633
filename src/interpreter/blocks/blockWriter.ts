/**
 * Writes the operations of one function's blocks: emission, operands that are folded into operations, and the words
 * that wait for a position.
 *
 * Invariant: an operand is moved into its slot (`settle`) at the latest when its block ends or something changes what it
 * stands for; so at every block boundary the stack is exactly the reference's.
 */
import type { BlockCode } from "./blockCode.ts";
import type { Operands } from "./blockOperands.ts";
import { places } from "./blockOperands.ts";
import { headerWords, operationNumber, type StructuralOperation } from "./operations.ts";

/** Where a branch goes; the height is relative to fp and under the values that the branch carries. */
export interface Branch {
  readonly target: number;
  readonly height: number;
  readonly arity: number;
}

/** A taken branch that has to move values: a block of no step, written after the function. */
interface Stub {
  /** Word that shall hold the stub's position. */
  readonly patch: number;
  readonly pc: number;
  readonly target: number;
  readonly from: number;
  readonly to: number;
  readonly arity: number;
}

export class BlockWriter {
  readonly blocks: BlockCode;
  readonly operands: Operands;
  /** The instruction that operations are written for: where a trap of theirs happens. */
  current = 0;
  /** Fuel that the block's stores may take beyond their own cost. */
  reserve = 0;
  /** Position of the operation that wrote the topmost slot last, or −1: its result may go elsewhere instead. */
  private retargetable = -1;
  /** Words that shall hold the position of the block at a pc. */
  private readonly patches: { readonly word: number; readonly target: number }[] = [];
  private readonly stubs: Stub[] = [];

  constructor(blocks: BlockCode, operands: Operands) {
    this.blocks = blocks;
    this.operands = operands;
  }

  /** Begins the block at `pc`; returns the position of its header, which is filled in later. */
  begin(pc: number): number {
    this.current = pc;
    this.operands.reset(this.blocks.program.heights[pc]);
    this.retargetable = -1;
    this.reserve = 0;
    return this.header();
  }

  private header(): number {
    const position = this.blocks.length;
    for (let word = 0; word < headerWords; word++) this.blocks.push(0, this.current);
    return position;
  }

  /** Writes an operation and its words; returns its position. */
  operation(name: StructuralOperation | (string & {}), ...words: number[]): number {
    const number = operationNumber(name);
    if (number === undefined) throw new RangeError(`expected an operation, got ${name}`);
    const position = this.blocks.push(number, this.current);
    for (const word of words) this.blocks.push(word, this.current);
    return position;
  }

  /** An operation without a result that a later `local.set` could take over. */
  effect(name: string, ...words: number[]): void {
    this.operation(name, ...words);
    this.retargetable = -1;
  }

  /** An operation whose result, its first word, goes to a new slot on top. */
  result(name: string, ...words: number[]): void {
    const slot = this.operands.pushCanonical();
    this.retargetable = this.operation(name, slot * 2, ...words);
  }

  /** Writes the value of an entry to a slot. */
  materialise(entry: number, slot: number): void {
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

  /** Moves a value that is not in its slot there. */
  settle(slot: number): void {
    this.materialise(slot, slot);
    this.operands.settle(slot);
  }

  settleAll(): void {
    for (const slot of this.operands.looseSlots()) this.settle(slot);
  }

  isConstant(slot: number): boolean {
    const place = this.operands.placeOf(slot);
    return place === places.constant || place === places.constant64;
  }

  /** Word of the slot to read an operand from; a constant is written to its slot first. */
  source(slot: number): number {
    if (this.isConstant(slot)) this.settle(slot);
    return this.operands.source(slot) * 2;
  }

  /** The constant in a slot as immediate words: i32 one, i64 two. */
  immediateWords(slot: number): number[] {
    const low = this.operands.lowOf(slot);
    const isWide = this.operands.placeOf(slot) === places.constant64;
    return isWide ? [low, this.operands.highOf(slot)] : [low];
  }

  pop(count: number): void {
    for (let left = count; left > 0; left--) this.operands.pop();
  }

  /** `local.set` and `local.tee`: the operation that has just made the value writes the local itself, if it can. */
  setLocal(local: number, isTee: boolean): void {
    const { operands, retargetable } = this;
    const top = operands.height - 1;
    let hasAliases = false;
    for (const slot of operands.aliasesOf(local)) {
      if (slot === top) continue;
      this.settle(slot);
      hasAliases = true;
    }
    if (!hasAliases && this.isResultOf(retargetable, top)) {
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
  private isResultOf(position: number, top: number): boolean {
    if (position < 0 || this.operands.placeOf(top) !== places.canonical) return false;
    return this.blocks.code[position + 1] === top * 2;
  }

  /** A conditional operation; its last word is the position where it goes if it branches. */
  conditional(name: string, words: readonly number[], branch: Branch): void {
    this.operation(name, ...words);
    this.target(branch);
  }

  /** Writes a word for the position where a branch goes: a block, or a stub that moves values first. */
  target({ target, height, arity }: Branch): void {
    const word = this.blocks.push(0, this.current);
    const from = this.operands.height - arity;
    if (arity === 0 || from === height) this.patches.push({ word, target });
    else this.stubs.push({ patch: word, pc: this.current, target, from, to: height, arity });
  }

  /** An unconditional branch: the values that it carries go straight to where they belong. */
  jump({ target, height, arity }: Branch): void {
    const from = this.operands.height - arity;
    for (let index = 0; index < arity; index++) this.materialise(from + index, height + index);
    // The block ends here: what lies where need not be kept in order.
    for (const slot of this.operands.looseSlots()) if (slot < height) this.materialise(slot, slot);
    this.operation("br");
    this.patches.push({ word: this.blocks.push(0, this.current), target });
  }

  /** Writes the stubs and fills in the positions that were waited for. */
  finish(): void {
    for (const stub of this.stubs) this.stub(stub);
    for (const { word, target } of this.patches) {
      this.blocks.code[word] = this.blocks.entries[target];
    }
  }

  private stub({ patch, pc, target, from, to, arity }: Stub): void {
    this.current = pc;
    this.blocks.code[patch] = this.header();
    for (let index = 0; index < arity; index++) {
      this.operation("copy", (to + index) * 2, (from + index) * 2);
    }
    this.operation("br");
    this.patches.push({ word: this.blocks.push(0, pc), target });
  }
}
