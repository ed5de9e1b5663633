/**
 * The corpus: the per-row grid and the hand-made modules, as one list of cases. Use `stateOf` for a machine at
 * the beginning of a case's call, `programOf` for its program (shared between cases of a module).
 *
 * Invariant: names are unique; the list depends on `perRow` alone, and a smaller one is a part of a larger one.
 */
import { atomicModules } from "./atomics.ts";
import { bulkModules } from "./bulk.ts";
import { callModules } from "./calls.ts";
import type { CorpusCase, CorpusModule } from "./case.ts";
import { controlModules } from "./control.ts";
import { gridModules } from "./grid.ts";
import { hostModules } from "./host.ts";
import { layoutModules } from "./layout.ts";
import { linkedModules } from "./linked.ts";
import { memoryModules } from "./memory.ts";
import { starvingModules } from "./starving.ts";
import { tableModules } from "./tables.ts";
import { vectorGridModules, vectorModules } from "./vectors.ts";
import { wideModules } from "./wide.ts";

export { type Call, type CorpusCase, type CorpusModule, programOf, stateOf } from "./case.ts";

export interface CorpusOptions {
  /** Operand tuples of each numeric instruction at most; all edges of one operand come first. */
  readonly perRow?: number;
}

/** All modules with their calls. */
export function corpusModules({ perRow = 36 }: CorpusOptions = {}): CorpusModule[] {
  return [
    ...gridModules(perRow),
    ...vectorGridModules(Math.ceil(perRow / 4)),
    ...controlModules(),
    ...callModules(),
    ...memoryModules(),
    ...bulkModules(),
    ...tableModules(),
    ...layoutModules(),
    ...vectorModules(),
    ...atomicModules(),
    ...wideModules(),
    ...linkedModules(),
    ...hostModules(),
    ...starvingModules(),
  ];
}

function caseName(module: CorpusModule, index: number): string {
  const { export: name, args, input } = module.calls[index];
  const operands = args.map((bits) => `0x${bits.toString(16)}`).join(", ");
  const on = input === undefined ? "" : ` on ${input.length} bytes`;
  return `${module.name} › ${name}(${operands})${on}`;
}

/** All cases: one call each. */
export function corpusCases(options: CorpusOptions = {}): CorpusCase[] {
  return corpusModules(options).flatMap((module) =>
    module.calls.map((item, index) => ({
      ...item,
      name: caseName(module, index),
      module,
      wasm: module.wasm,
    })),
  );
}

/**
 * Fewer cases of the same kinds: all whose operands decide how they end; of each module the first call of each function
 * and ending, and of its others one in `every`, another one in each module, so that an edge that many modules approach
 * is approached by some of them.
 */
export function fewerCases(cases: readonly CorpusCase[], every: number): CorpusCase[] {
  const kinds = new Set<string>();
  let number = 0;
  let index = 0;
  return cases.filter(({ module, export: name, trap, boot, input }, n) => {
    if (module !== cases[n - 1]?.module) {
      number += 1;
      index = 0;
    }
    const kind = [number, name, trap, boot, input === undefined].join();
    const isFirst = !kinds.has(kind);
    kinds.add(kind);
    return index++ % every === number % every || isFirst || trap === undefined;
  });
}
