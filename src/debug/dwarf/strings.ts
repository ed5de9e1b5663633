/**
 * Attribute values: passing over any form, and reading strings, addresses and indirect offsets (DWARF 5 §7.5.5, §7.5.6).
 *
 * Invariant: `skipForm` reads a value of whatever form exactly; what it returns is the number in the entry, which `readString`
 * and `readAddress` look up where the form says that it is a reference.
 */
import { forms } from "./codes.ts";
import type { Cursor } from "./cursor.ts";
import type { DwarfSections } from "./dwarfSections.ts";

/** What the size of a value depends on. */
export interface Encoding {
  readonly is64: boolean;
  readonly addressSize: number;
  readonly version: number;
}

/** Where a unit's indirect values begin. */
export interface IndirectBases {
  readonly is64: boolean;
  readonly addressSize: number;
  readonly strOffsetsBase: number;
  readonly addrBase: number;
}

const fixedSizes: Readonly<Record<number, number>> = {
  [forms.data1]: 1,
  [forms.data2]: 2,
  [forms.data4]: 4,
  [forms.data8]: 8,
  [forms.flag]: 1,
  [forms.ref1]: 1,
  [forms.ref2]: 2,
  [forms.ref4]: 4,
  [forms.ref8]: 8,
  [forms.refSig8]: 8,
  [forms.refSup4]: 4,
  [forms.refSup8]: 8,
  [forms.strx1]: 1,
  [forms.strx2]: 2,
  [forms.strx3]: 3,
  [forms.strx4]: 4,
  [forms.addrx1]: 1,
  [forms.addrx2]: 2,
  [forms.addrx3]: 3,
  [forms.addrx4]: 4,
};

/** Most forms in a chain of `indirect`. */
const mostIndirections = 4;

/**
 * Passes over a value.
 *
 * @returns the number; of a string in place its offset in the section, of a block nothing that matters.
 */
export function skipForm(
  cursor: Cursor,
  form: number,
  encoding: Encoding,
  implicit: number,
  depth = 0,
): number {
  const size = fixedSizes[form];
  if (size !== undefined) return cursor.unsigned(size);
  switch (form) {
    case forms.udata:
    case forms.refUdata:
    case forms.strx:
    case forms.addrx:
    case forms.loclistx:
    case forms.rnglistx:
    case forms.gnuAddrIndex:
    case forms.gnuStrIndex:
      return cursor.uleb();
    case forms.strp:
    case forms.lineStrp:
    case forms.secOffset:
    case forms.strpSup:
    case forms.gnuRefAlt:
    case forms.gnuStrpAlt:
      return cursor.offset(encoding.is64);
    case forms.refAddr:
      return encoding.version < 3
        ? cursor.unsigned(encoding.addressSize)
        : cursor.offset(encoding.is64);
    case forms.addr:
      return cursor.unsigned(encoding.addressSize);
    case forms.flagPresent:
      return 1;
    case forms.implicitConst:
      return implicit;
    case forms.sdata:
      return cursor.sleb();
    case forms.string: {
      const start = cursor.position;
      cursor.skipString();
      return start;
    }
    case forms.indirect:
      if (depth === mostIndirections) return cursor.fail("has a form that names itself");
      return skipForm(cursor, cursor.uleb(), encoding, implicit, depth + 1);
    default:
      cursor.skip(blockSize(cursor, form));
      return 0;
  }
}

function blockSize(cursor: Cursor, form: number): number {
  switch (form) {
    case forms.exprloc:
    case forms.block:
      return cursor.uleb();
    case forms.block1:
      return cursor.u8();
    case forms.block2:
      return cursor.u16();
    case forms.block4:
      return cursor.u32();
    case forms.data16:
      return 16;
    default:
      return cursor.fail(`has the unknown form 0x${form.toString(16)}`);
  }
}

/** The text of a string value; undefined if its section is not there, as with split units. */
export function readString(
  sections: DwarfSections,
  form: number,
  value: number,
  section: string,
  bases: IndirectBases | undefined,
): string | undefined {
  switch (form) {
    case forms.string:
      return sections.open(section, value)?.stringHere();
    case forms.strp:
      return sections.open(".debug_str", value)?.stringHere();
    case forms.lineStrp:
      return sections.open(".debug_line_str", value)?.stringHere();
    case forms.strx:
    case forms.strx1:
    case forms.strx2:
    case forms.strx3:
    case forms.strx4:
    case forms.gnuStrIndex: {
      if (bases === undefined) return undefined;
      const place = bases.strOffsetsBase + value * (bases.is64 ? 8 : 4);
      const offset = sections.open(".debug_str_offsets", place)?.offset(bases.is64);
      return offset === undefined ? undefined : sections.open(".debug_str", offset)?.stringHere();
    }
    default:
      return undefined;
  }
}

const indexedAddresses: readonly number[] = [
  forms.addrx,
  forms.addrx1,
  forms.addrx2,
  forms.addrx3,
  forms.addrx4,
  forms.gnuAddrIndex,
];

/** Whether a value is an address, itself or by its index. */
export function isAddress(form: number): boolean {
  return form === forms.addr || indexedAddresses.includes(form);
}

/** The address that a value says; undefined if it stands in a section that is not there. */
export function readAddress(
  sections: DwarfSections,
  form: number,
  value: number,
  bases: IndirectBases,
): number | undefined {
  if (!indexedAddresses.includes(form)) return value;
  const place = bases.addrBase + value * bases.addressSize;
  return sections.open(".debug_addr", place)?.unsigned(bases.addressSize);
}
