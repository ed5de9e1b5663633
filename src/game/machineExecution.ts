/**
 * A call's trace as the machine itself tells it (docs/game.md §7): state hashes, witnesses and proofs at any step.
 *
 * Invariant: a round's hashes cost one pass over its segment. The states at its points are kept, so the next round
 * begins at its segment and a whole search of n steps runs n·(1 + 1/k + 1/k² + …) of them; where only c states find
 * room, one is that at the segment's beginning, the others are spread evenly, and each round runs at most 1/c of the
 * segment before it again.
 */
import { hexlify } from "ethers";
import { Machine } from "../interpreter/machine/machine.ts";
import type { Snapshot } from "../interpreter/machine/snapshot.ts";
import { restore } from "../interpreter/machine/snapshot.ts";
import { statusCodes } from "../interpreter/machine/state.ts";
import { checkOptionNames, optionNames } from "../interpreter/optionNames.ts";
import type { Program } from "../interpreter/program.ts";
import { trapCodes } from "../interpreter/trap.ts";
import { inputRoot, programRoot, StateTree } from "../merkle/index.ts";
import type { Call, Claim, Hash } from "./claim.ts";
import type { Execution } from "./execution.ts";

/** How much memory an execution may keep, and whom it tells how far it is. */
export interface MachineExecutionOptions {
  /** Bytes that kept states may take, 512 MiB unless given; the state at the call's beginning is kept in any case. */
  readonly snapshotBytes?: number;
  /** Told now and then how far the machine is. */
  readonly onProgress?: (step: number) => void;
}

const executionOptionNames = optionNames<MachineExecutionOptions>({
  snapshotBytes: true,
  onProgress: true,
});

const defaultSnapshotBytes = 512 * 2 ** 20;
/** Steps between two turns of the event loop: a fraction of a second. */
const sliceSteps = 2 ** 25;

/** A state is kept if reaching it again would take at least one step for so many of its bytes. */
const bytesKeptPerStep = 1000;

interface Checkpoint {
  readonly step: number;
  readonly snapshot: Snapshot;
}

/**
 * A gateway call executed by the machine: what an honest party gives its player. Runs when it is asked, and yields
 * to the event loop now and then. Answers reject with RangeError for a step outside the call.
 */
export class MachineExecution implements Execution {
  /** What is run. */
  readonly program: Program;
  /** State before the call. */
  readonly previous: Snapshot;
  readonly input: Uint8Array;
  readonly call: Call;
  readonly startStep: number;
  /** Steps that this object has had executed: its whole work. */
  stepsRun = 0;
  readonly #options: MachineExecutionOptions;
  /** Ascending; the first is the state at the call's beginning. */
  #checkpoints: Checkpoint[];
  #live: { machine: Machine; tree: StateTree };
  /** State hashes told so far, by step. */
  readonly #hashes = new Map<number, Hash>();
  #end: { claim: Claim; proof: Uint8Array } | undefined;
  #beginWitness: Uint8Array | undefined;
  /** One question after the other: all of them move the same machine. */
  #queue: Promise<unknown> = Promise.resolve();

  /** @param previous State before the call. */
  constructor(
    program: Program,
    previous: Snapshot,
    input: Uint8Array,
    options: MachineExecutionOptions = {},
  ) {
    checkOptionNames("MachineExecution", options, executionOptionNames);
    this.program = program;
    this.previous = previous;
    this.input = input;
    this.#options = options;
    const machine = new Machine(program, restore(program, previous));
    const tree = new StateTree(machine.state);
    this.call = {
      program: hexlify(programRoot(program)),
      previousState: hexlify(tree.stateHash()),
      inputRoot: hexlify(inputRoot(input)),
      inputLength: input.length,
    };
    this.startStep = previous.eic;
    // A running genesis (start functions) is its own beginning: docs/machine.md §10.
    if (!machine.isRunning) machine.begin(input);
    this.#checkpoints = [{ step: this.startStep, snapshot: machine.snapshot() }];
    this.#live = { machine, tree };
  }

  claim(): Promise<Claim> {
    return this.#inTurn(async () => (await this.#finish()).claim);
  }

