/**
 * The line number programs of `.debug_line`, versions 2 to 5 (DWARF 5 §6.2), as one sorted table from address to file, line
 * and column.
 *
 * Invariant: the programs are read one after another, each byte once, so that the table has at most a row a byte; a sequence
 * that begins nowhere in the code, as the linker leaves those of dropped functions, is left out.
 */
import { DebugDataError } from "../debugDataError.ts";
import { extendedLineOpcodes, lineContents, lineOpcodes } from "./codes.ts";
import type { Cursor } from "./cursor.ts";
import type { DwarfSections } from "./dwarfSections.ts";
import { joinedPath } from "./path.ts";
import { readString, skipForm } from "./strings.ts";

/** A file as its program names it; the unit's folder may have to be put before it. */
export interface LineFile {
  readonly path: string;
}

/** What a line number program says of itself. */
export interface LineProgram {
  /** Offset in `.debug_line`, by which units name it. */
  readonly offset: number;
  readonly version: number;
  /** By the numbers that rows and calls use. */
  readonly files: readonly (LineFile | undefined)[];
}

/** Rows with ascending addresses; each holds up to the next one's. */
interface Sequence {
  readonly start: number;
  readonly end: number;
  readonly firstRow: number;
  readonly endRow: number;
  readonly program: LineProgram;
}

/** A row of the table. */
export interface LineRow {
  readonly program: LineProgram;
  readonly file: number;
  readonly line: number;
  readonly column: number;
}

/** Numbers in chunks that double: a row takes 16 bytes. */
class Rows {
  #data = new Uint32Array(4 * 256);
  length = 0;

  push(address: number, file: number, line: number, column: number): void {
    const at = 4 * this.length++;
    if (at === this.#data.length) {
      const larger = new Uint32Array(2 * at);
      larger.set(this.#data);
      this.#data = larger;
    }
    this.#data[at] = address;
    this.#data[at + 1] = file;
    this.#data[at + 2] = line;
    this.#data[at + 3] = column;
  }

  address(row: number): number {
    return this.#data[4 * row];
  }

  at(row: number): readonly [file: number, line: number, column: number] {
    const [, file, line, column] = this.#data.subarray(4 * row, 4 * row + 4);
    return [file, line, column];
  }
}

export class LineTable {
  readonly programs: LineProgram[] = [];
  /** What ended the reading, if anything did; the rows before it stand. */
  readonly problem: DebugDataError | undefined;
  readonly #rows = new Rows();
  readonly #sequences: Sequence[] = [];

  /** @param codeSize bytes of the code section: what lies beyond has been dropped. */
  constructor(sections: DwarfSections, codeSize: number) {
    try {
      const cursor = sections.open(".debug_line");
      while (cursor !== undefined && cursor.position < cursor.bytes.length) {
        cursor.limit = cursor.bytes.length;
        this.#readProgram(sections, cursor, codeSize);
      }
    } catch (error) {
      if (!(error instanceof DebugDataError)) throw error;
      this.problem = error;
    }
    this.#sequences.sort((a, b) => a.start - b.start);
  }

  /** The row of an address; undefined if no sequence covers it. */
  find(address: number): LineRow | undefined {
    const sequence =
      this.#sequences[lastAtMost(this.#sequences.length, address, (i) => this.#sequences[i].start)];
    if (sequence === undefined || address >= sequence.end) return undefined;
    const { firstRow, endRow, program } = sequence;
    const row =
      firstRow + lastAtMost(endRow - firstRow, address, (i) => this.#rows.address(firstRow + i));
    const [file, line, column] = this.#rows.at(row);
    return { program, file, line, column };
  }

  #readProgram(sections: DwarfSections, cursor: Cursor, codeSize: number): void {
    const offset = cursor.position;
    const header = readHeader(sections, cursor, offset);
    this.programs.push(header.program);
    cursor.position = header.start;
    cursor.limit = header.end;
    new LineMachine(cursor, header, (firstRow, start, end) => {
      const isCode = start > 0 && start < codeSize && end > start;
      if (isCode) {
        const { program } = header;
        this.#sequences.push({ start, end, firstRow, endRow: this.#rows.length, program });
      } else {
        this.#rows.length = firstRow;
      }
    }).run(this.#rows);
    cursor.position = header.end;
  }
}

/** Index of the last of `length` ascending keys that is at most `wanted`; −1 if there is none. */
export function lastAtMost(
  length: number,
  wanted: number,
  keyOf: (index: number) => number,
): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keyOf(middle) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

interface Header {
  readonly program: LineProgram;
  readonly start: number;
  readonly end: number;
  readonly leastLength: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  readonly operandCounts: readonly number[];
}

function readHeader(sections: DwarfSections, cursor: Cursor, offset: number): Header {
  let length = cursor.u32();
  const is64 = length === 0xffffffff;
  if (is64) length = cursor.u64();
  if (!(length <= cursor.limit - cursor.position)) cursor.fail("is longer than its section");
  const end = cursor.position + length;
  cursor.limit = end;
  const version = cursor.u16();
  if (version < 2 || version > 5) cursor.fail(`has version ${version}; 2 to 5 are known`);
  if (version === 5) cursor.skip(2);
  const headerLength = cursor.offset(is64);
  if (!(headerLength <= end - cursor.position)) cursor.fail("has a header that is too long");
  const start = cursor.position + headerLength;
  const leastLength = cursor.u8();
  if (version >= 4) cursor.skip(1);
  cursor.skip(1);
  const lineBase = cursor.s8();
  const lineRange = cursor.u8();
  const opcodeBase = cursor.u8();
  const operandCounts = [0];
  for (let opcode = 1; opcode < opcodeBase; opcode++) operandCounts.push(cursor.u8());
  const files = version === 5 ? filesOf5(sections, cursor, is64) : filesOf4(cursor);
  const program = { offset, version, files };
  return { program, start, end, leastLength, lineBase, lineRange, opcodeBase, operandCounts };
}

/** Up to version 4: strings, closed by an empty one; folder 0 is the unit's, and files are counted from 1. */
function filesOf4(cursor: Cursor): (LineFile | undefined)[] {
  const folders = [""];
  for (let folder = cursor.string(); folder !== ""; folder = cursor.string()) folders.push(folder);
  const files: (LineFile | undefined)[] = [undefined];
  for (let name = cursor.string(); name !== ""; name = cursor.string()) {
    files.push({ path: joinedPath(folders[cursor.uleb()] ?? "", name) });
    cursor.uleb();
    cursor.uleb();
  }
  return files;
}

/** Version 5: two lists that describe their own format; all is counted from 0. */
function filesOf5(sections: DwarfSections, cursor: Cursor, is64: boolean): LineFile[] {
  const folders = readEntries(sections, cursor, is64);
  return readEntries(sections, cursor, is64).map(({ path, folder }) => ({
    path: joinedPath(folder === 0 ? (folders[0]?.path ?? "") : folderOf(folders, folder), path),
  }));
}

function folderOf(folders: readonly { readonly path: string }[], index: number): string {
  return joinedPath(folders[0]?.path ?? "", folders[index]?.path ?? "");
}

function readEntries(sections: DwarfSections, cursor: Cursor, is64: boolean) {
  const format: [content: number, form: number][] = [];
  for (let left = cursor.u8(); left > 0; left--) format.push([cursor.uleb(), cursor.uleb()]);
  const entries: { path: string; folder: number }[] = [];
  for (let left = cursor.uleb(); left > 0; left--) {
    const entry = { path: "", folder: 0 };
    cursor.budget.spend(1 + format.length, cursor.section);
    for (const [content, form] of format) {
      const value = skipForm(cursor, form, { is64, addressSize: 4, version: 5 }, 0);
      if (content === lineContents.path) {
        entry.path = readString(sections, form, value, cursor.section, undefined) ?? "";
      } else if (content === lineContents.directoryIndex) entry.folder = value;
    }
    entries.push(entry);
  }
  return entries;
}

/** The machine of §6.2.2, without the registers that nobody asks for. */
class LineMachine {
  readonly #cursor: Cursor;
  readonly #header: Header;
  readonly #ended: (firstRow: number, start: number, end: number) => void;
  #address = 0;
  #file = 1;
  #line = 1;
  #column = 0;

