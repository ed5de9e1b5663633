/**
 * One host function under construction: its code, its locals, and the operand stack as the program sees it.
 * Operands lie on the host's stack while code runs straight; at labels and calls they move to operand locals, one
 * for each height and type, where a stopping frame finds them and a resumed one puts them.
 *
 * Invariant: operands on the host's stack are the topmost ones; where `live` is false nothing is written, and no
 * operand counts as being on the host's stack.
 */
import { slotsOf } from "../binary/valueType.ts";
import type { Origin } from "./addressTracker.ts";
import { Writer } from "./binaryWriter.ts";
import { writeCanonical } from "./canonicalNans.ts";
import { HintedCode } from "./hintedCode.ts";
import type { FloatType, HostType } from "./hostTypes.ts";
import { f32, f64, i32, i64, v128 } from "./hostTypes.ts";
import type { StackMap } from "./safepoints.ts";

export interface Operand {
  readonly type: HostType;
  isOnStack: boolean;
  /** Slots up to here, its own counted. */
  readonly end: number;
  /** Type of the floats in it, itself or its lanes, whose NaNs have whatever bits the host gives them and count as canonical. */
  lazy: FloatType | undefined;
  /** What is known of an i32: its value, or how it differs from another. */
  constant: number | undefined;
  origin: Origin | undefined;
  /** What safepoints say of it and of all under it; undefined where that has changed. */
  image: StackMap | undefined;
}

/** A function as it stands in the code section. */
export interface FunctionCode {
  readonly body: Writer;
  /** Offsets in the body of `if`s that are seldom taken. */
  readonly unlikely: readonly number[];
}

/** All operands have the same fields in the same order, for the host that runs the emitter. */
function operand(
  type: HostType,
  isOnStack: boolean,
  end: number,
  lazy: FloatType | undefined,
): Operand {
  return { type, isOnStack, end, lazy, constant: undefined, origin: undefined, image: undefined };
}

export class Frame {
  readonly code = new HintedCode();
  /** Until `body` has been asked. */
  readonly out = this.code.out;
  /** Whether the host can reach the code at hand. */
  live = true;
  operands: Operand[] = [];
  /** Host locals after the parameters, as runs of one type. */
  private readonly declared: { type: HostType; count: number }[] = [];
  private nextLocal: number;
  private readonly operandLocals = new Map<number, { local: number; position: number }>();
  private readonly scratchLocals = new Map<string, Map<HostType, number>>();
  /** Host locals that a spill record holds, in order. */
  readonly spilled: { readonly local: number; readonly type: HostType }[] = [];
  /** Slots that they take. */
  spilledSlots = 0;

  private readonly hasCanonicalNans: boolean;

  constructor(params: number, hasCanonicalNans = true) {
    this.nextLocal = params;
    this.hasCanonicalNans = hasCanonicalNans;
  }

  /** Parameters and locals so far. */
  get hostLocals(): number {
    return this.nextLocal;
  }

  newLocal(type: HostType): number {
    const last = this.declared[this.declared.length - 1];
    if (last?.type === type) last.count++;
    else this.declared.push({ type, count: 1 });
    return this.nextLocal++;
  }

  /** A local for use within one instruction. */
  scratch(name: string, type: HostType): number {
    let ofName = this.scratchLocals.get(name);
    if (ofName === undefined) {
      ofName = new Map();
      this.scratchLocals.set(name, ofName);
    }
    let local = ofName.get(type);
    if (local === undefined) {
      local = this.newLocal(type);
      ofName.set(type, local);
    }
    return local;
  }

  /** Gives a local a place in spill records; returns its first slot there. */
  spill(local: number, type: HostType): number {
    const position = this.spilledSlots;
    this.spilled.push({ local, type });
    this.spilledSlots += slotsOf(type);
    return position;
  }

