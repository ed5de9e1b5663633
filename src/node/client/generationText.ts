/**
 * A generation as JSON: chain id, workers, where it begins, whose receipts count. A client takes it from the chain or
 * from somebody whom it trusts; a gateway's word for it is a convenience.
 *
 * Invariant: reading is strict; nothing here needs Node.
 */
import { getAddress, getBytes, hexlify, isAddress, isHexString } from "ethers";
import type { Address, Hash } from "../../game/index.ts";
import { type Generation, HistoryError } from "../../history/index.ts";

/** Its fields as JSON has them. */
export interface GenerationText {
  readonly chainId: string;
  readonly validators: readonly { readonly publicKey: string; readonly power: string }[];
  readonly initialHeight: string;
  readonly initialApplicationHash: string;
  readonly receipts?: {
    readonly cluster: Hash;
    readonly chainId: string;
    readonly contract: Address;
    readonly storageNodes: readonly Address[];
  };
  /** Clusters, where the deposits are: what a proof of them is about. */
  readonly contract?: {
    readonly evmChainId: string;
    readonly clusters: Address;
    /** Number that Clusters gives the generation. */
    readonly generation: string;
    /** Wei that every worker has put down. */
    readonly deposit: string;
  };
}

/** A generation as JSON fields. */
export function generationText(
  generation: Generation,
  receipts?: GenerationText["receipts"],
  contract?: GenerationText["contract"],
): GenerationText {
  return {
    chainId: generation.chainId,
    validators: generation.validators.map(({ publicKey, power }) => ({
      publicKey: hexlify(publicKey),
      power: power.toString(),
    })),
    initialHeight: generation.initialHeight.toString(),
    initialApplicationHash: generation.initialApplicationHash,
    ...(receipts === undefined ? {} : { receipts }),
    ...(contract === undefined ? {} : { contract }),
  };
}

/** Reads them. Throws `malformed-answer`. */
export function readGeneration(value: unknown): {
  readonly generation: Generation;
  readonly receipts: GenerationText["receipts"];
  readonly contract: GenerationText["contract"];
} {
  const fields = (value ?? {}) as Partial<GenerationText>;
  const { chainId, validators, initialHeight, initialApplicationHash } = fields;
  const { receipts, contract } = fields;
  const isWhole =
    typeof chainId === "string" &&
    Array.isArray(validators) &&
    validators.every(isValidator) &&
    isCount(initialHeight) &&
    isHexString(initialApplicationHash, 32) &&
    (receipts === undefined || areTerms(receipts)) &&
    (contract === undefined || isContract(contract));
  if (!isWhole) throw new HistoryError("malformed-answer", "expected a generation");
  return {
    generation: {
      chainId,
      validators: validators.map(({ publicKey, power }) => ({
        publicKey: getBytes(publicKey),
        power: BigInt(power),
      })),
      initialHeight: BigInt(initialHeight ?? 0),
      initialApplicationHash: initialApplicationHash as Hash,
    },
    receipts: receipts && { ...receipts, storageNodes: receipts.storageNodes.map(checked) },
    contract,
  };
}

/** An account as receipts name it. */
const checked = (account: Address): Address => getAddress(account) as Address;

const isCount = (value: unknown): boolean => typeof value === "string" && /^\d{1,18}$/.test(value);

function isValidator(value: unknown): boolean {
  const { publicKey, power } = (value ?? {}) as Record<string, unknown>;
  return isHexString(publicKey, 33) && isCount(power);
}

function isContract(value: unknown): boolean {
  const { evmChainId, clusters, generation, deposit } = (value ?? {}) as Record<string, unknown>;
  const numbers = [evmChainId, generation, deposit];
  return (
    isAddress(clusters) &&
    numbers.every((number) => typeof number === "string" && /^\d{1,40}$/.test(number))
  );
}

function areTerms(value: unknown): boolean {
  const { cluster, chainId, contract, storageNodes } = (value ?? {}) as Record<string, unknown>;
  return (
    isHexString(cluster, 32) &&
    isCount(chainId) &&
    isAddress(contract) &&
    Array.isArray(storageNodes) &&
    storageNodes.every(isAddress)
  );
}
