/** One line on stderr for each thing that a player does. */
import { StaleViewError } from "../../game/arbiter.ts";
import { phaseNames } from "../../game/dispute.ts";
import type { PlayerEvent } from "../../game/player.ts";
import { grouped, remark } from "../terminal/output.ts";
import { contractErrorText } from "./contractErrors.ts";

export function narrate(name: string, event: PlayerEvent): void {
  const text = textOf(event);
  if (text !== undefined) remark(`${name.padEnd(8)} ${text}`);
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
    case "unknown-call":
      return `dispute ${event.id} is about a call that this player does not know`;
    case "failed":
      // A node between two blocks is asked again at once; that is no news.
      if (event.error instanceof StaleViewError) return undefined;
      return `dispute ${event.id}: ${String((event.error as Error).message ?? event.error)}`;
    default:
      return undefined;
  }
}
