/**
 * One line on stderr for each thing that a player does.
 *
 * Invariant: what repeats itself at every look at the chain is told once, then ever more rarely and with its count,
 * though its numbers differ; a move is told always.
 */
import { StaleViewError } from "../../game/chain/arbiterClient.ts";
import type { PlayerEvent } from "../../game/player/player.ts";
import { phaseNames } from "../../game/search/disputeState.ts";
import { failureOf } from "../terminal/failureLine.ts";
import { counted, grouped, remark } from "../terminal/output.ts";
import { visible } from "../terminal/visible.ts";
import { contractErrorText } from "./contractErrors.ts";

/** Time to the first repetition; it doubles with each. */
const repeatMs = 60_000;
const longestRepeatMs = 64 * repeatMs;
/** Remarks that are remembered: a node cannot fill the memory with ever new ones. */
const mostRemembered = 1000;

interface Told {
  /** Times that it came up since it was last told. */
  unsaid: number;
  nextAt: number;
  waitMs: number;
}

/** Tells of one player's events. */
export function narrator(
  name: string,
  now: () => number = () => performance.now(),
): (event: PlayerEvent) => void {
  /** What was told, without its numbers: a node's complaint may name another block each time. */
  const told = new Map<string, Told>();
  return (event) => {
    const text = textOf(event);
    if (text === undefined) return;
    const line = `${name.padEnd(8)} ${visible(text)}`;
    if (event.kind === "moved") {
      remark(line);
      return;
    }
    const subject = "id" in event ? event.id : 0n;
    const key = `${subject} ${text.replaceAll(/0x[\da-f]+|\d+/gi, "#")}`;
    const before = told.get(key);
    if (before !== undefined && now() < before.nextAt) {
      before.unsaid++;
      return;
    }
    const waitMs = Math.min((before?.waitMs ?? repeatMs / 2) * 2, longestRepeatMs);
    if (told.size >= mostRemembered) told.clear();
    told.set(key, { unsaid: 0, nextAt: now() + waitMs, waitMs });
    const unsaid = before?.unsaid ?? 0;
    remark(unsaid === 0 ? line : `${line} (and ${counted(unsaid, "time")} before)`);
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
