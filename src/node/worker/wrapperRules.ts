/**
 * The rules of an application with the SDK's wrapper (docs/sdk.md §4): CheckTx as the wrapper decides, and the codes of
 * a block's transactions from the entries that it keeps.
 *
 * Invariant: whether a program has these rules follows from the program alone, since codes go into the hash of results.
 */
import type { MachineState, Program } from "../../interpreter/index.ts";
import {
  CheckState,
  hasWrapper,
  hostSignatureCheck,
  lastResults,
  statusCode,
  type TransactionStatus,
  wrapperMemory,
} from "../../sdk/index.ts";
import type { TransactionRules } from "./transactionRules.ts";

/** The cluster's own codes are below. */
const firstCode = 16;

/** The rules of a program; undefined for one without wrapper. */
export function rulesOf(program: Program): TransactionRules | undefined {
  return hasWrapper(program) ? new WrapperRules(program) : undefined;
}

class WrapperRules implements TransactionRules {
  readonly #memory: number;
  readonly #isSigned = hostSignatureCheck();
  #state: CheckState | undefined;

  constructor(program: Program) {
    this.#memory = wrapperMemory(program);
  }

  reset(chainId: string, nextHeight: bigint, state: MachineState): void {
    if (this.#state?.chainId !== chainId) this.#state = new CheckState(chainId, this.#isSigned);
    this.#state.reset(nextHeight, this.#bytes(state));
  }

  check(transaction: Uint8Array, isRechecked: boolean) {
    if (this.#state === undefined) throw new RangeError("expected a chain to have begun");
    const status = this.#state.check(transaction, isRechecked);
    return { code: codeOf(status), name: status };
  }

  codes(state: MachineState, count: number): number[] {
    return lastResults(this.#bytes(state), count).map(({ status }) => codeOf(status));
  }

  #bytes(state: MachineState): Uint8Array {
    return state.memories[this.#memory].bytes;
  }
}

/** 0 for what was executed. */
function codeOf(status: TransactionStatus): number {
  const code = statusCode(status);
  return code === 0 ? 0 : firstCode + code;
}
