/**
 * One host module under construction: its imports, functions, helpers, globals and tables, in the order in which a binary
 * has them (hostModule.ts says which modules there are).
 *
 * Invariant: imports come in one order in all kinds: program memories, machine memory, input, program tables, the executor's
 * functions, and beside a main module the table of all functions, functions, globals.
 */
import { opOf } from "../isa/table.ts";
import { readU16 } from "../program/bigEndian.ts";
import type { Program } from "../program/program.ts";
import { instructionBytes, pageBytes } from "../program/program.ts";
import { globalChunkSize } from "../state/globals.ts";
import { BodyEmitter } from "./bodyEmitter.ts";
import type { EmissionLog } from "./emissionLog.ts";
import { runtimeStubSignature, writeRuntimeStub } from "./emitRuntimeCalls.ts";
import { FunctionRefusal } from "./engineBounds.ts";
import type { FunctionPlan, FunctionPlans } from "./functionPlan.ts";
import { referencesOf } from "./functionReferences.ts";
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
  stubCode,
} from "./glueFunctions.ts";
import type { FunctionCode } from "./hostFrame.ts";
import { hiddenPages, machineMemoryLayout, marksGlobals, names } from "./hostLayout.ts";
import { externalKinds, ModuleSections, mutable } from "./hostSections.ts";
import type { HostSignature, HostType } from "./hostTypes.ts";
import { i32, i64 } from "./hostTypes.ts";
import { refillCode, refillSignature } from "./lightChecks.ts";
import type { BuiltModule, ModuleContent } from "./moduleContent.ts";
import { ModuleHelpers } from "./moduleHelpers.ts";
import { importFunctionTable, importGlobals, importShared } from "./moduleImports.ts";
import type { ModuleScope } from "./moduleScope.ts";
import type { ProgramPlan } from "./programPlan.ts";
import { functionSignatures } from "./programPlan.ts";
import { ResumeEmitter } from "./resumeEmitter.ts";
import type { Emission, LoopEntry } from "./safepoints.ts";
import { addSmallFunctions } from "./smallFunctions.ts";

const GROW = opOf("memory.grow");

export class ModuleBuilder implements ModuleScope {
  readonly program: Program;
  readonly plans: FunctionPlans;
  readonly frames: ReadonlyMap<number, number>;
  readonly signatures: ReadonlyMap<number, HostSignature>;
  readonly globalTypes: readonly HostType[];
  readonly emission: Emission;
  readonly machineMemory: number;
  readonly inputMemory: number;
  readonly slotsAddress: number;
  readonly hiddenBytes: readonly number[];
  readonly globalMarks: number | undefined;
  readonly runtimeCallIndex = 1;
  readonly timeIndex = 2;
  readonly nestedCallIndex = 3;
  readonly refillCallIndex = 4;
  readonly moveIndex = 5;
  readonly log: EmissionLog;
  private readonly machinePages: number;
  private readonly sections = new ModuleSections();
  readonly functionTable: number;
  readonly hasStubs: boolean;
  private readonly content: ModuleContent;
  /** Indices of the functions that the module holds or imports, by their index in the program. */
  private readonly functions = new Map<number, number>();
  /** Indices of the globals that it imports; undefined where it has them all. */
  private globals: Map<number, number> | undefined;
  private readonly helpers = new ModuleHelpers();
  private barriers = 0;

  constructor(
    plan: ProgramPlan,
    emission: Emission,
    log: EmissionLog,
    hasStubs: boolean,
    content: ModuleContent,
  ) {
    this.program = plan.program;
    this.plans = plan.plans;
    this.frames = plan.frames;
    this.signatures = plan.signatures;
    this.globalTypes = plan.globalTypes;
    this.emission = emission;
    this.log = log;
    this.machineMemory = plan.program.memories.length;
    this.inputMemory = this.machineMemory + 1;
    const { globalMarks, slots, pages } = machineMemoryLayout(plan.program);
    this.globalMarks = marksGlobals(plan.program) ? globalMarks : undefined;
    this.slotsAddress = slots;
    this.hiddenBytes = plan.program.memories.map(({ maxPages }) => {
      return hiddenPages(maxPages) * pageBytes;
    });
    this.machinePages = pages;
    this.functionTable = plan.program.tables.length;
    this.hasStubs = hasStubs;
    this.content = content;
  }

