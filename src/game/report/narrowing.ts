/**
 * The picture of a search: one bar a round, the part that is searched next drawn out into the bar below it, a mark
 * for each hash that each side posted.
 */

import type { Transcript } from "../transcript/disputeTranscript.ts";
import type { MarkedMove, Replay } from "../transcript/replayTranscript.ts";
import { html, type Markup } from "./html.ts";

interface Round {
  readonly start: number;
  readonly end: number;
  /** Segment of the next round. */
  readonly nextStart: number;
  readonly nextEnd: number;
  readonly moves: readonly MarkedMove[];
}

const width = 880;
const left = 8;
const barHeight = 14;
const rowHeight = 92;

export function searchRounds(transcript: Transcript, replay: Replay): Round[] {
  const rounds: Round[] = [];
  for (const move of replay.moves) {
    if (move.move !== "vector" && move.move !== "part") continue;
    const { before, after } = transcript.moves[move.index];
    const present = rounds[move.round] ?? { moves: [] };
    rounds[move.round] = {
      start: Number(before.startStep),
      end: Number(before.endStep),
      nextStart: Number(after.startStep),
      nextEnd: Number(after.endStep),
      moves: [...present.moves, move],
    };
  }
  return rounds;
}

export function narrowingPicture(rounds: readonly Round[]): Markup {
  if (rounds.length === 0) return html`<p>There was no search.</p>`;
  const height = rounds.length * rowHeight + 34;
  const last = rounds.at(-1) as Round;
  const isComplete = last.nextEnd - last.nextStart === 1;
  return html`<svg viewBox="0 0 ${width + 2 * left} ${height}" role="img" aria-label="The searched segment, round by round">
${rounds.map((round, i) => roundRow(round, i))}
<text x="${left}" y="${height - 12}" class="strong">${
    isComplete ? `one step left: ${grouped(last.nextStart)}` : "this is as far as the search went"
  }</text>
</svg>`;
}

function roundRow(round: Round, index: number): Markup {
  const top = index * rowHeight + 34;
  const scale = (step: number) => left + ((step - round.start) / (round.end - round.start)) * width;
  const bottom = top + barHeight;
  const [from, to] = [
    scale(round.nextStart),
    Math.max(scale(round.nextEnd), scale(round.nextStart) + 1),
  ];
  const zoomTo = top + rowHeight;
  return html`<g>
<text x="${left}" y="${top - 20}" class="strong">round ${index + 1}</text>
<text x="${left + width}" y="${top - 20}" text-anchor="end">steps ${grouped(round.start)} – ${grouped(round.end)} (${grouped(round.end - round.start)})</text>
<polygon class="zoom" points="${from},${bottom} ${to},${bottom} ${left + width},${zoomTo} ${left},${zoomTo}"/>
<rect class="bar" x="${left}" y="${top}" width="${width}" height="${barHeight}" rx="3"/>
<rect class="next" x="${from}" y="${top}" width="${Math.max(to - from, 1.5)}" height="${barHeight}"/>
${round.moves.map((move) => marks(move, scale, top))}
</g>`;
}

/** The accused's marks above the bar, the challenger's below; what is wrong has a shape of its own, not a colour alone. */
function marks(move: MarkedMove, scale: (step: number) => number, top: number): Markup[] {
  const y = move.side === 0 ? top - 7 : top + barHeight + 7;
  const who = move.side === 0 ? "accused" : "challenger";
  return move.hashes.map(({ step, right }) => {
    const x = scale(step).toFixed(1);
    const title = html`<title>${who}, step ${grouped(step)}: ${right ? "right" : "wrong"}</title>`;
    return right
      ? html`<circle class="right" cx="${x}" cy="${y}" r="4">${title}</circle>`
      : html`<path class="cross" transform="translate(${x} ${y})" d="M-4-4L4 4M-4 4L4-4">${title}</path>`;
  });
}

export function grouped(value: number | bigint | string): string {
  return BigInt(value).toLocaleString("en-US");
}
