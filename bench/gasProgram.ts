/**
 * The program that the gas bench measures: at least 10^5 instructions, 16 MiB of memory without a zero leaf, a
 * thousand functions, a stack some hundred frames deep. Its steps go through every instruction of the table.
 *
 * Invariant: no component is small or empty where a real program's would not be, so that proofs have the length
 * that they have in practice.
 */

import { assemble, type Code, op } from "../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../src/interpreter/binary/decode.ts";
import { run } from "../src/interpreter/blocks/runSteps.ts";
import { isNumeric, signatureParts } from "../src/interpreter/isa/columns.ts";
import { type InstructionRow, instructions } from "../src/interpreter/isa/table.ts";
import { link } from "../src/interpreter/program/link.ts";
import { instructionBytes } from "../src/interpreter/program/program.ts";
import { genesis } from "../src/interpreter/state/genesis.ts";
import { begin } from "../src/interpreter/state/invocation.ts";
import type { MachineState } from "../src/interpreter/state/machineState.ts";
import { atomicCode } from "./gasAtomics.ts";
import { vectorCode } from "./gasVectors.ts";

const pages = 256;
const paddingFunctions = 1000;
const paddingInstructions = 100;
const tableEntries = 1100;
const globals = 40;
const labels = 60;
const recursion = 120;
const carriedValues = 128;
/** Index of the type of a block with that many results. */
const wideType = 1;
/** Locals of type i64 in each frame of the recursion. */
const wideLocals = 6;

const i32 = (value: number): Code => op("i32.const", value);
const drop = op("drop");

/** Operands that make the arithmetic long: not exact, not zero, subnormal where that is possible. */
const operandOf: Readonly<Record<string, readonly Code[]>> = {
  i: [i32(-123456789), i32(97)],
  I: [op("i64.const", -1234567890123456789n), op("i64.const", 97n)],
  f: [op("f32.const", 0x3eaaaaab), op("f32.const", 0x3f8ccccd)],
  F: [op("f64.const", 0x3fd5555555555555n), op("f64.const", 0x3ff199999999999an)],
};

const rows: readonly InstructionRow[] = instructions;
type AnyMnemonic = Parameters<typeof op>[0];

/** Each numeric instruction on its operands. */
function numericCode(): Code[] {
  return rows.filter(isNumeric).flatMap((row) => {
    const { params } = signatureParts(row.signature);
    const operands = [...params].map((letter, index) => operandOf[letter][index]);
    return [...operands, op(row.mnemonic as AnyMnemonic), drop];
  });
}

/** Loads and stores at an address in the middle, across two leaves and across two chunks. */
function memoryCode(): Code[] {
  const accesses = rows.filter(({ family, access }) => family === "memory" && access !== undefined);
  return accesses.flatMap((row, index) => {
    const middle = 0x70_0000 + 8192 * index;
    return [middle, middle + 127, middle + 4095].flatMap((place) => {
      const isStore = row.access === "store";
      const value = isStore ? [operandOf[(row.signature ?? "")[1]][0]] : [];
      const access = op(row.mnemonic as AnyMnemonic, 0);
      return [i32(place), ...value, access, ...(isStore ? [] : [drop])];
    });
  });
}

/** Long instructions, in pieces that straddle leaves of their sources. */
function longCode(): Code[] {
  return [
    ...[i32(0x60_0010), i32(0x1ff), i32(300), op("memory.fill", 0)],
    ...[i32(0x61_0010), i32(0x40_0033), i32(300), op("memory.copy", 0, 0)],
    ...[i32(0x61_0050), i32(0x61_0010), i32(300), op("memory.copy", 0, 0)],
    ...[i32(0x62_0010), i32(5), i32(300), op("memory.init", 0, 0), op("data.drop", 0)],
    ...[i32(0x63_0010), i32(7), i32(300), op("call", hostFunctions.inputRead)],
    ...[i32(0x64_0000), i32(70), op("call", hostFunctions.outputWrite)],
    ...[i32(0x64_0041), i32(400), op("call", hostFunctions.outputWrite)],
    ...[i32(10), op("ref.func", hostFunctions.count), i32(70), op("table.fill", 0)],
    ...[i32(200), i32(500), i32(70), op("table.copy", 0, 0)],
    ...[i32(300), i32(3), i32(70), op("table.init", 1, 0), op("elem.drop", 1)],
    ...[op("ref.func", hostFunctions.count), i32(40), op("table.grow", 0), drop],
    ...[i32(3), i32(700), op("table.get", 0), op("table.set", 0)],
    ...[op("table.size", 0), drop, op("memory.size", 0), drop, i32(1), op("memory.grow", 0), drop],
  ];
}

const hostFunctions = {
  ...{ inputSize: 0, inputRead: 1, timeMs: 2, unknown: 3, outputWrite: 4, exit: 5, count: 6 },
} as const;
const first = hostFunctions.count;
const names = { padding: first, recurse: first + paddingFunctions };
const callee = names.recurse + 1;
const tail = names.recurse + 2;
const tailIndirect = names.recurse + 3;
const vectors = names.recurse + 5;

