/**
 * `npm run -s bench:emission -- record FOLDER FILE` plays a tape of bench:real twice and keeps what was compiled, in order;
 * `… replay FOLDER FILE [--repeats n]`, in a process of its own, emits all of that without running it: microseconds an
 * instruction of batches, of modules compiled anew and of those that resume loops, the first time (cold) and the least of the other
 * times (warm), and a hash over the bytes of all modules, the same in two trees that emit the same.
 *
 * Invariant: times are processor time of the main thread; the host compiles none of the modules, so that they hold nothing else.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { decodeModule } from "../src/interpreter/binary/decode.ts";
import { runWith } from "../src/interpreter/chooseExecutor.ts";
import { CompiledProgram } from "../src/interpreter/compile/compiledProgram.ts";
import type { EmissionLog, Entry } from "../src/interpreter/compile/emissionLog.ts";
import {
  type BuiltModule,
  buildBatchModule,
  buildMainModule,
  buildResumeModule,
  demandOf,
} from "../src/interpreter/compile/hostModule.ts";
import { type ProgramPlan, planProgram } from "../src/interpreter/compile/programPlan.ts";
import { plainEmission, type Safepoint } from "../src/interpreter/compile/safepoints.ts";
import { link } from "../src/interpreter/program/link.ts";
import type { Program } from "../src/interpreter/program/program.ts";
import { genesis } from "../src/interpreter/state/genesis.ts";
import { begin } from "../src/interpreter/state/invocation.ts";

/** A module that was compiled: a main module, a batch beside it, one that resumes the loop with its header at `pc`. */
type Compiled =
  | { readonly kind: "first" | "anew" | "batch"; readonly functions: readonly number[] }
  | { readonly kind: "resume"; readonly pc: number };

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { repeats: { type: "string", default: "6" } },
});
const [action, folder, file] = positionals;

function readProgram(): Program {
  const limits = { callFuel: 2 ** 52, memoryPages: 32_768, stackSlots: 2 ** 20, frames: 2 ** 17 };
  const names = ["memory", "program", "tape"].filter((name) => {
    return existsSync(join(folder, `${name}.wasm`));
  });
  const modules = names.map((name) => {
    const bytes = new Uint8Array(readFileSync(join(folder, `${name}.wasm`)));
    return { name, module: decodeModule(bytes), adapter: name === "tape" };
  });
  return link(modules, { gateway: "gateway", limits });
}

function record(program: Program): readonly Compiled[] {
  const compiled: Compiled[] = [];
  const { add, resumingModule } = CompiledProgram.prototype;
  CompiledProgram.prototype.add = function (functions) {
    const main = this.isDraft ? "first" : "anew";
    compiled.push({ kind: this.batches.length > 0 ? "batch" : main, functions: [...functions] });
    add.call(this, functions);
  };
  CompiledProgram.prototype.resumingModule = function (pc) {
    if (!this.isResumable(pc)) compiled.push({ kind: "resume", pc });
    return resumingModule.call(this, pc);
  };
  for (let run = 0; run < 2; run++) {
    const state = genesis(program);
    if (program.boot !== undefined) runWith(state, "auto");
    begin(state, new Uint8Array(0));
    runWith(state, "auto");
  }
  return compiled;
}

/** Emits modules as a run did, each with what the run knew of those before it. */
class Replay {
  readonly instructions: Record<string, number> = {};
  readonly ms: Record<string, number> = {};
  readonly hash = createHash("sha256");
  private readonly plan: ProgramPlan;
  private safepoints: Safepoint[] = [];
  private functions: EmissionLog["functions"] = new Map();
  private entries = new Map<number, Entry>();
  private demand;

  constructor(program: Program) {
    this.plan = planProgram(program);
    this.demand = demandOf(program);
  }

  emit(compiled: Compiled): void {
    const { plan } = this;
    if (compiled.kind === "first" || compiled.kind === "anew") {
      this.safepoints = [];
      this.functions = new Map();
      this.entries = new Map();
      this.demand = demandOf(plan.program);
    }
    const start = threadMs();
    const built = this.build(compiled);
    const ms = threadMs() - start;
    this.hash.update(built.bytes);
    this.count(compiled, ms);
    if (compiled.kind === "resume") return;
    for (const [index, emitted] of built.log.functions) this.functions.set(index, emitted);
    for (const [pc, entry] of built.log.entries(plan.plans)) this.entries.set(pc, entry);
  }

  private build(compiled: Compiled): BuiltModule {
    const { plan, safepoints, functions, demand } = this;
    if (compiled.kind === "resume") {
      const known = { safepoints, functions };
      return buildResumeModule(plan, plainEmission, known, [this.loopAt(compiled.pc)], true);
    }
    const content = { functions: compiled.functions, demand };
    return compiled.kind === "batch"
      ? buildBatchModule(plan, plainEmission, safepoints, content)
      : buildMainModule(plan, plainEmission, content, safepoints);
  }

  private loopAt(pc: number) {
    const entry = this.entries.get(pc);
    if (entry?.kind !== "loop") throw new RangeError(`expected a loop's header at pc ${pc}`);
    return entry.loop;
  }

  private count(compiled: Compiled, ms: number): void {
    const { plans, program } = this.plan;
    const functions =
      compiled.kind === "resume" ? [this.loopAt(compiled.pc).function] : compiled.functions;
    const kind = compiled.kind === "first" ? "batch" : compiled.kind;
    this.ms[kind] = (this.ms[kind] ?? 0) + ms;
    for (const index of functions) {
      const count = plans.endOf(index) - program.functions[index].entryPc;
      this.instructions[kind] = (this.instructions[kind] ?? 0) + count;
    }
  }
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function replay(program: Program, compiled: readonly Compiled[]): void {
  const { program: parts } = planProgram(program);
  // The block executor has lowered what is hot before it is compiled.
  for (const one of compiled) {
    if (one.kind === "resume") continue;
    for (const index of one.functions) parts.lowerAt(program.functions[index].entryPc);
  }
  const rounds = Array.from({ length: Number(values.repeats) }, () => {
    const round = new Replay(program);
    for (const one of compiled) round.emit(one);
    return round;
  });
  const [first, ...later] = rounds;
  for (const [kind, count] of Object.entries(first.instructions)) {
    const micros = (ms: number) => ((ms * 1000) / count).toFixed(2);
    const warm = Math.min(...later.map(({ ms }) => ms[kind]));
    const text = `${kind}: ${count} instructions, ${micros(first.ms[kind])} µs each cold, ${micros(warm)} warm`;
    process.stdout.write(`${text}\n`);
  }
  process.stdout.write(`bytes: ${first.hash.digest("hex")}\n`);
}

const program = readProgram();
if (action === "record") writeFileSync(file, JSON.stringify(record(program)));
else if (action === "replay") replay(program, JSON.parse(readFileSync(file, "utf8")));
else throw new RangeError(`expected record or replay, got ${action}`);
