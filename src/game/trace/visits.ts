/**
 * The steps of a trace that somebody waits for, and the order in which a machine goes to them (docs/game.md §7).
 *
 * Invariant: the next step is the one with the fewest steps to run, so that a pass over the trace serves all who wait
 * for steps on its way, and what is near is not held up by what is far.
 */
import type { LiveTrace } from "./liveTrace.ts";

interface Visit {
  readonly step: number;
  readonly look: (trace: LiveTrace) => void;
  readonly reject: (error: unknown) => void;
}

export class Visits {
  #waiting: Visit[] = [];

  /** Waits for a step; MAX_SAFE_INTEGER is the end of the trace, wherever it is. */
  add<T>(step: number, look: (trace: LiveTrace) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ step, look: (trace) => resolve(look(trace)), reject });
    });
  }

  has(visit: { readonly step: number }): boolean {
    return this.#waiting.includes(visit as Visit);
  }

  /** The visit with the fewest steps to run; undefined if nobody waits. */
  nearest(trace: LiveTrace): { readonly step: number } | undefined {
    let [nearest, least] = [this.#waiting[0], Number.POSITIVE_INFINITY];
    for (const visit of this.#waiting) {
      const distance = trace.distance(visit.step);
      if (distance < least) [nearest, least] = [visit, distance];
    }
    return nearest;
  }

  /** Answers all who wait for `step`, or for a step beyond the trace's end if that is where the machine stands. */
  settle(step: number, trace: LiveTrace): void {
    const { stepCounter } = trace.machine.state;
    for (const visit of this.#take(step)) {
      try {
        if (stepCounter !== step && step !== Number.MAX_SAFE_INTEGER) {
          throw new RangeError(
            `expected a step in ${trace.kept.first.step} … ${stepCounter}, got ${step}`,
          );
        }
        visit.look(trace);
      } catch (error) {
        visit.reject(error);
      }
    }
  }

  /** Tells all who wait for a step that it cannot be reached. */
  fail(step: number, error: unknown): void {
    for (const visit of this.#take(step)) visit.reject(error);
  }

  #take(step: number): Visit[] {
    const taken = this.#waiting.filter((visit) => visit.step === step);
    this.#waiting = this.#waiting.filter((visit) => visit.step !== step);
    return taken;
  }
}

let line: Promise<unknown> = Promise.resolve();

/** One long run of all calls after the other, first come, first served: the first answer is ready while others wait. */
export function longRun(run: () => Promise<void>): Promise<void> {
  const result = line.then(run, run);
  line = result.catch(() => {});
  return result;
}

export function turnOfEventLoop(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
