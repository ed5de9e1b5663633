/**
 * One state's instance of a compiled program: host modules instantiated over its memories, and the machine memory
 * through which values pass in both directions.
 *
 * Invariant: between two entries nothing of the state lives here; `load` brings in what an entry needs.
 */

import { pageBytes } from "../program/program.ts";
import type { MachineState } from "../state/machineState.ts";
import { type Cost, packInto, unpacked, unwindingBudget } from "./budget.ts";
import { functionCalled } from "./calledFunction.ts";
import type { CompiledProgram } from "./compiledProgram.ts";
import { HostGlobals } from "./hostGlobals.ts";
import { HostInput } from "./hostInput.ts";
import { machineLayout, machineMemoryLayout, names } from "./hostLayout.ts";
import type { HostMemories } from "./hostMemories.ts";
import { HostRefusal } from "./hostRefusal.ts";
import { HostTables } from "./hostTables.ts";
import { signatureKey } from "./hostTypes.ts";
import { lightRoomWithin } from "./lightRoom.ts";
import { functionSignatures } from "./programPlan.ts";
import { headerWords, writeFrame } from "./spilledFrames.ts";

/** What emitted code calls. */
export interface RuntimeCalls {
  writeBarrier(memory: number, address: number, offset: number, width: number): void;
  runtimeCall(pc: number, first: number, second: number, third: number): boolean;
  time(): void;
  nestedCall(slots: number, frames: number): boolean;
  /** Gives light code more budget; `safepoint` is that of a loop's header, or negative. */
  refill(safepoint: number): void;
  /** Prepares that a loop whose frame was spilled goes on in the module that resumes it. */
  move(): void;
}

type Enter = (index: number) => void;
type Exports = Readonly<Record<string, WebAssembly.ExportValue>>;

/** Words of the machine memory. */
const words = {
  callee: machineLayout.callee / 4,
  result: machineLayout.result / 4,
  budget: machineLayout.budget / 4,
  room: machineLayout.room / 4,
  spillPointer: machineLayout.spillPointer / 4,
  inputSize: machineLayout.inputSize / 4,
  trace: machineLayout.trace / 4,
  budgetAtHand: machineLayout.budgetAtHand / 4,
  time: machineLayout.time / 4,
  inputAtHand: machineLayout.inputAtHand / 4,
  roomAtHand: machineLayout.roomAtHand / 4,
  moves: machineLayout.moves / 4,
} as const;

export class Instance {
  readonly compiled: CompiledProgram;
  readonly memory: Int32Array;
  private readonly layout: { readonly slots: number; readonly spill: number };
  private readonly state: MachineState;
  private readonly imports: Record<string, WebAssembly.ImportValue> = {};
  private readonly exports: Exports;
  readonly tables: HostTables;
  readonly globals: HostGlobals;
  private readonly input = new HostInput();
  /** All functions by program-wide index: those that a module holds, stubs, or nothing. */
  private readonly functions: WebAssembly.Table;
  /** By signature (hostTypes.ts): its number among the entrances and stubs of the main module. */
  private readonly signatureNumbers: ReadonlyMap<string, number>;
  private readonly enterFunctions: (Enter | undefined)[] = [];
  private readonly enterLoops = new Map<number, Enter>();
  /** What goes on from a loop's header, by its pc. */
  private readonly resumed = new Map<number, WebAssembly.ExportValue>();
  /** Modules of the compiled program that are instantiated. */
  private instantiated = 0;

  constructor(
    compiled: CompiledProgram,
    state: MachineState,
    host: HostMemories,
    runtime: RuntimeCalls,
  ) {
    const { program } = state;
    this.compiled = compiled;
    this.state = state;
    const { slots, spill, pages } = machineMemoryLayout(program);
    this.layout = { slots, spill };
    const machine = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.memory = new Int32Array(machine.buffer, 0, (pages * pageBytes) / 4);
    host.memories.forEach((memory, index) => {
      if (memory !== undefined) this.imports[names.memory(index)] = memory;
    });
    this.imports[names.memory(program.memories.length)] = machine;
    this.imports[names.input] = this.input.memory;
    this.tables = new HostTables(program.tables.length, (index) => this.functionOf(index));
    program.tables.forEach((_, index) => {
      this.imports[names.table(index)] = this.tables.host(index);
    });
    this.imports[names.barrier] = (m: number, a: number, o: number, w: number) =>
      runtime.writeBarrier(m, a, o, w);
    this.imports[names.runtimeCall] = (pc: number, a: number, b: number, n: number) =>
      runtime.runtimeCall(pc, a, b, n) ? 1 : 0;
    this.imports[names.time] = () => runtime.time();
    this.imports[names.nestedCall] = (slots: number, frames: number) =>
      runtime.nestedCall(slots, frames) ? 1 : 0;
    this.imports[names.refill] = (safepoint: number) => runtime.refill(safepoint);
    this.imports[names.move] = () => runtime.move();
    const signatures = functionSignatures(compiled.plan.plans);
    this.signatureNumbers = new Map(
      signatures.map((signature, index) => [signatureKey(signature), index]),
    );
    const { exports } = new WebAssembly.Instance(compiled.batches[0].module, {
      [names.namespace]: this.imports,
    });
    this.exports = exports;
    this.globals = new HostGlobals(state, this.memory, exports);
    for (const [name, value] of Object.entries(exports)) this.imports[name] = value;
    this.functions = exports[names.functions] as WebAssembly.Table;
    this.instantiated = 1;
    this.putStubs(compiled.batches[0].outside);
    this.instantiateBatches();
  }

