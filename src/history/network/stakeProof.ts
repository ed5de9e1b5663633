/**
 * A generation and its workers' deposits out of the storage of Clusters (paper 5.4, step 13): what a client believes who
 * trusts one EVM block hash and nobody's answers.
 *
 * Invariant: the slots below are those of contracts/src/network/ClusterBook.sol; the amount of a deposit is fixed in the
 * contract's code, so who trusts the contract knows it.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { AbiCoder, keccak256, toBeHex } from "ethers";
import type { Address, Hash } from "../../game/index.ts";
import type { Generation } from "../chainRules.ts";
import { HistoryError } from "../historyError.ts";
import { type Validator, validatorsHash } from "../validatorSet.ts";
import { accountOf } from "../vote.ts";
import { clusterChainId } from "./chainId.ts";
import { workerStatus } from "./clusterReader.ts";
import { type RpcSender, seedHeader } from "./seedHeader.ts";
import { provenStorage, type StorageProof } from "./stateProof.ts";

/** What the client trusts: one block of one chain, one contract, and which of its generations it means. */
export interface TrustedContract {
  readonly evmChainId: bigint;
  readonly blockHash: Hash;
  /** Clusters. */
  readonly clusters: Address;
  /** Number that Clusters gives the generation. */
  readonly generation: bigint;
  /** Wei that every worker has put down there: fixed in the contract's code. */
  readonly deposit: bigint;
}

/** Places of the mappings in the contract's storage. */
const slots = { generations: 6n, workers: 8n } as const;

/** Where a mapping has the entry of a key; `word` counts the entry's words. */
function slotOf(mapping: bigint, type: string, key: bigint | string, word = 0n): Hash {
  const encoded = AbiCoder.defaultAbiCoder().encode([type, "uint256"], [key, mapping]);
  return toBeHex(BigInt(keccak256(encoded)) + word, 32) as Hash;
}

/** Words of a generation: cluster; parent, number … initial height; blocks (not asked for); the two hashes. */
const generationSlot = (id: bigint, word: bigint) => slotOf(slots.generations, "uint64", id, word);
const words = { cluster: 0n, place: 1n, validatorsHash: 3n, initialAppHash: 4n } as const;
const workerSlot = (account: string) => slotOf(slots.workers, "address", account);

/** So many bits of a word from a bit on. */
const bits = (word: bigint, from: bigint, count: bigint): bigint =>
  (word >> from) & ((1n << count) - 1n);

/** Slots that a proof of a generation's deposits has to show. */
function slotsOf(generation: bigint, validators: readonly Validator[]): Hash[] {
  return [
    ...Object.values(words).map((word) => generationSlot(generation, word)),
    ...validators.map(({ publicKey }) => workerSlot(accountOf(publicKey))),
  ];
}

interface RpcProof {
  readonly accountProof: readonly string[];
  readonly storageProof: readonly { readonly proof: readonly string[] }[];
}

/**
 * Asks a node for the proof of a generation's deposits at a block. Rejects with what the node answers.
 *
 * @param block Its number.
 */
export async function proveStakes(
  provider: RpcSender,
  clusters: Address,
  generation: bigint,
  validators: readonly Validator[],
  block: number,
): Promise<StorageProof> {
  const wanted = slotsOf(generation, validators);
  const at = `0x${block.toString(16)}`;
  const proof = (await provider.send("eth_getProof", [clusters, wanted, at])) as RpcProof;
  return {
    header: await seedHeader(provider, block),
    account: proof.accountProof,
    slots: Object.fromEntries(
      wanted.map((slot, index) => [slot, proof.storageProof[index]?.proof ?? []]),
    ),
  };
}

/**
 * The deposits of a generation's workers in wei, in their order, as a proof shows them. Throws `state-not-proven`;
 * `generation-mismatch` if the contract has another generation under this number.
 */
export function provenStakes(
  proof: StorageProof,
  trusted: TrustedContract,
  generation: Generation,
): bigint[] {
  const { clusters, blockHash, evmChainId, generation: id, deposit } = trusted;
  const read = provenStorage(proof, blockHash, clusters);
  const word = (name: keyof typeof words) => read(generationSlot(id, words[name]));
  const cluster = toBeHex(word("cluster"), 32) as Hash;
  const place = word("place");
  const number = Number(bits(place, 64n, 32n));
  const initialHeight = bits(place, 136n, 64n);
  const isIt =
    clusterChainId(evmChainId, clusters, cluster, number) === generation.chainId &&
    word("validatorsHash") === BigInt(`0x${bytesToHex(validatorsHash(generation.validators))}`) &&
    word("initialAppHash") === BigInt(generation.initialApplicationHash) &&
    initialHeight === generation.initialHeight;
  if (!isIt) throw new HistoryError("generation-mismatch", `generation ${id}`);
  return generation.validators.map(({ publicKey }) => {
    const worker = read(workerSlot(accountOf(publicKey)));
    const isThere =
      bits(worker, 160n, 64n) === id && bits(worker, 224n, 8n) === BigInt(workerStatus.bonded);
    return isThere ? deposit : 0n;
  });
}
