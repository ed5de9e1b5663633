/**
 * Fields of the instructions whose immediates say all (docs/machine.md §3): what stands in a, b and c.
 *
 * Invariant: indices are the program's; nothing here depends on heights.
 */
import type { InstructionCursor } from "../isa/instructionCursor.ts";
import type { InstructionRow } from "../isa/table.ts";
import { shuffleFields } from "../numeric/vectorBytes.ts";
import type { BodyContext, SegmentPlace } from "./bodyContext.ts";
import type { FrameLayout } from "./frameLayout.ts";
import { beyondAddresses } from "./program.ts";

type Fields = readonly [a: number, b: number, c: number];

/** Offsets from here on lie beyond every memory. */
const addressSpace = 2 ** 32;

/** Fields of an instruction without rules of its own, by its kind of immediates. */
export function fieldsOf(
  row: InstructionRow,
  cursor: InstructionCursor,
  context: BodyContext,
  layout: FrameLayout,
): Fields {
  switch (row.immediates) {
    case "i32":
    case "f32":
      return [0, 0, cursor.low];
    case "i64":
    case "f64":
      return [0, cursor.high, cursor.low];
    case "local":
      return [layout.slotOf(cursor.index), 0, 0];
    case "global":
      return [context.globals[cursor.index], 0, 0];
    case "memarg":
      return accessFields(cursor, context, 0);
    case "memargLane":
      return accessFields(cursor, context, cursor.lane);
    case "lane":
      return [cursor.lane, 0, 0];
    case "shuffle":
      return shuffleFields(cursor.vector);
    case "v128":
      return [context.constants.entry(cursor.vector), 0, 0];
    case "memory":
      return [context.memories[cursor.index], 0, 0];
    case "memoryMemory":
      return [context.memories[cursor.index], context.memories[cursor.second], 0];
    case "table":
      return [context.tables[cursor.index], 0, 0];
    case "tableTable":
      return [context.tables[cursor.index], context.tables[cursor.second], 0];
    case "dataMemory":
      return segmentOperands(context.memories[cursor.second], context.dataSegments[cursor.index]);
    case "elementTable":
      return segmentOperands(context.tables[cursor.second], context.elementSegments[cursor.index]);
    case "data":
      return [context.dataSegments[cursor.index].segment, 0, 0];
    case "element":
      return [context.elementSegments[cursor.index].segment, 0, 0];
    default:
      return [0, 0, 0];
  }
}

/** Fields of an access to memory; with a static offset of 2^32 or more it is out of bounds, whatever its address. */
export function accessFields(cursor: InstructionCursor, context: BodyContext, c: number): Fields {
  const memory = context.memories[cursor.index];
  if (cursor.low < addressSpace) return [cursor.low, memory, c];
  return [0, (memory | beyondAddresses) >>> 0, c];
}

function segmentOperands(target: number, place: SegmentPlace): Fields {
  return [((target << 24) | place.segment) >>> 0, place.start, place.length];
}
