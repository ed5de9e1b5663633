/**
 * A page that draws what validators have done: a row a fragment, EVM blocks from left to right, with draws, turns,
 * confirmations, missed turns, refutations and the block in which it became final; accusations of workers below.
 *
 * Invariant: everything drawn is an event of the contracts; the page needs no script and nothing from elsewhere.
 */
import type { EventLog } from "ethers";
import type { Hash } from "../../game/index.ts";
import type { ClusterReader, ValidationReader } from "../../history/index.ts";
import { visible } from "../terminal/visible.ts";

/** One mark of a row. */
interface Mark {
  readonly block: number;
  readonly name: string;
  /** Number of the validator, from 0; none for what the contract did by itself. */
  readonly who?: number | undefined;
}

const rowHeight = 54;
const left = 150;
const width = 1100;
const colours = ["#2563eb", "#059669", "#b45309", "#7c3aed", "#be185d", "#0f766e"];
const shapes: Readonly<Record<string, string>> = {
  Requested: "·",
  Chosen: "▸",
  Confirmed: "●",
  Missed: "○",
  Refuted: "✕",
  Decided: "◇",
  Verified: "★",
  Voided: "∅",
};
const meanings: Readonly<Record<string, string>> = {
  Chosen: "a turn begins",
  Confirmed: "confirmed, with a proof of independent execution",
  Missed: "the turn was missed",
  Refuted: "the confirmation was refuted",
  Decided: "no more validations: outside challengers have their time",
  Verified: "fully verified",
  Voided: "the cluster does not go on from it",
};

/** The page. */
export async function validationPage(
  validations: ValidationReader,
  clusters: ClusterReader,
  validators: readonly string[],
  cluster: Hash,
): Promise<string> {
  const { contract } = validations;
  const logs = (await contract.queryFilter("*", 0)) as EventLog[];
  const ids = await validations.begun();
  const fragmentOf = new Map<string, Hash>();
  const rows = new Map<Hash, Mark[]>(ids.map((id) => [id, []]));
  for (const { eventName, args, blockNumber } of logs) {
    if (eventName === "Confirmed") fragmentOf.set(String(args.confirmation), args.fragment);
    if (shapes[eventName] === undefined) continue;
    const id: Hash = args.fragment ?? fragmentOf.get(String(args.confirmation));
    const who = validators.indexOf(args.getValue?.("validator") ?? "");
    rows.get(id)?.push({ block: blockNumber, name: eventName, who: who < 0 ? undefined : who });
  }
  const slashed = (await clusters.contract.queryFilter("Slashed", 0)) as EventLog[];
  const blocks = [...logs, ...slashed].map(({ blockNumber }) => blockNumber);
  const [first, last] = [Math.min(...blocks), Math.max(...blocks)];
  const x = (block: number) =>
    left + ((block - first) / Math.max(last - first, 1)) * (width - left - 40);
  const drawn: string[] = [];
  for (const [index, id] of ids.entries()) {
    const fragment = await validations.fragment(id);
    if (fragment?.cluster !== cluster) continue;
    const y = 40 + index * rowHeight;
    drawn.push(label(y, `heights ${fragment.startHeight}–${fragment.height}`));
    drawn.push(line(x(first), x(last), y));
    for (const mark of rows.get(id) ?? []) drawn.push(markAt(x(mark.block), y, mark));
  }
  const y = 40 + ids.length * rowHeight;
  drawn.push(label(y, "workers convicted"), line(x(first), x(last), y));
  for (const { blockNumber } of slashed) {
    drawn.push(markAt(x(blockNumber), y, { block: blockNumber, name: "Refuted" }));
  }
  return page(drawn.join("\n"), y + 40, validators);
}

function label(y: number, text: string): string {
  return `<text x="8" y="${y + 5}">${visible(text)}</text>`;
}

function line(from: number, to: number, y: number): string {
  return `<line x1="${from}" x2="${to}" y1="${y}" y2="${y}" stroke="#cbd5e1"/>`;
}

function markAt(x: number, y: number, { name, who, block }: Mark): string {
  const colour = who === undefined ? "#334155" : colours[who % colours.length];
  const title = `block ${block}: ${name}${who === undefined ? "" : `, validator ${who}`}`;
  const below = name === "Chosen" ? -10 : 6;
  return `<text class="mark" x="${x.toFixed(1)}" y="${y + below}" fill="${colour}"><title>${title}</title>${shapes[name]}</text>`;
}

function page(drawn: string, height: number, validators: readonly string[]): string {
  const legend = Object.entries(meanings)
    .map(([name, text]) => `<li><span class="mark">${shapes[name]}</span> ${text}</li>`)
    .join("");
  const names = validators
    .map(
      (account, i) =>
        `<li style="color:${colours[i % colours.length]}">validator ${i}: ${visible(account)}</li>`,
    )
    .join("");
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Batch validation</title>
<style>
body{font:15px/1.5 system-ui,sans-serif;margin:2rem;color:#0f172a;background:#fff}
svg{max-width:100%;height:auto}text{font-size:13px}.mark{font-size:18px;text-anchor:middle}
li .mark{display:inline-block;width:1.4em;text-align:center}ul{list-style:none;padding:0}
</style>
<h1>Batch validation</h1>
<p>A row a fragment, EVM blocks from left to right.</p>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="validations by EVM block">
${drawn}
</svg>
<ul>${legend}</ul><ul>${names}</ul>
</html>
`;
}
