/**
 * Preloaded (`node --import`) into a process that runs the generators: puts the mutant that MUTANT names into the source
 * of the fast path as it is loaded, so that no copy of the project is made.
 *
 * Invariant: without a mutant of that name, or where its text does not stand exactly once, the process ends.
 */
import { registerHooks } from "node:module";
import { mutants } from "./list.ts";

const name = process.env.MUTANT;
const mutant = mutants.find((one) => one.name === name);
if (mutant === undefined) throw new RangeError(`expected the name of a mutant, got ${name}`);
const { file, from, to } = mutant;
const mutated = new URL(`../../../../src/interpreter/compile/${file}`, import.meta.url).href;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (url !== mutated) return loaded;
    const parts = String(loaded.source).split(from);
    if (parts.length !== 2)
      throw new RangeError(`${name}: its text stands ${parts.length - 1} times in ${file}`);
    return { ...loaded, source: parts.join(to) };
  },
});
