/**
 * The search: every family is tried once on every executor, then the dearest are climbed (climb.ts), the dearest first,
 * most on the first executor; those found dearest are measured again with more effort at the end. Families that no
 * price mends come last: some keep the host's compilers busy, beside which nothing else can be measured.
 *
 * Invariant: which workloads are tried follows from the seed and from what was measured; every family is tried,
 * however small the budget.
 */
import type { ExecutorKind } from "../../src/interpreter/chooseExecutor.ts";
import { Random } from "../../test/differential/random.ts";
import { Climb } from "./climb.ts";
import { type Effort, measure } from "./measure.ts";
import { median } from "./reference.ts";
import type { Family, Parameters } from "./workload.ts";

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
  /** Wall-clock seconds in all. */
  readonly seconds: number;
  readonly effort: Effort;
  /** Told of every measurement. */
  readonly onFound?: (found: Found) => void;
}

/** Part of the time that measuring again is left. */
const finalPart = 0.2;
/** Of each executor, so many of the dearest are measured again, if there is time, and so often. */
const finalists = 30;
const finalTimes = 3;
/** On the first executor all above this ratio are measured again, whatever the time: the goal (docs/fuel.md §3). */
const goal = 5;
/** Families among which the next to be climbed is chosen, the dearest most often. */
const leaders = 12;
/** Places of a family that cannot run before another is left alone. */
const patience = 8;

interface Tried {
  readonly executor: ExecutorKind;
  readonly climb: Climb;
}

const costOf = ({ climb: { best } }: Tried): number => best?.nanosecondsPerFuel ?? 0;
const dearest = (a: Found, b: Found): number => b.nanosecondsPerFuel - a.nanosecondsPerFuel;

/** The dearest place found of each, dearest first. */
const bestOf = (all: readonly Tried[]): Found[] =>
  all
    .flatMap(({ executor, climb: { family, best } }) =>
      best === undefined ? [] : [{ family, executor, ...best }],
    )
    .sort(dearest);

export class Search {
  measured = 0;
  private readonly options: SearchOptions;
  private readonly random: Random;
  private readonly all: readonly Tried[];
  private readonly start = performance.now();

  constructor(options: SearchOptions) {
    this.options = options;
    this.random = new Random(options.seed);
    this.all = options.executors.flatMap((executor) =>
      options.families.map((family) => ({ executor, climb: new Climb(family, this.random) })),
    );
  }

  /** Seconds since the search began. */
  private get spent(): number {
    return (performance.now() - this.start) / 1000;
  }

  run(): readonly Found[] {
    const { seconds, effort } = this.options;
    const [priced, floors] = [this.priced(true), this.priced(false)];
    this.look(priced);
    while (this.spent < seconds * (1 - finalPart)) {
      const chosen = this.choose(priced);
      if (chosen === undefined) break;
      this.step(chosen, effort);
    }
    const confirmed = this.confirmed(priced);
    this.look(floors);
    return [...confirmed, ...bestOf(floors)].sort(dearest);
  }

  private priced(isPriced: boolean): readonly Tried[] {
    return this.all.filter(({ climb }) => (climb.family.floor === undefined) === isPriced);
  }

  /** A first look, for an order in which to climb. */
  private look(all: readonly Tried[]): void {
    const { effort } = this.options;
    const quick = { ...effort, milliseconds: effort.milliseconds / 2, rounds: effort.rounds / 2 };
    for (const tried of all) {
      for (let left = patience; left > 0 && !this.step(tried, quick); left--);
    }
  }

  /** Families that no place of could be run, by executor. */
  get notRun(): readonly string[] {
    return this.all
      .filter(({ climb }) => climb.best === undefined)
      .map(({ executor, climb }) => `${executor} ${climb.family.name}`);
  }

  /** What to climb next; undefined if all are done. */
  private choose(all: readonly Tried[]): Tried | undefined {
    const { random, options } = this;
    const executor = random.oneIn(2) ? options.executors[0] : random.pick(options.executors);
    const open = all.filter(({ climb }) => !climb.isDone);
    const of = (kind: ExecutorKind) =>
      open
        .filter((tried) => tried.executor === kind)
        .sort((a, b) => costOf(b) - costOf(a))
        .slice(0, leaders);
    const ranked = of(executor);
    const some = ranked.length > 0 ? ranked : options.executors.flatMap(of);
    if (some.length === 0) return undefined;
    if (random.oneIn(6)) return random.pick(open);
    return random.weighted(some.map((tried, rank) => [leaders - rank, tried] as const));
  }

  /** Measures the next place of a climb; false if it cannot run. */
  private step({ executor, climb }: Tried, effort: Effort): boolean {
    const parameters = climb.next();
    if (parameters === undefined) return true;
    const nanosecondsPerFuel = this.measure(executor, climb.family, parameters, effort);
    if (nanosecondsPerFuel === undefined) return false;
    climb.note(parameters, nanosecondsPerFuel);
    return true;
  }

  private measure(
    executor: ExecutorKind,
    family: Family,
    parameters: Parameters,
    effort: Effort,
  ): number | undefined {
    const workload = family.build(parameters);
    const measurement = workload === undefined ? undefined : measure(workload, executor, effort);
    if (measurement === undefined) return undefined;
    this.measured++;
    const { nanosecondsPerFuel } = measurement;
    this.options.onFound?.({ family, parameters, executor, nanosecondsPerFuel });
    return nanosecondsPerFuel;
  }

  /** Every family's dearest place on each executor, dearest first; what was dearest by chance is not so three times. */
  private confirmed(all: readonly Tried[]): readonly Found[] {
    const { seconds, executors, effort } = this.options;
    const seen = new Map<ExecutorKind, number>();
    const again = bestOf(all).map((one) => {
      const rank = seen.get(one.executor) ?? 0;
      seen.set(one.executor, rank + 1);
      const isAbove = one.nanosecondsPerFuel > goal * effort.rate && one.executor === executors[0];
      const isDue = rank === 0 || (rank < finalists && this.spent < seconds);
      return isAbove || isDue ? this.confirm(one) : one;
    });
    return again.sort(dearest);
  }

  private confirm(found: Found): Found {
    const { executor, family, parameters } = found;
    const { effort } = this.options;
    const careful = { ...effort, milliseconds: 2 * effort.milliseconds, rounds: 2 * effort.rounds };
    const times: number[] = [];
    for (let time = 0; time < finalTimes; time++) {
      const again = this.measure(executor, family, parameters, careful);
      if (again !== undefined) times.push(again);
    }
    return times.length === 0 ? found : { ...found, nanosecondsPerFuel: median(times) };
  }
}