/** Control flow and everything parametric. */
function controlCode(): Code[] {
  const targets = Array.from({ length: labels }, (_, index) => index % 2);
  return [
    ...[
      op("nop"),
      op("call", hostFunctions.inputSize),
      drop,
      op("call", hostFunctions.timeMs),
      drop,
    ],
    ...[op("block"), op("block"), i32(33), op("br_table", targets, 0), op("end"), op("end")],
    ...[op("block", "I"), op("i64.const", 1n), op("i64.const", 2n), op("i64.const", 3n)],
    ...[i32(1), op("br_if", 0), drop, drop, op("end"), drop],
    ...[op("block", "I"), op("i64.const", 1n), op("i64.const", 2n), op("br", 0), op("end"), drop],
    ...[i32(1), op("if", "i"), i32(4), op("else"), i32(5), op("end"), drop],
    ...[i32(1), i32(2), i32(3), op("select"), drop],
    ...[op("local.get", 0), op("local.tee", 1), op("local.set", 1)],
    ...[op("global.get", 7), op("global.set", 9)],
    ...[op("f32.const", 1), drop, op("f64.const", 1), drop],
    ...[op("ref.null", "r"), op("ref.is_null"), drop],
    ...[i32(3), i32(4), op("call", callee), drop],
    ...[i32(3), i32(4), i32(1050), op("call_indirect", 0, 0), drop],
    ...[i32(3), i32(4), op("call", tail), drop],
    ...[i32(3), i32(4), op("call", tailIndirect), drop],
  ];
}

/** What the program ends in: there is only one trap to a run; vectors have a program of their own. */
export type Ending = "unreachable" | "host.unknown" | "host.exit" | "vectors";

/** As many values as a branch may carry, moved down across as many others. */
function widestMove(): Code[] {
  const values = Array.from({ length: carriedValues }, (_, n) => op("i64.const", BigInt(n + 1)));
  const drops = values.map(() => drop);
  return [op("block", wideType), ...values, ...values, op("br", 0), op("end"), ...drops];
}

const endings: Readonly<Record<Ending, readonly Code[]>> = {
  unreachable: [op("unreachable")],
  "host.unknown": [op("call", hostFunctions.unknown)],
  "host.exit": [i32(7), op("call", hostFunctions.exit)],
  vectors: [op("call", vectors), op("unreachable")],
};

function benchModule(end: Ending): Uint8Array {
  const padding = Array.from({ length: paddingFunctions }, (_, index) => ({
    signature: ":",
    body: Array.from({ length: paddingInstructions }, (_, n) =>
      n % 2 === 0 ? i32(index * paddingInstructions + n) : drop,
    ),
  }));
  const bytes = Array.from({ length: 4096 }, (_, index) => (index * 37) & 0xff);
  const filled = Array.from({ length: wideLocals }, (_, n) => [
    ...op("i64.const", 0x1234567812345678n),
    ...op("local.set", 2 + n),
  ]);
  const descend = [
    ...filled,
    ...[op("local.get", 0), op("if"), op("local.get", 0), i32(1), op("i32.sub")],
    ...[op("call", names.recurse), op("return"), op("end")],
    // The deepest frame runs what is measured.
    ...controlCode(),
    ...numericCode(),
    ...memoryCode(),
    ...longCode(),
    ...widestMove(),
    ...endings[end],
  ];
  return assemble({
    types: ["ii:i", `:${"I".repeat(carriedValues)}`],
    imports: [
      { module: "arbiter", name: "input_size", func: ":i" },
      { module: "arbiter", name: "input_read", func: "iii:" },
      { module: "arbiter", name: "time_ms", func: ":I" },
      { module: "elsewhere", name: "unknown", func: ":" },
      { module: "arbiter", name: "output_write", func: "ii:" },
      { module: "arbiter", name: "exit", func: "i:" },
    ],
    functions: [
      ...padding,
      { signature: "i:", locals: `i${"I".repeat(wideLocals)}`, body: descend },
      { signature: "ii:i", body: [op("local.get", 0), op("local.get", 1), op("i32.add")] },
      {
        signature: "ii:i",
        body: [op("local.get", 1), op("local.get", 0), op("return_call", callee)],
      },
      {
        signature: "ii:i",
        body: [
          ...[op("i64.const", 1n), op("local.get", 1), op("local.get", 0), i32(1050)],
          op("return_call_indirect", 0, 0),
        ],
      },
      {
        signature: ":",
        export: "main",
        body: [
          ...[i32(0), i32(0xa5), i32(pages * 65536), op("memory.fill", 0)],
          ...[i32(recursion), op("call", names.recurse)],
        ],
      },
      ...(end === "vectors"
        ? [
            {
              signature: ":",
              locals: "Iv",
              body: [...vectorCode(0x80_0000, globals), ...atomicCode(0x90_0000)],
            },
          ]
        : []),
    ],
    tables: [{ type: "r", limits: [tableEntries, 2 * tableEntries] }],
    memories: [[pages, 2 * pages]],
    globals: [
      ...Array.from({ length: globals }, (_, index) => ({
        type: "I",
        mutable: true,
        init: op("i64.const", BigInt(index + 1)),
      })),
      ...(end === "vectors" ? [{ type: "v", mutable: true, init: op("v128.const", 1n) }] : []),
    ],
    elements: [
      {
        at: { offset: i32(0) },
        functions: Array.from({ length: tableEntries }, (_, index) =>
          index === 1050 ? callee : names.padding + (index % paddingFunctions),
        ),
      },
      { functions: Array.from({ length: 500 }, (_, index) => names.padding + index) },
    ],
    data: [{ bytes }],
  });
}

export interface BenchProgram {
  readonly state: MachineState;
  readonly instructions: number;
  readonly memoryBytes: number;
}

/** A machine that stands at the first step worth measuring. */
export function benchProgram(end: Ending = "unreachable"): BenchProgram {
  const program = link([{ name: "bench", module: decodeModule(benchModule(end)) }], {
    gateway: "main",
    growth: "declared",
    unknownImports: "trap",
  });
  const state = genesis(program);
  begin(
    state,
    Uint8Array.from({ length: 100_000 }, (_, index) => (index * 31) & 0xff),
  );
  while (state.depth <= recursion) run(state, { steps: 1 });
  return {
    state,
    instructions: program.code.length / instructionBytes,
    memoryBytes: pages * 65536,
  };
}
