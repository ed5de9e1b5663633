/**
 * A flame graph as one self-contained SVG or HTML page: width is fuel, callees stand on their callers. The page has the
 * functions in a table too, for who cannot point at a box.
 *
 * Invariant: no script, no outside resource; names are escaped, so a module can put no markup into the picture, and nothing that is
 * no XML.
 */
import textWidth from "fast-string-truncated-width";
import { palette } from "../../game/report/style.ts";
import { nameText } from "../session/names.ts";
import { type ProfileNode, totalOf, totalsByFunction, totalsOf } from "../session/profiler.ts";
import { grouped } from "./output.ts";
import { visible } from "./visible.ts";

const width = 1200;
const rowHeight = 20;
const headHeight = 48;
/** Narrower boxes cannot be seen. */
const narrowest = 0.4;
const characterWidth = 6.7;
const titleWidth = 8.6;
/** Rows of the page's table. */
const mostRows = 50;
/** Attributes are for programs that know no style sheets; on a dark page these rules come before them. */
const darkRules =
  "@media screen and (prefers-color-scheme:dark){.page{fill:#12161c}.title{fill:#e4e9f0}.soft{fill:#98a4b5}}g:hover rect{stroke:#222}";

interface Box {
  readonly node: ProfileNode;
  readonly x: number;
  readonly level: number;
  readonly width: number;
  readonly fuel: number;
}

function boxesOf(root: ProfileNode): Box[] {
  const totals = totalsOf(root);
  const fuelOf = (node: ProfileNode) => totals.get(node)?.fuel ?? 0;
  const all = fuelOf(root);
  const boxes: Box[] = [];
  // Call paths may be thousands of calls deep.
  const open = [{ node: root, x: 0, level: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, x, level } = next;
    const fuel = fuelOf(node);
    const boxWidth = all === 0 ? 0 : (fuel / all) * width;
    if (boxWidth < narrowest) continue;
    boxes.push({ node, x, level, width: boxWidth, fuel });
    let at = x;
    for (const callee of [...node.callees.values()].sort((a, b) => fuelOf(b) - fuelOf(a))) {
      open.push({ node: callee, x: at, level: level + 1 });
      at += (fuelOf(callee) / all) * width;
    }
  }
  return boxes;
}

/** The picture alone. */
export function flameGraphSvg(root: ProfileNode, title: string): string {
  const boxes = boxesOf(root);
  const total = totalOf(root);
  const levels = boxes.reduce((most, { level }) => Math.max(most, level), 0) + 1;
  const height = headHeight + levels * rowHeight + 8;
  const head = `${grouped(total.steps)} steps · ${grouped(total.fuel)} fuel · width is fuel`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="100%" role="img" aria-label="${escaped(`Flame graph of ${title}: ${head}`)}" font-family="ui-monospace, monospace" font-size="11">`,
    `<style>${darkRules}</style>`,
    `<rect class="page" width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text class="title" x="6" y="18" font-size="14" font-weight="bold">${escaped(fitted(title, (width - 12) / titleWidth))}</text>`,
    `<text class="soft" x="6" y="36" fill="#555">${escaped(head)}</text>`,
    ...boxes.map((box) => boxSvg(box, height, total.fuel)),
    "</svg>",
  ].join("\n");
}

function boxSvg(box: Box, height: number, allFuel: number): string {
  const y = height - 8 - (box.level + 1) * rowHeight;
  const share = ((100 * box.fuel) / Math.max(allFuel, 1)).toFixed(1);
  const room = Math.floor((box.width - 6) / characterWidth);
  const name = nameText(box.node.function);
  const label = room < 3 ? "" : fitted(name, room);
  return [
    "<g>",
    `<title>${escaped(name)}: ${share} % of fuel, ${grouped(box.fuel)}; itself ${grouped(box.node.fuel)} in ${grouped(box.node.steps)} steps</title>`,
    `<rect x="${box.x.toFixed(2)}" y="${y}" width="${Math.max(box.width - 0.5, 0.2).toFixed(2)}" height="${rowHeight - 1}" rx="2" fill="${fill(name)}"/>`,
    label === ""
      ? ""
      : `<text x="${(box.x + 4).toFixed(2)}" y="${y + 14}">${escaped(label)}</text>`,
    "</g>",
  ].join("");
}

/** A warm colour that depends on the name alone. */
function fill(name: string): string {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return `hsl(${12 + (hash % 40)} 85% ${62 + (hash % 16)}%)`;
}

/** A text as it is shown, cut to so many columns; never within a character, and wide ones count twice. */
function fitted(text: string, columns: number): string {
  const limit = Math.floor(columns);
  const { index, truncated } = textWidth(visible(text), { limit, ellipsis: "…", ellipsisWidth: 1 });
  return truncated ? `${visible(text).slice(0, index)}…` : visible(text);
}

const pageRules = `main{max-width:1400px;margin:0 auto;padding:16px}.card{overflow-x:auto}svg{display:block;min-width:900px}
table{border-collapse:collapse;width:100%;min-width:560px;margin-top:16px;font-variant-numeric:tabular-nums}caption{text-align:left;color:var(--soft);padding:4px 0}
th,td{padding:3px 0 3px 12px;border-bottom:1px solid var(--line);text-align:right;vertical-align:top}th:first-child{padding-left:0;text-align:left;overflow-wrap:anywhere}thead th{color:var(--soft);font-weight:500}tbody th{font:13px/1.5 ui-monospace,monospace}
@media print{.card{overflow:visible}svg{min-width:0}tr{break-inside:avoid}}`;

/** The picture in a page of its own, with the functions in a table below it. */
export function flameGraphHtml(root: ProfileNode, title: string): string {
  return [
    "<!doctype html>",
    `<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escaped(title)}</title>`,
    `<style>${palette}${pageRules}</style></head><body><main><div class="card">`,
    flameGraphSvg(root, title),
    `</div><div class="card">${functionTable(root)}</div>`,
    "</main></body></html>\n",
  ].join("\n");
}

function functionTable(root: ProfileNode): string {
  const functions = totalsByFunction(root);
  const { fuel } = totalOf(root);
  const share = (part: number) => `${((100 * part) / Math.max(fuel, 1)).toFixed(1)} %`;
  const rows = functions.slice(0, mostRows).map((row) => {
    const cells = [
      grouped(row.selfSteps),
      grouped(row.selfFuel),
      share(row.selfFuel),
      share(row.totalFuel),
    ];
    return `<tr><th scope="row">${escaped(nameText(row.function))}</th>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  const left = functions.length - rows.length;
  const caption = `Functions by their own fuel${left > 0 ? `; ${grouped(left)} more are left out` : ""}`;
  const head = ["function", "steps", "fuel", "itself", "with callees"];
  return `<table><caption>${caption}</caption><thead><tr>${head.map((name) => `<th scope="col">${name}</th>`).join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

/** XML knows no controls, not even as entities; they are shown as escapes. */
function escaped(text: string): string {
  return visible(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
