/**
 * Watching a counterpart: its signed transitions are compared with the node's own, block by block.
 *
 * Invariant: what is reported is evidence: a signature by the counterpart under a result that the node's own execution
 * contradicts. A counterpart that is silent or unreachable is not accused of anything.
 */
import type { TypedDataDomain } from "ethers";
import { contradict, type SignedTransition, signerOf } from "../../src/game/index.ts";
import { fromJson, type LedgerNode, type TransitionJson } from "./ledgerNode.ts";

export type Comparison =
  | { readonly kind: "agrees"; readonly height: number }
  /** The other does not answer, or has fewer blocks. */
  | { readonly kind: "silent"; readonly height: number }
  /** Another call (other blocks, other program): nothing to dispute, but nothing to rely on either. */
  | { readonly kind: "diverged"; readonly height: number }
  /** Grounds for a dispute: give `signed` to `wasm-arbiter serve --claims`, or to `Player.challenge`. */
  | { readonly kind: "contradicts"; readonly height: number; readonly signed: SignedTransition };

export interface Counterpart {
  readonly url: string;
  readonly account: string;
}

const answerTimeoutMs = 5000;

/** Compares blocks from `height` on, as far as both have them. */
export async function compare(
  node: LedgerNode,
  counterpart: Counterpart,
  domain: TypedDataDomain,
  height: number,
): Promise<Comparison> {
  for (let at = height; ; at++) {
    const own = await node.transition(at);
    if (own === undefined) return { kind: "agrees", height: at };
    const signed = await transitionOf(counterpart, at);
    if (signed === undefined || !isSignedBy(signed, counterpart.account, domain)) {
      return { kind: "silent", height: at };
    }
    if (contradict(own.transition, signed.transition)) {
      return { kind: "contradicts", height: at, signed };
    }
    if (own.transition.nextState !== signed.transition.nextState) {
      return { kind: "diverged", height: at };
    }
  }
}

async function transitionOf(
  { url }: Counterpart,
  height: number,
): Promise<SignedTransition | undefined> {
  try {
    const signal = AbortSignal.timeout(answerTimeoutMs);
    const response = await fetch(`${url}/transitions/${height}`, { signal });
    if (!response.ok) return undefined;
    const { transition, signature } = (await response.json()) as {
      readonly transition: TransitionJson;
      readonly signature: string;
    };
    return { transition: fromJson(transition), signature };
  } catch {
    return undefined;
  }
}

function isSignedBy(signed: SignedTransition, account: string, domain: TypedDataDomain): boolean {
  try {
    return signerOf(signed, domain).toLowerCase() === account.toLowerCase();
  } catch {
    return false;
  }
}
