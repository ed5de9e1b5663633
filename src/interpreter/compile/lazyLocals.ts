/**
 * Where a function's locals may hold NaNs that are still to be made canonical. A local is lazy from place to place: what one web of
 * its definitions holds (floatWebs.ts) says nothing of the next.
 *
 * Invariant: at every place each local is of one web, whichever way control came, so no edge has to change a value; places are
 * byte offsets, and the walk skips what the emitter skips (bodyEmitter.ts). Locals are told by their places (keptLocals.ts).
 */
import { slotsOf } from "../binary/valueType.ts";
import { InstructionCursor } from "../isa/instructionCursor.ts";
import { codeOf } from "../isa/table.ts";
import { FloatWebs, type Origin } from "./floatWebs.ts";
import type { FunctionDefinition } from "./functionSource.ts";
import type { FloatType, HostType } from "./hostTypes.ts";
import { f32, f64, isFloat, v128 } from "./hostTypes.ts";
import { type KeptLocals, placeOf } from "./keptLocals.ts";
import { nanFloatsOf } from "./nanFloats.ts";

/** A local whose NaNs are made canonical when its frame is spilled. */
export interface LazyLocal {
  /** First slot in the spill record. */
  readonly slot: number;
  readonly type: HostType;
  /** Type of the floats that it holds: itself or its lanes. */
  readonly floats: FloatType;
}

/** From the instruction at `offset` on a local holds any NaN of these floats, or exact bits. */
export interface LazyChange {
  readonly offset: number;
  readonly local: number;
  readonly slot: number;
  readonly type: HostType;
  readonly floats: FloatType | undefined;
}

export class LazyLocals {
  readonly changes: readonly LazyChange[];
  private last: { readonly count: number; readonly locals: readonly LazyLocal[] } | undefined;

  /** Changes in the order of their offsets. */
  constructor(changes: readonly LazyChange[]) {
    this.changes = changes;
  }

  /** The locals that are lazy after so many changes. The last answer is kept: a deep recursion stops at few places. */
  after(count: number): readonly LazyLocal[] {
    if (this.last?.count === count) return this.last.locals;
    const lazy = new Map<number, LazyLocal>();
    for (const { local, slot, type, floats } of this.changes.slice(0, count)) {
      if (floats === undefined) lazy.delete(local);
      else lazy.set(local, { slot, type, floats });
    }
    const locals = [...lazy.values()];
    this.last = { count, locals };
    return locals;
  }
}

export const noLazyLocals = new LazyLocals([]);

/** Goes through the changes as the emitter goes through a function. */
export class LazyCursor {
  /** Local → the floats of which it holds any NaN; undefined if its bits are exact. */
  readonly floats: (FloatType | undefined)[] = [];
  /** Changes up to here. */
  passed = 0;
  /** Where the next one is. */
  private nextOffset: number;
  private readonly changes: readonly LazyChange[];

  constructor({ changes }: LazyLocals) {
    this.changes = changes;
    this.nextOffset = changes[0]?.offset ?? Number.MAX_SAFE_INTEGER;
  }

  /** Comes to the instruction at that offset. */
  passTo(offset: number): void {
    if (offset >= this.nextOffset) this.pass(offset);
  }

  private pass(offset: number): void {
    while (this.passed < this.changes.length && this.changes[this.passed].offset <= offset) {
      const { local, floats } = this.changes[this.passed++];
      this.floats[local] = floats;
    }
    this.nextOffset = this.changes[this.passed]?.offset ?? Number.MAX_SAFE_INTEGER;
  }
}

/** States of all locals that are kept or compared, for each byte of a body and beyond that; more are not worth their time. */
const most = { aByte: 64, spare: 4096 } as const;
/** Offset of what is known before the first instruction. */
export const entryOffset = -1;

const BLOCK = codeOf("block");
const LOOP = codeOf("loop");
const IF = codeOf("if");
const ELSE = codeOf("else");
const END = codeOf("end");
const BR = codeOf("br");
const BR_IF = codeOf("br_if");
const BR_TABLE = codeOf("br_table");
const LOCAL_GET = codeOf("local.get");
const LOCAL_SET = codeOf("local.set");
const LOCAL_TEE = codeOf("local.tee");
const F32_CONST = codeOf("f32.const");
const F64_CONST = codeOf("f64.const");
const V128_CONST = codeOf("v128.const");
const opens: ReadonlySet<number> = new Set([BLOCK, LOOP, IF]);
const leaves: ReadonlySet<number> = new Set([
  ...(["return", "unreachable", "return_call", "return_call_indirect"] as const).map(codeOf),
]);

