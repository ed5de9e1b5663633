/**
 * The addresses that an entry covers: low and high pc, or a list in `.debug_ranges` (DWARF 4 §2.17.3) or `.debug_rnglists`
 * (DWARF 5 §2.17.3, §7.25).
 *
 * Invariant: ranges lie in the code and are not empty; those of dropped functions, which linkers move to 0 or beyond the
 * code, are left out.
 */
import { attributes, forms, rangeEntries } from "./codes.ts";
import type { Cursor } from "./cursor.ts";
import type { DwarfSections } from "./dwarfSections.ts";
import { isAddress, readAddress } from "./strings.ts";
import { addressOf, type Entry, type Unit } from "./units.ts";

export type AddressRange = readonly [low: number, high: number];

export function rangesOf(
  sections: DwarfSections,
  unit: Unit,
  entry: Entry,
  codeSize: number,
): AddressRange[] {
  const isCode = ([low, high]: AddressRange) => low > 0 && low < high && high <= codeSize;
  const list = entry.values.get(attributes.ranges);
  if (list !== undefined) {
    const found =
      unit.version < 5 ? oldList(sections, unit, list.value) : newList(sections, unit, list);
    return found.filter(isCode);
  }
  const low = addressOf(sections, entry, attributes.lowPc, unit);
  const high = entry.values.get(attributes.highPc);
  if (low === undefined || high === undefined) return [];
  const end = isAddress(high.form)
    ? readAddress(sections, high.form, high.value, unit)
    : low + high.value;
  const range: AddressRange = [low, end ?? 0];
  return isCode(range) ? [range] : [];
}

function oldList(sections: DwarfSections, unit: Unit, offset: number): AddressRange[] {
  const cursor = sections.open(".debug_ranges", offset);
  const ranges: AddressRange[] = [];
  if (cursor === undefined) return ranges;
  const baseSelection = 2 ** (8 * unit.addressSize) - 1;
  let base = unit.lowPc;
  for (;;) {
    cursor.budget.spend(1, cursor.section);
    const low = cursor.unsigned(unit.addressSize);
    const high = cursor.unsigned(unit.addressSize);
    if (low === 0 && high === 0) return ranges;
    if (low === baseSelection) base = high;
    else ranges.push([base + low, base + high]);
  }
}

function newList(
  sections: DwarfSections,
  unit: Unit,
  { form, value }: { readonly form: number; readonly value: number },
): AddressRange[] {
  let offset = value;
  if (form === forms.rnglistx) {
    const place = unit.rnglistsBase + value * (unit.is64 ? 8 : 4);
    const relative = sections.open(".debug_rnglists", place)?.offset(unit.is64);
    if (relative === undefined) return [];
    offset = unit.rnglistsBase + relative;
  }
  const cursor = sections.open(".debug_rnglists", offset);
  if (cursor === undefined) return [];
  const ranges: AddressRange[] = [];
  let base = unit.lowPc;
  for (;;) {
    cursor.budget.spend(1, cursor.section);
    const kind = cursor.u8();
    if (kind === rangeEntries.endOfList) return ranges;
    if (kind === rangeEntries.baseAddressx) base = indexed(sections, unit, cursor);
    else if (kind === rangeEntries.baseAddress) base = cursor.unsigned(unit.addressSize);
    else ranges.push(oneRange(sections, unit, cursor, kind, base));
  }
}

function oneRange(
  sections: DwarfSections,
  unit: Unit,
  cursor: Cursor,
  kind: number,
  base: number,
): AddressRange {
  switch (kind) {
    case rangeEntries.offsetPair:
      return [base + cursor.uleb(), base + cursor.uleb()];
    case rangeEntries.startEnd:
      return [cursor.unsigned(unit.addressSize), cursor.unsigned(unit.addressSize)];
    case rangeEntries.startLength: {
      const low = cursor.unsigned(unit.addressSize);
      return [low, low + cursor.uleb()];
    }
    case rangeEntries.startxEndx:
      return [indexed(sections, unit, cursor), indexed(sections, unit, cursor)];
    case rangeEntries.startxLength: {
      const low = indexed(sections, unit, cursor);
      return [low, low + cursor.uleb()];
    }
    default:
      return cursor.fail(`has the unknown range entry ${kind}`);
  }
}

/** An address by its index; 0, which is no code, where the addresses are in another file. */
function indexed(sections: DwarfSections, unit: Unit, cursor: Cursor): number {
  return readAddress(sections, forms.addrx, cursor.uleb(), unit) ?? 0;
}
