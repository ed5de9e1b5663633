/**
 * What is brought against a confirmation (docs/validation.md §6): the block, its place in the fragment, the sample.
 *
 * Invariant: the links are those of the headers given, from the checkpoint down; the contract walks them by itself.
 */
import { AbiCoder, type FunctionFragment, keccak256, ParamType } from "ethers";
import type { Execution, Hash } from "../../game/index.ts";
import type { ApplicationState } from "../applicationHash.ts";
import { type Header, headerHash, headerLeaves, lastBlockIdLeaf } from "../block.ts";
import type { RecordProof } from "../manifest.ts";
import type { Sample } from "../poie.ts";
import { treePath } from "../sha256Tree.ts";
import { applicationCalldata, blockIdCalldata, headerCalldata, hexOf } from "./calldata.ts";
import { misbehaviourInterface } from "./networkInterfaces.ts";

/** A block of a fragment: header h, the state that it carries, its record, and header h + 1. */
export interface FragmentBlock {
  readonly parent: Header;
  /** Preimage of header h's application hash. */
  readonly before: ApplicationState;
  readonly record: RecordProof;
  readonly header: Header;
}

/** `FragmentBlock` of the contracts; without an execution for what needs no call. */
export async function fragmentBlockCalldata(block: FragmentBlock, execution?: Execution) {
  const { parent, before, record, header } = block;
  return {
    parent: headerCalldata(parent),
    before: applicationCalldata(before),
    record: hexOf(record.transaction),
    siblings: record.siblings.map(hexOf),
    header: headerCalldata(header),
    beginWitness: execution === undefined ? "0x" : await execution.beginWitness(),
    originProof:
      execution === undefined ? "0x" : await execution.registerProof(execution.startStep),
  };
}

/** Arguments of `Ancestors.show` for headers that follow each other, the newest first, from the checkpoint on. */
export function parentLinks(headers: readonly Header[]) {
  return headers.map((header) => ({
    parent: blockIdCalldata(header.lastBlockId),
    siblings: treePath(headerLeaves(header), lastBlockIdLeaf).map(({ hash }) => hexOf(hash)),
  }));
}

const headerType = (misbehaviourInterface.getFunction("reportHeader") as FunctionFragment)
  .inputs[1];

/** What `refuteHeader` takes: a header so far before the checkpoint, and its parent where a rule is about both. */
export function shownHeaders(distance: number, headers: readonly Header[]): string {
  const list = ParamType.from({ ...JSON.parse(headerType.format("json")), type: "tuple[]" });
  return AbiCoder.defaultAbiCoder().encode(
    ["uint64", list],
    [distance, headers.map(headerCalldata)],
  );
}

/** Hash of a header as the contracts name it. */
export const headerName = (header: Header): Hash => hexOf(headerHash(header)) as Hash;

/** Key of the statement that a confirmation is: what is refuted. */
export function confirmationKey(confirmation: bigint): Hash {
  const types = ["uint256", "string"];
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(types, [confirmation, "confirmation"]),
  ) as Hash;
}

/** What is published of a proof: the hashes; the steps follow from them. */
export const sampleHashes = (samples: readonly Sample[]): Hash[] => samples.map(({ hash }) => hash);
