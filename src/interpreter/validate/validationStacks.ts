/**
 * The two stacks of the validation algorithm (spec appendix §7.3): operand types and control frames.
 *
 * Invariant: both are growable typed arrays reused for every function; the operand stack and the locals of a
 * function never hold more than `maxFrameSlots` together, so memory is bounded whatever the types say.
 */
import { type FunctionType, type ValueType, valueTypes } from "../binary/module.ts";
import { valueTypeName } from "../binary/valueType.ts";
import { InvalidError } from "../errors.ts";

const { v128 } = valueTypes;

/** Most slots that locals and operands of one function may take. */
export const maxFrameSlots = 65535;

/** The bottom type: operands that unreachable code conjures up. */
export const bottom = 0;

export const frameKinds = { block: 0, loop: 1, if: 2 } as const;
export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

/** What is kept of a frame while one inside it is open. */
const isUnreachable = 1;
const reached = 2;

export class ValidationStacks {
  /** Binary codes of the operands' types; `bottom` for unknown ones. */
  operands = new Uint8Array(256);
  height = 0;
  /** Height at which the innermost frame begins. */
  base = 0;
  unreachable = false;
  /** Whether control can reach the instruction at work: it may not although its own frame has no unreachable part. */
  isReachable = true;
  /** Most operands that code which can be reached has held since this was last reset. */
  top = 0;
  /** Byte offset of the instruction at work, for errors. */
  offset = 0;
  /** Type of the frame that was left last. */
  leftType: FunctionType = { params: [], results: [] };
  /** Whether a vector was pushed, or expected, since this was last reset. */
  metVector = false;
  private limit = maxFrameSlots;

  private depth = 0;
  private kinds = new Uint8Array(64);
  private bases = new Int32Array(64);
  private flags = new Uint8Array(64);
  private readonly types: FunctionType[] = [];

  /** Empties both stacks and enters the outermost frame of a function with so many locals. */
  reset(type: FunctionType, locals: number): void {
    this.height = 0;
    this.base = 0;
    this.unreachable = false;
    this.isReachable = true;
    this.top = 0;
    this.depth = 0;
    this.limit = maxFrameSlots - locals;
    if (this.limit < 0) this.failAtLimit();
    this.enter(frameKinds.block, type);
  }

  /** Operands that can be pushed without a look at the limit. */
  get room(): number {
    return Math.min(this.operands.length, this.limit);
  }

  /** Frames that are open. */
  get frames(): number {
    return this.depth;
  }

  push(type: number): void {
    if (this.height === this.operands.length) this.operands = doubled(this.operands);
    this.operands[this.height++] = type;
    if (type === v128) this.metVector = true;
    if (this.height > this.top) this.raise();
  }

  private raise(): void {
    if (this.height > this.limit) this.failAtLimit();
    if (this.isReachable) this.top = this.height;
  }

  pushAll(types: readonly ValueType[]): void {
    for (const type of types) this.push(type);
  }

  /** Pops an operand of any type; the bottom type if unreachable code has none. */
  popAny(): number {
    if (this.height > this.base) return this.operands[--this.height];
    if (this.unreachable) return bottom;
    throw mismatch(this.offset, "expected an operand, the stack is empty");
  }

  pop(expected: number): void {
    if (expected === v128) this.metVector = true;
    if (this.height > this.base) {
      const actual = this.operands[--this.height];
      if (actual !== expected && actual !== bottom) this.failType(expected, actual);
    } else if (!this.unreachable) {
      throw mismatch(this.offset, `expected ${valueTypeName(expected)}, the stack is empty`);
    }
  }

  popAll(types: readonly ValueType[]): void {
    for (let index = types.length - 1; index >= 0; index--) this.pop(types[index]);
  }

  /** Checks that the top operands have these types, without popping them. */
  checkTop(types: readonly ValueType[]): void {
    let height = this.height;
    for (let index = types.length - 1; index >= 0; index--) {
      if (height === this.base) {
        if (this.unreachable) return;
        throw mismatch(this.offset, `expected ${valueTypeName(types[index])}, the stack is empty`);
      }
      const actual = this.operands[--height];
      if (actual !== types[index] && actual !== bottom) this.failType(types[index], actual);
    }
  }

