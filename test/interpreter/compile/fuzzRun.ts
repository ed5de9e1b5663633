/**
 * Runs fuzz.ts in a process of its own, since V8's tiers are chosen when it starts: as it is, and without the baseline
 * compiler, so that what the optimising one makes of emitted code is seen from the first call on.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export const tiers = [
  ["the default tiers", []],
  ["--no-liftoff", ["--no-liftoff"]],
] as const satisfies readonly (readonly [string, readonly string[]])[];

/** What fuzz.ts prints. */
export interface FuzzReport {
  readonly found: readonly string[];
  readonly programs: number;
  readonly stops: number;
  readonly entries: number;
  readonly light: { readonly kept: number; readonly lost: number; readonly moves: number };
  readonly refusals: Readonly<Record<string, number>>;
  readonly traps: readonly number[];
}

export function fuzz(
  flags: readonly string[],
  generator:
    | "adversary"
    | "recovery"
    | "nested"
    | "vectors"
    | "lanes"
    | "light"
    | "smith"
    | "sample",
  first: number,
  count: number,
): FuzzReport {
  const script = fileURLToPath(new URL("fuzz.ts", import.meta.url));
  const args = [...flags, script, generator, String(first), String(count)];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (stdout === "") throw new Error(`expected a report of ${args.join(" ")}, got ${stderr}`);
  return JSON.parse(stdout);
}

/** Programs that the host may refuse: none of either generator; a segment out of bounds is a refusal of the linker. */
export const expectedRefusals: ReadonlySet<string> = new Set([
  "data-out-of-bounds",
  "elements-out-of-bounds",
]);
