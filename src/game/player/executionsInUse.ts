/**
 * The executions that a player goes by, one a call, kept as long as a dispute is about the call (docs/game.md §7).
 *
 * Invariant: a cache, never the truth. A source that fails, or does not know a call yet, is asked again; what an
 * execution keeps is freed once, when the last dispute about its call is over.
 */
import type { Call } from "../claim/claim.ts";
import type { Execution } from "../trace/execution.ts";

/** What tells calls apart: two disputes about one call share an execution. */
export const callKey = ({ program, previousState, inputRoot, inputLength }: Call): string =>
  [program, previousState, inputRoot, inputLength].join();

/** Executions by their calls. */
export class ExecutionsInUse {
  readonly #source: (call: Call) => Promise<Execution | undefined>;
  readonly #executions = new Map<string, Promise<Execution | undefined>>();
  /** Calls about which a dispute was open at the last look. */
  readonly #disputed = new Set<string>();

  constructor(source: (call: Call) => Promise<Execution | undefined>) {
    this.#source = source;
  }

  /** The execution of a call; undefined if the source does not know the call. */
  of(call: Call): Promise<Execution | undefined> {
    const key = callKey(call);
    let execution = this.#executions.get(key);
    if (execution === undefined) {
      execution = this.#source(call);
      this.#executions.set(key, execution);
      const forget = () => this.#executions.delete(key);
      execution.then((known) => known ?? forget(), forget);
    }
    return execution;
  }

  /** Frees what executions keep for disputes that are over: `inUse` are the keys of calls with open ones. */
  releaseOthers(inUse: ReadonlySet<string>): void {
    for (const [key, execution] of this.#executions) {
      if (inUse.has(key) || !this.#disputed.has(key)) continue;
      this.#disputed.delete(key);
      this.#executions.delete(key);
      void execution.then((known) => known?.release?.()).catch(() => {});
    }
    for (const key of inUse) this.#disputed.add(key);
  }
}