  stateHashes(steps: readonly number[]): Promise<Hash[]> {
    return this.#inTurn(async () => {
      const unknown = steps.filter((step) => !this.#hashes.has(step));
      const kept = await this.#prepare(unknown);
      for (const step of unknown) {
        const { machine, tree } = await this.#seek(step);
        this.#hashes.set(step, hexlify(tree.stateHash()));
        if (kept.has(step)) this.#keep(machine);
      }
      return steps.map((step) => this.#hashes.get(step) as Hash);
    });
  }

  witness(step: number): Promise<Uint8Array> {
    return this.#inTurn(async () => (await this.#seek(step)).tree.witness());
  }

  registerProof(step: number): Promise<Uint8Array> {
    return this.#inTurn(async () => {
      if (this.#end !== undefined && BigInt(step) === this.#end.claim.steps) return this.#end.proof;
      return (await this.#seek(step)).tree.registerProof();
    });
  }

  async beginWitness(): Promise<Uint8Array> {
    this.#beginWitness ??= new StateTree(restore(this.program, this.previous)).beginWitness();
    return this.#beginWitness;
  }

  /** By running with the fuel limit lowered to `fuel`: the step that then runs out of it is the one. */
  fuelStep(fuel: bigint): Promise<number | undefined> {
    return this.#inTurn(async () => {
      const machine = new Machine(this.program, restore(this.program, this.#start()));
      if (fuel >= BigInt(machine.state.fuelLimit)) return undefined;
      machine.state.fuelLimit = Math.max(Number(fuel), 0);
      await this.#run(machine, Number.MAX_SAFE_INTEGER, () => !machine.isRunning);
      if (machine.state.trap !== trapCodes.outOfFuel) return undefined;
      const { eic } = machine.state;
      // What a dispute about this step asks for next.
      const before = await this.#seek(eic - 1);
      this.#hashes.set(eic - 1, hexlify(before.tree.stateHash()));
      this.#keep(before.machine);
      // The call itself may run out at this very step; then it never passes the total.
      const { tf } = (await this.#seek(eic)).machine.state;
      return BigInt(tf) > fuel ? eic : undefined;
    });
  }

  /** The state at a step, for inspection. */
  stateAt(step: number): Promise<Machine> {
    return this.#inTurn(async () => {
      const { machine } = await this.#seek(step);
      return new Machine(this.program, restore(this.program, machine.snapshot()));
    });
  }

  /** Runs a machine of this trace on, to `step` at most. The one place where a trace can be made wrong. */
  protected advance(machine: Machine, step: number): void {
    machine.runTo(step);
  }

  /** Whether a trace ends at the machine's present state. */
  protected isAtEnd(machine: Machine): boolean {
    return machine.state.status !== statusCodes.running;
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(task, task);
    this.#queue = result.catch(() => {});
    return result;
  }

  #start(): Snapshot {
    return this.#checkpoints[0].snapshot;
  }

  async #finish() {
    if (this.#end !== undefined) return this.#end;
    const { machine, tree } = await this.#nearest(Number.MAX_SAFE_INTEGER);
    await this.#run(machine, Number.MAX_SAFE_INTEGER);
    const { eic, tf } = machine.state;
    const claim = { state: hexlify(tree.stateHash()), steps: BigInt(eic), fuel: BigInt(tf) };
    this.#end = { claim, proof: tree.registerProof() };
    return this.#end;
  }

  /** The live machine, brought to a step of the trace. */
  async #seek(step: number) {
    const live = await this.#nearest(step);
    await this.#run(live.machine, step);
    if (live.machine.state.eic !== step) {
      const range = `${this.startStep} … ${live.machine.state.eic}`;
      throw new RangeError(`expected a step in ${range}, got ${step}`);
    }
    return live;
  }

  /** The live machine if it is the nearest state at or before `step`, otherwise the nearest kept one. */
  async #nearest(step: number) {
    const kept = this.#checkpoints.findLast((checkpoint) => checkpoint.step <= step);
    if (kept === undefined)
      throw new RangeError(`expected a step ≥ ${this.startStep}, got ${step}`);
    const { eic } = this.#live.machine.state;
    if (eic < kept.step || eic > step) {
      const machine = new Machine(this.program, restore(this.program, kept.snapshot));
      this.#live = { machine, tree: new StateTree(machine.state) };
    }
    return this.#live;
  }

  /** Runs on to a step or to the end. What takes long waits for other calls' long runs, so that short ones get through. */
  async #run(machine: Machine, step: number, isAtEnd = () => this.isAtEnd(machine)): Promise<void> {
    const isThere = () => machine.state.eic >= step || isAtEnd();
    if (!isThere()) this.#slice(machine, step);
    if (isThere()) return;
    await inLine(async () => {
      while (!isThere()) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        this.#slice(machine, step);
      }
    });
  }

  #slice(machine: Machine, step: number): void {
    const before = machine.state.eic;
    this.advance(machine, Math.min(step, before + sliceSteps));
    this.stepsRun += machine.state.eic - before;
    this.#options.onProgress?.(machine.state.eic);
  }

  /** Bytes of a copy of the live state, its input apart. */
  #stateBytes(): number {
    return this.#live.machine.state.memories.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** States that may be kept beside the first: one at least, or every round would begin at the call's beginning. */
  #room(): number {
    const room = this.#options.snapshotBytes ?? defaultSnapshotBytes;
    return Math.max(1, Math.floor(room / Math.max(1, this.#stateBytes())));
  }

  /**
   * Before a pass over the steps that cut a segment: keeps the state where the segment begins, since every round to
   * come lies behind it, and forgets those before. Returns the steps whose states are to be kept.
   */
  async #prepare(steps: readonly number[]): Promise<ReadonlySet<number>> {
    if (steps.length === 0) return new Set();
    this.#forgetOutside(steps);
    const [first, second = first] = steps;
    // Parts of a segment differ by one step at most.
    const origin = first - (second - first) - 1;
    const nearest = this.#checkpoints.findLast(({ step }) => step <= first)?.step ?? first;
    if (second > first && nearest < origin && this.#keep((await this.#seek(origin)).machine)) {
      this.#checkpoints = this.#checkpoints.filter(({ step }, i) => i === 0 || step >= origin);
    }
    return spread(steps, this.#room() + 1 - this.#checkpoints.length);
  }

  /** Keeps the machine's state, unless running there again takes less than the copy. Returns whether it is kept. */
  #keep(machine: Machine): boolean {
    const { eic } = machine.state;
    const next = this.#checkpoints.findIndex((checkpoint) => checkpoint.step >= eic);
    if (next >= 0 && this.#checkpoints[next].step === eic) return true;
    const previous = this.#checkpoints.at(next < 0 ? -1 : next - 1)?.step ?? this.startStep;
    if ((eic - previous) * bytesKeptPerStep < this.#stateBytes()) return false;
    // The input never changes within a call: one copy serves all.
    const snapshot = { ...machine.snapshot(), input: this.#start().input };
    const checkpoint = { step: eic, snapshot };
    this.#checkpoints.splice(next < 0 ? this.#checkpoints.length : next, 0, checkpoint);
    return true;
  }

  /** A search never leaves its segment again: states before it (but one) and after it can go. */
  #forgetOutside(steps: readonly number[]): void {
    const first =
      this.#checkpoints.findLast(({ step }) => step <= steps[0])?.step ?? this.startStep;
    const last = steps.at(-1) ?? first;
    this.#checkpoints = this.#checkpoints.filter(
      ({ step }, i) => i === 0 || (step >= first && step <= last),
    );
  }
}

let line: Promise<unknown> = Promise.resolve();

/** One long run after the other, first come, first served: the first dispute's answer is ready while others wait. */
function inLine(run: () => Promise<void>): Promise<void> {
  const result = line.then(run, run);
  line = result.catch(() => {});
  return result;
}

/** At most `count` of the steps, spread evenly over the parts between them. */
function spread(steps: readonly number[], count: number): ReadonlySet<number> {
  if (count <= 0) return new Set();
  if (steps.length <= count) return new Set(steps);
  const parts = steps.length + 1;
  return new Set(
    Array.from({ length: count }, (_, i) => steps[Math.round(((i + 1) * parts) / (count + 1)) - 1]),
  );
}
