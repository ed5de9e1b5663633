/**
 * What emitted code calls while it runs: the first store to a chunk, long memory instructions, the time.
 * Fuel for dirty chunks is charged here; the budget is lowered where it would otherwise outlast the fuel.
 *
 * Invariant: fuel of the budget ≤ fuel that is really left − the longest stretch without a check.
 */
import { opOf } from "../isa/table.ts";
import { readU16, readU32 } from "../program/bigEndian.ts";
import { chunkBytes, instructionBytes } from "../program/program.ts";
import {
  FUEL_A_MS,
  growthIsRefused,
  LEAF_BYTES,
  stepsOf,
} from "../reference/instructions/handler.ts";
import type { MachineState, MemoryState } from "../state/machineState.ts";
import { cleanChunks, markDirty } from "../state/memories.ts";
import { noteRefusedGrow } from "../state/trapRecord.ts";
import type { Cost } from "./budget.ts";
import type { Instance, RuntimeCalls } from "./hostInstance.ts";
import { RuntimeTables } from "./runtimeTables.ts";
import type { UndoLog } from "./undoLog.ts";

/**
 * Thrown through emitted code when a store might not be able to pay for its chunk, or when a store of a group lies out of
 * bounds: its neighbours in bounds come first, and what they overwrite would not have been saved.
 */
export class StoreDoubt extends Error {}

const FILL = opOf("memory.fill");
const COPY = opOf("memory.copy");
const INIT = opOf("memory.init");
const READ = opOf("host.input_read");
const GROW = opOf("memory.grow");
const fewBytes = 64;

export class ExecutorRuntime implements RuntimeCalls {
  /** The instance that runs. */
  instance: Instance | undefined;
  /** Fuel paid for chunks in this entry. */
  charged = 0;
  private readonly state: MachineState;
  private readonly undo: UndoLog;
  private readonly tables: RuntimeTables;
  /** The budget that was handed out, less what was taken from it since. */
  private given: Cost = { steps: 0, fuel: 0 };

  constructor(state: MachineState, undo: UndoLog) {
    this.state = state;
    this.undo = undo;
    this.tables = new RuntimeTables(state, undo.tables);
  }

  begin(instance: Instance, budget: Cost): void {
    this.instance = instance;
    this.given = budget;
    this.charged = 0;
  }

  /** What emitted code has used of its budget, given what is left of it. */
  used(left: Cost): Cost {
    return { steps: this.given.steps - left.steps, fuel: this.given.fuel - left.fuel };
  }

  private get running(): Instance {
    if (this.instance === undefined) throw new RangeError("expected emitted code to be running");
    return this.instance;
  }

  /**
   * A store into a chunk that it would be the first to write since the checkpoint, or a store that straddles.
   * Throws StoreDoubt where the reference has to tell what happens.
   */
  writeBarrier(memory: number, address: number, offset: number, width: number): void {
    const target = this.state.memories[memory];
    const at = (address >>> 0) + (offset >>> 0);
    if (at + width > target.bytes.length) throw new StoreDoubt();
    if (!this.write(memory, target, at, width)) throw new StoreDoubt();
  }

  /** Pays for a write in bounds and saves what it overwrites; false if there might not be enough fuel. */
  private write(memory: number, target: MemoryState, at: number, length: number): boolean {
    if (this.undo.isReady(memory, at, length)) return true;
    const charge = cleanChunks(target, at, length) * this.state.program.config.chunkFuel;
    if (charge > 0 && !this.charge(charge)) return false;
    const last = Math.floor((at + length - 1) / chunkBytes);
    for (let chunk = Math.floor(at / chunkBytes); chunk <= last; chunk++) {
      this.undo.save(memory, chunk);
    }
    markDirty(target, at, length);
    return true;
  }

