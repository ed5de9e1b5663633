/**
 * The instances that an executor runs: of the program as it is compiled, and of the same functions with code that notes the
 * budget, for traps.
 *
 * Invariant: all of them lie over the host memories that hold the state's; `places` are those of `plain`.
 */
import { onDemand } from "../program/programOnDemand.ts";
import type { MachineState } from "../state/machineState.ts";
import { copyFilled, preferAllocator, setAllocator } from "../state/memories.ts";
import { CompiledProgram, compiledProgram, refuseMemories } from "./compiledProgram.ts";
import { EntryPlaces } from "./entryPlaces.ts";
import type { FastOptions } from "./fastOptions.ts";
import { Instance } from "./hostInstance.ts";
import { HostMemories } from "./hostMemories.ts";
import { HostRefusal, refusing } from "./hostRefusal.ts";
import type { ExecutorRuntime } from "./runtimeCalls.ts";
import { plainEmission, tracedEmission } from "./safepoints.ts";

/** The same functions with code that notes the budget, by what runs without it: for all states. */
const tracedPrograms = new WeakMap<CompiledProgram, CompiledProgram>();

type Emission = Required<Pick<FastOptions, "omitted" | "kept">>;

export class ExecutorInstances {
  readonly places: EntryPlaces;
  /** What runs; undefined while nothing is compiled. */
  plain: Instance | undefined;
  private traced: Instance | undefined;
  private readonly state: MachineState;
  private readonly host: HostMemories;
  private readonly runtime: ExecutorRuntime;
  private readonly emission: Emission;

  constructor(
    state: MachineState,
    host: HostMemories,
    runtime: ExecutorRuntime,
    emission: Emission,
  ) {
    this.state = state;
    this.host = host;
    this.runtime = runtime;
    this.emission = emission;
    this.places = new EntryPlaces(onDemand(state.program).heights.length);
  }

  /** Compiles the whole program at once. Throws HostRefusal. */
  compileWhole(): void {
    const { program } = this.state;
    refuseMemories(program);
    const { omitted, kept } = this.emission;
    this.start(compiledProgram(program, { ...plainEmission, omitted, kept }));
  }

  /** Takes over what is compiled by now, for this state or for another one. Throws HostRefusal. */
  follow(compiled: CompiledProgram): void {
    const { plain } = this;
    if (plain?.compiled !== compiled) this.start(compiled);
    else if (this.places.mark(compiled)) refusing(() => plain.instantiateBatches());
  }

  /** Takes a compiled program into use, in place of the one before. */
  private start(compiled: CompiledProgram): void {
    this.adoptMemories();
    this.plain = this.newInstance(compiled);
    this.traced = undefined;
    this.places.clear();
    this.places.mark(compiled);
  }

  private newInstance(compiled: CompiledProgram): Instance {
    return refusing(() => new Instance(compiled, this.state, this.host, this.runtime));
  }

  /** Moves the state's memories into host memories, unless they lie there. */
  private adoptMemories(): void {
    const { memories, program } = this.state;
    if (this.host.hold(this.state)) {
      memories.forEach((_, index) => {
        this.host.armAll(index);
      });
      return;
    }
    memories.forEach((memory, index) => {
      const old = memory.bytes;
      memory.bytes = this.host.allocate(index, memory.pages, program.memories[index].maxPages);
      copyFilled(old, memory.bytes);
    });
    setAllocator(this.state, this.host);
    if (!this.host.hold(this.state)) throw new HostRefusal("hostLimit", "no room for the memories");
    // Whoever begins anew has this state's memories made there at once: zeros take no time.
    preferAllocator(program, () => new HostMemories());
  }

  /** An instance of what runs, with code that notes the budget: of the same functions, however many have come since. */
  tracedInstance(): Instance {
    const { compiled } = this.plain as Instance;
    const program = tracedBeside(compiled, this.emission.kept);
    if (this.traced?.compiled === program) return this.traced;
    this.traced = this.newInstance(program);
    return this.traced;
  }

  /** Entries of host tables that were compared with the state's so far. */
  get comparedEntries(): number {
    return (this.plain?.tables.compared ?? 0) + (this.traced?.tables.compared ?? 0);
  }

  /** Globals that were copied between the state and host globals so far. */
  get copiedGlobals(): number {
    return (this.plain?.globals.copied ?? 0) + (this.traced?.globals.copied ?? 0);
  }
}

function tracedBeside(compiled: CompiledProgram, kept: ReadonlySet<number>): CompiledProgram {
  const known = tracedPrograms.get(compiled);
  if (known?.functions.size === compiled.functions.size) return known;
  const functions = [...compiled.functions].sort((a, b) => a - b);
  const traced = new CompiledProgram(compiled.plan, { ...tracedEmission, kept }, functions);
  tracedPrograms.set(compiled, traced);
  return traced;
}