  /** Takes in what was compiled since the last time. */
  instantiateBatches(): void {
    const { batches } = this.compiled;
    for (; this.instantiated < batches.length; this.instantiated++) {
      const { module, functions, outside } = batches[this.instantiated];
      this.putStubs(outside);
      new WebAssembly.Instance(module, { [names.namespace]: this.imports });
      this.tables.renew(new Set(functions));
    }
  }

  private putStubs(functions: readonly number[]): void {
    for (const index of functions) this.functions.set(index, this.stubOf(index));
  }

  private numberOf(index: number): number {
    const signature = this.compiled.plan.plans.signatureOf(index);
    return this.signatureNumbers.get(signatureKey(signature)) as number;
  }

  private stubOf(index: number): WebAssembly.ExportValue {
    return this.exports[names.stub(this.numberOf(index))];
  }

  /** The host's function of a program-wide index; undefined beyond the last, and where the host has none. */
  private functionOf(index: number): unknown {
    const { plan, functions } = this.compiled;
    if (functions.has(index)) return this.functions.get(index);
    if (index >= plan.plans.count || !plan.plans.isOfHost(index)) return undefined;
    return this.stubOf(index);
  }

  /** Brings in globals, the running frame's slots and the limits of the entry. */
  load(budget: Cost, room: { slots: number; frames: number }): void {
    const { state, memory, layout } = this;
    const { stack, fp, sp, input } = state;
    memory.set(stack.subarray(fp * 2, sp * 2), layout.slots / 4);
    packInto(memory, words.budget, budget);
    packInto(memory, words.budgetAtHand, budget);
    packInto(memory, words.trace, budget);
    if (this.compiled.isLight) {
      memory[words.room] = lightRoomWithin(room);
      memory[words.room + 1] = 0;
    } else {
      packInto(memory, words.room, { steps: room.slots, fuel: room.frames });
    }
    memory[words.spillPointer] = layout.spill;
    memory[words.inputSize] = input.length;
    memory[words.inputAtHand] = this.input.atHand(input);
    this.globals.load();
  }

  enterFunction(index: number): void {
    // A stub would stop as what was called last.
    if (!this.compiled.functions.has(index)) {
      throw new HostRefusal("unsoundEmission", `function ${index} is entered and not compiled`);
    }
    let enter = this.enterFunctions[index];
    if (enter === undefined) {
      enter = this.exports[names.enter(this.numberOf(index))] as Enter;
      this.enterFunctions[index] = enter;
    }
    enter(index);
  }

  /** Compiles what resumes the loop with its header at `pc`; this may lengthen the program's `stretch`. */
  prepareLoop(pc: number): Enter {
    let enter = this.enterLoops.get(pc);
    if (enter === undefined) {
      const { module, functions } = this.compiled.resumingModule(pc);
      const imports = { ...this.imports };
      for (const index of functions) {
        imports[names.function(index)] = this.functions.get(index) as WebAssembly.ImportValue;
      }
      const { exports } = new WebAssembly.Instance(module, { [names.namespace]: imports });
      enter = exports[names.enter(0)] as Enter;
      this.enterLoops.set(pc, enter);
      this.resumed.set(pc, exports[names.resumed(0)]);
    }
    return enter;
  }

  enterLoop(pc: number): void {
    this.prepareLoop(pc)(0);
  }

  /** Says whether the loop of a refill goes on in the module that resumes it, which is prepared. */
  setMoves(moves: boolean): void {
    this.memory[words.moves] = moves ? 1 : 0;
  }

