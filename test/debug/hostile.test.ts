/**
 * Debugging data that are broken, cut or tangled: the reader never throws, never runs long, and says what is wrong.
 *
 * Mutations are of every byte of the debugging sections of a committed program; tangles are made to be quadratic for a reader that
 * follows every reference.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ModuleLines } from "../../src/debug/moduleLines.ts";
import { decodeModule, type Module } from "../../src/interpreter/index.ts";
import {
  framesText,
  instructionOffsets,
  linesOf,
  text,
  u32,
  unsigned,
  withSections,
} from "./debugSections.ts";

function read(name: string): Module {
  const path = fileURLToPath(new URL(`programs/${name}`, import.meta.url));
  return decodeModule(new Uint8Array(readFileSync(path)));
}

/** The module with other bytes; offsets of its sections and functions are the same. */
function changed(module: Module, change: (bytes: Uint8Array) => void): Module {
  const bytes = module.bytes.slice();
  change(bytes);
  return { ...module, bytes };
}

describe.each([4, 5])("every byte of the debugging data changed, DWARF %i", (version) => {
  const module = read(`inlined.dwarf${version}.wasm`);
  const offsets = instructionOffsets(module);
  const sections = module.customSections.filter(({ name }) => name.startsWith(".debug_"));

  test("gives answers or notes, and never an error", () => {
    let noted = 0;
    let other = 0;
    const right = offsets.map((offset) => framesText(linesOf(module), offset).join());
    for (const { start, end } of sections) {
      for (let at = start; at < end; at++) {
        for (const value of [0, 0x7f, 0xff, module.bytes[at] ^ 0x10]) {
          const lines = linesOf(changed(module, (bytes) => bytes.fill(value, at, at + 1)));
          const found = offsets.map((offset) => framesText(lines, offset).join());
          if (lines.notes.length > 0) noted++;
          else if (found.join("\n") !== right.join("\n")) other++;
        }
      }
    }
    // Both happen: the mutations reach the reader.
    expect(noted).toBeGreaterThan(300);
    expect(other).toBeGreaterThan(300);
  });

  test("so does every cut of every section", () => {
    let noted = 0;
    for (const section of sections) {
      for (let end = section.start; end < section.end; end++) {
        const cut = module.customSections.map((each) =>
          each === section ? { ...each, end } : each,
        );
        const lines = linesOf({ ...module, customSections: cut });
        for (const offset of offsets) lines.find(offset);
        if (lines.notes.length > 0) noted++;
      }
    }
    expect(noted).toBeGreaterThan(200);
  });

  test("a section that is missing costs only what it says", () => {
    for (const section of sections) {
      const rest = module.customSections.filter((each) => each !== section);
      const lines = linesOf({ ...module, customSections: rest });
      const found = offsets.map((offset) => lines.find(offset));
      const hasLines = section.name !== ".debug_line";
      expect(
        found.some((frames) => frames !== undefined),
        section.name,
      ).toBe(hasLines);
    }
  });
});

/** A line program with one row for all of the code, and what comes before its rows. */
function lineProgram(header: readonly number[], rows: readonly number[]): number[] {
  const afterLength = [1, 1, 1, 0, 14, 13, ...[0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1], ...header];
  const content = [4, 0, ...u32(afterLength.length), ...afterLength, ...rows];
  return [...u32(content.length), ...content];
}

const wholeCode = [0, 5, 2, ...u32(2), 1, 2, ...unsigned(50), 0, 1, 1];
const oneLine = lineProgram([0, ...text("a.c"), 0, 0, 0, 0], wholeCode);
/** Form flag_present: no byte an attribute. */
const flags = (count: number) => Array.from({ length: count }, () => [0x3f, 0x19]).flat();
const unitHead = (entries: number) => [...u32(entries + 7), 4, 0, ...u32(0), 4];

