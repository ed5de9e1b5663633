/**
 * The dishonest: each a wrong machine, a wrong way to play, or both. None may win a dispute against `honestMove`,
 * whatever side it is on.
 */
import { hexlify, keccak256, randomBytes, toBeHex } from "ethers";
import type { Hash } from "../../src/game/claim/claim.ts";
import { phases, type Side } from "../../src/game/search/disputeState.ts";
import { points } from "../../src/game/search/search.ts";
import {
  honestMove,
  type Move,
  type Situation,
  type Strategy,
  searchMove,
} from "../../src/game/search/strategy.ts";
import type { Execution } from "../../src/game/trace/execution.ts";
import { type Fault, flippedFrom, ofLength, understatedFrom } from "./simulation.ts";

/** Random whole number in [from, to]. */
export type Pick = (from: number, to: number) => number;

export interface Dishonest {
  readonly name: string;
  /** The wrong machine for a call of `steps` steps at `fuel` each. */
  readonly fault: (pick: Pick, steps: number, fuel: number) => Fault;
  readonly strategy?: (pick: Pick) => Strategy;
  /** Wraps the execution, to claim what its own states do not say. */
  readonly lie?: (execution: Execution) => Execution;
  /** Disputed by §4.2 where it is the accused. */
  readonly byFuel?: boolean;
  /** Side it can be on; both if absent. */
  readonly only?: Side;
}

const flip = (pick: Pick, steps: number) => flippedFrom(pick(1, steps));
const randomHash = (): Hash => hexlify(randomBytes(32));

/** Plays as the honest would, on a wrong trace, except in one phase. */
function except(
  phase: number,
  other: (situation: Situation, execution: Execution, k: number) => Promise<Move | undefined>,
): Strategy {
  return (situation, side, execution, k) =>
    situation.dispute.phase === phase
      ? other(situation, execution, k)
      : honestMove(situation, side, execution, k);
}

/** Posts other vectors than its own. */
function vectors(
  make: (own: Hash[], situation: Situation) => Hash[],
  args: (move: Move) => Move = (move) => move,
): () => Strategy {
  return () =>
    except(phases.search, async (situation, execution, k) => {
      const { dispute } = situation;
      const steps = points(dispute.startStep, dispute.endStep, k).map(Number);
      const own = make(await execution.stateHashes(steps), situation);
      return args(searchMove(situation, dispute.turn === 1 ? 0 : 1, own));
    });
}

/** Falls silent for good in a phase, at or after a round. */
const silentIn =
  (phase: number, round = 0) =>
  (): Strategy =>
    except(phase, async (situation, execution, k) => {
      if (situation.dispute.round >= round) return undefined;
      const side = situation.dispute.turn === 1 ? 0 : 1;
      return honestMove(situation, side, execution, k);
    });

const lyingClaim =
  (steps: bigint, fuel: bigint) =>
  (execution: Execution): Execution => ({
    call: execution.call,
    startStep: execution.startStep,
    stateHashes: (at) => execution.stateHashes(at),
    witness: (at) => execution.witness(at),
    registerProof: (at) => execution.registerProof(at),
    beginWitness: () => execution.beginWitness(),
    fuelStep: (at) => execution.fuelStep(at),
    claim: async () => {
      const truth = await execution.claim();
      return { ...truth, steps: truth.steps + steps, fuel: truth.fuel + fuel };
    },
  });

