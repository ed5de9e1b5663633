/**
 * Replay: a step executed from its witness alone (docs/proof-format.md §4); the judge's twin. Runs anywhere, no
 * machine and no program needed.
 *
 * Invariant: for a state hash and a witness there is one answer, the next state hash, or a WitnessError; every byte of
 * the witness is checked against the state hash or by the execution.
 */
import {
  type ArrayName,
  arrayDepths,
  type ColdName,
  coldShape,
  type RestName,
  restShape,
  sameBytes,
  zeroHash,
} from "../arrays.ts";
import { ByteReader } from "../byteReader.ts";
import { tags } from "../keccak/kernel.ts";
import { Opening } from "../opening.ts";
import { PartialTree } from "../partialTree.ts";
import { programNode } from "../programTree.ts";
import {
  type Registers,
  readRegisters,
  stateHashOf,
  stateNode,
  verifyRegisterProof,
} from "../registers.ts";
import { WitnessError } from "../witnessError.ts";
import { executeOpened } from "./execute.ts";
import type { Outcome } from "./openedAccess.ts";
import { isProgramArray, regionsOf } from "./regions.ts";
import { type InstructionRecord, type OpeningSource, readRecord } from "./source.ts";

/** Items 1 to 5 of a witness. */
export interface WitnessHead {
  readonly registers: Registers;
  readonly record: InstructionRecord;
  readonly codeRoot: Uint8Array;
  readonly rest: PartialTree<RestName>;
  readonly stackRoot: Uint8Array;
  readonly traps: boolean;
  readonly cold: PartialTree<ColdName>;
}

export function readHead(reader: ByteReader): WitnessHead {
  const registers = readRegisters(reader);
  const codeRoot = reader.hash();
  const code = Opening.read(reader, arrayDepths.code, [Math.floor(registers.pc / 8)]);
  code.check(codeRoot);
  const record = readRecord(code, registers.pc);
  const take = () => reader.hash();
  const rest = new PartialTree(restShape, regionsOf(record, false), tags.program, take);
  const stackRoot = reader.hash();
  const flag = reader.u8();
  if (flag > 1) throw new WitnessError("trap-claim", `flag ${flag}`);
  const traps = flag === 1;
  const cold = new PartialTree(coldShape, regionsOf(record, traps), tags.state, take);
  return { registers, record, codeRoot, rest, stackRoot, traps, cold };
}

function headHash(head: WitnessHead): Uint8Array {
  const programRoot = programNode(head.codeRoot, head.rest.hash());
  return stateHashOf(head.registers, stateNode(programRoot, head.stackRoot), head.cold.hash());
}

class ReplayingAccess implements OpeningSource {
  readonly registers: Registers;
  readonly record: InstructionRecord;
  readonly #head: WitnessHead;
  readonly #reader: ByteReader;

  constructor(head: WitnessHead, reader: ByteReader) {
    this.registers = head.registers;
    this.record = head.record;
    this.#head = head;
    this.#reader = reader;
  }

  open(array: ArrayName, leaves: readonly number[]): Opening {
    const opening = Opening.read(this.#reader, arrayDepths[array], leaves);
    opening.check(this.#root(array));
    return opening;
  }

  claimLabel(_slot: number, labels: number): number {
    const label = this.#reader.u32();
    if (label > labels) throw new WitnessError("label-claim", `${label} of ${labels}`);
    return label;
  }

  #root(array: ArrayName): Uint8Array {
    if (array === "stack") return this.#head.stackRoot;
    if (array === "code") return this.#head.codeRoot;
    return isProgramArray(array) ? this.#head.rest.get(array) : this.#head.cold.get(array);
  }
}

/** The state hash after a step that has done this. */
function postHash(head: WitnessHead, outcome: Outcome): Uint8Array {
  let { stackRoot } = head;
  for (const [array, opening] of outcome.opened) {
    if (isProgramArray(array)) continue;
    if (array === "stack") stackRoot = opening.rootOr(stackRoot);
    else head.cold.set(array, opening.root());
  }
  if (outcome.trap !== "none") {
    stackRoot = zeroHash;
    head.cold.set("frames", zeroHash);
  }
  const programRoot = programNode(head.codeRoot, head.rest.hash());
  return stateHashOf(outcome.registers, stateNode(programRoot, stackRoot), head.cold.hash());
}

/**
 * The state hash after the one step that follows `preState`; `preState` itself if the machine had halted.
 * Throws WitnessError for anything but the canonical witness of that step.
 */
export function replayStep(preState: Uint8Array, witness: Uint8Array): Uint8Array {
  if (witness.length === 0) throw new WitnessError("witness-truncated", "no bytes");
  const running = witness[0] === 0;
  if (!running) {
    verifyRegisterProof(preState, witness);
    return preState;
  }
  const reader = new ByteReader(witness);
  const head = readHead(reader);
  if (!sameBytes(headHash(head), preState)) throw new WitnessError("pre-state-mismatch");
  const outcome = executeOpened(new ReplayingAccess(head, reader));
  reader.end();
  if ((outcome.trap !== "none") !== head.traps) throw new WitnessError("trap-claim");
  return postHash(head, outcome);
}
