/**
 * A call's trace as the machine itself tells it (docs/game.md §7): state hashes, witnesses and proofs at any step.
 *
 * Invariant: all questions about a call, of however many disputes, are answered by one machine that goes to the nearest
 * of all steps asked for, from the nearest of all states kept; so one pass serves all of them, and d disputes of a
 * call of n steps run little more than n steps in all.
 */
import { hexlify } from "ethers";
import { trapCodes } from "../../interpreter/isa/trapCodes.ts";
import { Machine } from "../../interpreter/machine.ts";
import { checkOptionNames, optionNames } from "../../interpreter/optionNames.ts";
import type { Program } from "../../interpreter/program/program.ts";
import { countersOfCall } from "../../interpreter/state/invocation.ts";
import { statusCodes } from "../../interpreter/state/machineState.ts";
import type { Snapshot } from "../../interpreter/state/snapshot.ts";
import { restore } from "../../interpreter/state/snapshot.ts";
import { inputRoot, programRoot, StateTree } from "../../merkle/index.ts";
import type { Call, Claim, Hash } from "../claim/claim.ts";
import type { Execution } from "./execution.ts";
import { keptAfter, snapshotOf } from "./keptState.ts";
import { LiveTrace } from "./liveTrace.ts";
import { longRun, turnOfEventLoop, Visits } from "./visits.ts";

/** How much memory an execution may keep, and whom it tells how far it is. */
export interface MachineExecutionOptions {
  /**
   * Bytes that kept states may take, 512 MiB unless given; the state at the call's beginning and one more are kept in
   * any case.
   */
  readonly snapshotBytes?: number;
  /** The call's identity, where it is known: then nothing is computed before the first question. */
  readonly call?: Call;
  /** Told now and then how far the machine is. */
  readonly onProgress?: (step: number) => void;
}

const executionOptionNames = optionNames<MachineExecutionOptions>({
  snapshotBytes: true,
  call: true,
  onProgress: true,
});