const arithmetic = { [f32]: { floats: f32 }, [f64]: { floats: f64 } } as const;

function isNan32(bits: number): boolean {
  return (bits & 0x7fffffff) > 0x7f800000;
}

function isNan64(low: number, high: number): boolean {
  const exponent = high & 0x7fffffff;
  return exponent > 0x7ff00000 || (exponent === 0x7ff00000 && low !== 0);
}

/** Whether a lane is a NaN, as floats of either width. */
function hasNanLane(bytes: Uint8Array): boolean {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (index: number) => words.getInt32(index * 4, true);
  if ([0, 1, 2, 3].some((index) => isNan32(word(index)))) return true;
  return isNan64(word(0), word(1)) || isNan64(word(2), word(3));
}

/** What the instruction at the cursor leaves, if it is no local. */
function originOf({ code, low, high, vector }: InstructionCursor): Origin {
  if (code === F32_CONST) return isNan32(low) ? "exact" : "constant";
  if (code === F64_CONST) return isNan64(low, high) ? "exact" : "constant";
  if (code === V128_CONST) return hasNanLane(vector) ? "exact" : "constant";
  const floats = nanFloatsOf(code);
  return floats === undefined ? "exact" : arithmetic[floats];
}

const holdsFloats = (type: HostType): boolean => isFloat(type) || type === v128;

/** A web for each local with floats. */
type State = Int32Array;

interface Block {
  readonly isLoop: boolean;
  /** State at its target: at the header of a loop, at the end of what is none; undefined until an edge gets there. */
  target: State | undefined;
  /** State behind the condition of an `if` whose else branch is still to come. */
  skip: State | undefined;
}

/** A function that has none, or whose states would be too many, has no lazy locals: its NaNs are made canonical as they are set. */
export function lazyLocalsOf(definition: FunctionDefinition, kept: KeptLocals): LazyLocals {
  if (!kept.locals.some(holdsFloats) || !setsArithmetic(definition, kept)) return noLazyLocals;
  return new LazyWalk(definition, kept).result() ?? noLazyLocals;
}

/** Whether a local is given a result of arithmetic at all. */
function setsArithmetic({ module, body }: FunctionDefinition, kept: KeptLocals): boolean {
  const cursor = new InstructionCursor(module.bytes, module.features);
  cursor.open(body.start, body.end);
  let isArithmetic = false;
  while (cursor.next()) {
    const { code, index } = cursor;
    const isSet = code === LOCAL_SET || code === LOCAL_TEE;
    if (isSet && isArithmetic && holdsFloats(kept.locals[placeOf(kept, index)])) return true;
    isArithmetic = nanFloatsOf(code) !== undefined;
  }
  return false;
}

class LazyWalk {
  private readonly cursor: InstructionCursor;
  private readonly webs = new FloatWebs();
  /** Local → its place in a state; −1 without floats. */
  private readonly places: number[] = [];
  /** Places' locals. */
  private readonly held: number[] = [];
  private readonly slots: number[] = [];
  private readonly types: readonly HostType[];
  private readonly kept: KeptLocals;
  private state: State;
  private readonly blocks: Block[] = [];
  private deadBlocks = 0;
  private isReachable = true;
  private origin: Origin = "exact";
  /** States that may still be kept or compared, by their length. */
  private left: number;
  private readonly changes: { offset: number; place: number; web: number }[] = [];

  constructor({ module, body, type }: FunctionDefinition, kept: KeptLocals) {
    const { locals } = kept;
    this.kept = kept;
    this.types = locals;
    this.left = most.spare + most.aByte * (body.end - body.start);
    let slot = 0;
    locals.forEach((local, index) => {
      this.places.push(holdsFloats(local) ? this.held.length : -1);
      if (holdsFloats(local)) this.held.push(index);
      this.slots.push(slot);
      slot += slotsOf(local);
    });
    const given = type.params.length;
    this.state = Int32Array.from(this.held, (local) =>
      this.webs.define(local < given ? "exact" : "constant"),
    );
    this.state.forEach((web, place) => {
      this.changes.push({ offset: entryOffset, place, web });
    });
    this.cursor = new InstructionCursor(module.bytes, module.features);
    this.cursor.open(body.start, body.end);
  }