  /**
   * The frame in the only spill record becomes what the module that resumes its loop finds (resumeEmitter.ts): its slots,
   * and the budget that is settled.
   */
  move(): void {
    const { memory, layout, compiled, state } = this;
    const record = layout.spill / 4;
    const safepoint = compiled.safepoints[memory[record]];
    writeFrame(memory, layout.slots / 4, state.program, memory, record + headerWords, safepoint);
    const { pending } = safepoint;
    const { steps, fuel } = this.spilledBudget(record);
    packInto(memory, words.budgetAtHand, {
      steps: steps - pending.steps,
      fuel: fuel - pending.fuel,
    });
    memory[words.spillPointer] = layout.spill;
    this.functions.set(compiled.plan.plans.count, this.resumed.get(safepoint.pc));
  }

  /** Steps and fuel that a budget in the machine memory leaves; both may be negative. */
  private left(at: number): Cost {
    return unpacked(this.memory[at], this.memory[at + 1]);
  }

  /** Whether the entered function has handed on that frames were spilled. */
  get hasUnwound(): boolean {
    const { memory } = this;
    const high = memory[words.budget + 1];
    return memory[words.budget] === 0 && high === Number(unwindingBudget >> 32n);
  }

  returnedBudget(): Cost {
    return this.left(words.budget);
  }

  tracedBudget(): Cost {
    return this.left(words.trace);
  }

  budgetAtHand(): Cost {
    return this.left(words.budgetAtHand);
  }

  /** What is left of the room at a refill (lightRoom.ts). */
  roomAtHand(): number {
    return this.memory[words.roomAtHand];
  }

  /** Lowers the budget that the write barrier or a runtime call has at hand; it must suffice. */
  lowerAtHand(steps: number, fuel: number): void {
    const left = this.budgetAtHand();
    const lower = { steps: left.steps - steps, fuel: left.fuel - fuel };
    packInto(this.memory, words.budgetAtHand, lower);
  }

  /** Takes cost off the budget at hand if it suffices. */
  spendAtHand(steps: number, fuel: number): boolean {
    const left = this.budgetAtHand();
    if (left.steps < steps || left.fuel < fuel) return false;
    this.lowerAtHand(steps, fuel);
    return true;
  }

  /** The budget at hand becomes that of frames which have to unwind. */
  unwindAtHand(): void {
    this.memory[words.budgetAtHand] = 0;
    this.memory[words.budgetAtHand + 1] = Number(unwindingBudget >> 32n);
  }

  /** The function that a stub was called for. */
  calledFunction(tables: MachineState["tables"]): number {
    const { memory } = this;
    return functionCalled(tables, memory[words.callee], memory[words.callee + 1]);
  }

  setResult(value: number): void {
    this.memory[words.result] = value;
  }

  /** After a read of so many bytes of the input: what follows may find it at hand. */
  bringInput(read: number): void {
    const { input, memory, state } = this;
    input.bring(state.input, read);
    memory[words.inputAtHand] = input.atHand(state.input);
  }

  setTime(milliseconds: number): void {
    this.memory[words.time] = milliseconds;
    this.memory[words.time + 1] = Math.floor(milliseconds / 2 ** 32);
  }

  spilledBudget(record: number): Cost {
    return this.left(record + 2);
  }

  /** Whether frames have been spilled, and another one might not find room for its record. */
  isSpillFull(): boolean {
    const end = this.memory[words.spillPointer];
    let values = 0;
    for (const { shape } of this.compiled.safepoints) values = Math.max(values, shape.values);
    return end > this.layout.spill && end + 16 + values * 8 > this.memory.byteLength;
  }

  /** Values that spilled frames hold, headers among them. */
  get spilledValues(): number {
    return (this.memory[words.spillPointer] - this.layout.spill) / 8;
  }

  /** Word offsets of the spill records, innermost frame first. */
  spillRecords(): number[] {
    const records: number[] = [];
    const end = this.memory[words.spillPointer] / 4;
    for (let at = this.layout.spill / 4; at < end; ) {
      records.push(at);
      at += 4 + this.compiled.safepoints[this.memory[at]].shape.values * 2;
    }
    return records;
  }

  /** Words of the first slots of the entered frame, or of its results. */
  slots(count: number): Int32Array {
    const at = this.layout.slots / 4;
    return this.memory.subarray(at, at + count * 2);
  }

  /** Hands over so many slots of the stack from slot `from` on: results of a call, where a frame's first slots come in. */
  setSlots(stack: Int32Array, from: number, count: number): void {
    this.memory.set(stack.subarray(from * 2, (from + count) * 2), this.layout.slots / 4);
  }
}
