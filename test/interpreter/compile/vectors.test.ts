/**
 * Each of the 256 vector instructions in emitted code, on edge lanes: results, memory and counters are the reference's,
 * and no function is left to it. Then vectors where a frame can stop: in locals, operands and globals around loops and calls.
 */
import { describe, expect, it } from "vitest";
import { assemble, type Code, type ModuleText, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { runExactly } from "../../../src/interpreter/blocks/runSteps.ts";
import { compiledProgram } from "../../../src/interpreter/compile/compiledProgram.ts";
import { FastExecutor } from "../../../src/interpreter/compile/fastExecutor.ts";
import { plainEmission } from "../../../src/interpreter/compile/safepoints.ts";
import { signatureParts } from "../../../src/interpreter/isa/columns.ts";
import type { InstructionRow, Mnemonic } from "../../../src/interpreter/isa/table.ts";
import { instructions, isDecoded } from "../../../src/interpreter/isa/table.ts";
import { laneCount } from "../../../src/interpreter/isa/vectorTable.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { beginInvocation } from "../../../src/interpreter/state/invocation.ts";
import { Random } from "../../differential/random.ts";
import { randomBits } from "../../differential/values.ts";
import { eager, partings, stopsApart } from "./stops.ts";

const rows = (instructions as readonly InstructionRow[]).filter(
  (row) => isDecoded(row) && (row.feature === "simd" || row.feature === "relaxedSimd"),
);
const rounds = 12;
const pages = 3;

function immediatesOf(row: InstructionRow, random: Random): (number | bigint | number[])[] {
  const lane = () => random.below(laneCount(row.lanes ?? "i8x16"));
  switch (row.immediates) {
    case "lane":
      return [lane()];
    case "memargLane":
      return [lane(), random.below(40), 0];
    case "memarg":
      return [random.below(40), 0];
    case "shuffle":
      return [Array.from({ length: 16 }, () => random.below(32))];
    case "v128":
      return [randomBits(random, "v")];
    default:
      return [];
  }
}

/** One function an instruction, with its operands as parameters. */
function moduleOf(random: Random): Uint8Array {
  const functions = rows.map((row) => {
    const signature = row.signature as string;
    const gets = [...signatureParts(signature).params].map((_, at) => op("local.get", at));
    const body: Code[] = [...gets, op(row.mnemonic as Mnemonic, ...immediatesOf(row, random))];
    return { signature, body, export: row.mnemonic };
  });
  return assemble({ memories: [[pages, pages]], functions } as ModuleText);
}

/** An address in bounds more often than not, and often at the end of a chunk; else any operand. */
function argumentsOf({ signature, access }: InstructionRow, random: Random): bigint[] {
  return [...signatureParts(signature).params].map((type, at) => {
    if (access === undefined || at > 0) return randomBits(random, type);
    if (random.oneIn(12)) return randomBits(random, "i");
    return BigInt(
      random.below(pages * 16) * 4096 + random.pick([0, 4, 16, 3980, 4080, 4085, 4095]),
    );
  });
}

const linked = (bytes: Uint8Array): Program => link([{ name: "m", module: decodeModule(bytes) }]);

/** Functions that emitted code leaves to the block executor. */
const refusedOf = (program: Program): number[] => [
  ...compiledProgram(program, plainEmission).refused.keys(),
];

describe("fast path › every vector instruction", () => {
  it("is emitted, and leaves the reference's state on edge lanes", () => {
    expect(rows.length).toBe(256);
    const random = new Random(17);
    const found: string[] = [];
    const entered = new Set<string>();
    for (let round = 0; round < rounds; round++) {
      const program = linked(moduleOf(random));
      expect(refusedOf(program)).toEqual([]);
      const [reference, state] = [genesis(program), genesis(program)];
      const executor = new FastExecutor(state, eager);
      rows.forEach((row, index) => {
        const args = argumentsOf(row, random);
        for (const each of [reference, state]) beginInvocation(each, index, args);
        const { entries } = executor;
        runExactly(reference, 1000);
        executor.run(1000);
        const parts = partings(state, reference);
        if (executor.entries > entries) entered.add(row.mnemonic);
        found.push(...parts.map((part) => `${row.mnemonic}(${args.join()}): ${part}`));
      });
      expect(executor.refusal).toBeUndefined();
    }
    expect(found).toEqual([]);
    // Behind a trap the reference runs for a while.
    expect(entered.size).toBe(rows.length);
  });
});

const get = (index: number) => op("local.get", index);
const set = (index: number) => op("local.set", index);
const constant = (value: number) => op("i32.const", value);
const lanes = (value: bigint) => op("v128.const", value);

/** Counts local 0 down and goes on while it is not 0. */
const again: Code[] = [get(0), constant(1), op("i32.sub"), op("local.tee", 0), op("br_if", 0)];

/** The infinities' difference in two lanes: a NaN of the host's. */
const infinities = 0x7f800000ff8000003f80000040000000n;

const programs: readonly (readonly [string, ModuleText])[] = [
  [
    "accumulators in lazy locals, of both widths, around a loop",
    {
      functions: [
        {
          signature: "i:vv",
          locals: "vvi",
          export: "f",
          body: [
            ...[op("loop", ""), get(1), lanes(infinities), op("f32x4.mul"), lanes(infinities)],
            ...[op("f32x4.add"), set(1), get(2), lanes(0xfff0000000000000n), op("f64x2.add")],
            ...[lanes(0x7ff0000000000000n), op("f64x2.add"), set(2)],
            ...[...again, op("end"), get(1), get(2)],
          ],
        },
      ],
    },
  ],
  [
    "vectors among the operands under a loop and a call",
    {
      globals: [
        { type: "v", mutable: true, init: lanes(5n) },
        { type: "i", mutable: true, init: constant(3) },
      ],
      functions: [
        {
          signature: "i:v",
          locals: "v",
          export: "f",
          body: [
            ...[get(0), op("i32x4.splat"), constant(7), get(0), op("f32.convert_i32_s")],
            ...[op("f32x4.splat"), lanes(infinities), op("f32x4.div")],
            ...[op("loop", ""), get(1), op("global.get", 0), op("i8x16.add"), op("call", 1)],
            ...[op("local.tee", 1), op("global.set", 0), ...again, op("end")],
            ...[get(1), op("f32x4.mul"), set(1), op("drop"), get(1), op("v128.xor")],
          ],
        },
        {
          signature: "v:v",
          locals: "i",
          body: [
            ...[op("loop", ""), get(1), constant(1), op("i32.add"), op("local.tee", 1)],
            ...[constant(5), op("i32.lt_u"), op("br_if", 0), op("end")],
            ...[get(0), get(0), op("i16x8.extmul_low_i8x16_s")],
          ],
        },
      ],
    },
  ],
  [
    "stores of vectors across chunks",
    {
      memories: [[2, 2]],
      functions: [
        {
          signature: "i:",
          locals: "iv",
          export: "f",
          body: [
            ...[constant(4081), set(1), op("loop", "")],
            ...[get(1), get(2), get(0), op("i8x16.splat"), op("i8x16.sub"), op("local.tee", 2)],
            ...[op("v128.store", 3, 0), get(1), get(2), op("v128.store64_lane", 1, 60_000, 0)],
            ...[get(1), op("v128.load", 8, 0), set(2)],
            ...[get(1), constant(1021), op("i32.add"), set(1), ...again, op("end")],
          ],
        },
      ],
    },
  ],
];

describe("fast path › vectors where a frame stops", () => {
  it.each(programs)("%s", (_, text) => {
    const program = linked(assemble(text));
    expect(refusedOf(program)).toEqual([]);
    const stops = Array.from({ length: 200 }, (_, at) => at * 5 + 1);
    const { found, entries } = stopsApart(
      program,
      (state) => beginInvocation(state, 0, [150n]),
      stops,
      20_000,
    );
    expect(found).toEqual([]);
    expect(entries).toBeGreaterThan(stops.length);
  });
});
