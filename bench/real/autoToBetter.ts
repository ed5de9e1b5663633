/**
 * How much longer `auto` takes than the better of `step` and `fast`: for the beginnings of a run, for the whole of it,
 * both cold and in a process of their own, and warm.
 *
 * Invariant: the least of as many turns for each, in turns; the block executor is stopped once it is plainly the slower
 * one, since it would run for minutes.
 */
import type { Played } from "./play.ts";
import { played } from "./played.ts";

/** Steps of the beginnings that are measured. */
const beginnings = [10_000_000, 100_000_000];
/** The block executor gives up at so many times what `fast` has taken. */
const patience = 1.25;

function leastCold(kind: string, folder: string, rounds: number, options: string[]): number {
  const turns = Array.from({ length: rounds }, () => played(kind, folder, ["--cold", ...options]));
  return Math.min(...turns.map(({ coldMs }) => coldMs));
}

/** Ratios by the steps of a beginning, of the whole run cold (`whole`) and of a later one (`warm`). */
export function autoToBetter(
  folder: string,
  whole: Readonly<Record<"auto" | "fast", Required<Played>>>,
  rounds: number,
): Readonly<Record<string, number>> {
  const ratio = (auto: number, fast: number, options: string[]): number => {
    const most = ["--most", String(fast * patience)];
    return auto / Math.min(fast, leastCold("step", folder, rounds, [...options, ...most]));
  };
  const ratios = beginnings.map((steps): [string, number] => {
    const options = ["--steps", String(steps)];
    const auto = leastCold("auto", folder, rounds, options);
    return [String(steps), ratio(auto, leastCold("fast", folder, rounds, options), options)];
  });
  const { auto, fast } = whole;
  return {
    ...Object.fromEntries(ratios),
    whole: ratio(auto.coldMs, fast.coldMs, []),
    warm: auto.warmMs / fast.warmMs,
  };
}
