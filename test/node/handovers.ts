/**
 * Handovers for tests: keys of a generation, and the transaction that its predecessors have signed.
 */
import { getBytes, id, SigningKey } from "ethers";
import {
  encodeHandover,
  type Handover,
  signHandover,
  type Validator,
} from "../../src/history/index.ts";
import { orderedValidators } from "../../src/node/engine/proposers.ts";
import { chainId, workerKeys } from "./network.ts";

/** Four consensus keys, other ones for each name. */
export const keysOf = (name: string): SigningKey[] =>
  [0, 1, 2, 3].map((index) => new SigningKey(id(`handover ${name} ${index}`)));

/** The workers of some keys, in CometBFT's order. */
export const validatorsOf = (keys: readonly SigningKey[]): Validator[] =>
  orderedValidators(
    keys.map((key) => ({ publicKey: getBytes(key.compressedPublicKey), power: 1n })),
  );

/** The handover of the tests' chain to `successors` that workers at these positions have signed. */
export function handoverBy(
  voters: readonly number[],
  successors: readonly Validator[],
  changes: Partial<Handover> = {},
): Uint8Array {
  const present = validatorsOf(workerKeys);
  const votes = voters.map((worker) => {
    const wanted = Buffer.from(present[worker].publicKey);
    const key = workerKeys.find(({ compressedPublicKey }) =>
      wanted.equals(getBytes(compressedPublicKey)),
    );
    if (key === undefined) throw new Error(`no key of worker ${worker}`);
    return { worker, signature: signHandover(chainId, successors, key) };
  });
  return encodeHandover({ successors, votes, ...changes });
}
