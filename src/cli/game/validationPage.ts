/**
 * A page that draws what validators have done: a row a fragment, EVM blocks from left to right, with draws, turns,
 * confirmations, missed turns, refutations and the block in which it became final; accusations of workers below.
 *
 * Invariant: everything drawn is an event of the contracts; the page needs no script and nothing from elsewhere.
 */
import type { EventLog } from "ethers";
import type { Hash } from "../../game/index.ts";
import { palette } from "../../game/report/style.ts";
import type { ClusterReader, ValidationReader } from "../../history/index.ts";
import { visible } from "../terminal/visible.ts";

/** One mark of a row. */
interface Mark {
  readonly block: number;
  readonly name: string;
  /** Number of the validator, from 0; none for what the contract did by itself. */
  readonly who?: number | undefined;
}

/** One row of the picture. */
interface Lane {
  readonly name: string;
  readonly marks: readonly Mark[];
}

const rowHeight = 54;
const left = 150;
const width = 1100;
/** Readable on white and on the dark page; a mark's number tells validators apart, also the seventh from the first. */
const colours = ["#3b7bec", "#0f8a63", "#b8650f", "#8d63ec", "#d0407f", "#158b81"];
const shapes: Readonly<Record<string, string>> = {
  Requested: "·",
  Convicted: "✕",
  Chosen: "▸",
  Confirmed: "●",
  Missed: "○",
  Refuted: "✕",
  Decided: "◇",
  Verified: "★",
  Voided: "∅",
};
const meanings: Readonly<Record<string, string>> = {
  Requested: "validation is asked for",
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
  const lanes: Lane[] = [];
  for (const id of ids) {
    const fragment = await validations.fragment(id);
    if (fragment?.cluster !== cluster) continue;
    const { startHeight, height } = fragment;
    lanes.push({ name: `heights ${startHeight}–${height}`, marks: rows.get(id) ?? [] });
  }
  lanes.push({
    name: "workers convicted",
    marks: slashed.map(({ blockNumber }) => ({ block: blockNumber, name: "Convicted" })),
  });
  return page(lanes, blocks, validators);
}

/** The rows of the picture, one below the other. */
function picture(lanes: readonly Lane[], blocks: readonly number[]): string {
  const first = blocks.reduce((least, block) => Math.min(least, block), blocks[0] ?? 0);
  const last = blocks.reduce((most, block) => Math.max(most, block), first);
  const x = (block: number) =>
    left + ((block - first) / Math.max(last - first, 1)) * (width - left - 40);
  const drawn = lanes.map(({ name, marks }, index) => {
    const y = 40 + index * rowHeight;
    const inLane = marks.map((mark) => markAt(x(mark.block), y, mark));
    return [label(y, name), line(left, width - 40, y), ...inLane].join("\n");
  });
  return `<svg viewBox="0 0 ${width} ${40 + lanes.length * rowHeight}" role="img" aria-label="validations by EVM block; the list below says the same">
${drawn.join("\n")}
</svg>`;
}

/** The same in words. */
function wording(lanes: readonly Lane[]): string {
  const items = lanes.map(({ name, marks }) => {
    const told = marks.map((mark) => `<li>${markText(mark)}</li>`).join("");
    return `<h3>${visible(name)}</h3>${told === "" ? "<p>none</p>" : `<ul>${told}</ul>`}`;
  });
  return `<details><summary>In words</summary>${items.join("")}</details>`;
}

function label(y: number, text: string): string {
  return `<text x="8" y="${y + 5}">${visible(text)}</text>`;
}

function line(from: number, to: number, y: number): string {
  return `<line x1="${from}" x2="${to}" y1="${y}" y2="${y}"/>`;
}

function markText({ name, who, block }: Mark): string {
  return `block ${block}: ${name}${who === undefined ? "" : `, validator ${who}`}`;
}

function markAt(x: number, y: number, mark: Mark): string {
  const { name, who } = mark;
  const colour = who === undefined ? "" : ` fill="${colours[who % colours.length]}"`;
  const isAbove = name === "Chosen";
  const number =
    who === undefined
      ? ""
      : `<text class="who" x="${x.toFixed(1)}" y="${y + (isAbove ? -22 : 20)}"${colour}>${who}</text>`;
  return `<text class="mark" x="${x.toFixed(1)}" y="${y + (isAbove ? -8 : 6)}"${colour}><title>${markText(mark)}</title>${shapes[name]}</text>${number}`;
}

const pageRules = `main{max-width:1200px;margin:0 auto;padding:2rem 1rem}.picture{overflow-x:auto}svg{display:block;width:100%;height:auto;min-width:800px}
svg text{font-size:13px}svg text:not([fill]){fill:var(--ink)}line{stroke:var(--line)}svg .mark{font-size:18px;text-anchor:middle}svg .who{font-size:10px;text-anchor:middle}
li .mark{display:inline-block;width:1.4em;text-align:center}ul{list-style:none;padding:0}li{overflow-wrap:anywhere}h3{font-size:1em;margin:.6em 0 0}summary{cursor:pointer}
@media print{svg{min-width:0}.picture{overflow:visible}}`;

function page(lanes: readonly Lane[], blocks: readonly number[], validators: readonly string[]) {
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
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Batch validation</title>
<style>${palette}${pageRules}</style>
<main>
<h1>Batch validation</h1>
<p>A row a fragment, EVM blocks from left to right. The number at a mark is the validator's.</p>
<div class="picture">${picture(lanes, blocks)}</div>
<ul>${legend}</ul><ul>${names}</ul>
${wording(lanes)}
</main>
</html>
`;
}