  typeIndex(signature: HostSignature): number {
    return this.sections.typeIndex(signature);
  }

  isHere(programFunction: number): boolean {
    return this.functions.has(programFunction);
  }

  functionIndex(programFunction: number): number {
    return indexIn(this.functions, programFunction);
  }

  globalIndex(programGlobal: number): number {
    return this.globals === undefined ? programGlobal : indexIn(this.globals, programGlobal);
  }

  spillIndex(types: readonly HostType[]): number {
    const signature = { params: [i32, i64, ...types], results: [] };
    return this.helpers.indexOf(`spill ${types.join()}`, signature, () => spillCode(this, types));
  }

  runtimeStubIndex(pc: number): number {
    const { code } = this.program;
    const instruction = code.subarray(pc * instructionBytes, (pc + 1) * instructionBytes).join();
    // Equal instructions share one, but a growth that is refused is told by its pc (state/trapRecord.ts).
    const isGrow = readU16(code, pc * instructionBytes) === GROW;
    return this.helpers.indexOf(isGrow ? `grow ${pc}` : instruction, runtimeStubSignature, () =>
      writeRuntimeStub(this, pc),
    );
  }

  refillIndex(): number {
    return this.helpers.indexOf("refill", refillSignature, () => refillCode(this));
  }

  barrierIndex(memory: number): number {
    return this.barriers + memory;
  }

  buildMain(): BuiltModule {
    const { sections, plans, content } = this;
    this.importShared();
    this.addBarriers();
    const signatures = functionSignatures(plans);
    const chunks = Math.ceil(this.program.globals / globalChunkSize);
    const wrappers = signatures.length * (this.hasStubs ? 2 : 1);
    this.helpers.first = sections.nextFunction + content.functions.length + wrappers + 2 * chunks;
    this.addFunctions();
    signatures.forEach((signature, index) => {
      this.exportNext(names.enter(index));
      this.addFunction({ params: [i32], results: [] }, entranceCode(this, signature, undefined));
    });
    if (this.hasStubs) {
      signatures.forEach((signature, index) => {
        this.exportNext(names.stub(index));
        this.addFunction(signature, stubCode(this, signature));
      });
    }
    for (let chunk = 0; chunk < chunks; chunk++) {
      this.addExported(names.loadGlobals(chunk), loadGlobalsCode(this, chunk));
      this.addExported(names.storeGlobals(chunk), storeGlobalsCode(this, chunk));
    }
    this.addHelpers();
    this.addGlobals();
    // The last is what light code moves to.
    sections.addFunctionTable(plans.count + 1);
    sections.addExport(names.functions, externalKinds.table, this.functionTable);
    return this.finish();
  }

  buildBatch(): BuiltModule {
    const { sections, content, plans } = this;
    this.importShared();
    importFunctionTable(sections, plans.count);
    this.importGlobals(content.functions.map((index) => plans.at(index)));
    this.addBarriers();
    this.helpers.first = sections.nextFunction + content.functions.length;
    this.addFunctions();
    this.addHelpers();
    return this.finish();
  }

  /** The functions that the module holds, in the module and in the table of all functions. */
  private addFunctions(): void {
    const { sections, plans } = this;
    const { functions } = this.content;
    const first = sections.nextFunction;
    functions.forEach((index, position) => {
      this.functions.set(index, first + position);
    });
    const bodies = this.functionBodies();
    functions.forEach((index, position) => {
      this.addFunction(plans.signatureOf(index), bodies[position]);
    });
    for (let start = 0; start < functions.length; ) {
      let end = start + 1;
      while (end < functions.length && functions[end] === functions[end - 1] + 1) end++;
      const { functionTable } = this;
      sections.addFunctionElements(functionTable, functions[start], first + start, end - start);
      start = end;
    }
  }

