/**
 * Emits loads and stores: static offsets are raised over the hidden pages, so that the host's own bounds check does
 * its work; a store looks at its chunk's card first.
 *
 * Invariant: a store writes only where the card of every chunk that it touches is 0, or behind the write barrier.
 */
import type { InstructionRow } from "../isa/table.ts";
import type { Origin, StoreGroup } from "./addressTracker.ts";
import type { BodyEmitter } from "./bodyEmitter.ts";
import { isWideMemory, raised, writeNarrow } from "./emitAddresses.ts";
import { hiddenPages } from "./hostLayout.ts";
import type { HostType } from "./hostTypes.ts";
import { i32, i64 } from "./hostTypes.ts";

/** Distances from a base beyond which stores are not grouped. */
const groupReach = 2 ** 30;
/** log2 of the bytes of a chunk. */
const chunkShift = 12;

export function emitLoad(
  emitter: BodyEmitter,
  row: InstructionRow,
  memory: number,
  offset: number,
  { operands, result }: { readonly operands: number; readonly result: HostType },
): void {
  const { frame, out } = emitter;
  emitter.advance();
  const { type } = frame.top();
  frame.useExact(operands);
  frame.pop(operands);
  const at = raised(emitter, memory, offset);
  if (emitter.live) {
    if (at === undefined) out.op("unreachable");
    else {
      if (isWideMemory(emitter, memory)) narrowUnder(emitter, operands === 2 ? type : undefined);
      writeAccess(emitter, row, memory, at);
    }
  }
  if (at === undefined) emitter.die();
  frame.push(result);
}

/** Narrows an address, which a value of that type may lie above. */
function narrowUnder(emitter: BodyEmitter, type: HostType | undefined): void {
  const value = type === undefined ? undefined : emitter.frame.scratch("value", type);
  if (value !== undefined) emitter.out.at("local.set", value);
  writeNarrow(emitter);
  if (value !== undefined) emitter.out.at("local.get", value);
}

/** The load or store itself, of a lane where the row has one. */
function writeAccess(
  { out, cursor }: BodyEmitter,
  row: InstructionRow,
  memory: number,
  at: number,
): void {
  out.access(row.code, memory, at, alignmentOf(row));
  if (row.immediates === "memargLane") out.u8(cursor.lane);
}

export function emitMemorySize(emitter: BodyEmitter, memory: number): void {
  const { out, frame, scope } = emitter;
  const isWide = isWideMemory(emitter, memory);
  emitter.advance();
  if (emitter.live) {
    out.at("memory.size", memory);
    out.i32(hiddenPages(scope.program.memories[memory].maxPages)).op("i32.sub");
    if (isWide) out.op("i64.extend_i32_u");
  }
  frame.push(isWide ? i64 : i32);
}

export function emitStore(
  emitter: BodyEmitter,
  row: InstructionRow,
  memory: number,
  offset: number,
): void {
  const { frame, out } = emitter;
  const width = row.width ?? 0;
  const origin = frame.operands[frame.height - 2].origin ?? emitter.addresses.fresh();
  const group = groupOf(emitter, memory, origin, offset, width);
  emitter.advance();
  const { type } = frame.top();
  frame.useExact(2);
  frame.pop(2);
  const at = raised(emitter, memory, offset);
  if (emitter.live) {
    const isWide = isWideMemory(emitter, memory);
    const isBare = group === "covered" || emitter.omits("barriers");
    if (at === undefined) {
      out.op("unreachable");
    } else if (isBare && !isWide) {
      writeAccess(emitter, row, memory, at);
    } else {
      const value = frame.scratch("value", type);
      const address = frame.scratch("address", i32);
      out.at("local.set", value);
      if (isWide) writeNarrow(emitter);
      out.at("local.set", address);
      if (group === undefined) emitBarrier(emitter, memory, address, offset, width);
      else if (group !== "covered")
        emitGroupBarrier(emitter, memory, address, group.low - origin.delta, group);
      out.at("local.get", address).at("local.get", value);
      writeAccess(emitter, row, memory, at);
    }
  }
  if (at === undefined) emitter.die();
}

/** What an atomic access says of its alignment. */
export function alignmentOf({ family, width = 1 }: InstructionRow): number {
  return family === "atomic" ? Math.log2(width) : 0;
}

/** The group that a store has to take through the barrier; undefined if it stands alone. */
function groupOf(
  { addresses, groups, pc, live, scope }: BodyEmitter,
  memory: number,
  origin: Origin,
  offset: number,
  width: number,
): StoreGroup | undefined | "covered" {
  if (!live) return undefined;
  const low = origin.delta + offset;
  if (groups === undefined) {
    // What is emitted once has nobody who would ask for the groups.
    const isAsked = !scope.emission.isDraft && Math.abs(low) < groupReach;
    if (isAsked) addresses.note(pc, memory, origin, offset, width);
    return undefined;
  }
  const group = groups.get(pc);
  if (group === undefined) return undefined;
  // The rest of a group relies on its leader, so the leader needs no barrier only if the whole group needs none.
  if (group.leader !== pc || addresses.isReady(memory, origin.base, group.low, group.high)) {
    return "covered";
  }
  addresses.markReady(memory, origin.base, group.low, group.high);
  return group.count > 1 ? group : undefined;
}

/** The write barrier of a group of stores, of which this is the first: all its chunks pass it unless both cards are 0. */
function emitGroupBarrier(
  emitter: BodyEmitter,
  memory: number,
  address: number,
  distance: number,
  { low, high }: StoreGroup,
): void {
  const { frame, out, scope } = emitter;
  const start = frame.scratch("effective", i32);
  out
    .at("local.get", address)
    .i32(distance | 0)
    .op("i32.add")
    .at("local.tee", start);
  out.i32(chunkShift).op("i32.shr_u").load("i32.load8_u", memory, 0);
  out
    .at("local.get", start)
    .i32(high - low - 1)
    .op("i32.add");
  out.i32(chunkShift).op("i32.shr_u").load("i32.load8_u", memory, 0).op("i32.or");
  emitter.openUnlikely();
  out
    .at("local.get", start)
    .i32(0)
    .i32(high - low);
  out.at("local.get", emitter.budget).at("call", scope.barrierIndex(memory));
  out.at("local.set", emitter.budget);
  emitter.closeHost();
}

/** The write barrier of a store: its chunks pass it unless the card is 0 and the address aligned, so that it cannot straddle. */
export function emitBarrier(
  emitter: BodyEmitter,
  memory: number,
  address: number,
  offset: number,
  width: number,
): void {
  const { frame, out, scope } = emitter;
  const effective = offset === 0 ? address : frame.scratch("effective", i32);
  out.at("local.get", address);
  if (offset !== 0)
    out
      .i32(offset | 0)
      .op("i32.add")
      .at("local.tee", effective);
  out.i32(chunkShift).op("i32.shr_u").load("i32.load8_u", memory, 0);
  if (width > 1)
    out
      .at("local.get", effective)
      .i32(width - 1)
      .op("i32.and")
      .op("i32.or");
  emitter.openUnlikely();
  out
    .at("local.get", address)
    .i32(offset | 0)
    .i32(width);
  out.at("local.get", emitter.budget).at("call", scope.barrierIndex(memory));
  out.at("local.set", emitter.budget);
  emitter.closeHost();
}