  constructor(
    cursor: Cursor,
    header: Header,
    ended: (firstRow: number, start: number, end: number) => void,
  ) {
    this.#cursor = cursor;
    this.#header = header;
    this.#ended = ended;
  }

  run(rows: Rows): void {
    const cursor = this.#cursor;
    const { opcodeBase } = this.#header;
    let firstRow = rows.length;
    while (cursor.position < cursor.limit) {
      cursor.budget.spend(1, cursor.section);
      const opcode = cursor.u8();
      if (opcode >= opcodeBase) this.#special(opcode);
      else if (opcode === lineOpcodes.extended) {
        if (this.#extended()) {
          this.#ended(firstRow, rows.length > firstRow ? rows.address(firstRow) : 0, this.#address);
          firstRow = rows.length;
          this.#reset();
        }
        continue;
      } else if (opcode !== lineOpcodes.copy) {
        this.#standard(opcode);
        continue;
      }
      rows.push(this.#address, this.#file, this.#line, this.#column);
    }
    // Rows of a sequence that does not end hold up to nowhere.
    rows.length = firstRow;
  }

  #reset(): void {
    this.#address = 0;
    this.#file = 1;
    this.#line = 1;
    this.#column = 0;
  }

  #advance(operation: number): void {
    this.#address += this.#header.leastLength * operation;
  }

  #special(opcode: number): void {
    const { opcodeBase, lineBase, lineRange } = this.#header;
    if (lineRange === 0) this.#cursor.fail("has a line range of 0");
    const adjusted = opcode - opcodeBase;
    this.#advance(Math.floor(adjusted / lineRange));
    this.#line += lineBase + (adjusted % lineRange);
  }

  #standard(opcode: number): void {
    const cursor = this.#cursor;
    const { opcodeBase, lineRange, operandCounts } = this.#header;
    switch (opcode) {
      case lineOpcodes.advancePc:
        this.#advance(cursor.uleb());
        return;
      case lineOpcodes.advanceLine:
        this.#line += cursor.sleb();
        return;
      case lineOpcodes.setFile:
        this.#file = cursor.uleb();
        return;
      case lineOpcodes.setColumn:
        this.#column = cursor.uleb();
        return;
      case lineOpcodes.constAddPc:
        if (lineRange === 0) cursor.fail("has a line range of 0");
        this.#advance(Math.floor((255 - opcodeBase) / lineRange));
        return;
      case lineOpcodes.fixedAdvancePc:
        this.#address += cursor.u16();
        return;
      default:
        for (let left = operandCounts[opcode]; left > 0; left--) cursor.uleb();
    }
  }

  /** Whether the sequence has ended. */
  #extended(): boolean {
    const cursor = this.#cursor;
    const length = cursor.uleb();
    const next = cursor.position + length;
    if (!(next <= cursor.limit)) cursor.fail("ends too early");
    const opcode = length > 0 ? cursor.u8() : 0;
    if (opcode === extendedLineOpcodes.setAddress) this.#address = cursor.unsigned(length - 1);
    cursor.position = next;
    return opcode === extendedLineOpcodes.endSequence;
  }
}
