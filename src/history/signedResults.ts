/**
 * What a call returned, signed by a worker's account: for an application that acts on return values before their block's
 * successor is decided, or does not want to open the state.
 *
 * Invariant: a signature is for one chain, height and application hash, so whoever signs what the decided header does not
 * carry has signed against its own vote; the EIP-712 type is the only one that says this.
 */
import { keccak256, TypedDataEncoder, verifyTypedData } from "ethers";
import type { Address, Hash } from "../game/index.ts";

const resultTypes = {
  Results: [
    { name: "chainId", type: "string" },
    { name: "height", type: "uint64" },
    { name: "applicationHash", type: "bytes32" },
    { name: "results", type: "uint64[]" },
    { name: "outputHash", type: "bytes32" },
  ],
};
const domain = { name: "wasm-arbiter results", version: "1" };

/** What the call of a block returned. */
export interface CallResults {
  readonly chainId: string;
  readonly height: bigint;
  /** Of the state after the block: the next header carries it. */
  readonly applicationHash: Hash;
  /** Slots, as unsigned 64-bit integers. */
  readonly results: readonly bigint[];
  /** What the call put out. */
  readonly output: Uint8Array;
}

/** Results with the signature of a worker's account. */
export interface SignedResults extends CallResults {
  readonly signer: Address;
  /** r, s, v as hex. */
  readonly signature: string;
}

/** What signs typed data: an ethers `Wallet` or any `Signer`. */
export interface ResultsSigner {
  /** The account that signs. */
  getAddress(): Promise<string>;
  /** As `Signer.signTypedData` of ethers does: resolves to r, s, v as hex. */
  signTypedData(
    domain: object,
    types: typeof resultTypes,
    value: Record<string, unknown>,
  ): Promise<string>;
}

function typedValue({ chainId, height, applicationHash, results, output }: CallResults) {
  return { chainId, height, applicationHash, results, outputHash: keccak256(output) };
}

/** Signs what a call returned. */
export async function signResults(
  results: CallResults,
  signer: ResultsSigner,
): Promise<SignedResults> {
  const signature = await signer.signTypedData(domain, resultTypes, typedValue(results));
  return { ...results, signer: (await signer.getAddress()) as Address, signature };
}

/** The digest that a signature covers. */
export function resultsDigest(results: CallResults): Hash {
  return TypedDataEncoder.hash(domain, resultTypes, typedValue(results)) as Hash;
}

/** Whether the account that results name has signed them. */
export function areResultsSigned(signed: SignedResults): boolean {
  try {
    return (
      verifyTypedData(domain, resultTypes, typedValue(signed), signed.signature) === signed.signer
    );
  } catch {
    return false;
  }
}
