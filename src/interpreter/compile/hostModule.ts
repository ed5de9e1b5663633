/**
 * Builds host modules: the main module with every function of the program, and later modules with functions that
 * resume loops (resumeEmitter.ts), which share the main module's memories, tables, globals and functions.
 *
 * Invariant: imports come in one order in both kinds: program memories, machine memory, program tables, the write barrier,
 * and for a resuming module the main module's functions and globals.
 */
import { opOf } from "../isa/table.ts";
import { readU16 } from "../program/bigEndian.ts";
import type { Program } from "../program/program.ts";
import { instructionBytes } from "../program/program.ts";
import { globalChunkSize } from "../state/globals.ts";
import { BodyEmitter } from "./bodyEmitter.ts";
import { EmissionLog } from "./emissionLog.ts";
import {
  runtimeCallSignature,
  runtimeStubSignature,
  writeRuntimeStub,
} from "./emitRuntimeCalls.ts";
import type { ModuleScope } from "./emitter.ts";
import { FunctionRefusal, ProgramDemand, refuseLocals } from "./engineBounds.ts";
import type { FunctionPlan } from "./functionPlan.ts";
import { referencesOf } from "./functionReferences.ts";
import type { FunctionDefinition } from "./functionSource.ts";
import { readSource } from "./functionSource.ts";
import {
  barrierCode,
  barrierSignature,
  bitsType,
  entranceCode,
  loadGlobalsCode,
  opaqueCode,
  spillCode,
  storeGlobalsCode,
} from "./glueFunctions.ts";
import type { FunctionCode } from "./hostFrame.ts";
import { hiddenPages, hostPages, machineMemoryLayout, marksGlobals, names } from "./hostLayout.ts";
import { externalKinds, funcref, ModuleSections, mutable } from "./hostSections.ts";
import type { HostSignature, HostType } from "./hostTypes.ts";
import { i32, i64 } from "./hostTypes.ts";
import type { ProgramPlan } from "./programPlan.ts";
import { wrapperSignatures } from "./programPlan.ts";
import { ResumeEmitter } from "./resumeEmitter.ts";
import type { Emission, LoopEntry } from "./safepoints.ts";
import { refuseUnsound, refuseUnsoundEntries } from "./soundness.ts";

const GROW = opOf("memory.grow");

export interface BuiltModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly log: EmissionLog;
}

export function buildMainModule(plan: ProgramPlan, emission: Emission): BuiltModule {
  const built = new ModuleBuilder(plan, emission, new EmissionLog([], [])).buildMain();
  refuseUnsound(plan, emission, built.log);
  refuseUnsoundEntries(plan, emission, built.log);
  return built;
}

/** A module with one function for each of the loops, in their order. The main module's safepoints are continued. */
export function buildResumeModule(
  plan: ProgramPlan,
  emission: Emission,
  main: EmissionLog,
  loops: readonly LoopEntry[],
): BuiltModule {
  const log = new EmissionLog(main.safepoints, main.functions);
  const built = new ModuleBuilder(plan, emission, log).buildResume(loops);
  refuseUnsound(plan, emission, log);
  return built;
}

interface Helper {
  readonly index: number;
  readonly signature: HostSignature;
  readonly write: () => FunctionCode;
}

class ModuleBuilder implements ModuleScope {
  readonly program: Program;
  readonly plans: readonly FunctionPlan[];
  readonly frames: ReadonlyMap<number, number>;
  readonly signatures: ReadonlyMap<number, HostSignature>;
  readonly globalTypes: readonly HostType[];
  readonly emission: Emission;
  readonly machineMemory: number;
  readonly slotsAddress: number;
  readonly globalMarks: number | undefined;
  readonly runtimeCallIndex = 1;
  readonly timeIndex = 2;
  readonly log: EmissionLog;
  private readonly machinePages: number;
  private readonly sections = new ModuleSections();
  private readonly demand: ProgramDemand;
  /** Function index of program function 0, in the main module. */
  private firstFunction = 0;
  /** Indices of the functions and globals that a resuming module imports, by their index in the program. */
  private imported: { functions: Map<number, number>; globals: Map<number, number> } | undefined;
  private readonly helpers = new Map<string, Helper>();
  private firstHelper = 0;
  private barriers = 0;

  constructor(plan: ProgramPlan, emission: Emission, log: EmissionLog) {
    this.program = plan.program;
    this.plans = plan.plans;
    this.frames = plan.frames;
    this.signatures = plan.signatures;
    this.globalTypes = plan.globalTypes;
    this.emission = emission;
    this.log = log;
    this.machineMemory = plan.program.memories.length;
    const { globalMarks, slots, pages } = machineMemoryLayout(plan.program);
    this.globalMarks = marksGlobals(plan.program) ? globalMarks : undefined;
    this.slotsAddress = slots;
    this.machinePages = pages;
    const bytes = plan.program.modules.map(({ module }) => module.bytes.length);
    this.demand = new ProgramDemand(bytes.reduce((sum, length) => sum + length, 0));
  }

