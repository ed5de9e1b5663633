/**
 * Runs modules of the corpus in a child process with bounded memory, and says what was wrong with any of them.
 *
 * Invariant: a child that ends without a line for each module is a fault, whatever ended it.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { CorpusLine } from "./runCorpus.ts";

const script = fileURLToPath(new URL("runCorpus.ts", import.meta.url));

/** Faults, one line each; `mebibytes` bounds the child's resident memory. */
export function faultsOf(names: readonly string[], count: number, mebibytes: number): string[] {
  const heap = `--max-old-space-size=${Math.round(mebibytes / 2)}`;
  const child = spawnSync(process.execPath, [heap, script, String(count), ...names], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  const lines = child.stdout.split("\n").filter((line) => line !== "");
  const faults = lines.flatMap((line) => faultsIn(JSON.parse(line) as CorpusLine, mebibytes));
  if (lines.length < names.length) {
    faults.push(`${names[lines.length]}: the process ended (${child.status ?? child.signal})`);
    faults.push(child.stderr.slice(0, 2000));
  }
  return faults;
}

function faultsIn({ name, ends, refusal, mebibytes }: CorpusLine, most: number): string[] {
  const faults: string[] = [];
  const { step, auto, fast } = ends;
  if (auto !== step || fast !== step)
    faults.push(`${name}: step ${step}, auto ${auto}, fast ${fast}`);
  if (/^(unsoundEmission|hostCode)/.test(refusal ?? "")) faults.push(`${name}: ${refusal}`);
  if (mebibytes > most) faults.push(`${name}: ${mebibytes} MiB`);
  return faults;
}