describe("tangles", () => {
  /** Steps into the work that an honest reader would do. */
  function notesOf(sections: Record<string, readonly number[] | Uint8Array>) {
    const lines = linesOf(withSections(sections));
    expect(lines.hasLines).toBe(true);
    for (let offset = 0; offset < 100; offset++) lines.find(offset);
    return lines.notes.join();
  }
  const tooOften = /refers to itself so often/;

  test("entries of one byte with ten thousand attributes each", () => {
    const entries = 20_000;
    const abbreviation = [
      1,
      ...unsigned(0x11),
      1,
      0x10,
      0x17,
      0,
      0,
      2,
      ...unsigned(0x2e),
      0,
      ...flags(10_000),
      0,
      0,
      0,
    ];
    const info = [...unitHead(entries + 5), 1, ...u32(0), ...Array(entries).fill(2)];
    expect(
      notesOf({ ".debug_abbrev": abbreviation, ".debug_info": info, ".debug_line": oneLine }),
    ).toMatch(tooOften);
  });

  test("functions that all name one long list of ranges", () => {
    const functions = 20_000;
    const abbreviation = [
      1,
      ...unsigned(0x11),
      1,
      0x10,
      0x17,
      0,
      0,
      2,
      ...unsigned(0x2e),
      0,
      ...unsigned(0x55),
      0x17,
      0,
      0,
      0,
    ];
    const entry = [2, ...u32(0)];
    const info = [
      ...unitHead(5 * functions + 5),
      1,
      ...u32(0),
      ...Array(functions).fill(entry).flat(),
    ];
    const ranges = [
      ...Array(20_000)
        .fill([...u32(3), ...u32(4)])
        .flat(),
      ...u32(0),
      ...u32(0),
    ];
    const sections = {
      ".debug_abbrev": abbreviation,
      ".debug_info": info,
      ".debug_ranges": ranges,
    };
    expect(notesOf({ ...sections, ".debug_line": oneLine })).toMatch(tooOften);
  });

  test("a list of four thousand million files without a byte each", () => {
    const head = [1, 1, 0x19, ...unsigned(0xffffffff)];
    const afterLength = [1, 1, 1, 0, 14, 13, ...Array(12).fill(0), ...head];
    const content = [5, 0, 4, 0, ...u32(afterLength.length), ...afterLength];
    expect(notesOf({ ".debug_line": [...u32(content.length), ...content] })).toMatch(tooOften);
  });

  test("names that begin in one long string at every byte", () => {
    const functions = 5000;
    const abbreviation = [
      1,
      ...unsigned(0x11),
      1,
      0x10,
      0x17,
      0,
      0,
      2,
      ...unsigned(0x2e),
      0,
      3,
      0x0e,
      ...unsigned(0x11),
      1,
      ...unsigned(0x12),
      0x0b,
      0,
      0,
      0,
    ];
    const entries = Array.from({ length: functions }, (_, i) => [
      2,
      ...u32(i),
      ...u32(3 + (i % 40)),
      1,
    ]).flat();
    const info = [...unitHead(entries.length + 5), 1, ...u32(0), ...entries];
    const lines = linesOf(
      withSections({
        ".debug_abbrev": abbreviation,
        ".debug_info": info,
        ".debug_line": oneLine,
        ".debug_str": new Uint8Array(1 << 20).fill(97),
      }),
    );
    const names = Array.from(
      { length: 100 },
      (_, offset) => lines.find(offset)?.[0]?.function?.length,
    );
    expect(new Set(names)).toEqual(new Set([undefined, 1024]));
  });

  test("functions nested a hundred thousand deep", () => {
    const abbreviation = [
      1,
      ...unsigned(0x11),
      1,
      0x10,
      0x17,
      0,
      0,
      2,
      ...unsigned(0x2e),
      1,
      0,
      0,
      0,
    ];
    const info = [...unitHead(100_005), 1, ...u32(0), ...Array(100_000).fill(2)];
    const sections = { ".debug_abbrev": abbreviation, ".debug_info": info, ".debug_line": oneLine };
    expect(notesOf(sections)).toMatch(/nested too deep/);
  });
});

describe("data that are elsewhere", () => {
  test("an external file, a split unit and a map that is not there are said so", () => {
    const lines = (sections: Record<string, readonly number[]>) => linesOf(withSections(sections));
    expect(lines({ external_debug_info: [3, 97, 98, 99] }).notes.join()).toMatch(
      /file of their own/,
    );
    expect(
      lines({ sourceMappingURL: [...unsigned(7), ...text("abc.map").slice(0, 7)] }).notes.join(),
    ).toMatch(/the map abc\.map is not there/);
    const abbreviation = [1, ...unsigned(0x11), 0, 0x10, 0x17, ...unsigned(0x2130), 0x08, 0, 0, 0];
    const info = [...unitHead(5 + 6), 1, ...u32(0), ...text("a.dwo")];
    const split = lines({
      ".debug_abbrev": abbreviation,
      ".debug_info": info,
      ".debug_line": oneLine,
    });
    expect(split.notes.join()).toMatch(/other files \(a\.dwo: split DWARF\)/);
    expect(split.find(40)?.[0]).toMatchObject({ file: "a.c", line: 1 });
  });

  test("a broken source map is a note", () => {
    for (const map of [
      "",
      "{",
      "[]",
      "null",
      "{}",
      '{"version":3,"mappings":"!!!","sources":[]}',
      '{"version":3,"sources":[1],"mappings":4}',
    ]) {
      const url = `data:application/json;base64,${btoa(map)}`;
      const module = withSections({
        sourceMappingURL: [...unsigned(url.length), ...text(url).slice(0, -1)],
      });
      const lines = new ModuleLines(module, () => undefined);
      for (const offset of instructionOffsets(module)) lines.find(offset);
      if (!map.includes("!!!")) expect(lines.notes.join(), map).not.toBe("");
    }
    const cut = withSections({ sourceMappingURL: [200, 1, 97] });
    expect(linesOf(cut).notes.join()).toMatch(/ends too early/);
  });
});
