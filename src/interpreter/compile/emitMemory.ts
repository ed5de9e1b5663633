/**
 * Emits loads and stores: static offsets are raised over the hidden pages, so that the host's own bounds check does
 * its work; a store stands behind a write barrier (writeBarriers.ts).
 *
 * Invariant: a store writes only where the card of every chunk that it touches is 0, or behind the write barrier.
 */
import type { InstructionRow } from "../isa/table.ts";
import type { Origin } from "./addressTracker.ts";
import type { BodyEmitter } from "./bodyEmitter.ts";
import { isWideMemory, raised, writeNarrow } from "./emitAddresses.ts";
import { hiddenPages } from "./hostLayout.ts";
import type { HostType } from "./hostTypes.ts";
import { i32, i64 } from "./hostTypes.ts";
import { emitBarrier, reserveGuardLocals } from "./writeBarriers.ts";

/** Distances from a base beyond which stores are not grouped. */
const groupReach = 2 ** 30;

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
  const { frame, addresses } = emitter;
  const origin = frame.operands[frame.height - 2].origin ?? addresses.fresh();
  emitter.advance();
  const { type } = frame.top();
  frame.useExact(2);
  frame.pop(2);
  const at = raised(emitter, memory, offset);
  if (at === undefined) {
    if (emitter.live) emitter.out.op("unreachable");
    emitter.die();
  } else if (emitter.live) {
    const isWide = isWideMemory(emitter, memory);
    if (isWide) setAside(emitter, type, true);
    const width = row.width as number;
    if (!emitter.omits("barriers")) guard(emitter, type, memory, { origin, offset, width, isWide });
    if (isWide) takeBack(emitter, type);
    writeAccess(emitter, row, memory, at);
  }
}

interface StoreShape {
  readonly origin: Origin;
  readonly offset: number;
  readonly width: number;
  /** Whether address and value lie in their scratch locals, because the address had to be narrowed. */
  readonly isWide: boolean;
}

/** The store at hand joins a group, leads one, or has a barrier of its own where its distance is beyond all groups. */
function guard(
  emitter: BodyEmitter,
  type: HostType,
  memory: number,
  { origin, offset, width, isWide }: StoreShape,
): void {
  const { frame, addresses, out } = emitter;
  if (Math.abs(origin.delta + offset) >= groupReach) {
    if (!isWide) setAside(emitter, type, false);
    emitBarrier(emitter, memory, frame.scratch("address", i32), offset, width);
    if (!isWide) takeBack(emitter, type);
  } else if (!addresses.join(memory, origin, offset, width)) {
    const { base, delta } = origin;
    const leader = { at: out.length, offset, delta, width, type, isAside: isWide };
    addresses.lead(memory, base, leader);
    reserveGuardLocals(frame, type);
  }
}

/** Puts value and address of a store into their scratch locals. */
function setAside(emitter: BodyEmitter, type: HostType, isWide: boolean): void {
  const { frame, out } = emitter;
  out.localSet(frame.scratch("value", type));
  if (isWide) writeNarrow(emitter);
  out.localSet(frame.scratch("address", i32));
}

function takeBack({ frame, out }: BodyEmitter, type: HostType): void {
  out.localGet(frame.scratch("address", i32)).localGet(frame.scratch("value", type));
}

/** What an atomic access says of its alignment. */
export function alignmentOf({ family, width = 1 }: InstructionRow): number {
  return family === "atomic" ? Math.log2(width) : 0;
}
