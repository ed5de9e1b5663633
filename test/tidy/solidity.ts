/**
 * Finds Solidity functions that are too long, by their braces: comments and strings with braces of their own do not occur
 * in the contracts.
 */
import type { LongFunction } from "./syntax.ts";

/** Functions of a file with more than `most` lines, signature and braces included. */
export function longSolidityFunctions(file: string, text: string, most: number): LongFunction[] {
  const lines = text.split("\n");
  return lines.flatMap((line, from) => {
    const name = /^\s*(?:function (\w+)|constructor)\b/.exec(line);
    if (name === null) return [];
    const length = lengthFrom(lines, from);
    return length > most ? [{ file, name: name[1] ?? "constructor", lines: length }] : [];
  });
}

/** Lines up to the closing brace of what begins at a line; those of its signature where it has no body. */
function lengthFrom(lines: readonly string[], from: number): number {
  let depth = 0;
  let isOpen = false;
  for (let at = from; at < lines.length; at++) {
    for (const sign of lines[at]) {
      if (sign === ";" && !isOpen) return at - from + 1;
      if (sign === "{") {
        isOpen = true;
        depth++;
      } else if (sign === "}") {
        depth--;
      }
    }
    if (isOpen && depth === 0) return at - from + 1;
  }
  return lines.length - from;
}
