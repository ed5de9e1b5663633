/**
 * A gateway's response as JSON: headers and commits in the forms of CometBFT's RPC, everything else in hex with 0x and
 * decimal strings.
 *
 * Invariant: reading is strict; what is not of the form is a `malformed-answer` that names the field, never an
 * exception of another kind, since it comes from somebody whom the reader does not trust.
 */
import { getAddress, getBytes, hexlify, isAddress, isHexString } from "ethers";
import type { Address, Hash } from "../game/index.ts";
import type { ApplicationState } from "./applicationHash.ts";
import type { ClientResponse } from "./client.ts";
import { HistoryError } from "./historyError.ts";
import type { Receipt } from "./receipt.ts";
import { readSignedHeader } from "./rpc.ts";
import { signedHeaderAnswer } from "./rpcWriter.ts";
import type { Aunt } from "./sha256Tree.ts";

/** Fields of a JSON object. */
export type JsonFields = Readonly<Record<string, unknown>>;

function refuse(field: string, expected: string): never {
  throw new HistoryError("malformed-answer", `expected ${expected} at ${field}`);
}

function objectAt(value: unknown, field: string): JsonFields {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonFields) : refuse(field, "an object");
}

function listAt(value: unknown, field: string): readonly unknown[] {
  return Array.isArray(value) ? value : refuse(field, "a list");
}

function bytesAt(value: unknown, field: string): Uint8Array {
  return isHexString(value) && value.length % 2 === 0 ? getBytes(value) : refuse(field, "hex");
}

function hashAt(value: unknown, field: string): Hash {
  // In lower case, as all hashes here are: they are compared as texts.
  return isHexString(value, 32) ? (value.toLowerCase() as Hash) : refuse(field, "32 bytes in hex");
}

function bigAt(value: unknown, field: string): bigint {
  const isDecimal = typeof value === "string" && /^(?:0|[1-9]\d{0,19})$/.test(value);
  // All of them have 64 bits where they are hashed or signed.
  const isNumber = isDecimal && BigInt.asUintN(64, BigInt(value)) === BigInt(value);
  return isNumber ? BigInt(value) : refuse(field, "a decimal string of 64 bits");
}

function countAt(value: unknown, field: string): number {
  const isCount = Number.isSafeInteger(value) && (value as number) >= 0;
  return isCount ? (value as number) : refuse(field, "a whole number");
}

/** An application state as JSON fields. */
export function applicationFields(state: ApplicationState): JsonFields {
  return { ...state, fuel: state.fuel.toString(), steps: state.steps.toString() };
}

/** Reads them. Throws `malformed-answer`. */
export function readApplication(value: unknown): ApplicationState {
  const { result, base, fuel, steps, receiptsHash } = objectAt(value, "application");
  return {
    result: hashAt(result, "application.result"),
    base: hashAt(base, "application.base"),
    fuel: bigAt(fuel, "application.fuel"),
    steps: bigAt(steps, "application.steps"),
    receiptsHash: hashAt(receiptsHash, "application.receiptsHash"),
  };
}

/** A receipt as JSON fields. */
export function receiptFields(receipt: Receipt): JsonFields {
  return { ...receipt, height: receipt.height.toString() };
}

/** Reads them. Throws `malformed-answer`. */
export function readReceipt(value: unknown): Receipt {
  const { height, root, length, storageNode, signature } = objectAt(value, "receipt");
  if (!isAddress(storageNode)) refuse("receipt.storageNode", "an address");
  if (!isHexString(signature, 65)) refuse("receipt.signature", "65 bytes in hex");
  return {
    height: bigAt(height, "receipt.height"),
    root: hashAt(root, "receipt.root"),
    length: countAt(length, "receipt.length"),
    storageNode: getAddress(storageNode as string) as Address,
    signature: signature as string,
  };
}

/** A response as JSON fields. */
export function responseFields(response: ClientResponse): JsonFields {
  const { transaction, transactionPath, record, range, proof } = response;
  return {
    transaction: hexlify(transaction),
    transactionPath: transactionPath.map(({ left, hash }) => ({ left, hash: hexlify(hash) })),
    record: {
      transaction: hexlify(record.transaction),
      siblings: record.siblings.map((sibling) => hexlify(sibling)),
    },
    block: signedHeaderAnswer(response.header, response.commit),
    next: signedHeaderAnswer(response.nextHeader, response.nextCommit),
    application: applicationFields(response.application),
    range,
    proof: hexlify(proof),
  };
}

/** Reads them. Throws `malformed-answer`. */
export function readResponse(value: unknown): ClientResponse {
  const fields = objectAt(value, "response");
  const record = objectAt(fields.record, "record");
  const range = objectAt(fields.range, "range");
  const block = readSignedHeader(fields.block);
  const next = readSignedHeader(fields.next);
  return {
    transaction: bytesAt(fields.transaction, "transaction"),
    transactionPath: listAt(fields.transactionPath, "transactionPath").map(readAunt),
    record: {
      transaction: bytesAt(record.transaction, "record.transaction"),
      siblings: listAt(record.siblings, "record.siblings").map((sibling) =>
        bytesAt(sibling, "record.siblings"),
      ),
    },
    header: block.header,
    commit: block.commit,
    nextHeader: next.header,
    nextCommit: next.commit,
    application: readApplication(fields.application),
    range: {
      memory: countAt(range.memory, "range.memory"),
      address: countAt(range.address, "range.address"),
      length: countAt(range.length, "range.length"),
    },
    proof: bytesAt(fields.proof, "proof"),
  };
}

function readAunt(value: unknown): Aunt {
  const { left, hash } = objectAt(value, "transactionPath");
  if (typeof left !== "boolean") refuse("transactionPath.left", "true or false");
  return { left: left as boolean, hash: bytesAt(hash, "transactionPath.hash") };
}
