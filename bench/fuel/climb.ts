/**
 * The way up in the space of one family on one executor: from where the family says, or from the dearest place found, its neighbours are tried one after
 * the other, then places chosen at random, until nothing dearer was found for a while.
 *
 * Invariant: no place is proposed twice.
 */
import type { Random } from "../../test/differential/random.ts";
import { type Family, nameOf, type Parameters } from "./workload.ts";

/** Neighbours in two parameters at once that are tried of each place, and places at random when all neighbours are. */
const pairsTried = 6;
const restarts = 12;
/** What is dearer by less is noise. */
const dearerBy = 1.03;
const attempts = 20;

export class Climb {
  readonly family: Family;
  best: { readonly parameters: Parameters; readonly nanosecondsPerFuel: number } | undefined;
  private readonly random: Random;
  private readonly tried = new Set<string>();
  private waiting: Parameters[];
  private restartsLeft = restarts;

  constructor(family: Family, random: Random) {
    this.family = family;
    this.random = random;
    this.waiting = family.start === undefined ? [] : [family.start];
  }

  /** Whether it has nothing more to propose. */
  isDone = false;

  /** A place that was not proposed before. */
  next(): Parameters | undefined {
    const own = this.waiting.pop();
    if (own !== undefined) return this.propose(own) ?? this.next();
    if (this.restartsLeft-- > 0) {
      for (let attempt = 0; attempt < attempts; attempt++) {
        const place = this.propose(this.anywhere());
        if (place !== undefined) return place;
      }
    }
    this.isDone = true;
    return undefined;
  }

  /** Told of what a place takes. */
  note(parameters: Parameters, nanosecondsPerFuel: number): void {
    const { best } = this;
    if (best !== undefined && nanosecondsPerFuel < best.nanosecondsPerFuel * dearerBy) return;
    this.best = { parameters, nanosecondsPerFuel };
    this.waiting = this.neighbours(parameters);
    this.restartsLeft = restarts;
    this.isDone = false;
  }

  private propose(place: Parameters): Parameters | undefined {
    const name = nameOf(this.family, place);
    if (this.tried.has(name)) return undefined;
    this.tried.add(name);
    return place;
  }

  private anywhere(): Parameters {
    const entries = Object.entries(this.family.space);
    return Object.fromEntries(
      entries.map(([name, choices]) => [name, this.random.pick(choices)]),
    ) as Parameters;
  }

  /** One parameter moved to the next choice on either side, in random order; under them some with two moved. */
  private neighbours(from: Parameters): Parameters[] {
    const { random } = this;
    const names = Object.keys(this.family.space);
    const single = names.flatMap((name) => [-1, 1].map((by) => this.moved(from, name, by)));
    const pairs = Array.from({ length: names.length > 1 ? pairsTried : 0 }, () => {
      const first = this.moved(from, random.pick(names), random.pick([-1, 1]));
      return this.moved(first, random.pick(names), random.pick([-1, 1]));
    });
    return [...pairs, ...single.sort(() => random.below(3) - 1)];
  }

  private moved(from: Parameters, name: string, by: number): Parameters {
    const choices = this.family.space[name];
    const at = choices.indexOf(from[name]) + by;
    return { ...from, [name]: choices[Math.min(choices.length - 1, Math.max(0, at))] };
  }
}
