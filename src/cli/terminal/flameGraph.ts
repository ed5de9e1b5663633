/**
 * A flame graph as one self-contained SVG or HTML page: width is fuel, callees stand on their callers.
 *
 * Invariant: no script, no outside resource; names are escaped, so a module can put no markup into the picture, and nothing that is
 * no XML.
 */
import { nameText } from "../session/names.ts";
import { type ProfileNode, totalOf, totalsOf } from "../session/profiler.ts";
import { grouped } from "./output.ts";
import { visible } from "./visible.ts";

const width = 1200;
const rowHeight = 20;
const headHeight = 48;
/** Narrower boxes cannot be seen. */
const narrowest = 0.4;
const characterWidth = 6.6;

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
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="100%" font-family="ui-monospace, monospace" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="6" y="18" font-size="14" font-weight="bold">${escaped(title)}</text>`,
    `<text x="6" y="36" fill="#555">${escaped(head)}</text>`,
    ...boxes.map((box) => boxSvg(box, height, total.fuel)),
    "</svg>",
  ].join("\n");
}

function boxSvg(box: Box, height: number, allFuel: number): string {
  const y = height - 8 - (box.level + 1) * rowHeight;
  const share = ((100 * box.fuel) / Math.max(allFuel, 1)).toFixed(1);
  const room = Math.floor((box.width - 6) / characterWidth);
  const name = nameText(box.node.function);
  const label = room < 3 ? "" : name.length <= room ? name : `${name.slice(0, room - 1)}…`;
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

/** The picture in a page of its own. */
export function flameGraphHtml(root: ProfileNode, title: string): string {
  return [
    "<!doctype html>",
    `<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>`,
    "<style>body{margin:16px;background:#fff}g:hover rect{stroke:#222;stroke-width:1}</style></head><body>",
    flameGraphSvg(root, title),
    "</body></html>\n",
  ].join("\n");
}

/** XML knows no controls, not even as entities; they are shown as escapes. */
function escaped(text: string): string {
  return visible(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
