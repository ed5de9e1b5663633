/**
 * Write barriers: before a store, or a group of stores, every chunk that it touches is made ready by the executor, if it
 * is not. The guard of a group is put in before its first store when its last one is known (addressTracker.ts).
 *
 * Invariant: a guard looks at the card of each chunk that its stores touch; it changes no operand of theirs.
 */
import { codeOf } from "../isa/table.ts";
import type { StoreGroup } from "./addressTracker.ts";
import type { Emitter } from "./emitter.ts";
import type { Frame } from "./hostFrame.ts";
import type { HostType } from "./hostTypes.ts";
import { i32 } from "./hostTypes.ts";

const ADD = codeOf("i32.add");
const AND = codeOf("i32.and");
const OR = codeOf("i32.or");
const SHIFT = codeOf("i32.shr_u");
const LOAD = codeOf("i32.load8_u");

/** log2 of the bytes of a chunk. */
const chunkShift = 12;

/** Makes the locals of a guard that is put in later, so that a local's number does not depend on how long its group goes on. */
export function reserveGuardLocals(frame: Frame, type: HostType): void {
  frame.scratch("value", type);
  frame.scratch("address", i32);
  frame.scratch("effective", i32);
}

/** Puts the guards of groups, in the order of their first stores, before these. */
export function writeGuards(emitter: Emitter, groups: readonly StoreGroup[]): void {
  const { code } = emitter.frame;
  code.takeOff(groups[0].leader.at);
  for (const group of groups) {
    code.putBack(group.leader.at);
    writeGuard(emitter, group);
  }
  code.putBack();
}

function writeGuard(emitter: Emitter, group: StoreGroup): void {
  const { frame, out } = emitter;
  const { memory, leader, count } = group;
  const { type } = leader;
  const value = frame.scratch("value", type);
  const address = frame.scratch("address", i32);
  // A wide address has been narrowed, with the value set aside, before the place.
  if (!leader.isAside) out.localSet(value).localSet(address);
  if (count === 1) emitBarrier(emitter, memory, address, leader.offset, leader.width);
  else emitGroupBarrier(emitter, address, group);
  if (!leader.isAside) out.localGet(address).localGet(value);
}

/** The write barrier of a group of stores: all its chunks pass it unless both cards are 0. */
function emitGroupBarrier(
  emitter: Emitter,
  address: number,
  { memory, leader, low, high }: StoreGroup,
): void {
  const { frame, out } = emitter;
  const start = frame.scratch("effective", i32);
  out
    .localGet(address)
    .i32((low - leader.delta) | 0)
    .code(ADD)
    .localTee(start);
  writeCard(emitter, memory);
  out
    .localGet(start)
    .i32(high - low - 1)
    .code(ADD);
  writeCard(emitter, memory);
  out.code(OR);
  emitter.openUnlikely();
  out
    .localGet(start)
    .i32(0)
    .i32(high - low);
  writeBarrierCall(emitter, memory);
  emitter.closeHost();
}

/** The write barrier of a store: its chunks pass it unless the card is 0 and the address aligned, so that it cannot straddle. */
export function emitBarrier(
  emitter: Emitter,
  memory: number,
  address: number,
  offset: number,
  width: number,
): void {
  const { frame, out } = emitter;
  const effective = offset === 0 ? address : frame.scratch("effective", i32);
  out.localGet(address);
  if (offset !== 0)
    out
      .i32(offset | 0)
      .code(ADD)
      .localTee(effective);
  writeCard(emitter, memory);
  if (width > 1)
    out
      .localGet(effective)
      .i32(width - 1)
      .code(AND)
      .code(OR);
  emitter.openUnlikely();
  out
    .localGet(address)
    .i32(offset | 0)
    .i32(width);
  writeBarrierCall(emitter, memory);
  emitter.closeHost();
}

/** The card of the chunk that holds an address. */
function writeCard({ out }: Emitter, memory: number): void {
  out.i32(chunkShift).code(SHIFT).access(LOAD, memory, 0);
}

/** Address, offset and width lie on the host's stack; the executor may charge for the chunks. */
function writeBarrierCall({ out, scope, budget }: Emitter, memory: number): void {
  out.localGet(budget).at("call", scope.barrierIndex(memory)).localSet(budget);
}
