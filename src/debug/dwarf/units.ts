/**
 * Units of `.debug_info`, versions 2 to 5 (DWARF 5 §7.5.1): their headers and first entries.
 *
 * Invariant: of every entry its known attributes are read and all others passed over; entries are read only where a lookup
 * needs them.
 */
import { type AbbreviationTable, AbbreviationTables, knownAttributes } from "./abbreviations.ts";
import { attributes, tags, unitTypes } from "./codes.ts";
import type { Cursor } from "./cursor.ts";
import type { DwarfSections } from "./dwarfSections.ts";
import {
  type Encoding,
  type IndirectBases,
  isAddress,
  readAddress,
  readString,
  skipForm,
} from "./strings.ts";

/** An attribute's form and value as they stand in the entry. */
export interface AttributeValue {
  readonly form: number;
  readonly value: number;
}

/** An entry with the attributes that are looked at. */
export interface Entry {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly values: ReadonlyMap<number, AttributeValue>;
}

export interface Unit extends Encoding, IndirectBases {
  /** Offset of the header in `.debug_info`; references of the unit count from it. */
  readonly start: number;
  readonly end: number;
  readonly firstEntry: number;
  readonly abbreviations: AbbreviationTable;
  /** The unit's own entry. */
  readonly entry: Entry;
  readonly compDir: string;
  /** Offset of its program in `.debug_line`. */
  readonly lineProgram: number | undefined;
  readonly lowPc: number;
  readonly rnglistsBase: number;
  /** The file with the rest of a split unit; undefined of a whole one. */
  readonly splitFile: string | undefined;
}

/** Entries of other tags are passed over. */
const wantedTags: ReadonlySet<number> = new Set(Object.values(tags));
const noValues: ReadonlyMap<number, AttributeValue> = new Map();
const noBases: IndirectBases = { is64: false, addressSize: 4, strOffsetsBase: 0, addrBase: 0 };

/** Headers and first entries of all compile units; type units are passed over. */
export function* readUnits(sections: DwarfSections): Generator<Unit> {
  const tables = new AbbreviationTables(sections);
  const cursor = sections.open(".debug_info");
  if (cursor === undefined) return;
  while (cursor.position < cursor.bytes.length) {
    cursor.limit = cursor.bytes.length;
    cursor.budget.spend(1, cursor.section);
    const start = cursor.position;
    let length = cursor.u32();
    const is64 = length === 0xffffffff;
    if (is64) length = cursor.u64();
    if (!(length <= cursor.limit - cursor.position)) cursor.fail("is longer than its section");
    const end = cursor.position + length;
    cursor.limit = end;
    const unit = readUnit(sections, tables, cursor, { start, end, is64 });
    if (unit !== undefined) yield unit;
    cursor.position = end;
  }
}

function readUnit(
  sections: DwarfSections,
  tables: AbbreviationTables,
  cursor: Cursor,
  place: { readonly start: number; readonly end: number; readonly is64: boolean },
): Unit | undefined {
  const { is64 } = place;
  const version = cursor.u16();
  if (version < 2 || version > 5) cursor.fail(`has version ${version}; 2 to 5 are known`);
  const type = version === 5 ? cursor.u8() : unitTypes.compile;
  let addressSize = version === 5 ? cursor.u8() : 0;
  const abbreviations = tables.at(cursor.offset(is64));
  if (version < 5) addressSize = cursor.u8();
  if (addressSize !== 4 && addressSize !== 8) cursor.fail(`has addresses of ${addressSize} bytes`);
  if (type === unitTypes.skeleton || type === unitTypes.splitCompile) cursor.skip(8);
  if (type === unitTypes.type || type === unitTypes.splitType) return undefined;
  const firstEntry = cursor.position;
  const encoding = { is64, addressSize, version };
  const entry = readEntry(cursor, abbreviations, encoding);
  if (entry === undefined) return undefined;
  const number = (attribute: number) => entry.values.get(attribute)?.value;
  const headerSize = is64 ? 16 : 8;
  const bases = {
    is64,
    addressSize,
    strOffsetsBase: number(attributes.strOffsetsBase) ?? (version === 5 ? headerSize : 0),
    addrBase: number(attributes.addrBase) ?? (version === 5 ? headerSize : 0),
  };
  const text = (attribute: number) => textOf(sections, entry, attribute, bases);
  return {
    ...place,
    ...encoding,
    ...bases,
    firstEntry,
    abbreviations,
    entry,
    compDir: text(attributes.compDir) ?? "",
    lineProgram: number(attributes.stmtList),
    lowPc: addressOf(sections, entry, attributes.lowPc, bases) ?? 0,
    rnglistsBase: number(attributes.rnglistsBase) ?? 0,
    splitFile:
      entry.tag === tags.skeletonUnit || entry.values.has(attributes.gnuDwoName)
        ? (text(attributes.dwoName) ?? text(attributes.gnuDwoName) ?? "a file without name")
        : undefined,
  };
}

/** The entry at the cursor, which is left behind it; undefined for the one that closes a list of siblings. */
export function readEntry(
  cursor: Cursor,
  abbreviations: AbbreviationTable,
  encoding: Encoding,
): Entry | undefined {
  const code = cursor.uleb();
  if (code === 0) return undefined;
  const abbreviation = abbreviations.get(code);
  if (abbreviation === undefined) return cursor.fail(`has no abbreviation ${code}`);
  const { tag, hasChildren, specifications } = abbreviation;
  cursor.budget.spend(1 + specifications.length / 3, cursor.section);
  const isWanted = wantedTags.has(tag);
  const values = isWanted ? new Map<number, AttributeValue>() : noValues;
  for (let i = 0; i < specifications.length; i += 3) {
    const [attribute, form] = [specifications[i], specifications[i + 1]];
    const value = skipForm(cursor, form, encoding, specifications[i + 2]);
    if (isWanted && knownAttributes.has(attribute)) {
      (values as Map<number, AttributeValue>).set(attribute, { form, value });
    }
  }
  return { tag, hasChildren, values };
}

/** A string attribute; undefined if the entry has none. */
export function textOf(
  sections: DwarfSections,
  entry: Entry,
  attribute: number,
  bases: IndirectBases = noBases,
): string | undefined {
  const found = entry.values.get(attribute);
  return found && readString(sections, found.form, found.value, ".debug_info", bases);
}

/** An address attribute; undefined if the entry has none, or says it by a number that is none. */
export function addressOf(
  sections: DwarfSections,
  entry: Entry,
  attribute: number,
  bases: IndirectBases,
): number | undefined {
  const found = entry.values.get(attribute);
  if (found === undefined || !isAddress(found.form)) return undefined;
  return readAddress(sections, found.form, found.value, bases);
}