  /** The local and the spilled position of the operand of that type at that height. */
  operandLocal(height: number, type: HostType): { local: number; position: number } {
    const key = height * 128 + type;
    let found = this.operandLocals.get(key);
    if (found === undefined) {
      const local = this.newLocal(type);
      found = { local, position: this.spill(local, type) };
      this.operandLocals.set(key, found);
    }
    return found;
  }

  /** Locals of the topmost operands, which lie there after `flush`, the deepest first. */
  topLocals(count: number): number[] {
    return Array.from({ length: count }, (_, index) => this.localAt(this.height - count + index));
  }

  private localAt(height: number): number {
    return this.operandLocal(height, this.operands[height].type).local;
  }

  get height(): number {
    return this.operands.length;
  }

  /** Slots of all operands. */
  get slots(): number {
    return this.operands.length === 0 ? 0 : this.top().end;
  }

  top(): Operand {
    return this.operands[this.operands.length - 1];
  }

  push(type: HostType, lazy?: FloatType): void {
    const end = this.slots + slotsOf(type);
    this.operands.push(operand(type, this.live, end, lazy));
  }

  /** Takes operands off; whoever calls this has written the instruction that consumes them. */
  pop(count: number): void {
    // An array's length is set by the host's runtime, which takes longer than this.
    for (let left = count; left > 0; left--) this.operands.pop();
  }

  /** Moves every operand to its local. */
  flush(): void {
    for (let height = this.height - 1; height >= 0; height--) {
      const operand = this.operands[height];
      if (!operand.isOnStack) return;
      if (this.live) this.out.at("local.set", this.localAt(height));
      operand.isOnStack = false;
    }
  }

  /** Brings the topmost `count` operands onto the host's stack. */
  use(count: number): void {
    if (!this.live) return;
    const first = this.height - count;
    if (count === 0 || this.operands[first].isOnStack) return;
    this.flush();
    for (let height = first; height < this.height; height++) this.fetch(height);
  }

  /** The same, and nothing else stays there. */
  useAlone(count: number): void {
    const below = this.operands[this.height - count - 1];
    if (below?.isOnStack) this.flush();
    this.use(count);
  }

  private fetch(height: number): void {
    this.out.at("local.get", this.localAt(height));
    this.operands[height].isOnStack = true;
  }

  /** As `use`, with NaNs made canonical where that is still to be done, but for those in lanes of type `taken`. */
  useExact(count: number, taken?: FloatType): void {
    const first = this.height - count;
    let deepest = first;
    while (deepest < this.height && isSettled(this.operands[deepest], taken)) deepest++;
    if (deepest >= this.height - 1) {
      this.use(count);
      if (deepest === this.height - 1) this.canonicalise();
      return;
    }
    this.flush();
    for (let height = first; height < this.height; height++) {
      const operand = this.operands[height];
      if (this.live) {
        this.fetch(height);
        if (!isSettled(operand, taken)) this.writeCanonical(operand);
      }
      this.noteExact(operand, taken);
    }
  }

  private canonicalise(): void {
    const operand = this.top();
    if (this.live) this.writeCanonical(operand);
    this.noteExact(operand);
  }

  private writeCanonical({ type, lazy }: Operand): void {
    if (this.hasCanonicalNans) writeCanonical(this, type, lazy);
  }

  private noteExact(operand: Operand, taken?: FloatType): void {
    if (isSettled(operand, taken)) return;
    operand.lazy = undefined;
    operand.image = undefined;
  }

  /** Moves the topmost operands, exact, to the operand locals from `height` on; they stay operands. */
  moveTo(height: number, count: number): void {
    if (count === 0) return;
    this.useExact(count);
    if (!this.live) return;
    const first = this.height - count;
    for (let index = count - 1; index >= 0; index--) {
      const { type } = this.operands[first + index];
      this.out.at("local.set", this.operandLocal(height + index, type).local);
    }
  }

  /** Operands that lie in their locals, as at the beginning or the end of a block. */
  pushFlushed(types: readonly HostType[]): void {
    for (const type of types) {
      const end = this.slots + slotsOf(type);
      this.operands.push(operand(type, false, end, undefined));
    }
  }

