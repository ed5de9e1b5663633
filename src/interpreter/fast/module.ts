/**
 * Builds host modules: the main module with every function of the program, and later modules with functions that
 * resume loops (resume.ts), which share the main module's memories, tables, globals and functions.
 *
 * Invariant: imports come in one order in both kinds: program memories, machine memory, program tables, `claim`,
 * and for a resuming module the main module's functions and globals.
 */
import { codeOf } from "../isa/table.ts";
import { readU16 } from "../machine/recordBytes.ts";
import type { Program } from "../program.ts";
import { recordBytes } from "../program.ts";
import { assistantSignature, assistSignature, writeAssistant } from "./assisted.ts";
import { BodyEmitter } from "./body.ts";
import { EmissionLog } from "./emissionLog.ts";
import type { ModuleScope } from "./emitter.ts";
import type { FunctionCode } from "./frame.ts";
import {
  bitsType,
  claimCode,
  claimSignature,
  entranceCode,
  loadGlobalsCode,
  opaqueCode,
  spillCode,
  storeGlobalsCode,
} from "./glue.ts";
import { hiddenPages, hostPages, machineMemoryLayout, names } from "./layout.ts";
import type { FunctionPlan } from "./plan.ts";
import type { Emission, LoopEntry } from "./points.ts";
import type { ProgramPlan } from "./programPlan.ts";
import { wrapperSignatures } from "./programPlan.ts";
import { ResumeEmitter } from "./resume.ts";
import { refuseUnsound, refuseUnsoundEntries } from "./soundness.ts";
import { readSource } from "./source.ts";
import type { HostSignature, HostType } from "./types.ts";
import { i32, i64, signatureKey } from "./types.ts";
import { hintsOf, sectionIds, Writer, wasmMagic } from "./writer.ts";

const GROW = codeOf("memory.grow");

const funcref = 0x70;
const functionForm = 0x60;
const externalKinds = { function: 0, table: 1, memory: 2, global: 3 } as const;
const mutable = 1;

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