export const dishonest: readonly Dishonest[] = [
  { name: "flips memory at a random step", fault: flip },
  { name: "flips memory at the first step", fault: () => flippedFrom(1) },
  { name: "reports a wrong result", fault: (_, steps) => flippedFrom(steps) },
  { name: "stops too early", fault: (pick, steps) => ofLength(pick(1, steps - 1)) },
  { name: "goes on after the end", fault: (pick, steps) => ofLength(steps + pick(1, 50)) },
  {
    name: "goes wrong and stops too early",
    fault: (pick, steps) => ({ ...flip(pick, steps), length: pick(1, steps - 1) }),
  },
  {
    name: "goes wrong and goes on after the end",
    fault: (pick, steps) => ({ ...flip(pick, steps), length: steps + pick(1, 50) }),
  },
  {
    name: "understates its fuel",
    fault: (pick, steps, fuel) => understatedFrom(pick(1, steps), BigInt(fuel)),
  },
  {
    name: "understates its fuel, and is caught before the end",
    fault: (pick, steps, fuel) => understatedFrom(pick(1, steps), BigInt(fuel)),
    byFuel: true,
    only: 0,
  },
  {
    name: "understates its fuel by stopping early, and is caught before the end",
    fault: (pick, steps) => ofLength(pick(1, steps - 1)),
    byFuel: true,
    only: 0,
  },
  {
    name: "understates its fuel and says so from the first step",
    fault: (_, __, fuel) => understatedFrom(1, BigInt(fuel)),
    byFuel: true,
    only: 0,
  },
  {
    name: "understates its fuel, then denies its own last states",
    fault: (pick, steps, fuel) => understatedFrom(pick(1, steps), BigInt(fuel)),
    strategy: () =>
      except(phases.fuelPoint, async () => ({ method: "postState", args: [randomHash()] })),
    byFuel: true,
    only: 0,
  },
  {
    name: "understates its fuel by its last step, all before it being true",
    fault: (_, steps, fuel) => understatedFrom(steps, BigInt(fuel)),
    byFuel: true,
    only: 0,
  },
  {
    name: "understates its fuel and is silent when asked for a state",
    fault: (_, steps, fuel) => understatedFrom(steps, BigInt(fuel)),
    strategy: silentIn(phases.fuelPoint),
    byFuel: true,
    only: 0,
  },
  {
    name: "overstates its fuel",
    fault: (pick, steps, fuel) => understatedFrom(pick(1, steps), -BigInt(fuel)),
  },
  {
    name: "signs a wrong step count for a true state",
    fault: () => ({}),
    lie: lyingClaim(5n, 0n),
    only: 0,
  },
  {
    name: "signs a wrong fuel total for a true state",
    fault: () => ({}),
    lie: lyingClaim(0n, -1n),
    only: 0,
  },
  {
    name: "calls a running state the end",
    fault: (pick, steps) => {
      const length = pick(1, steps - 1);
      const alter: Fault["alter"] = (step, state) =>
        step < length ? state : { ...state, halted: false, remaining: BigInt(steps - length) };
      return { length, alter };
    },
  },
  { name: "is silent about its claim", fault: flip, strategy: silentIn(phases.claims), only: 0 },
  { name: "is silent in the search", fault: flip, strategy: silentIn(phases.search) },
  { name: "falls silent in the search later", fault: flip, strategy: silentIn(phases.search, 2) },
  { name: "is silent at the judgement", fault: flip, strategy: silentIn(phases.step) },
  {
    name: "is silent about its longer trace",
    fault: (_, steps) => ofLength(steps + 3),
    strategy: silentIn(phases.length),
  },
  {
    name: "copies the other's end as its own longer trace's state",
    fault: (_, steps) => ofLength(steps + 3),
    strategy: () =>
      except(phases.length, async ({ dispute }) => {
        const shorter = dispute.turn === 1 ? 1 : 0;
        return { method: "postState", args: [dispute.claims[shorter].state] };
      }),
  },
  {
    name: "lies about its longer trace's state",
    fault: (_, steps) => ofLength(steps + 3),
    strategy: () =>
      except(phases.length, async () => ({ method: "postState", args: [randomHash()] })),
  },
  {
    name: "copies the other's vectors",
    fault: flip,
    strategy: vectors((own, { posted }) => (posted.length === own.length ? [...posted] : own)),
  },
  {
    name: "posts random vectors",
    fault: flip,
    strategy: vectors((own) => own.map(randomHash)),
  },
  {
    name: "posts the zero hash",
    fault: flip,
    strategy: vectors((own) => own.map(() => toBeHex(0, 32))),
  },
  {
    name: "agrees to every first hash and denies the others",
    fault: flip,
    strategy: vectors((own, { posted }) =>
      own.map((hash, i) => (i === 0 ? (posted[0] ?? hash) : keccak256(hash))),
    ),
  },
  {
    name: "agrees to all that is posted and denies only the end",
    fault: flip,
    strategy: () => async (situation, side, execution, k) => {
      const move = await honestMove(situation, side, execution, k);
      return move?.method === "choosePart" ? searchMove(situation, side, situation.posted) : move;
    },
  },
  {
    name: "names a part that was not posted",
    fault: flip,
    strategy: vectors(
      (own) => own,
      ({ method, args }) =>
        method === "choosePart"
          ? { method, args: [args[0], [randomHash(), randomHash()], args[2], args[3]] }
          : { method, args },
    ),
  },
  {
    name: "agrees to both ends of a part",
    fault: flip,
    strategy: vectors(
      (own) => own,
      ({ method, args }) =>
        method === "choosePart"
          ? { method, args: [args[0], args[1], args[2], (args[1] as Hash[])[1]] }
          : { method, args },
    ),
  },
  {
    name: "names a part in another's place",
    fault: flip,
    strategy: vectors(
      (own) => own.map(randomHash),
      ({ method, args }) =>
        method === "choosePart"
          ? { method, args: [(args[0] as number) ^ 1, args[1], args[2], args[3]] }
          : { method, args },
    ),
  },
  {
    name: "posts vectors of the wrong length",
    fault: flip,
    strategy: vectors(
      (own) => own,
      ({ method, args }) =>
        method === "postVector"
          ? { method, args: [[...(args[0] as Hash[]), randomHash()]] }
          : { method, args },
    ),
  },
  {
    name: "proves the step with its own wrong state",
    fault: flip,
    strategy: () =>
      except(phases.step, async ({ dispute }, execution) => ({
        method: "judgeStep",
        args: [await execution.witness(Number(dispute.endStep))],
      })),
  },
];
