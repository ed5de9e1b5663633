/**
 * The search: every family is tried at random places of its space, the dearest of all are improved by changing one or
 * two parameters at a time, and the dearest found are measured again with more effort, on every executor.
 *
 * Invariant: which workloads are tried follows from the seed and from what was measured; every family is tried at
 * least once, however small the budget.
 */
import type { ExecutorKind } from "../../src/interpreter/chooseExecutor.ts";
import { Random } from "../../test/differential/random.ts";
import type { Effort } from "./measure.ts";
import { measure } from "./measure.ts";
import { type Family, nameOf, type Parameters } from "./workload.ts";

export interface Found {
  readonly family: Family;
  readonly parameters: Parameters;
  readonly executor: ExecutorKind;
  readonly nanosecondsPerFuel: number;
}

export interface SearchOptions {
  readonly families: readonly Family[];
  readonly executors: readonly ExecutorKind[];
  readonly seed: number;
  /** Wall-clock seconds for the search; the rows of the table are measured after it. */
  readonly seconds: number;
  readonly effort: Effort;
  /** Told of every measurement. */
  readonly onFound?: (found: Found) => void;
}

/** Families that are climbed in turn; the dearest first. */
const climbed = 24;

function randomParameters(family: Family, random: Random): Parameters {
  const entries = Object.entries(family.space).map(([name, choices]) => [
    name,
    random.pick(choices),
  ]);
  return Object.fromEntries(entries) as Parameters;
}

/** One or two parameters moved, mostly to a neighbour. */
function neighbour(family: Family, from: Parameters, random: Random): Parameters {
  const names = Object.keys(family.space);
  const changed: Record<string, number> = { ...from };
  for (let count = random.oneIn(3) ? 2 : 1; count > 0 && names.length > 0; count--) {
    const name = random.pick(names);
    const choices = family.space[name];
    const at = choices.indexOf(from[name]);
    const next = random.oneIn(3) ? random.below(choices.length) : at + random.pick([-1, 1]);
    changed[name] = choices[Math.min(choices.length - 1, Math.max(0, next))];
  }
  return changed;
}

export class Search {
  /** Dearest member of each family on each executor. */
  readonly best = new Map<string, Found>();
  measured = 0;
  private readonly options: SearchOptions;
  private readonly random: Random;
  private readonly tried = new Set<string>();
  private readonly end: number;

  constructor(options: SearchOptions) {
    this.options = options;
    this.random = new Random(options.seed);
    this.end = performance.now() + options.seconds * 1000;
  }

  private get isOver(): boolean {
    return performance.now() >= this.end;
  }

  run(): readonly Found[] {
    for (const executor of this.options.executors) {
      for (const family of this.options.families) {
        for (let again = 0; again < 3; again++) {
          if (this.try(family, randomParameters(family, this.random), executor)) break;
        }
      }
    }
    while (!this.isOver) this.improve();
    return this.ranked();
  }

  /** Every family's dearest member on each executor, dearest first. */
  ranked(): readonly Found[] {
    return [...this.best.values()].sort((a, b) => b.nanosecondsPerFuel - a.nanosecondsPerFuel);
  }

  /** One change of one of the dearest, or, now and then, a new try of any family. */
  private improve(): void {
    const { random } = this;
    // What is found on the default executor is the outcome.
    const { executors } = this.options;
    const executor = random.oneIn(4) ? random.pick(executors) : executors[0];
    const ranked = this.ranked().filter((found) => found.executor === executor);
    if (ranked.length === 0 || random.oneIn(3)) {
      const family = random.pick(this.options.families);
      this.try(family, randomParameters(family, random), executor);
      return;
    }
    const { family, parameters } = random.pick(ranked.slice(0, climbed));
    this.try(family, neighbour(family, parameters, random), executor);
  }

  /** Measures a workload that was not tried before; false if it cannot run. */
  private try(family: Family, parameters: Parameters, executor: ExecutorKind): boolean {
    const name = `${executor} ${nameOf(family, parameters)}`;
    if (this.tried.has(name)) return true;
    this.tried.add(name);
    const workload = family.build(parameters);
    if (workload === undefined) return false;
    const measurement = measure(workload, executor, this.options.effort);
    if (measurement === undefined) return false;
    this.measured++;
    const { nanosecondsPerFuel } = measurement;
    const found = { family, parameters, executor, nanosecondsPerFuel };
    this.options.onFound?.(found);
    const key = `${executor} ${family.name}`;
    const known = this.best.get(key);
    if (known === undefined || known.nanosecondsPerFuel < nanosecondsPerFuel)
      this.best.set(key, found);
    return true;
  }
}

/** Measures a workload again, with as much effort as its rank deserves. */
export function remeasure(found: Found, effort: Effort): Found {
  const workload = found.family.build(found.parameters);
  const again = workload === undefined ? undefined : measure(workload, found.executor, effort);
  return again === undefined ? found : { ...found, nanosecondsPerFuel: again.nanosecondsPerFuel };
}
