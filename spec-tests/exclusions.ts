/**
 * Assertions of scripts that are run, which an engine is known not to meet, each with its reason.
 * Whole proposals are in groups.ts. None is excluded at 1.0 and 2.0 for this machine; at 3.0 a few core scripts
 * have modules that also use a proposal that the machine does not have, and nothing of such a module can run.
 *
 * Invariant: the lists are exact, in lines and in number. An excluded command that goes well is a failure, as is a
 * line on which nothing is asserted.
 */
import type { Level } from "./suite.ts";

/** A line on which a command begins, or the first and last of consecutive commands. */
export type Lines = readonly (number | readonly [first: number, last: number])[];

export interface Exclusion {
  readonly level: Level;
  readonly script: string;
  readonly lines: Lines;
  /** Assertions among the commands. */
  readonly assertions: number;
  readonly reason: string;
}

const typedReferences = "typed function references: (ref $t), (ref null $t), non-null references";
const tags =
  "exceptions: the module `test` exports tags, so neither it nor its importers can be made";

/** What this machine does not meet, whichever executor runs it. */
const machine: readonly Exclusion[] = [
  {
    level: "3.0",
    script: "br_table.wast",
    lines: [[3, 1264]],
    assertions: 161,
    reason: `${typedReferences}, in the script's one module; its 2.0 form is run in full`,
  },
  {
    level: "3.0",
    script: "elem.wast",
    lines: [87, [315, 504], [539, 578]],
    assertions: 0,
    reason: typedReferences,
  },
  {
    level: "3.0",
    script: "imports.wast",
    lines: [
      [3, 98],
      [128, 134],
      [239, 255],
      [291, 293],
    ],
    assertions: 7,
    reason: tags,
  },
  {
    level: "3.0",
    script: "linking.wast",
    lines: [
      [96, 112],
      [137, 175],
      [198, 244],
      [426, 434],
      [450, 454],
    ],
    assertions: 24,
    reason: typedReferences,
  },
  {
    level: "3.0",
    script: "ref_is_null.wast",
    lines: [[1, 71]],
    assertions: 16,
    reason: `${typedReferences}, in both modules; its 2.0 form is run in full`,
  },
  {
    level: "3.0",
    script: "ref_null.wast",
    lines: [[1, 81]],
    assertions: 32,
    reason: "garbage collection: null references of its heap types, in both modules",
  },
  { level: "3.0", script: "table-sub.wast", lines: [1], assertions: 0, reason: typedReferences },
  {
    level: "3.0",
    script: "table.wast",
    lines: [14, [86, 116]],
    assertions: 5,
    reason: typedReferences,
  },
  {
    level: "3.0",
    script: "table_init.wast",
    lines: [[2272, 2286]],
    assertions: 1,
    reason: "garbage collection: the module defines a structure type",
  },
  {
    level: "3.0",
    script: "table_init64.wast",
    lines: [2457, 2471],
    assertions: 1,
    reason: "garbage collection: the module defines an array type",
  },
  {
    level: "3.0",
    script: "unreached-valid.wast",
    lines: [[1, 58], 82],
    assertions: 9,
    reason: `${typedReferences}, in both modules; its 2.0 form is run in full`,
  },
];

const indices = "the byte that had to be zero is the index of a memory since 3.0";
const memories = "several memories are valid since 3.0";
const tables = "several tables are valid since 2.0, several memories since 3.0";
const constants = "constant expressions may read every earlier global since 3.0";
const results = "several results are valid since 2.0";
const offsets = "offsets are 64-bit numbers since 3.0, so a sixth byte is no error";

/** V8 knows only the newest WebAssembly: what was invalid or malformed at an older level may be neither for it. */
const v8: readonly Exclusion[] = [
  { level: "1.0", script: "binary-leb128.wast", lines: [403, 460], assertions: 2, reason: offsets },
  {
    level: "1.0",
    script: "binary.wast",
    lines: [
      [162, 220],
      [259, 314],
    ],
    assertions: 8,
    reason: indices,
  },
  { level: "1.0", script: "func.wast", lines: [[492, 496]], assertions: 2, reason: results },
  {
    level: "1.0",
    script: "imports.wast",
    lines: [
      [309, 317],
      [404, 412],
    ],
    assertions: 6,
    reason: tables,
  },
  {
    level: "1.0",
    script: "linking.wast",
    lines: [236, 248, 342, 354],
    assertions: 4,
    reason:
      "since 2.0 segments are written one by one, so the first ones stay when a later one fails",
  },
  { level: "1.0", script: "memory.wast", lines: [[8, 9]], assertions: 2, reason: memories },
  { level: "1.0", script: "type.wast", lines: [[52, 56]], assertions: 2, reason: results },
  {
    level: "1.0",
    script: "unreached-invalid.wast",
    lines: [538],
    assertions: 1,
    reason: "labels of an unreachable br_table need not have equal types since 2.0",
  },
  {
    level: "2.0",
    script: "binary.wast",
    lines: [
      [145, 203],
      [242, 297],
    ],
    assertions: 8,
    reason: indices,
  },
  { level: "2.0", script: "data.wast", lines: [[88, 92]], assertions: 2, reason: constants },
  { level: "2.0", script: "elem.wast", lines: [[170, 174]], assertions: 2, reason: constants },
  { level: "2.0", script: "global.wast", lines: [[351, 355]], assertions: 2, reason: constants },
  { level: "2.0", script: "imports.wast", lines: [[487, 495]], assertions: 3, reason: memories },
  { level: "2.0", script: "memory.wast", lines: [[10, 11]], assertions: 2, reason: memories },
  {
    level: "3.0",
    script: "ref_null.wast",
    lines: [16, 18, [55, 56], [58, 59], [67, 72]],
    assertions: 12,
    reason: "this harness has no patterns for references of the garbage-collected heap",
  },
  {
    level: "3.0",
    script: "memory64.wast",
    lines: [8, 9],
    assertions: 0,
    reason: "V8 refuses a memory of more than 262,144 pages even where it is only defined",
  },
  {
    level: "3.0",
    script: "table64.wast",
    lines: [9],
    assertions: 0,
    reason: "V8 refuses a table of more than 10,000,000 entries even where it is only defined",
  },
  {
    level: "3.0",
    script: "table.wast",
    lines: [9],
    assertions: 0,
    reason: "V8 refuses a table of more than 10,000,000 entries even where it is only defined",
  },
];

export function exclusionsOf(executor: string): readonly Exclusion[] {
  return executor === "v8" ? v8 : machine;
}

export function covers(lines: Lines, line: number): boolean {
  return lines.some((item) =>
    typeof item === "number" ? item === line : item[0] <= line && line <= item[1],
  );
}

/** The lines that have to have an excluded command: each single line, each end of a range. */
export function endsOf(lines: Lines): readonly number[] {
  return lines.flatMap((item) => (typeof item === "number" ? [item] : [...item]));
}
