/**
 * One line on stderr for each thing that a player does.
 *
 * Invariant: what repeats itself at every look at the chain is told once a minute; a move is told always.
 */
import { StaleViewError } from "../../game/arbiter.ts";
import { phaseNames } from "../../game/dispute.ts";
import type { PlayerEvent } from "../../game/player.ts";
import { failureOf } from "../terminal/failure.ts";
import { grouped, remark } from "../terminal/output.ts";
import { contractErrorText } from "./contractErrors.ts";

const repeatMs = 60_000;

/** Tells of one player's events. */
export function narrator(
  name: string,
  now: () => number = () => performance.now(),
): (event: PlayerEvent) => void {
  /** Texts of the last minute or so, and when they were told. */
  const told = new Map<string, number>();
  return (event) => {
    const text = textOf(event);
    if (text === undefined) return;
    if (event.kind !== "moved") {
      const time = now();
      for (const [old, at] of told) if (time - at >= repeatMs) told.delete(old);
      if (told.has(text)) return;
      told.set(text, time);
    }
    remark(`${name.padEnd(8)} ${text}`);
  };
}

function textOf(event: PlayerEvent): string | undefined {
  switch (event.kind) {
    case "moved": {
      const { dispute } = event;
      const searching = phaseNames[dispute.phase] === "search";
      const span = searching
        ? `round ${dispute.round + 1}, steps ${grouped(dispute.startStep)} – ${grouped(dispute.endStep)}`
        : `phase ${phaseNames[dispute.phase]}`;
      return `${event.method.padEnd(13)}${span.padEnd(42)}${grouped(event.gas).padStart(9)} gas`;
    }
    case "refused":
      return `${event.method.padEnd(13)}would revert: ${contractErrorText(event.reason)}`;
    case "reopened":
      return `dispute ${event.id} opened again: the chain had undone its opening`;
    case "unknown-call":
      return `dispute ${event.id} is about a call that this player does not know`;
    case "failed":
      // A node between two blocks is asked again at once; that is no news.
      if (event.error instanceof StaleViewError) return undefined;
      return `${subjectOf(event.id)}: ${failureOf(event.error).line}`;
    default:
      return undefined;
  }
}

/** Disputes count from 1; 0 is the look for them. */
function subjectOf(id: bigint): string {
  return id === 0n ? "cannot look at the chain" : `dispute ${id}`;
}
