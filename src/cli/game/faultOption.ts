/**
 * `--fault KIND[@N]`: how the faulty party of a staged dispute goes wrong.
 *
 * Invariant: every kind loses against an honest party; N counts steps of the call (rounds for `silence`).
 */
import { hexlify, randomBytes } from "ethers";
import { type Hash, sameClaim } from "../../game/claim/claim.ts";
import { phases } from "../../game/search/disputeState.ts";
import { honestMove, type Strategy, searchMove } from "../../game/search/strategy.ts";
import type { Execution } from "../../game/trace/execution.ts";
import { MachineExecution } from "../../game/trace/machineExecution.ts";
import { UsageError } from "../terminal/failure.ts";
import {
  type Fault,
  FaultyExecution,
  flipMemory,
  flipStack,
  goOn,
  haltEarly,
} from "./faultyExecution.ts";

export const faultKinds = {
  "flip-memory": "a bit of memory flips after N steps",
  "flip-stack": "a bit of the topmost stack slot flips after N steps",
  "wrong-result": "a bit of memory flips at the very end",
  "wrong-length-": "halts after N steps",
  "wrong-length+": "takes the end for the beginning and goes on",
  "understated-fuel":
    "the fuel counter loses fuel after N steps; disputed before the end is reached",
  "wrong-step-counter": "signs a step count that its own state does not hold",
  silence: "a bit flips, and the party falls silent in round N",
  "copy-vectors": "a bit flips, and the party posts the other's hashes",
  "inconsistent-vectors": "a bit flips, and the party posts random hashes",
  "wrong-witness": "a bit flips, and the party proves its own wrong step",
} as const;
export type FaultKind = keyof typeof faultKinds;

/** Kinds that go wrong at the end, wherever that is. */
const kindsWithoutN: readonly FaultKind[] = ["wrong-result", "wrong-length+", "wrong-step-counter"];

export interface FaultOption {
  readonly kind: FaultKind;
  readonly at: number | undefined;
}

export interface FaultyParty {
  readonly execution: Execution;
  readonly machine: MachineExecution;
  readonly strategy: Strategy;
  /** Whether it is disputed by §4.2, before the call's end is known. */
  readonly byFuel: boolean;
}

export function parseFault(text: string): FaultOption {
  const [kind, at, ...rest] = text.split("@");
  if (!Object.hasOwn(faultKinds, kind) || rest.length > 0) {
    throw new UsageError(
      `unknown fault ${text}`,
      `choose one of ${Object.keys(faultKinds).join(", ")}`,
    );
  }
  if (at !== undefined && !/^\d{1,15}$/.test(at)) {
    throw new UsageError(
      `expected a number after @ in ${text}`,
      "write for example flip-memory@1000",
    );
  }
  if (at !== undefined && kindsWithoutN.includes(kind as FaultKind)) {
    throw new UsageError(`${kind} takes no number, got ${text}`, `write --fault ${kind}`);
  }
  return { kind: kind as FaultKind, at: at === undefined ? undefined : Number(at) };
}

/** The party that has this fault in the call which `honest` executes. */
export async function faultyParty(
  option: FaultOption,
  honest: MachineExecution,
): Promise<FaultyParty> {
  const end = Number((await honest.claim()).steps);
  const steps = end - honest.startStep;
  const isRound = option.kind === "silence";
  const at = isRound ? Math.ceil(steps / 2) : (option.at ?? Math.ceil(steps / 2));
  if (at < 1 || at > steps) {
    throw new UsageError(`the call has ${steps} steps, not ${at}`, `choose N from 1 to ${steps}`);
  }
  const fault = faultOf(option.kind, honest.startStep + at, end);
  const machine =
    fault === undefined
      ? new MachineExecution(honest.program, honest.previous, honest.input)
      : new FaultyExecution(honest.program, honest.previous, honest.input, fault);
  const execution = option.kind === "wrong-step-counter" ? withWrongCount(machine) : machine;
  if (sameClaim(await execution.claim(), await honest.claim())) {
    throw new UsageError(
      `the fault changes nothing that lasts: ${option.kind} after ${at} steps of ${steps}`,
      `choose another N in --fault ${isRound ? "flip-stack" : option.kind}@N, or --fault wrong-result`,
    );
  }
  return {
    execution,
    machine,
    strategy: strategyOf(option),
    byFuel: option.kind === "understated-fuel",
  };
}

function faultOf(kind: FaultKind, step: number, end: number): Fault | undefined {
  switch (kind) {
    case "flip-stack":
      return { step, alter: flipStack };
    case "wrong-result":
      return { step: end, alter: (state) => flipMemory(state) };
    case "wrong-length-":
      return { step, alter: haltEarly };
    case "wrong-length+":
      return { step: end, alter: goOn };
    case "understated-fuel":
      return {
        step,
        alter: (state) => {
          state.fuelCounter -= Math.min(state.fuelCounter, 50);
        },
      };
    case "wrong-step-counter":
      return undefined;
    default:
      return { step, alter: (state) => flipMemory(state) };
  }
}

function strategyOf({ kind, at }: FaultOption): Strategy {
  return async (situation, side, execution, k) => {
    const { dispute, posted } = situation;
    if (kind === "silence" && dispute.phase === phases.search && dispute.round + 1 >= (at ?? 2)) {
      return undefined;
    }
    const move = await honestMove(situation, side, execution, k);
    if (move === undefined) return undefined;
    if (kind === "copy-vectors" && move.method === "choosePart") {
      return searchMove(situation, side, posted);
    }
    if (kind === "inconsistent-vectors" && move.method === "postVector") {
      const own = move.args[0] as Hash[];
      return searchMove(
        situation,
        side,
        own.map(() => hexlify(randomBytes(32))),
      );
    }
    if (kind === "wrong-witness" && move.method === "judgeStep") {
      const witness = await execution.registerProof(Number(dispute.startStep));
      return { method: "judgeStep", args: [witness] };
    }
    return move;
  };
}

function withWrongCount(execution: MachineExecution): Execution {
  return {
    call: execution.call,
    startStep: execution.startStep,
    claim: async () => {
      const claim = await execution.claim();
      return { ...claim, steps: claim.steps + 5n };
    },
    stateHashes: (steps) => execution.stateHashes(steps),
    witness: (step) => execution.witness(step),
    registerProof: (step) => execution.registerProof(step),
    beginWitness: () => execution.beginWitness(),
    fuelStep: (fuel) => execution.fuelStep(fuel),
  };
}
