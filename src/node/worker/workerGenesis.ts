/**
 * What all workers of a generation agree on before the first block, written into CometBFT's genesis as `app_state`: the
 * package, and the bounds that decide whether a proposed block is valid.
 *
 * Invariant: validity depends on blocks and on this alone, never on what a live chain says at the moment, or honest
 * workers would part; the initial application hash names the package's genesis, so another package cannot vote.
 */
import { getAddress, isAddress, isHexString } from "ethers";
import type { Address, Hash } from "../../game/index.ts";
import { NodeError } from "../nodeError.ts";

/** Whose receipts a cluster takes, and under which domain they are signed. */
export interface ReceiptTerms {
  /** EVM chain and Storage contract of the receipts' EIP-712 domain. */
  readonly chainId: bigint;
  readonly contract: Address;
  readonly storageNodes: readonly Address[];
}

/** A generation's agreed settings. */
export interface ClusterGenesis {
  /** H_Ψ of the package. */
  readonly program: Hash;
  /** Identity of the cluster, in receipts. */
  readonly cluster: Hash;
  /** Most fuel that a block's call may spend; a block that would spend more is not proposed and not accepted. */
  readonly blockFuel: number;
  /** Most bytes of one transaction. */
  readonly transactionBytes: number;
  readonly receipts: ReceiptTerms;
  /** Application hash in the first header, if the generation goes on from another one; else the genesis's own. */
  readonly initialApplicationHash?: Hash;
}

/** Longest transaction unless the genesis says otherwise: 64 KiB. */
export const defaultTransactionBytes = 2 ** 16;

/** The settings as `app_state`: one line of JSON. */
export function encodeGenesis(genesis: ClusterGenesis): string {
  const { receipts, ...rest } = genesis;
  return JSON.stringify({
    ...rest,
    receipts: { ...receipts, chainId: receipts.chainId.toString() },
  });
}

/** Reads `app_state`. Throws `genesis-mismatch` that names the field that is wrong. */
export function readGenesis(bytes: Uint8Array): ClusterGenesis {
  const fields = objectOf(parsed(bytes), "app_state");
  const receipts = objectOf(fields.receipts, "receipts");
  const { chainId, contract, storageNodes } = receipts;
  if (typeof chainId !== "string" || !/^\d{1,20}$/.test(chainId)) throw wrong("receipts.chainId");
  if (!Array.isArray(storageNodes)) throw wrong("receipts.storageNodes");
  return {
    program: hashAt(fields, "program"),
    cluster: hashAt(fields, "cluster"),
    blockFuel: countAt(fields, "blockFuel"),
    transactionBytes: countAt(fields, "transactionBytes"),
    receipts: {
      chainId: BigInt(chainId),
      contract: addressOf(contract, "receipts.contract"),
      storageNodes: storageNodes.map((node) => addressOf(node, "receipts.storageNodes")),
    },
    ...(fields.initialApplicationHash === undefined
      ? {}
      : { initialApplicationHash: hashAt(fields, "initialApplicationHash") }),
  };
}

/** What a worker is when a chain begins. */
export interface Beginner {
  /** H_Ψ of its package. */
  readonly program: Hash;
  /** Height of its last block; 0 if it has none. */
  readonly height: bigint;
  /** The same, 0 also if that block is of the generation before. */
  readonly chainHeight: bigint;
  /** Of its state. */
  readonly applicationHash: Hash;
}

/**
 * Throws `genesis-mismatch` unless the worker has the genesis's package, no chain yet, and the state that one with this
 * initial height begins in.
 */
export function checkBeginning(
  genesis: ClusterGenesis,
  initialHeight: bigint,
  { program, height, chainHeight, applicationHash }: Beginner,
): void {
  if (genesis.program !== program) {
    throw new NodeError(
      "genesis-mismatch",
      `package ${program}, the genesis names ${genesis.program}`,
    );
  }
  if (chainHeight !== 0n) throw new NodeError("genesis-mismatch", "this worker has blocks");
  const initial = genesis.initialApplicationHash;
  const isHere =
    initial === undefined
      ? height === 0n
      : height === initialHeight - 1n && applicationHash === initial;
  if (!isHere) throw new NodeError("genesis-mismatch", "the chain begins in another state");
}

function wrong(field: string): NodeError {
  return new NodeError("genesis-mismatch", `app_state: ${field}`);
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw wrong("it is no JSON");
  }
}

function objectOf(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(field);
  return value as Record<string, unknown>;
}

function hashAt(fields: Record<string, unknown>, name: string): Hash {
  const value = fields[name];
  if (!isHexString(value, 32)) throw wrong(name);
  return value as Hash;
}

function countAt(fields: Record<string, unknown>, name: string): number {
  const value = fields[name];
  if (!Number.isSafeInteger(value) || (value as number) < 1) throw wrong(name);
  return value as number;
}

function addressOf(value: unknown, field: string): Address {
  if (!isAddress(value)) throw wrong(field);
  // With its checksum, as records have it: receipts are held against it as texts.
  return getAddress(value) as Address;
}
