/**
 * Functions of a host module that are made when they are first called for, and stand behind all others: spill functions,
 * stubs of runtime calls.
 *
 * Invariant: a key has one function, whose index is known before it is written; they are written in the order of their
 * indices. `first` is set before the first index is asked for.
 */
import type { FunctionCode } from "./hostFrame.ts";
import type { HostSignature } from "./hostTypes.ts";

interface Helper {
  readonly index: number;
  readonly signature: HostSignature;
  readonly write: () => FunctionCode;
}

/** The helpers of one module. */
export class ModuleHelpers {
  /** Index of the first. */
  first = 0;
  readonly #helpers = new Map<string, Helper>();

  /** Index of the function of that key, which `write` makes when the module is finished. */
  indexOf(key: string, signature: HostSignature, write: () => FunctionCode): number {
    let helper = this.#helpers.get(key);
    if (helper === undefined) {
      helper = { index: this.first + this.#helpers.size, signature, write };
      this.#helpers.set(key, helper);
    }
    return helper.index;
  }

  /** All of them, also those that the writing of others calls for. */
  *written(): Iterable<{ readonly signature: HostSignature; readonly code: FunctionCode }> {
    for (const { signature, write } of this.#helpers.values()) yield { signature, code: write() };
  }
}
