/**
 * A transcript replayed offline (docs/game.md §8): what the machine itself says to every hash that was posted, and
 * to the step that was judged.
 *
 * Invariant: nothing of the transcript is believed that the execution does not confirm; the verdict that the truth
 * demands is derived from the execution alone and compared with the one on chain.
 */
import type { Call, Hash } from "../claim/claim.ts";
import { type Side, sideNames } from "../search/disputeState.ts";
import { points } from "../search/search.ts";
import type { MachineExecution } from "../trace/machineExecution.ts";
import type { RecordedMove, Transcript } from "./disputeTranscript.ts";
import { type JudgedStep, judgedStep } from "./judgedStep.ts";

/** One posted hash beside the truth. */
export interface MarkedHash {
  readonly step: number;
  readonly posted: Hash;
  /** undefined: the call has no such step. */
  readonly truth: Hash | undefined;
  readonly right: boolean;
}

/** A move with each of its hashes held against the truth. */
export interface MarkedMove {
  /** Place among the transcript's moves, from 0. */
  readonly index: number;
  readonly side: Side;
  readonly move: RecordedMove["move"];
  /** Rounds of the search before the move. */
  readonly round: number;
  readonly hashes: readonly MarkedHash[];
}

/** What an execution says to a transcript. */
export interface Replay {
  /** Whether the execution is of the dispute's call; if not, nothing below means anything. */
  readonly matches: boolean;
  /** Why the given program, state or input are not those of the dispute; empty if they are. */
  readonly mismatches: readonly string[];
  /** The true result of the call; counters of its state. */
  readonly truth: { readonly state: Hash; readonly steps: string; readonly fuel: string };
  /** Whether each side's claim is true. */
  readonly claimsRight: readonly [boolean, boolean];
  /** The moves, each hash marked right or wrong. */
  readonly moves: readonly MarkedMove[];
  /** The judged step as the machine executes it; null if none was judged. */
  readonly judged: JudgedStep | null;
  /** Sides that the truth is against, as a mask; a side that was only silent is not among them. */
  readonly wrongSides: number;
  /** What the machine says to the verdict. */
  readonly verdict: Verdict;
  /** Sides that lost although their claim and hashes are all true, as a mask. */
  readonly lostThoughRight: number;
  /** Whether the verdict is against sides that are wrong and no others; null while there is none. */
  readonly verdictHolds: boolean | null;
}

/**
 * `none`: the dispute is open. `clock`: a timeout, about which the machine was not asked. `forfeit`:
 * a side had lost its stake in another dispute about the same statement. `agrees`, `contradicts`: what
 * the machine says to any other verdict.
 */
export type Verdict = "none" | "clock" | "forfeit" | "agrees" | "contradicts";

/**
 * Holds every claim and hash of a transcript, its judged step and its verdict against an execution of the disputed
 * call. Costs a run of the call and of the segments that were searched. An execution of another call gives
 * `matches: false` and its reasons, no error.
 */
export async function replayTranscript(
  transcript: Transcript,
  execution: MachineExecution,
): Promise<Replay> {
  const truth = await execution.claim();
  const mismatches = compareCalls(transcript.call, execution.call);
  const claimsRight = transcript.claims.map(
    (claim) =>
      claim.state === truth.state &&
      claim.steps === String(truth.steps) &&
      claim.fuel === String(truth.fuel),
  ) as [boolean, boolean];
  // In a fuel dispute the challenger claims no end, only a step at which the declared fuel is passed.
  if (transcript.fuelStep !== "0") claimsRight[1] = await fuelIsPassed(transcript, execution);
  const end = Number(truth.steps);
  const moves: MarkedMove[] = [];
  for (const [index, move] of transcript.moves.entries()) {
    moves.push(await markMove(transcript, move, index, execution, end));
  }
  const wrong = (side: Side) =>
    !claimsRight[side] ||
    moves.some((move) => move.side === side && move.hashes.some(({ right }) => !right));
  const wrongSides = maskOf(wrong);
  const judged = await judgedStep(transcript, execution, end);
  const lostThoughRight = (transcript.settled?.losers ?? 0) & ~wrongSides;
  const verdict = verdictOf(transcript, wrongSides, judged);
  return {
    matches: mismatches.length === 0,
    mismatches,
    truth: { state: truth.state, steps: String(truth.steps), fuel: String(truth.fuel) },
    claimsRight,
    moves,
    judged,
    wrongSides,
    verdict,
    lostThoughRight,
    verdictHolds: verdict === "none" ? null : verdict !== "contradicts" && lostThoughRight === 0,
  };
}