  /** Whether the top operand has this type. */
  holds(type: number): boolean {
    return this.height > this.base && this.operands[this.height - 1] === type;
  }

  /** Whether the top operands have these types. */
  holdsAll(types: readonly ValueType[]): boolean {
    const bottommost = this.height - types.length;
    if (bottommost < this.base) return false;
    for (let index = 0; index < types.length; index++) {
      if (this.operands[bottommost + index] !== types[index]) return false;
    }
    return true;
  }

  /** Whether a branch to a label that exists carries nothing. */
  isPlainLabel(label: number): boolean {
    return label < this.depth && this.labelTypes(label).length === 0;
  }

  /** Whether the innermost frame, not the outermost, is of a type without values and nothing is left in it. */
  get isAtPlainEnd(): boolean {
    if (this.depth < 2 || this.height !== this.base) return false;
    const { params, results } = this.types[this.depth - 1];
    return params.length === 0 && results.length === 0;
  }

  /** Enters a block whose parameters have been popped; they are pushed back inside it. */
  enter(kind: FrameKind, type: FunctionType): void {
    if (this.depth === this.kinds.length) this.growFrames();
    if (this.depth > 0) {
      const { unreachable, isReachable } = this;
      this.flags[this.depth - 1] = (unreachable ? isUnreachable : 0) | (isReachable ? reached : 0);
    }
    this.kinds[this.depth] = kind;
    this.bases[this.depth] = this.height;
    this.types[this.depth] = type;
    this.depth++;
    this.base = this.height;
    this.unreachable = false;
  }

  /** Leaves the innermost frame, whose results must be exactly what is on the stack; they are popped. */
  leave(): FrameKind {
    const type = this.types[this.depth - 1];
    this.popAll(type.results);
    if (this.height !== this.base) {
      const surplus = this.height - this.base;
      throw mismatch(this.offset, `the block ends with ${surplus} operands more than its results`);
    }
    this.depth--;
    this.leftType = type;
    if (this.depth > 0) {
      this.base = this.bases[this.depth - 1];
      const flags = this.flags[this.depth - 1];
      this.unreachable = (flags & isUnreachable) !== 0;
      this.isReachable = (flags & reached) !== 0;
    }
    return this.kinds[this.depth] as FrameKind;
  }

  /** Types that a branch to a label carries. */
  labelTypes(label: number): readonly ValueType[] {
    if (label >= this.depth) {
      throw new InvalidError("unknown-label", this.offset, `unknown label ${label}`);
    }
    const frame = this.depth - 1 - label;
    const type = this.types[frame];
    return this.kinds[frame] === frameKinds.loop ? type.params : type.results;
  }

  /** What follows in the innermost frame cannot be reached. */
  setUnreachable(): void {
    this.height = this.base;
    this.unreachable = true;
    this.isReachable = false;
  }

  private growFrames(): void {
    this.kinds = doubled(this.kinds);
    this.bases = doubled(this.bases);
    this.flags = doubled(this.flags);
  }

  private failType(expected: number, actual: number): never {
    throw mismatch(
      this.offset,
      `expected ${valueTypeName(expected)}, found ${valueTypeName(actual)}`,
    );
  }

  private failAtLimit(): never {
    throw new InvalidError(
      "limit-frame-slots",
      this.offset,
      `frame too large: locals and operands of a function may take ${maxFrameSlots} slots`,
    );
  }
}

export function mismatch(offset: number, what: string): InvalidError {
  return new InvalidError("type-mismatch", offset, `type mismatch: ${what}`);
}

function doubled<T extends Uint8Array | Int32Array>(array: T): T {
  const length = array.length * 2;
  const larger = (
    array instanceof Uint8Array ? new Uint8Array(length) : new Int32Array(length)
  ) as T;
  larger.set(array);
  return larger;
}
