/**
 * The calls that a served player knows: who they are and how they end. Each is run once, all of them on one machine; the
 * execution of a call is made when a dispute asks for it.
 *
 * Invariant: memory does not grow with the number of calls: one machine, some states along the way within a bound of
 * bytes, and what the executions take that disputes have asked for and not released.
 */
import { hexlify } from "ethers";
import type { Call, Claim } from "../../game/claim/claim.ts";
import { sameCall } from "../../game/claim/claim.ts";
import { MachineExecution } from "../../game/trace/machineExecution.ts";
import { Machine, type Program, restore, type Snapshot } from "../../interpreter/index.ts";
import { inputRoot, programRoot, StateTree } from "../../merkle/index.ts";
import { machineAtGenesis } from "./call.ts";

/** A call and its end, without the machine. */
export interface KnownCall {
  readonly call: Call;
  claim(): Promise<Claim>;
}

/** Reads an input; asked again when a dispute needs it. */
export type InputSource = () => Uint8Array;

interface Entry extends KnownCall {
  readonly source: InputSource;
}

/** State before a call. */
interface Kept {
  readonly index: number;
  readonly snapshot: Snapshot;
}

const defaultKeptBytes = 256 * 2 ** 20;

export class CallBook {
  readonly program: Program;
  readonly #entries: Entry[] = [];
  /** Ascending; at every `#stride`-th call. */
  #kept: Kept[] = [];
  #stride = 1;
  readonly #mostBytes: number;

  /**
   * Runs the program on the inputs, one after the other from genesis.
   *
   * @param mostBytes that kept states may take; without any, an execution begins at genesis.
   */
  constructor(
    program: Program,
    inputs: readonly InputSource[],
    mostBytes: number = defaultKeptBytes,
  ) {
    this.program = program;
    this.#mostBytes = mostBytes;
    const machine = machineAtGenesis(program);
    const tree = new StateTree(machine.state);
    const root = hexlify(programRoot(program));
    for (const [index, source] of inputs.entries()) {
      if (index > 0) this.#keep(index, machine);
      const input = source();
      const call: Call = {
        program: root,
        previousState: hexlify(tree.stateHash()),
        inputRoot: hexlify(inputRoot(input)),
        inputLength: input.length,
      };
      machine.begin(input);
      machine.run();
      const { stepCounter, fuelCounter } = machine.state;
      const claim = {
        state: hexlify(tree.stateHash()),
        steps: BigInt(stepCounter),
        fuel: BigInt(fuelCounter),
      };
      this.#entries.push({ call, claim: async () => claim, source });
    }
  }

  get calls(): readonly KnownCall[] {
    return this.#entries;
  }

  /** Bytes of the memories in kept states. */
  get keptBytes(): number {
    return this.#kept.reduce((sum, { snapshot }) => sum + bytesOf(snapshot), 0);
  }

  /** A fresh execution of a call; undefined for one that is not known. Costs a run from the nearest kept state. */
  async execution(call: Call): Promise<MachineExecution | undefined> {
    const index = this.#entries.findIndex((known) => sameCall(known.call, call));
    if (index < 0) return undefined;
    const from = this.#kept.findLast((kept) => kept.index <= index);
    const machine =
      from === undefined
        ? machineAtGenesis(this.program)
        : new Machine(this.program, restore(this.program, from.snapshot));
    for (const entry of this.#entries.slice(from?.index ?? 0, index)) {
      machine.begin(inputOf(entry));
      machine.run();
    }
    const previous = from?.index === index ? from.snapshot : machine.snapshot();
    const known = this.#entries[index];
    return new MachineExecution(this.program, previous, inputOf(known), { call: known.call });
  }

  /** Keeps the state before a call; where that is too much, every other one goes. */
  #keep(index: number, machine: Machine): void {
    if (index % this.#stride !== 0) return;
    const bytes = machine.state.memories.reduce((sum, memory) => sum + memory.bytes.length, 0);
    while (this.keptBytes + bytes > this.#mostBytes) {
      if (this.#kept.length === 0) return;
      this.#stride *= 2;
      this.#kept = this.#kept.filter((kept) => kept.index % this.#stride === 0);
      if (index % this.#stride !== 0) return;
    }
    this.#kept.push({ index, snapshot: machine.snapshot() });
  }
}

function bytesOf({ memories }: Snapshot): number {
  return memories.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** A file may have changed since the call was run on it. */
function inputOf({ source, call }: Entry): Uint8Array {
  const input = source();
  if (hexlify(inputRoot(input)) === call.inputRoot && input.length === call.inputLength) {
    return input;
  }
  throw new RangeError(
    `an input of the call on state ${call.previousState} has changed since the player began`,
  );
}
