/**
 * Runs modules of the corpus through the three executors, in a process of its own: where one of them makes the host
 * abort, the process ends and no `catch` sees it. `node runCorpus.ts COUNT NAME…` prints one line of JSON a module.
 *
 * Invariant: every line says what each executor left, so that the parent only compares.
 */
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import type { ExecutorKind } from "../../src/interpreter/chooseExecutor.ts";
import { fastPathRefusal } from "../../src/interpreter/chooseExecutor.ts";
import { Machine } from "../../src/interpreter/machine.ts";
import { link } from "../../src/interpreter/program/link.ts";
import type { Generator } from "./generators.ts";
import { atTheBound, corpus } from "./generators.ts";

const [count, ...names] = process.argv.slice(2);
const generators: Readonly<Record<string, Generator>> = { ...corpus, atTheBound };
/** Four steps each: more than the steps after which `auto` compiles. */
const turns = 60_000;

export interface CorpusLine {
  readonly name: string;
  /** By executor: status, trap, steps, fuel. */
  readonly ends: Readonly<Record<string, string>>;
  readonly refusal: string | undefined;
  /** Most resident memory of the process so far. */
  readonly mebibytes: number;
}

for (const name of names) {
  const module = decodeModule(generators[name](Number(count), turns));
  const ends: Record<string, string> = {};
  let refusal: string | undefined;
  for (const executor of ["step", "auto", "fast"] satisfies ExecutorKind[]) {
    // A program of its own, so that nothing compiled is shared.
    const program = link([{ name: "m", module }], { gateway: "gateway", unknownImports: "trap" });
    const machine = new Machine(program);
    machine.begin(new Uint8Array(0));
    machine.run({ executor });
    const { status, trap, stepCounter, fuelCounter } = machine.state;
    ends[executor] = `${status} ${trap} ${stepCounter} ${fuelCounter}`;
    if (executor === "fast") refusal = fastPathRefusal(machine.state);
  }
  const mebibytes = Math.round(process.resourceUsage().maxRSS / 1024);
  process.stdout.write(
    `${JSON.stringify({ name, ends, refusal, mebibytes } satisfies CorpusLine)}\n`,
  );
}