  /** Undefined where there are too many states. */
  result(): LazyLocals | undefined {
    this.open(false);
    if (!this.walk()) return undefined;
    this.webs.settle();
    return new LazyLocals(this.resolved());
  }

  /** A loop of its own: a host that compiles it while it runs knows nothing yet of what comes behind. */
  private walk(): boolean {
    const { cursor } = this;
    while (this.left >= 0 && cursor.next()) this.instruction(cursor.code);
    return this.left >= 0;
  }

  /** The changes of webs that change what is known. */
  private resolved(): LazyChange[] {
    const known: (FloatType | undefined)[] = this.held.map(() => undefined);
    return this.changes.flatMap(({ offset, place, web }) => {
      const floats = this.webs.lazyFloats(web);
      if (floats === known[place]) return [];
      known[place] = floats;
      const local = this.held[place];
      return [{ offset, local, slot: this.slots[local], type: this.types[local], floats }];
    });
  }

  private instruction(code: number): void {
    if (code === END) {
      if (this.deadBlocks > 0) this.deadBlocks--;
      else this.end();
    } else if (code === ELSE) {
      if (this.deadBlocks === 0) this.elseBranch();
    } else if (!this.isReachable) {
      if (opens.has(code)) this.deadBlocks++;
    } else if (opens.has(code)) this.open(code === LOOP, code === IF);
    else this.reached(code);
  }

  private reached(code: number): void {
    const { cursor, kept } = this;
    const isGet = code === LOCAL_GET || code === LOCAL_TEE;
    if (code === LOCAL_SET || code === LOCAL_TEE) this.set(placeOf(kept, cursor.index));
    if (isGet) this.origin = this.copyOf(placeOf(kept, cursor.index));
    else this.origin = originOf(cursor);
    if (code === BR || code === BR_IF) this.reach(cursor.index);
    if (code === BR_TABLE) {
      for (let label = 0; label <= cursor.labelCount; label++) this.reach(cursor.labels[label]);
    }
    if (code === BR || code === BR_TABLE || leaves.has(code)) this.isReachable = false;
  }

  private copyOf(local: number): Origin {
    const place = this.places[local];
    return place < 0 ? "exact" : { web: this.state[place] };
  }

  private set(local: number): void {
    const place = this.places[local];
    if (place >= 0) this.change(place, this.webs.define(this.origin));
  }

  private change(place: number, web: number): void {
    this.state[place] = web;
    this.changes.push({ offset: this.cursor.offset, place, web });
  }

  private copy(): State {
    this.left -= this.state.length;
    return this.state.slice();
  }

  private open(isLoop: boolean, isIf = false): void {
    this.origin = "exact";
    const target = isLoop ? this.copy() : undefined;
    this.blocks.push({ isLoop, target, skip: isIf ? this.copy() : undefined });
  }

  /** An edge from here to a label. */
  private reach(depth: number): void {
    this.flow(this.blocks[this.blocks.length - 1 - depth], this.state);
  }

  private flow(block: Block, state: State): void {
    if (block.target === undefined) {
      this.left -= state.length;
      block.target = state.slice();
      return;
    }
    this.left -= state.length;
    for (let place = 0; place < state.length; place++) {
      this.webs.unite(block.target[place], state[place]);
    }
  }

  private elseBranch(): void {
    const block = this.blocks[this.blocks.length - 1];
    if (this.isReachable) this.flow(block, this.state);
    const { skip } = block;
    block.skip = undefined;
    if (skip !== undefined) this.moveTo(skip);
  }

  private end(): void {
    const block = this.blocks.pop() as Block;
    if (block.skip !== undefined) this.flow(block, block.skip);
    if (!block.isLoop && this.isReachable) this.flow(block, this.state);
    // Behind a block that nothing leaves only what the emitter does not write can follow: any state will do.
    this.moveTo(block.isLoop || block.target === undefined ? this.state : block.target);
  }

  /** Goes on in a state that other edges have left. */
  private moveTo(state: State): void {
    this.origin = "exact";
    this.isReachable = true;
    const from = this.state;
    this.state = state.slice();
    for (let place = 0; place < state.length; place++) {
      if (from[place] !== state[place]) this.change(place, state[place]);
    }
  }
}