  typeIndex(signature: HostSignature): number {
    return this.sections.typeIndex(signature);
  }

  functionIndex(programFunction: number): number {
    return indexIn(this.imported?.functions, programFunction, this.firstFunction);
  }

  globalIndex(programGlobal: number): number {
    return indexIn(this.imported?.globals, programGlobal, 0);
  }

  spillIndex(types: readonly HostType[]): number {
    const signature = { params: [i32, i64, ...types], results: [] };
    return this.helperIndex(`spill ${types.join()}`, signature, () => spillCode(this, types));
  }

  runtimeStubIndex(pc: number): number {
    const { code } = this.program;
    const instruction = code.subarray(pc * instructionBytes, (pc + 1) * instructionBytes).join();
    // Equal instructions share one, but a growth that is refused is told by its pc (state/trapRecord.ts).
    const isGrow = readU16(code, pc * instructionBytes) === GROW;
    return this.helperIndex(isGrow ? `grow ${pc}` : instruction, runtimeStubSignature, () =>
      writeRuntimeStub(this, pc),
    );
  }

  /** Index of a function that is made once and stands behind all others. */
  private helperIndex(key: string, signature: HostSignature, write: () => FunctionCode): number {
    let helper = this.helpers.get(key);
    if (helper === undefined) {
      helper = { index: this.firstHelper + this.helpers.size, signature, write };
      this.helpers.set(key, helper);
    }
    return helper.index;
  }

  barrierIndex(memory: number): number {
    return this.barriers + memory;
  }

  buildMain(): BuiltModule {
    const { sections, plans } = this;
    this.importShared();
    this.addBarriers();
    this.firstFunction = sections.nextFunction;
    const wrappers = wrapperSignatures(plans);
    const chunks = Math.ceil(this.program.globals / globalChunkSize);
    this.firstHelper = this.firstFunction + plans.length + wrappers.length + 2 * chunks;
    const bodies = this.functionBodies();
    for (const { index, signature } of plans) {
      this.exportNext(names.function(index));
      this.addFunction(signature, bodies[index]);
    }
    wrappers.forEach((signature, index) => {
      this.exportNext(names.enter(index));
      this.addFunction({ params: [i32], results: [] }, entranceCode(this, signature, undefined));
    });
    for (let chunk = 0; chunk < chunks; chunk++) {
      this.addExported(names.loadGlobals(chunk), loadGlobalsCode(this, chunk));
      this.addExported(names.storeGlobals(chunk), storeGlobalsCode(this, chunk));
    }
    this.addHelpers();
    this.addGlobals();
    sections.addFunctionTable(plans.length, this.firstFunction, this.program.tables.length);
    return this.finish();
  }

  buildResume(loops: readonly LoopEntry[]): BuiltModule {
    this.importShared();
    this.importUsed(loops);
    this.addBarriers();
    const first = this.sections.nextFunction;
    this.firstHelper = first + loops.length * 2;
    const emitters = loops.map((loop) => {
      const plan = this.plans[loop.function];
      if (plan.definition === undefined) throw new RangeError("expected a compiled function");
      // Where it passes a bound although the function itself does not, the loop is not resumed.
      const source = readSource(plan.definition);
      const { emitter, code } = this.emitTwice((scope) => {
        return new ResumeEmitter(scope, plan, source, loop);
      });
      this.addFunction(emitter.signature, code);
      return emitter;
    });
    emitters.forEach((emitter, index) => {
      this.exportNext(names.enter(index));
      const wrapper = entranceCode(this, emitter.signature, first + index);
      this.addFunction({ params: [i32], results: [] }, wrapper);
    });
    this.addHelpers();
    return this.finish();
  }

  /** Functions and globals that the loops' functions name: others would cost each resumed loop the whole program. */
  private importUsed(loops: readonly LoopEntry[]): void {
    const imported = { functions: new Map<number, number>(), globals: new Map<number, number>() };
    for (const loop of loops) {
      const used = referencesOf(this.program, this.plans[loop.function]);
      for (const index of used.functions) {
        const { signature } = this.plans[index];
        const at = this.sections.importFunction(names.function(index), signature);
        imported.functions.set(index, at);
      }
      for (const index of used.globals) {
        const type = bitsType(this.globalTypes[index]);
        this.sections.addImport(names.global(index), externalKinds.global).u8(type).u8(mutable);
        imported.globals.set(index, imported.globals.size);
      }
    }
    this.imported = imported;
  }