/** A module with one function for each of the loops, in their order. The main module's points are continued. */
export function buildResumeModule(
  plan: ProgramPlan,
  emission: Emission,
  main: EmissionLog,
  loops: readonly LoopEntry[],
): BuiltModule {
  const log = new EmissionLog(main.points, main.functions);
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
  readonly ambiguous: ReadonlySet<number>;
  readonly globalTypes: readonly HostType[];
  readonly emission: Emission;
  readonly machineMemory: number;
  readonly slotsAddress: number;
  readonly assistIndex = 1;
  readonly timeIndex = 2;
  readonly log: EmissionLog;
  private readonly machinePages: number;
  private readonly types: Writer[] = [];
  private readonly typeIndices = new Map<string, number>();
  private readonly imports: Writer[] = [];
  private readonly functions: Writer[] = [];
  private readonly codes: Writer[] = [];
  private readonly hints: Writer[] = [];
  private readonly exports: Writer[] = [];
  private importedFunctions = 0;
  /** Function index of program function 0. */
  private firstFunction = 0;
  private readonly helpers = new Map<string, Helper>();
  private firstHelper = 0;
  private claims = 0;

  constructor(plan: ProgramPlan, emission: Emission, log: EmissionLog) {
    this.program = plan.program;
    this.plans = plan.plans;
    this.frames = plan.frames;
    this.ambiguous = plan.ambiguous;
    this.globalTypes = plan.globalTypes;
    this.emission = emission;
    this.log = log;
    this.machineMemory = plan.program.memories.length;
    const { slots, pages } = machineMemoryLayout(plan.program);
    this.slotsAddress = slots;
    this.machinePages = pages;
  }

  typeIndex(signature: HostSignature): number {
    const key = signatureKey(signature);
    let index = this.typeIndices.get(key);
    if (index === undefined) {
      index = this.types.length;
      const { params, results } = signature;
      const type = new Writer(16).u8(functionForm).unsigned(params.length).raw(params);
      this.types.push(type.unsigned(results.length).raw(results));
      this.typeIndices.set(key, index);
    }
    return index;
  }

  functionIndex(programFunction: number): number {
    return this.firstFunction + programFunction;
  }

  spillIndex(types: readonly HostType[]): number {
    const signature = { params: [i32, i64, ...types], results: [] };
    return this.helperIndex(`spill ${types.join()}`, signature, () => spillCode(this, types));
  }

  assistantIndex(pc: number): number {
    const { code } = this.program;
    const record = code.subarray(pc * recordBytes, (pc + 1) * recordBytes).join();
    // Equal records share one, but a growth that is refused is told by its pc (machine/trapRecord.ts).
    const isGrow = readU16(code, pc * recordBytes) === GROW;
    return this.helperIndex(isGrow ? `grow ${pc}` : record, assistantSignature, () =>
      writeAssistant(this, pc),
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

  claimIndex(memory: number): number {
    return this.claims + memory;
  }

  buildMain(): BuiltModule {
    this.importShared();
    this.addClaims();
    this.firstFunction = this.importedFunctions + this.functions.length;
    const wrappers = wrapperSignatures(this.plans);
    this.firstHelper = this.firstFunction + this.plans.length + wrappers.length + 2;
    const bodies = this.functionBodies();
    for (const { index, signature } of this.plans) {
      this.exportFunction(names.function(index), this.importedFunctions + this.functions.length);
      this.addFunction(signature, bodies[index]);
    }
    wrappers.forEach((signature, index) => {
      this.exportFunction(names.enter(index), this.importedFunctions + this.functions.length);
      this.addFunction({ params: [i32], results: [] }, entranceCode(this, signature, undefined));
    });
    this.addExported(names.loadGlobals, loadGlobalsCode(this));
    this.addExported(names.storeGlobals, storeGlobalsCode(this));
    this.addHelpers();
    return this.finish(this.globalSection(), this.functionTable());
  }

  buildResume(loops: readonly LoopEntry[]): BuiltModule {
    this.importShared();
    this.firstFunction = this.importedFunctions;
    this.plans.forEach((plan) => {
      const type = this.typeIndex(plan.signature);
      this.addImport(names.function(plan.index), externalKinds.function, (out) =>
        out.unsigned(type),
      );
      this.importedFunctions++;
    });
    this.globalTypes.forEach((type, index) => {
      this.addImport(names.global(index), externalKinds.global, (out) =>
        out.u8(bitsType(type)).u8(mutable),
      );
    });
    this.addClaims();
    const first = this.importedFunctions + this.functions.length;
    this.firstHelper = first + loops.length * 2;
    const emitters = loops.map((loop) => {
      const plan = this.plans[loop.function];
      if (plan.definition === undefined) throw new RangeError("expected a compiled function");
      const source = readSource(plan.definition);
      const { emitter, code } = this.emitTwice((scope) => {
        return new ResumeEmitter(scope, plan, source, loop);
      });
      this.addFunction(emitter.signature, code);
      return emitter;
    });
    emitters.forEach((emitter, index) => {
      this.exportFunction(names.enter(index), first + loops.length + index);
      const wrapper = entranceCode(this, emitter.signature, first + index);
      this.addFunction({ params: [i32], results: [] }, wrapper);
    });
    this.addHelpers();
    return this.finish(undefined, undefined);
  }

  private importShared(): void {
    const { program } = this;
    program.memories.forEach(({ maxPages }, index) => {
      const hidden = hiddenPages(maxPages);
      const most = Math.min(hostPages, hidden + maxPages);
      this.addImport(names.memory(index), externalKinds.memory, (out) =>
        out.u8(1).unsigned(hidden).unsigned(most),
      );
    });
    this.addImport(names.memory(this.machineMemory), externalKinds.memory, (out) =>
      out.u8(1).unsigned(this.machinePages).unsigned(this.machinePages),
    );
    program.tables.forEach((_, index) => {
      this.addImport(names.table(index), externalKinds.table, (out) =>
        out.u8(funcref).u8(0).unsigned(0),
      );
    });
    const claim = this.typeIndex({ params: [i32, i32, i32, i32], results: [] });
    this.addImport(names.claim, externalKinds.function, (out) => out.unsigned(claim));
    const assist = this.typeIndex(assistSignature);
    this.addImport(names.assist, externalKinds.function, (out) => out.unsigned(assist));
    const time = this.typeIndex({ params: [], results: [] });
    this.addImport(names.time, externalKinds.function, (out) => out.unsigned(time));
    this.importedFunctions = 3;
  }

  private addClaims(): void {
    this.claims = this.importedFunctions + this.functions.length;
    for (const memory of this.program.memories.keys()) {
      this.addFunction(claimSignature, claimCode(this, memory));
    }
  }

  private addImport(name: string, kind: number, describe: (out: Writer) => Writer): void {
    const out = new Writer(32).name(names.namespace).name(name).u8(kind);
    this.imports.push(describe(out));
  }

  private exportFunction(name: string, index: number): void {
    this.exports.push(new Writer(16).name(name).u8(externalKinds.function).unsigned(index));
  }

  private addFunction(signature: HostSignature, { body, unlikely }: FunctionCode): void {
    const index = this.importedFunctions + this.functions.length;
    if (unlikely.length > 0) this.hints.push(hintsOf(index, unlikely));
    this.functions.push(new Writer(4).unsigned(this.typeIndex(signature)));
    this.codes.push(new Writer(body.length + 8).sized(body));
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
        if (plan.checksEntry === checksEntry) bodies[plan.index] = this.functionBody(plan);
      }
    }
    return bodies;
  }

  private functionBody(plan: FunctionPlan): FunctionCode {
    if (plan.definition === undefined) return opaqueCode(this, plan);
    const source = readSource(plan.definition);
    const { emitter, code } = this.emitTwice((scope) => {
      return new BodyEmitter(scope, plan, source, false);
    });
    this.log.noteFunction(plan.index, emitter.emitted);
    return code;
  }

  private addExported(name: string, code: FunctionCode): void {
    this.exportFunction(name, this.importedFunctions + this.functions.length);
    this.addFunction({ params: [], results: [] }, code);
  }

  private addHelpers(): void {
    for (const { signature, write } of this.helpers.values()) {
      this.addFunction(signature, write());
    }
  }

  private globalSection(): Writer[] {
    return this.globalTypes.map((type, index) => {
      const name = new Writer(16).name(names.global(index));
      this.exports.push(name.u8(externalKinds.global).unsigned(index));
      const out = new Writer(16).u8(bitsType(type)).u8(mutable);
      if (bitsType(type) === i64) out.i64(0n);
      else out.i32(0);
      return out.op("end");
    });
  }

  /** All functions, by program-wide index, behind the imported tables. */
  private functionTable(): { table: Writer; elements: Writer } {
    const count = this.plans.length;
    const table = new Writer(16).u8(funcref).u8(1).unsigned(count).unsigned(count);
    const elements = new Writer(count * 3 + 16).unsigned(2).unsigned(this.program.tables.length);
    elements.i32(0).op("end").u8(0).unsigned(count);
    for (let index = 0; index < count; index++) elements.unsigned(this.functionIndex(index));
    return { table, elements };
  }

  private hintSection(): Writer {
    const out = new Writer(1024).name("metadata.code.branch_hint").unsigned(this.hints.length);
    for (const hint of this.hints) out.raw(hint.view);
    return out;
  }

  private finish(
    globals: Writer[] | undefined,
    table: { table: Writer; elements: Writer } | undefined,
  ): BuiltModule {
    const out = new Writer(65536).raw(wasmMagic);
    out.vector(sectionIds.type, this.types).vector(sectionIds.import, this.imports);
    out.vector(sectionIds.function, this.functions);
    if (table !== undefined) out.vector(sectionIds.table, [table.table]);
    out.vector(sectionIds.global, globals ?? []).vector(sectionIds.export, this.exports);
    if (table !== undefined) out.vector(sectionIds.element, [table.elements]);
    if (this.hints.length > 0) out.section(sectionIds.custom, this.hintSection());
    out.vector(sectionIds.code, this.codes);
    return { bytes: out.bytes, log: this.log };
  }
}

/** The scope with everything that an emission adds to kept apart. */
function rehearsalScope(scope: ModuleScope): ModuleScope {
  return Object.assign(Object.create(scope) as ModuleScope, {
    log: scope.log.rehearsal(),
    spillIndex: () => 0,
    assistantIndex: () => 0,
  });
}
