/**
 * The instances that an executor runs: of the program as it is compiled, of its light code, and of the same functions with code that
 * notes the budget, for traps.
 *
 * Invariant: all of them lie over the host memories that hold the state's; `places` are those of `current`.
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
  places: EntryPlaces;
  /** What runs; undefined while nothing is compiled. */
  current: Instance | undefined;
  /** Those that have run last: one that can stop, and one that cannot. */
  private plain: Instance | undefined;
  private light: Instance | undefined;
  private traced: Instance | undefined;
  /** Of both, since a state may go from one to the other and back between any two runs. */
  private readonly plainPlaces: EntryPlaces;
  private lightPlaces: EntryPlaces | undefined;
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
    this.plainPlaces = this.newPlaces();
    this.places = this.plainPlaces;
  }

  private newPlaces(): EntryPlaces {
    return new EntryPlaces(onDemand(this.state.program).heights.length);
  }

  /** Compiles the whole program at once. Throws HostRefusal. */
  compileWhole(): void {
    const { program } = this.state;
    refuseMemories(program);
    const { omitted, kept } = this.emission;
    this.follow(compiledProgram(program, { ...plainEmission, omitted, kept }));
  }

  /** Takes over what is compiled by now, for this state or for another one; undefined if nothing is. Throws HostRefusal. */
  follow(compiled: CompiledProgram | undefined): void {
    const { current } = this;
    if (compiled === undefined) {
      this.current = undefined;
      this.places = this.plainPlaces;
      this.places.clear();
    } else if (current?.compiled !== compiled) {
      this.start(compiled);
    } else if (this.places.mark(compiled)) {
      refusing(() => current.instantiateBatches());
    }
  }

  /** Takes a compiled program into use, in place of the one before. */
  private start(compiled: CompiledProgram): void {
    this.adoptMemories();
    // Behind that: an instance that lies over other memories is none any more.
    const known = compiled.isLight ? this.light : this.plain;
    const isKnown = known?.compiled === compiled;
    const instance = isKnown ? known : this.newInstance(compiled);
    refusing(() => instance.instantiateBatches());
    this.current = instance;
    if (compiled.isLight) {
      this.light = instance;
    } else if (this.plain !== instance) {
      this.plain = instance;
      this.traced = undefined;
    }
    if (compiled.isLight) this.lightPlaces ??= this.newPlaces();
    this.places = (compiled.isLight ? this.lightPlaces : undefined) ?? this.plainPlaces;
    if (!isKnown) this.places.clear();
    this.places.mark(compiled);
  }

  /** Begins anew with memories of the right length, where a growth that was taken back has left longer ones. */
  renew(): void {
    const compiled = this.current?.compiled;
    this.current = undefined;
    if (compiled !== undefined) this.start(compiled);
  }

  private newInstance(compiled: CompiledProgram): Instance {
    return refusing(() => new Instance(compiled, this.state, this.host, this.runtime));
  }

  /** Moves the state's memories into host memories, unless they lie there. */
  private adoptMemories(): void {
    const { memories, program } = this.state;
    if (this.host.hold(this.state)) {
      // Of what has run here the log knows which cards to arm.
      if (this.all.length === 0) memories.forEach((_, index) => void this.host.armAll(index));
      return;
    }
    this.plain = undefined;
    this.light = undefined;
    this.traced = undefined;
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
    const { compiled } = this.current as Instance;
    const program = tracedBeside(compiled, this.emission.kept);
    if (this.traced?.compiled === program) return this.traced;
    this.traced = this.newInstance(program);
    return this.traced;
  }

  private get all(): readonly Instance[] {
    return [this.plain, this.light, this.traced].filter((instance) => instance !== undefined);
  }

  /** Entries of host tables that were compared with the state's so far. */
  get comparedEntries(): number {
    return this.all.reduce((sum, { tables }) => sum + tables.compared, 0);
  }

  /** Globals that were copied between the state and host globals so far. */
  get copiedGlobals(): number {
    return this.all.reduce((sum, { globals }) => sum + globals.copied, 0);
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