  buildResume(loops: readonly LoopEntry[]): BuiltModule {
    const plans = loops.map((loop) => this.plans.at(loop.function));
    this.importShared();
    importFunctionTable(this.sections, this.plans.count);
    this.importFunctions(plans);
    this.importGlobals(plans);
    this.addBarriers();
    const first = this.sections.nextFunction;
    this.helpers.first = first + loops.length * 2;
    const emitters = loops.map((loop, index) => {
      const plan = plans[index];
      // Where it passes a bound although the function itself does not, the loop is not resumed.
      const source = readSource(plan.definition);
      const emitter = new ResumeEmitter(this, plan, source, loop);
      this.exportNext(names.resumed(index));
      this.addFunction(emitter.signature, emitter.emit());
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

  private importShared(): void {
    importShared(this.sections, this.program, this.machinePages);
  }

  /** Functions that functions name and that were emitted: others would cost each module the whole program. */
  private importFunctions(users: readonly FunctionPlan[]): void {
    const named = users.flatMap((user) => [...referencesOf(this.program, user).functions]);
    for (const index of named) {
      if (this.functions.has(index) || !this.log.functions.has(index)) continue;
      const signature = this.plans.signatureOf(index);
      const at = this.sections.importFunction(names.function(index), signature);
      this.functions.set(index, at);
    }
  }

  private importGlobals(users: readonly FunctionPlan[]): void {
    const named = users.flatMap((user) => [...referencesOf(this.program, user).globals]);
    this.globals = importGlobals(this.sections, named, this.globalTypes);
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

  /** Functions that do not call come first: what their emission says of them decides how they are called. */
  private functionBodies(): readonly FunctionCode[] {
    const { functions, demand } = this.content;
    const bodies: FunctionCode[] = new Array(functions.length);
    for (const checksEntry of [false, true]) {
      functions.forEach((index, position) => {
        const plan = this.plans.at(index);
        if (plan.checksEntry !== checksEntry) return;
        bodies[position] = this.functionBody(plan);
        demand.addBytes(bodies[position].body.length);
      });
    }
    return bodies;
  }

  private functionBody(plan: FunctionPlan): FunctionCode {
    const before = this.log.mark();
    try {
      return this.compiledBody(plan);
    } catch (error) {
      // Light code is of all functions or of none: the one that is refused could not stop at its entry.
      if (!(error instanceof FunctionRefusal) || this.emission.isLight) throw error;
      this.log.refuse(plan.index, error, before);
      return opaqueCode(this, plan);
    }
  }

  private compiledBody(plan: FunctionPlan): FunctionCode {
    if (this.emission.kept.has(plan.index)) throw new FunctionRefusal("kept by choice");
    const source = readSource(plan.definition);
    const emitter = new BodyEmitter(this, plan, source, false);
    const code = emitter.emit();
    this.content.demand.add(emitter.demand.merges(emitter.frame));
    this.log.noteFunction(plan.index, emitter.emitted);
    return code;
  }

  private addExported(name: string, code: FunctionCode): void {
    this.exportNext(name);
    this.addFunction({ params: [], results: [] }, code);
  }

  private addHelpers(): void {
    for (const { signature, code } of this.helpers.written()) {
      this.content.demand.addBytes(code.body.length);
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
    addSmallFunctions(this.sections, this.program);
    return { bytes: this.sections.finish(), log: this.log };
  }
}

function indexIn(indices: ReadonlyMap<number, number>, index: number): number {
  const found = indices.get(index);
  if (found === undefined) throw new RangeError(`expected index ${index} in the module`);
  return found;
}
