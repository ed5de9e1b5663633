/**
 * Reads of the input in small pieces, which emitted code does from a host memory (compile/hostInput.ts): whatever is read
 * from wherever to wherever, in pieces of a run and call after call, states are those of the block executor.
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
const requestBytes = 12;

/**
 * The input is a list of reads (destination, position, length), each of which is read itself first: to address 16, 12 bytes
 * from where the last one ended. The chunk there has been stored to before, so that the read itself has nothing to save.
 */
const body: readonly Code[] = [
  ...[constant(0), constant(1), op("i32.store", 0, 0)],
  op("loop", ""),
  ...[get(0), constant(requestBytes), op("i32.add"), op("call", 1), op("i32.le_u"), op("if", "")],
  ...[constant(16), get(0), constant(requestBytes), op("call", 0)],
  ...[get(0), constant(requestBytes), op("i32.add"), op("local.set", 0)],
  ...[16, 20, 24].flatMap((at) => [constant(at), op("i32.load", 0, 0)]),
  op("call", 0),
  ...[op("br", 1), op("end"), op("end")],
];

const wasm = assemble({
  imports: [
    { module: "arbiter", name: "input_read", func: "iii:" },
    { module: "arbiter", name: "input_size", func: ":i" },
  ],
  memories: [[2, 2]],
  functions: [{ signature: ":", locals: "i", body: [...body], export: "run" }],
});
const program = link([{ name: "m", module: decodeModule(wasm) }], { gateway: "run" });

type Read = readonly [destination: number, position: number, length: number];

function inputOf(reads: readonly Read[], more: number): Uint8Array {
  const input = new Uint8Array(reads.length * requestBytes + more).map((_, at) => at * 7 + more);
  new Uint32Array(input.buffer, 0, reads.length * 3).set(reads.flat());
  return input;
}

/** Positions and lengths on both sides of what is in bounds, of a chunk and of what wraps round. */
const number = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 4000, max: 4200 }),
  fc.constantFrom(131_072, 131_071, 131_060, 0xffffffff, 0xfffff000, 0x80000000),
);
const far = fc.integer({ min: 32, max: 131_200 });
const small = fc.integer({ min: 0, max: 140 });
const read = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(far, small, small) },
  { weight: 1, arbitrary: fc.tuple(fc.oneof(number, far), number, number) },
);
const input = fc
  .tuple(
    fc.array(read, { maxLength: 30 }),
    fc.oneof(fc.constant(256), fc.integer({ min: 0, max: 9000 })),
  )
  .map(([reads, more]) => inputOf(reads, more * 4));

/** A call in pieces, on a machine that may have run others before; where the executors part. */
function call(trio: Trio, bytes: Uint8Array, pieces: readonly number[]): string[] {
  trio.begin((state) => begin(state, bytes));
  const found = pieces.flatMap((steps) => trio.run(steps));
  while (trio.isRunning) found.push(...trio.run(100_000));
  return found;
}

describe("reads of the input", () => {
  it("leave what the reference leaves, call after call and wherever they stop", () => {
    const tally = newTally();
    const traps = new Set<number>();
    const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 });
    const calls = fc.array(fc.tuple(input, pieces), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(calls, (inputs) => {
        const trio = new Trio(program, eager, tally);
        for (const [bytes, stops] of inputs) {
          expect(call(trio, bytes, stops)).toEqual([]);
          traps.add(trio.reference.trap);
        }
      }),
      { seed: 1129, numRuns: 150 },
    );
    expect(tally.entries).toBeGreaterThan(500);
    expect(traps).toEqual(
      new Set([trapCodes.none, trapCodes.outOfBoundsInput, trapCodes.outOfBoundsMemory]),
    );
  });

  it("find the input of the call, not that of the one before", () => {
    const trio = new Trio(program, eager, newTally());
    for (const more of [400, 40_000, 400]) {
      const reads: readonly Read[] = [
        [1000, 24, 100],
        [2000, 24, 100],
      ];
      expect(call(trio, inputOf(reads, more), [])).toEqual([]);
    }
  });
});