  /** Stores a value as the slots it takes, to an address under it on the host's stack. */
  writeSlots(type: HostType, memory: number, offset: number): void {
    const { out } = this;
    if (type === v128) {
      out.store("v128.store", memory, offset);
      return;
    }
    if (type === f64) out.op("i64.reinterpret_f64");
    if (type === f32) out.op("i32.reinterpret_f32");
    if (type === f32 || type === i32) out.op("i64.extend_i32_u");
    out.store("i64.store", memory, offset);
  }

  /** Loads a value from its slots, with their address on the host's stack. */
  readSlots(type: HostType, memory: number, offset: number): void {
    const { out } = this;
    if (type === v128) {
      out.load("v128.load", memory, offset);
      return;
    }
    out.load("i64.load", memory, offset);
    if (type === f32 || type === i32) out.op("i32.wrap_i64");
    if (type === f32) out.op("f32.reinterpret_i32");
    if (type === f64) out.op("f64.reinterpret_i64");
  }

  writeZero(type: HostType): void {
    const { out } = this;
    if (type === i32) out.i32(0);
    else if (type === i64) out.i64(0n);
    else if (type === f32) out.op("f32.const").word(0);
    else if (type === f64) out.op("f64.const").word(0).word(0);
    else out.op("v128.const").word(0).word(0).word(0).word(0);
  }

  /** The finished body: declared locals, then code. Nothing can be written behind it. */
  body(): FunctionCode {
    const { out } = this;
    const content = new Writer(out.length + 8 + this.declared.length * 6);
    content.unsigned(this.declared.length);
    for (const { type, count } of this.declared) content.unsigned(count).u8(type);
    return { body: content, unlikely: this.code.finish(content) };
  }

  /** Whether one of the topmost operands may be a NaN that is still to be made canonical. */
  isAnyLazy(count: number): boolean {
    for (let height = this.height - count; height < this.height; height++) {
      if (this.operands[height].lazy !== undefined) return true;
    }
    return false;
  }

  /** Nothing is left on the host's stack: the code at hand cannot be reached. */
  abandon(): void {
    for (let height = this.height - 1; height >= 0; height--) {
      if (!this.operands[height].isOnStack) return;
      this.operands[height].isOnStack = false;
    }
  }

  /** The operands as safepoints and loops keep them: those under the first that has changed are shared. */
  image(): StackMap | undefined {
    const { operands, live } = this;
    let height = this.height;
    while (height > 0 && !isCurrent(operands[height - 1].image, live)) height--;
    let image = height === 0 ? undefined : operands[height - 1].image;
    for (; height < this.height; height++) {
      const operand = operands[height];
      const { type, lazy, end } = operand;
      const position = live ? this.operandLocal(height, type).position : -1;
      const last = live ? position + slotsOf(type) - 1 : -1;
      image = {
        below: image,
        type,
        lazy,
        position,
        height: end,
        largest: Math.max(image?.largest ?? -1, last),
      };
      operand.image = image;
    }
    return image;
  }

  /** The topmost operands, to be put back by `restore` after code that may not run. */
  copyTop(count: number): Operand[] {
    return this.operands.slice(this.height - count).map((operand) => ({ ...operand }));
  }

  /** Puts copies back in place of as many operands on top. */
  restore(copies: readonly Operand[]): void {
    const first = this.height - copies.length;
    copies.forEach((operand, index) => {
      this.operands[first + index] = { ...operand };
    });
  }
}

/** Whether the bits of an operand are those of the program, or nobody looks at them. */
function isSettled({ type, lazy }: Operand, taken: FloatType | undefined): boolean {
  return lazy === undefined || (type === v128 && lazy === taken);
}

/** An image made where the host could not come has no positions. */
function isCurrent(image: StackMap | undefined, live: boolean): boolean {
  return image !== undefined && (!live || image.position >= 0);
}