const defaultSnapshotBytes = 512 * 2 ** 20;
/** Steps between two turns of the event loop: a fraction of a second. */
const sliceSteps = 2 ** 25;

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
  #trace: LiveTrace | undefined;
  readonly #visits = new Visits();
  /** State hashes told so far, by step. */
  readonly #hashes = new Map<number, Hash>();
  #end: { claim: Claim; proof: Uint8Array } | undefined;
  #beginWitness: Uint8Array | undefined;
  #isAtWork = false;

  /** @param previous State before the call; must not change any more. */
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
    this.startStep = countersOfCall(previous, program).stepCounter;
    this.#options = options;
    this.call = options.call ?? {
      program: hexlify(programRoot(program)),
      previousState: hexlify(new StateTree(restore(program, previous)).stateHash()),
      inputRoot: hexlify(inputRoot(input)),
      inputLength: input.length,
    };
  }

  async claim(): Promise<Claim> {
    return (await this.#finish()).claim;
  }

  async stateHashes(steps: readonly number[]): Promise<Hash[]> {
    const [first, second = first] = steps;
    if (second > first) {
      // Parts of a segment differ by one step at most; every round to come lies behind its beginning.
      const origin = Math.max(first - (second - first) - 1, this.startStep);
      const { kept } = this.#live();
      kept.searching(origin, (steps.at(-1) ?? second) + (second - first));
      const isFar = (kept.nearest(first)?.step ?? first) < origin;
      if (isFar && !this.#hashes.has(first)) void this.#visit(origin, (trace) => trace.keep());
    }
    await Promise.all(
      steps
        .filter((step) => !this.#hashes.has(step))
        .map((step) => this.#visit(step, (trace) => this.#tell(trace, step))),
    );
    return steps.map((step) => this.#hashes.get(step) as Hash);
  }

  witness(step: number): Promise<Uint8Array> {
    return this.#visit(step, ({ tree }) => tree.witness());
  }

  async registerProof(step: number): Promise<Uint8Array> {
    if (this.#end !== undefined && BigInt(step) === this.#end.claim.steps) return this.#end.proof;
    return this.#visit(step, ({ tree }) => tree.registerProof());
  }

  async beginWitness(): Promise<Uint8Array> {
    this.#beginWitness ??= new StateTree(restore(this.program, this.previous)).beginWitness();
    return this.#beginWitness;
  }

  /** By running with the fuel limit lowered to `fuel`: the step that then runs out of it is the one. */
  async fuelStep(fuel: bigint): Promise<number | undefined> {
    const { kept } = this.#live();
    const from = kept.lastWith(({ registers }) => BigInt(registers.fuelCounter) <= fuel);
    const machine = new Machine(
      this.program,
      restore(this.program, snapshotOf(from, new Uint8Array(this.input))),
    );
    const { state } = machine;
    if (fuel >= BigInt(state.fuelLimit)) return undefined;
    state.fuelLimit = Math.max(Number(fuel), 0);
    await longRun(async () => {
      while (!this.isAtEnd(machine)) {
        const before = state.stepCounter;
        this.advance(machine, before + sliceSteps);
        this.#count(state.stepCounter - before, state.stepCounter);
        await turnOfEventLoop();
      }
    });
    if (state.trap !== trapCodes.outOfFuel) return undefined;
    // What a dispute about this step asks for next.
    await this.#visit(state.stepCounter - 1, (trace) => this.#tell(trace, state.stepCounter - 1));
    // The call itself may run out at this very step; then it never passes the total.
    const fuelCounter = await this.#visit(
      state.stepCounter,
      (trace) => trace.machine.state.fuelCounter,
    );
    return BigInt(fuelCounter) > fuel ? state.stepCounter : undefined;
  }

  /** The state at a step, for inspection. */
  stateAt(step: number): Promise<Machine> {
    return this.#visit(
      step,
      ({ machine }) => new Machine(this.program, restore(this.program, machine.snapshot())),
    );
  }

  /** Frees what can be computed again: machine, commitment and kept states. */
  release(): void {
    this.#hashes.clear();
    this.#trace?.release();
  }

  /** Bytes of the states that are kept beside that before the call. */
  get keptBytes(): number {
    return this.#trace?.kept.bytes ?? 0;
  }

  /** Runs a machine of this trace on, to `step` at most. The one place where a trace can be made wrong. */
  protected advance(machine: Machine, step: number): void {
    machine.runTo(step);
  }

  /** Whether a trace ends at the machine's present state. */
  protected isAtEnd(machine: Machine): boolean {
    return machine.state.status !== statusCodes.running;
  }

  #live(): LiveTrace {
    if (this.#trace !== undefined) return this.#trace;
    const machine = new Machine(this.program, restore(this.program, this.previous));
    // A running genesis (start functions) is its own beginning: docs/machine.md §10.
    if (!machine.isRunning) machine.begin(this.input);
    // Beginning a call writes no memory: what the caller holds serves as the first state's.
    machine.state.memories.forEach((memory, i) => {
      memory.bytes = this.previous.memories[i].bytes;
    });
    const first = keptAfter(machine.state, undefined, []);
    const room = this.#options.snapshotBytes ?? defaultSnapshotBytes;
    const advance = (live: Machine, step: number) => this.advance(live, step);
    const input = machine.state.input;
    this.#trace = new LiveTrace(this.program, input, first, room, advance);
    return this.#trace;
  }

  async #finish() {
    this.#end ??= await this.#visit(Number.MAX_SAFE_INTEGER, ({ machine, tree }) => {
      const { stepCounter, fuelCounter } = machine.state;
      const claim = {
        state: hexlify(tree.stateHash()),
        steps: BigInt(stepCounter),
        fuel: BigInt(fuelCounter),
      };
      return { claim, proof: tree.registerProof() };
    });
    this.#live().endsAt(Number(this.#end.claim.steps));
    return this.#end;
  }

  #tell(trace: LiveTrace, step: number): void {
    this.#hashes.set(step, hexlify(trace.tree.stateHash()));
    trace.keep();
  }

  /** Looks at the trace at a step, MAX_SAFE_INTEGER being its end, once the machine is there. */
  #visit<T>(step: number, look: (trace: LiveTrace) => T): Promise<T> {
    const promise = this.#visits.add(step, look);
    if (!this.#isAtWork) void this.#work();
    return promise;
  }

  async #work(): Promise<void> {
    this.#isAtWork = true;
    // All that is asked in one breath is known before the first step is taken.
    await Promise.resolve();
    const trace = this.#live();
    for (let visit = this.#visits.nearest(trace); visit; visit = this.#visits.nearest(trace)) {
      const goal = visit;
      this.#approach(trace, goal.step);
      if (!this.#visits.has(goal)) continue;
      // What takes long waits for other calls' long runs, so that short ones get through.
      await longRun(async () => {
        while (this.#visits.has(goal)) {
          await turnOfEventLoop();
          this.#approach(trace, this.#visits.nearest(trace)?.step ?? goal.step);
        }
      });
    }
    // In the same breath as the last look at who waits, or a question in between would wait for ever.
    this.#isAtWork = false;
  }

  /** Runs towards a step for one turn of the event loop, and answers who asked if it is reached. */
  #approach(trace: LiveTrace, step: number): void {
    try {
      trace.seek(step);
      let left = sliceSteps;
      const isThere = () => trace.machine.state.stepCounter >= step || this.isAtEnd(trace.machine);
      while (!isThere() && left > 0) {
        const ran = trace.hop(step, left);
        left -= Math.max(ran, 1);
        this.#count(ran, trace.machine.state.stepCounter);
      }
      if (isThere()) this.#visits.settle(step, trace);
    } catch (error) {
      this.#visits.fail(step, error);
    }
  }

  #count(steps: number, stepCounter: number): void {
    this.stepsRun += steps;
    this.#options.onProgress?.(stepCounter);
  }
}
