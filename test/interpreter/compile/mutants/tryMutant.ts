/**
 * Runs the generators against one mutant, in a process of its own.
 *
 * Invariant: a mutant is found by a parting of the executors, by a refusal of its own emission, or by never coming to an
 * end; a process that fails in any other way is an error.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Mutant } from "./list.ts";

/** Programs take milliseconds: a process that is not done then never will be. */
const patienceSeconds = 300;
const programsOfPatience = 400;

export interface Trial {
  /** What told it from the original; undefined if nothing did. */
  readonly found: string | undefined;
  /** Programs up to there; NaN of a process that did not end. */
  readonly programs: number;
  readonly seconds: number;
}

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

export function tryMutant(mutant: Mutant, generator: string, first: number, count: number): Trial {
  const args = [
    ...["--import", new URL("load.ts", import.meta.url).href, pathOf("../fuzz.ts")],
    ...[generator, String(first), String(count), "1000000", "first"],
  ];
  const seconds = patienceSeconds * Math.ceil(count / programsOfPatience);
  const run = spawnSync(process.execPath, args, {
    encoding: "utf8",
    env: { ...process.env, MUTANT: mutant.name },
    timeout: seconds * 1000,
  });
  if (run.error !== undefined && "code" in run.error && run.error.code === "ETIMEDOUT") {
    return { found: "it does not end", programs: Number.NaN, seconds };
  }
  if (run.stdout === "") throw new Error(`${mutant.name}: ${run.stderr}`);
  const told = JSON.parse(run.stdout);
  return { found: told.found[0], programs: told.programs, seconds: told.seconds };
}
