/**
 * The header of an EVM block as the chain hashes it: what proves the seed of a draw to Validation (docs/validation.md §3).
 *
 * Invariant: the bytes are the header that the node's own block hash names, or there is an error: no field is guessed.
 */
import { encodeRlp, keccak256, toBeHex } from "ethers";

/** A JSON-RPC connection. */
export interface RpcSender {
  /** The result of a JSON-RPC method; rejects with the node's error. */
  send(method: string, params: unknown[]): Promise<unknown>;
}

type RpcBlock = Readonly<Record<string, string | undefined>>;

/** Fields in the header's order, by their JSON-RPC names; those behind `nonce` came with later forks. */
const fields = [
  "parentHash",
  "sha3Uncles",
  "miner",
  "stateRoot",
  "transactionsRoot",
  "receiptsRoot",
  "logsBloom",
  "difficulty",
  "number",
  "gasLimit",
  "gasUsed",
  "timestamp",
  "extraData",
  "mixHash",
  "nonce",
  "baseFeePerGas",
  "withdrawalsRoot",
  "blobGasUsed",
  "excessBlobGas",
  "parentBeaconBlockRoot",
  "requestsHash",
  "blockAccessListHash",
] as const;
/** JSON-RPC writes numbers without leading zeros; RLP writes them as few bytes as they have. */
const quantities: ReadonlySet<string> = new Set([
  "difficulty",
  "number",
  "gasLimit",
  "gasUsed",
  "timestamp",
  "baseFeePerGas",
  "blobGasUsed",
  "excessBlobGas",
]);

/** RLP of a block's header. Throws RangeError if the node does not show a header of its own hash. */
export async function seedHeader(provider: RpcSender, number: number): Promise<string> {
  const block = (await provider.send("eth_getBlockByNumber", [
    toQuantity(number),
    false,
  ])) as RpcBlock | null;
  if (block === null) throw new RangeError(`expected a block of number ${number}`);
  const present = fields.filter((name) => block[name] !== undefined && block[name] !== null);
  const encoded = encodeRlp(present.map((name) => fieldOf(name, block[name] as string)));
  if (keccak256(encoded) !== block.hash) {
    throw new RangeError(`the node shows block ${number} with a field that is not known here`);
  }
  return encoded;
}

function fieldOf(name: string, text: string): string {
  if (!quantities.has(name)) return text;
  const value = BigInt(text);
  return value === 0n ? "0x" : toBeHex(value);
}

const toQuantity = (number: number): string => `0x${number.toString(16)}`;
