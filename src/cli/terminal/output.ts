/**
 * What a command writes: its result to stdout (JSON alone with --json), everything else to stderr.
 *
 * Invariant: colour, progress and cuts appear only where a terminal reads them, so a pipe gets plain and whole text;
 * nothing that a terminal obeys is written but line feeds and our own colours (visible.ts).
 */
import { createRequire } from "node:module";
import type { default as Table, TableConstructorOptions } from "cli-table3";
import textWidth from "fast-string-truncated-width";
import picocolors from "picocolors";
import { exitCodes } from "./failure.ts";
import { guarded, visibleJson } from "./visible.ts";

/** For what is read when it is first needed; most output has no columns. */
const require = createRequire(import.meta.url);

/** Shows a command's result: `value` as one JSON line, or `text`. */
export function show(json: boolean, value: unknown, text: () => string): void {
  const lines = json ? visibleJson(JSON.stringify(value, jsonValue)) : guarded(text());
  process.stdout.write(`${lines}\n`);
}

/** Sets the exit code of a command that did what it was asked and whose answer is no (exit codes: failure.ts). */
export function setExit(code: keyof typeof exitCodes): void {
  process.exitCode = exitCodes[code];
}

/** A remark for people. */
export function remark(text: string): void {
  process.stderr.write(`${guarded(text)}\n`);
}

/** Integers beyond 2^53 and bytes have no JSON form of their own. */
function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return hex(value);
  return value;
}

/** Bytes as 0x… */
export function hex(bytes: Uint8Array): string {
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** A slot's bits as 0x… without leading zeros. */
export function bitsText(bits: bigint): string {
  return `0x${bits.toString(16)}`;
}

/** 1234567 → 1,234,567 */
export function grouped(value: number | bigint): string {
  const isWhole = typeof value === "bigint" || Number.isSafeInteger(value);
  // The host's tables of locales take longer to load than a small command to run.
  if (isWhole) return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
  return value.toLocaleString("en-US");
}

/** 1 step, 2 steps. */
export function counted(value: number, noun: string): string {
  return `${grouped(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** Lines `name  value` with the values in one column. */
export function fields(rows: readonly (readonly [string, string])[]): string {
  return laidOut(rows, {});
}

/** The same where the values of the last rows take long to find: the rows that are known, and then the others. */
export function fieldsInTurn(
  rows: readonly (readonly [string, string])[],
  laterNames: readonly string[],
): { readonly first: string; rest(values: readonly string[]): string } {
  const lines = (values: readonly string[]) =>
    fields([...rows, ...laterNames.map((name, i) => [name, values[i] ?? ""] as const)]).split("\n");
  return {
    first: lines([]).slice(0, rows.length).join("\n"),
    rest: (values) => lines(values).slice(rows.length).join("\n"),
  };
}

/** Between two columns. */
const gap = "  ";
/** A column is never cut to less. */
const leastWidth = 12;

/**
 * A table with a head; columns named in `right` are right-aligned. On a terminal that is too narrow the widest of the
 * others is cut, so that a line stays a line.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly string[] = [],
  columns: number | undefined = terminalColumns(),
): string {
  const widths = head.map((name, i) =>
    rows.reduce((most, row) => Math.max(most, widthOf(row[i])), widthOf(name)),
  );
  const elastic = widestOf(widths, (i) => !right.includes(head[i]));
  const excess = widths.reduce((sum, width) => sum + width + gap.length, -gap.length);
  if (columns !== undefined && elastic !== undefined && excess > columns) {
    const least = Math.min(widths[elastic], Math.max(leastWidth, widthOf(head[elastic])));
    widths[elastic] = Math.max(least, widths[elastic] - (excess - columns));
  }
  return laidOut([head, ...rows], {
    colWidths: widths,
    colAligns: head.map((name) => (right.includes(name) ? "right" : "left")),
  });
}

/** Rows in columns, by cli-table3 without its lines. */
function laidOut(
  rows: readonly (readonly string[])[],
  options: Pick<TableConstructorOptions, "colWidths" | "colAligns">,
): string {
  const Sheet = require("cli-table3") as typeof Table;
  const sheet = new Sheet({
    ...options,
    chars: { ...noLines, middle: gap },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
  });
  sheet.push(...rows.map((row) => [...row]));
  return sheet
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

const noLines = Object.fromEntries(
  ["top", "bottom", "mid", "left", "right"].flatMap((side) =>
    [side, `${side}-mid`, `${side}-left`, `${side}-right`].map((name) => [name, ""]),
  ),
);

/** Columns of the terminal that reads stdout; undefined for a pipe. */
function terminalColumns(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : undefined;
}

/** Columns that a text takes in a terminal; colours take none, wide characters two. */
function widthOf(text: string): number {
  return textWidth(text).width;
}

function widestOf(
  widths: readonly number[],
  isEligible: (i: number) => boolean,
): number | undefined {
  const eligible = widths.map((_, i) => i).filter(isEligible);
  return eligible.sort((a, b) => widths[b] - widths[a])[0];
}

/** Coloured where stdout is a terminal that wants it (https://no-color.org). */
export function colour(name: "bold" | "red" | "green" | "dim", text: string): string {
  const wanted = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  return picocolors.createColors(wanted)[name](text);
}
