/**
 * Signed transitions as evidence (docs/game.md §2): EIP-712 typed data, bound to one chain and one Arbiter.
 *
 * Invariant: the type below equals TRANSITION_TYPE in contracts/src/game/libraries/Evidence.sol; an honest party
 * signs at most one result of a call, because two are punished without any dispute.
 */
import { type TypedDataDomain, TypedDataEncoder, verifyTypedData } from "ethers";
import {
  type Address,
  claimOf,
  type Hash,
  type SignedTransition,
  sameCall,
  sameClaim,
  type Transition,
} from "./claim.ts";
import type { TypedDataSigner } from "./typedDataSigner.ts";

const transitionTypes = {
  Transition: [
    { name: "program", type: "bytes32" },
    { name: "previousState", type: "bytes32" },
    { name: "inputRoot", type: "bytes32" },
    { name: "inputLength", type: "uint32" },
    { name: "nextState", type: "bytes32" },
    { name: "steps", type: "uint64" },
    { name: "fuel", type: "uint64" },
    { name: "epoch", type: "uint64" },
  ],
};

/**
 * EIP-712 domain of signed transitions: a signature is valid for this chain and this Arbiter alone.
 */
export function evidenceDomain(chainId: bigint, arbiter: Address): TypedDataDomain {
  return { name: "wasm-arbiter", version: "1", chainId, verifyingContract: arbiter };
}

/**
 * Signs a transition: from then on the signer answers for it with its deposit (docs/game.md §2). Sign at most one
 * result of a call: two that differ cost the stake without any dispute. Rejects with what the signer throws.
 */
export async function signTransition(
  transition: Transition,
  domain: TypedDataDomain,
  signer: TypedDataSigner,
): Promise<SignedTransition> {
  const signature = await signer.signTypedData(domain, transitionTypes, { ...transition });
  return { transition, signature };
}

/** The digest that a signature covers; the contract's `evidenceOf`. */
export function evidenceDigest(transition: Transition, domain: TypedDataDomain): Hash {
  return TypedDataEncoder.hash(domain, transitionTypes, { ...transition });
}

/** The account that signed; throws a TypeError for a malformed signature. */
export function signerOf(signed: SignedTransition, domain: TypedDataDomain): Address {
  return verifyTypedData(domain, transitionTypes, { ...signed.transition }, signed.signature);
}

/**
 * Whether two transitions are of one call (same program, state before, input) and give different results (state after,
 * steps or fuel). By two signers, one of them is wrong: `Player.challenge` has the chain find out which. By one signer,
 * it loses its stake without any dispute. Two transitions of different calls never contradict each other.
 */
export function contradict(one: Transition, other: Transition): boolean {
  return sameCall(one, other) && !sameClaim(claimOf(one), claimOf(other));
}