  private importShared(): void {
    const { program, sections, machinePages } = this;
    program.memories.forEach(({ maxPages }, index) => {
      const hidden = hiddenPages(maxPages);
      const most = Math.min(hostPages, hidden + maxPages);
      const out = sections.addImport(names.memory(index), externalKinds.memory);
      out.u8(1).unsigned(hidden).unsigned(most);
    });
    const machine = sections.addImport(names.memory(this.machineMemory), externalKinds.memory);
    machine.u8(1).unsigned(machinePages).unsigned(machinePages);
    for (const index of program.tables.keys()) {
      sections.addImport(names.table(index), externalKinds.table).u8(funcref).u8(0).unsigned(0);
    }
    sections.importFunction(names.barrier, { params: [i32, i32, i32, i32], results: [] });
    sections.importFunction(names.runtimeCall, runtimeCallSignature);
    sections.importFunction(names.time, { params: [], results: [] });
  }

  private addBarriers(): void {
    this.barriers = this.sections.nextFunction;
    for (const memory of this.program.memories.keys()) {
      this.addFunction(barrierSignature, barrierCode(this, memory));
    }
  }

  /** Exports the function that is added next. */
  private exportNext(name: string): void {
    this.sections.addExport(name, externalKinds.function, this.sections.nextFunction);
  }

  private addFunction(signature: HostSignature, code: FunctionCode): void {
    this.sections.addFunction(signature, code);
  }

  /** A first time for the groups of stores, without leaving a trace in the module, and for good. */
  private emitTwice(make: (scope: ModuleScope) => BodyEmitter): {
    emitter: BodyEmitter;
    code: FunctionCode;
  } {
    const emitter = make(this);
    if (emitter.plan.stores < 2) return { emitter, code: emitter.emit() };
    const rehearsal = make(rehearsalScope(this));
    rehearsal.emit();
    return { emitter, code: emitter.emitWith(rehearsal.addresses.groups()) };
  }

  /** Functions that do not call come first: what their emission says of them decides how they are called. */
  private functionBodies(): readonly FunctionCode[] {
    const bodies: FunctionCode[] = new Array(this.plans.length);
    for (const checksEntry of [false, true]) {
      for (const plan of this.plans) {
        if (plan.checksEntry !== checksEntry) continue;
        bodies[plan.index] = this.functionBody(plan);
        this.demand.addBytes(bodies[plan.index].body.length);
      }
    }
    return bodies;
  }

  private functionBody(plan: FunctionPlan): FunctionCode {
    if (plan.definition === undefined) return opaqueCode(this, plan);
    const before = this.log.mark();
    try {
      return this.compiledBody(plan, plan.definition);
    } catch (error) {
      if (!(error instanceof FunctionRefusal)) throw error;
      this.log.refuse(plan.index, error, before);
      return opaqueCode(this, plan);
    }
  }

  private compiledBody(plan: FunctionPlan, definition: FunctionDefinition): FunctionCode {
    if (this.emission.kept.has(plan.index)) throw new FunctionRefusal("kept by choice");
    refuseLocals(definition);
    const source = readSource(definition);
    const { emitter, code } = this.emitTwice((scope) => {
      return new BodyEmitter(scope, plan, source, false);
    });
    this.demand.add(emitter.demand.merges(emitter.frame));
    this.log.noteFunction(plan.index, emitter.emitted);
    return code;
  }

  private addExported(name: string, code: FunctionCode): void {
    this.exportNext(name);
    this.addFunction({ params: [], results: [] }, code);
  }

  private addHelpers(): void {
    for (const { signature, write } of this.helpers.values()) {
      const code = write();
      this.demand.addBytes(code.body.length);
      this.addFunction(signature, code);
    }
  }

  private addGlobals(): void {
    this.globalTypes.forEach((type, index) => {
      this.sections.addExport(names.global(index), externalKinds.global, index);
      const out = this.sections.addGlobal().u8(bitsType(type)).u8(mutable);
      if (bitsType(type) === i64) out.i64(0n);
      else out.i32(0);
      out.op("end");
    });
  }

  private finish(): BuiltModule {
    return { bytes: this.sections.finish(), log: this.log };
  }
}

/** The index of what a resuming module imports, or of what lies in the main module from `first` on. */
function indexIn(
  imported: ReadonlyMap<number, number> | undefined,
  index: number,
  first: number,
): number {
  if (imported === undefined) return first + index;
  const found = imported.get(index);
  if (found === undefined) throw new RangeError(`expected an import for index ${index}`);
  return found;
}

/** The scope with everything that an emission adds to kept apart. */
function rehearsalScope(scope: ModuleScope): ModuleScope {
  return Object.assign(Object.create(scope) as ModuleScope, {
    log: scope.log.rehearsal(),
    spillIndex: () => 0,
    runtimeStubIndex: () => 0,
  });
}
