/**
 * The toy machine of contracts/test/game/SimulatedJudge.sol off chain: traces of any length whose state at any
 * step is computed at once, and which can be made wrong from any step on.
 */
import { AbiCoder, concat, getBytes, keccak256, toBeHex } from "ethers";
import type { Call, Claim, Hash } from "../../src/game/claim/claim.ts";
import { zeroHash } from "../../src/game/claim/claim.ts";
import type { Execution } from "../../src/game/trace/execution.ts";

export interface ToyProgram {
  readonly steps: number;
  readonly fuel: number;
  readonly name: number;
}

export interface ToyState {
  readonly halted: boolean;
  readonly remaining: bigint;
  readonly stepCounter: bigint;
  readonly fuelCounter: bigint;
  readonly program: Hash;
  readonly trace: Hash;
}

/** A wrong machine: its own length, and what it makes of the true state at a step number within the call. */
export interface Fault {
  readonly length?: number;
  readonly alter?: (step: number, state: ToyState) => ToyState;
}

const word = (value: bigint) => toBeHex(value, 32);

export function toyRoot(program: ToyProgram): Hash {
  return word(
    (BigInt(program.steps) << 192n) | (BigInt(program.fuel) << 128n) | BigInt(program.name),
  );
}

/** Register proof of a toy state: its whole content. */
export function toyProof(state: ToyState): Uint8Array {
  const control = state.halted ? (1n << 248n) | (0xffffffffn << 208n) : state.remaining << 144n;
  const counters = (state.stepCounter << 192n) | (state.fuelCounter << 128n);
  return getBytes(concat([word(control), word(counters), state.program, state.trace]));
}

export function toyHash(state: ToyState): Hash {
  const bytes = toyProof(state);
  const words = keccak256(concat([bytes.subarray(0, 64), "0x02"]));
  const hot = keccak256(concat([words, bytes.subarray(64, 96), "0x02"]));
  return keccak256(concat([hot, bytes.subarray(96), "0x02"]));
}

export function toyGenesis(program: ToyProgram): ToyState {
  const root = toyRoot(program);
  return {
    halted: true,
    remaining: 0n,
    stepCounter: 0n,
    fuelCounter: 0n,
    program: root,
    trace: zeroHash,
  };
}

export class Simulation implements Execution {
  readonly call: Call;
  readonly startStep: number;
  readonly previous: ToyState;
  readonly program: ToyProgram;
  readonly length: number;
  readonly #trace: Hash;
  readonly #alter: (step: number, state: ToyState) => ToyState;

  constructor(
    program: ToyProgram,
    previous: ToyState,
    input: Hash,
    fault: Fault = {},
    inputLength = 32,
  ) {
    this.program = program;
    this.previous = previous;
    this.call = {
      program: toyRoot(program),
      previousState: toyHash(previous),
      inputRoot: input,
      inputLength,
    };
    this.startStep = Number(previous.stepCounter);
    this.length = fault.length ?? program.steps;
    this.#alter = fault.alter ?? ((_, state) => state);
    this.#trace = keccak256(
      AbiCoder.defaultAbiCoder().encode(
        ["bytes32", "bytes32", "uint32"],
        [previous.trace, input, inputLength],
      ),
    );
  }

  /** State at a step number of the step counter. */
  stateAt(step: number): ToyState {
    const i = step - this.startStep;
    if (i < 0 || i > this.length) throw new RangeError(`expected a step of the call, got ${step}`);
    const remaining = Math.max(this.program.steps - i, 1);
    const halted = i === this.length;
    const state: ToyState = {
      halted,
      remaining: halted ? 0n : BigInt(remaining),
      stepCounter: this.previous.stepCounter + BigInt(i),
      fuelCounter: this.previous.fuelCounter + BigInt(i) * BigInt(this.program.fuel),
      program: this.call.program,
      trace: this.#trace,
    };
    return i === 0 ? state : this.#alter(i, state);
  }

  async claim(): Promise<Claim> {
    const end = this.stateAt(this.startStep + this.length);
    return { state: toyHash(end), steps: end.stepCounter, fuel: end.fuelCounter };
  }

  async stateHashes(steps: readonly number[]): Promise<Hash[]> {
    return steps.map((step) => toyHash(this.stateAt(step)));
  }

  async witness(step: number): Promise<Uint8Array> {
    return toyProof(this.stateAt(step));
  }

  async registerProof(step: number): Promise<Uint8Array> {
    return toyProof(this.stateAt(step));
  }

  async beginWitness(): Promise<Uint8Array> {
    return toyProof(this.previous);
  }

  async fuelStep(fuel: bigint): Promise<number | undefined> {
    const spent = fuel - this.previous.fuelCounter;
    const i = spent < 0n ? 1 : Number(spent / BigInt(this.program.fuel)) + 1;
    return i > this.length ? undefined : this.startStep + i;
  }
}

/** A trace that goes wrong at a step (in its "memory") and stays so. */
export function flippedFrom(at: number): Fault {
  return {
    alter: (step, state) =>
      step < at ? state : { ...state, trace: keccak256(concat([state.trace, "0x01"])) },
  };
}

/** A trace that says it needed another number of steps; nothing else is wrong. */
export function ofLength(length: number): Fault {
  return { length };
}

/** A trace whose fuel counter lags behind from a step on. */
export function understatedFrom(at: number, fuel: bigint): Fault {
  return {
    alter: (step, state) =>
      step < at ? state : { ...state, fuelCounter: state.fuelCounter - fuel },
  };
}
