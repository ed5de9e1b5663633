/**
 * What a command writes: its result to stdout (JSON alone with --json), everything else to stderr.
 *
 * Invariant: colour and progress appear only where a terminal reads them, so a pipe gets plain text.
 */
import { exitCodes } from "./failure.ts";

/** Shows a command's result: `value` as one JSON line, or `text`. */
export function show(json: boolean, value: unknown, text: () => string): void {
  process.stdout.write(json ? `${JSON.stringify(value, jsonValue)}\n` : `${text()}\n`);
}

/** Sets the exit code of a command that did what it was asked and whose answer is no (exit codes: failure.ts). */
export function setExit(code: keyof typeof exitCodes): void {
  process.exitCode = exitCodes[code];
}

/** A remark for people. */
export function remark(text: string): void {
  process.stderr.write(`${text}\n`);
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
  return value.toLocaleString("en-US");
}

/** 1 step, 2 steps. */
export function counted(value: number, noun: string): string {
  return `${grouped(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** Lines `name  value` with the values in one column. */
export function fields(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
}

/** A table with a head; columns named in `right` are right-aligned. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly string[] = [],
): string {
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i].length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) =>
        right.includes(head[i]) ? cell.padStart(widths[i]) : cell.padEnd(widths[i]),
      )
      .join("  ")
      .trimEnd();
  return [line(head), ...rows.map(line)].join("\n");
}

const codes = { bold: 1, red: 31, green: 32, yellow: 33, cyan: 36, dim: 2 } as const;

/** Coloured where stdout is a terminal that wants it (https://no-color.org). */
export function colour(name: keyof typeof codes, text: string): string {
  const wanted = process.stdout.isTTY && process.env.NO_COLOR === undefined;
  return wanted ? `\u001b[${codes[name]}m${text}\u001b[0m` : text;
}
