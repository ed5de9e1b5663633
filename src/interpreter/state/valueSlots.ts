/**
 * Values and the slots that they take (docs/machine.md §1): a vector is two slots, the low half first, everything else one.
 *
 * Invariant: `slotsOfValue` and `valuesOfSlots` are inverse for values that their types hold.
 */
import type { ValueType } from "../binary/module.ts";
import { slotsOf } from "../binary/valueType.ts";

const slotBits = 64n;

/** The slots of a value, given as its bits. */
export function slotsOfValue(type: ValueType, bits: bigint): bigint[] {
  return Array.from({ length: slotsOf(type) }, (_, half) =>
    BigInt.asUintN(64, bits >> (slotBits * BigInt(half))),
  );
}

/** Slots that values of the types take; a value of unknown type is one slot. */
export function slotCount(types: readonly (ValueType | undefined)[]): number {
  return types.reduce((count, type) => count + widthOf(type), 0);
}

/** Bits of the values that lie in slots; as many as the slots reach. A value of unknown type is one slot. */
export function valuesOfSlots(
  types: readonly (ValueType | undefined)[],
  slots: readonly bigint[],
): bigint[] {
  const values: bigint[] = [];
  let slot = 0;
  for (const type of types) {
    if (slot + widthOf(type) > slots.length) break;
    const high = widthOf(type) === 1 ? 0n : slots[slot + 1];
    values.push(slots[slot] | (high << slotBits));
    slot += widthOf(type);
  }
  return values;
}

function widthOf(type: ValueType | undefined): number {
  return type === undefined ? 1 : slotsOf(type);
}