function verdictOf(transcript: Transcript, wrongSides: number, judged: JudgedStep | null): Verdict {
  const { settled } = transcript;
  if (settled === null) return "none";
  if (settled.reason === "timeout") return "clock";
  if (settled.reason === "forfeit") return "forfeit";
  const { losers } = settled;
  const demanded = demandedLosers(transcript, judged);
  const right =
    demanded === undefined ? losers !== 0 && (losers & ~wrongSides) === 0 : losers === demanded;
  return right ? "agrees" : "contradicts";
}

/** Who must lose by the judged step; undefined if it was judged from a state that is not the machine's, or none was. */
function demandedLosers(
  { settled, judged: onChain, claims }: Transcript,
  judged: JudgedStep | null,
): number | undefined {
  if (judged === null || judged.preState !== onChain?.preState) return undefined;
  const { claimed, postState, fuel } = judged;
  if (settled?.reason === "fuel") return BigInt(fuel) > BigInt(claims[0].fuel) ? 1 : 2;
  if (settled?.reason !== "step" || claimed === null) return undefined;
  return maskOf((side) => claimed[side] !== postState);
}

function maskOf(has: (side: Side) => boolean): number {
  return (has(0) ? 1 : 0) | (has(1) ? 2 : 0);
}

function compareCalls(recorded: Call, given: Call): string[] {
  const fields = ["program", "previousState", "inputRoot", "inputLength"] as const;
  return fields
    .filter((field) => recorded[field] !== given[field])
    .map((field) => `${field}: the dispute is about ${recorded[field]}, given ${given[field]}`);
}

async function fuelIsPassed(transcript: Transcript, execution: MachineExecution) {
  const step = await execution.fuelStep(BigInt(transcript.claims[0].fuel));
  return step !== undefined && step <= Number(transcript.fuelStep);
}

/** Step numbers that a move's hashes are about. */
function stepsOf(transcript: Transcript, { move, before, after, side }: RecordedMove): number[] {
  if (move === "vector") {
    const { k } = transcript.parameters;
    return points(BigInt(before.startStep), BigInt(before.endStep), k).map(Number);
  }
  if (move === "part") return [Number(after.startStep), Number(after.endStep)];
  if (move === "state") {
    const isFuelPoint = before.phase === "fuelPoint";
    return [
      isFuelPoint ? Number(transcript.fuelStep) - 1 : Number(transcript.claims[1 - side].steps),
    ];
  }
  return [];
}

async function markMove(
  transcript: Transcript,
  move: RecordedMove,
  index: number,
  execution: MachineExecution,
  end: number,
): Promise<MarkedMove> {
  const steps = stepsOf(transcript, move);
  const known = steps.filter((step) => step >= execution.startStep && step <= end);
  const truths = await execution.stateHashes(known);
  const hashes = move.hashes.map((posted, i) => {
    const truth = truths[known.indexOf(steps[i])];
    return { step: steps[i], posted, truth, right: posted === truth };
  });
  return { index, side: move.side, move: move.move, round: move.before.round, hashes };
}

/** `accused`, `challenger`, `accused and challenger`. */
export function sidesText(mask: number): string {
  return sideNames.filter((_, side) => (mask & (1 << side)) !== 0).join(" and ") || "nobody";
}
