/**
 * Output that emitted code writes (compile/emitRuntimeCalls.ts): in pieces of a run and call after call it is the reference's,
 * with its steps and fuel; behind a trap, whose entry is taken back, it is what was written before.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assemble, type Code, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { trapCodes } from "../../../src/interpreter/isa/trapCodes.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import { begin } from "../../../src/interpreter/state/invocation.ts";
import { eager, newTally, Trio } from "./stops.ts";

const constant = (value: number) => op("i32.const", value);
const get = (local: number) => op("local.get", local);
const requestBytes = 8;
const outputBytes = 4096;

/**
 * The input is a list of writes (address, length), which lies at address 0 first; each is written out, and one with the
 * address 0xfffffff0 is `unreachable` instead, one with 0xfffffff4 a load from there, at which the host traps.
 */
const body: readonly Code[] = [
  ...[constant(0), constant(0), op("call", 2), op("call", 0)],
  op("loop", ""),
  ...[get(0), op("call", 2), op("i32.lt_u"), op("if", "")],
  ...[get(0), op("i32.load", 0, 0), constant(-16), op("i32.eq"), op("if", "")],
  ...[op("unreachable"), op("end")],
  ...[get(0), op("i32.load", 0, 0), constant(-12), op("i32.eq"), op("if", "")],
  ...[constant(-12), op("i32.load", 0, 0), op("drop"), op("end")],
  ...[get(0), op("i32.load", 0, 0), get(0), op("i32.load", 4, 0), op("call", 1)],
  ...[get(0), constant(requestBytes), op("i32.add"), op("local.set", 0)],
  ...[op("br", 1), op("end"), op("end")],
];

const wasm = assemble({
  imports: [
    { module: "arbiter", name: "input_read", func: "iii:" },
    { module: "arbiter", name: "output_write", func: "ii:" },
    { module: "arbiter", name: "input_size", func: ":i" },
  ],
  memories: [[1, 1]],
  functions: [{ signature: ":", locals: "i", body: [...body], export: "run" }],
});
const program = link([{ name: "m", module: decodeModule(wasm) }], {
  gateway: "run",
  limits: { outputBytes },
});

type Write = readonly [address: number, length: number];

const plain = fc.tuple(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 300 }));
const edge = fc.oneof(
  fc.constantFrom<Write>([65_535, 1], [65_536, 0], [65_535, 2], [0, outputBytes + 1]),
  fc.constantFrom<Write>([-1, 1], [0, -1], [-16, 0], [-12, 0], [0, outputBytes - 100]),
);
const writes = fc.array(fc.oneof({ weight: 9, arbitrary: plain }, { weight: 1, arbitrary: edge }), {
  maxLength: 25,
});

describe("writes of output", () => {
  it("leave what the reference leaves, call after call and wherever they stop", () => {
    const tally = newTally();
    const traps = new Set<number>();
    const stops = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 });
    fc.assert(
      fc.property(fc.array(fc.tuple(writes, stops), { minLength: 1, maxLength: 4 }), (calls) => {
        const trio = new Trio(program, eager, tally);
        for (const [list, pieces] of calls) {
          const input = new Uint8Array(Int32Array.from(list.flat()).buffer);
          trio.begin((state) => begin(state, input));
          const found = pieces.flatMap((steps) => trio.run(steps));
          while (trio.isRunning) found.push(...trio.run(100_000));
          expect(found).toEqual([]);
          traps.add(trio.reference.trap);
        }
      }),
      { seed: 1129, numRuns: 150 },
    );
    expect(tally.entries).toBeGreaterThan(300);
    const { none, unreachable, outOfBoundsMemory, outOfBoundsOutput } = trapCodes;
    expect(traps).toEqual(new Set([none, unreachable, outOfBoundsMemory, outOfBoundsOutput]));
  });
});