  private charge(charge: number): boolean {
    const { state, running } = this;
    const { fuel } = running.budgetAtHand();
    const paid = this.given.fuel - fuel + this.charged + charge;
    const allowed = state.fuelLimit - state.fuelCounter - paid - running.compiled.stretch.fuel;
    if (allowed < 0) return false;
    this.charged += charge;
    const surplus = Math.max(0, fuel - allowed);
    if (surplus > 0) {
      running.lowerAtHand(0, surplus);
      this.given = { steps: this.given.steps, fuel: this.given.fuel - surplus };
    }
    return true;
  }

  /** An instruction as a whole, operands from the deepest on; false, and nothing done, if the reference has to do it. */
  runtimeCall(pc: number, first: number, second: number, third: number): boolean {
    const op = readU16(this.state.program.code, pc * instructionBytes);
    if (op === GROW) return this.grow(pc, first >>> 0);
    if (op === FILL || op === COPY || op === INIT || op === READ) {
      return this.callOfMemory(pc, first, second, third);
    }
    return this.tables.run(this.running, pc, first, second, third);
  }

  /** Growth, which the host must have room for; where it is refused, that is noted. */
  private grow(pc: number, pages: number): boolean {
    const { state, running } = this;
    const { code } = state.program;
    const at = pc * instructionBytes;
    const index = readU32(code, at + 4);
    const memory = state.memories[index];
    const most = readU32(code, at + 8);
    const isRefused = growthIsRefused(memory.pages, pages, most);
    const step = state.stepCounter + this.given.steps - running.budgetAtHand().steps;
    const before = memory.pages;
    if (!running.canSpend(1, readU16(code, at + 2))) return false;
    if (!isRefused && pages > 0 && !this.undo.grow(index, before + pages)) return false;
    running.spendAtHand(1, readU16(code, at + 2));
    if (isRefused) noteRefusedGrow(state, step, pc, index, pages);
    running.setResult(isRefused ? -1 : before);
    return true;
  }

  private callOfMemory(pc: number, first: number, second: number, length: number): boolean {
    const { state } = this;
    const at = pc * instructionBytes;
    const a = readU32(state.program.code, at + 4);
    const op = readU16(state.program.code, at);
    const d = first >>> 0;
    const n = length >>> 0;
    const memory = op === INIT ? a >>> 24 : a;
    const target = state.memories[memory];
    if (target === undefined || d + n > target.bytes.length) return false;
    const s = second >>> 0;
    const source = op === FILL ? target.bytes : this.source(op, at);
    if (source === undefined || (op !== FILL && s + n > source.length)) return false;
    const steps = stepsOf(d, n, LEAF_BYTES);
    if (!this.spend(steps, steps * readU16(state.program.code, at + 2))) return false;
    if (n === 0) return true;
    if (!this.write(memory, target, d, n)) {
      throw new StoreDoubt();
    }
    if (op === FILL) target.bytes.fill(second & 0xff, d, d + n);
    else if (op !== COPY && n <= fewBytes) copyFew(source, s, target.bytes, d, n);
    else target.bytes.set(source.subarray(s, s + n), d);
    return true;
  }

  /** What a long instruction reads from; undefined if only the reference knows. */
  private source(op: number, instruction: number): Uint8Array | undefined {
    const { state } = this;
    const { code, data } = state.program;
    const b = readU32(code, instruction + 8);
    if (op === COPY) return state.memories[b].bytes;
    if (op !== INIT) return b === 0 ? state.input : undefined;
    const segment = readU32(code, instruction + 4) & 0xffffff;
    const length = state.dropped[segment] === 1 ? 0 : readU32(code, instruction + 12);
    return data.subarray(b, b + length);
  }

  private spend(steps: number, fuel: number): boolean {
    return this.running.spendAtHand(steps, fuel);
  }

  time(): void {
    const { fuel } = this.running.budgetAtHand();
    const fuelCounter = this.state.fuelCounter + this.given.fuel - fuel + this.charged;
    this.running.setTime(Math.floor(fuelCounter / FUEL_A_MS));
  }
}

/** For a few bytes of another buffer a loop is faster than a view. */
function copyFew(from: Uint8Array, s: number, to: Uint8Array, d: number, count: number): void {
  for (let index = 0; index < count; index++) to[d + index] = from[s + index];
}
