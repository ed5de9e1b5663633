/**
 * Host functions that emitted code calls through a table, by their host stubs (compile/hostStubs.ts), and waits, which
 * it does itself (compile/emitAtomics.ts): wherever a run stops, the state is the reference's, with its time and fuel.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assemble, type Code, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { FastExecutor } from "../../../src/interpreter/compile/fastExecutor.ts";
import { trapCodes } from "../../../src/interpreter/isa/trapCodes.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { begin } from "../../../src/interpreter/state/invocation.ts";
import { Random } from "../../differential/random.ts";
import { RandomTiering } from "./randomTiering.ts";
import { eager, newTally, Trio } from "./stops.ts";

const constant = (value: number) => op("i32.const", value);
const get = (local: number) => op("local.get", local);
const words = 4;
const requestBytes = words * 4;
const outputBytes = 4096;

/** Host functions are 0 to 6, and stand in the table likewise. */
const hosts = [
  { name: "input_size", func: ":i" },
  { name: "input_read", func: "iii:" },
  { name: "output_write", func: "ii:" },
  { name: "time_ms", func: ":I" },
  { name: "exit", func: "i:" },
  { name: "unheard_of", func: "i:i" },
  // A vector takes two slots of the stub's frame.
  { name: "unheard_of_lanes", func: "iv:vi" },
] as const;

/** Word of the request at hand. */
const word = (index: number): Code => [...get(0), ...op("i32.load", index * 4, 0)];
const wide = (index: number): Code => [...word(index), ...op("i64.extend_i32_s")];
const indirect = (host: number): Code => [...constant(host), ...op("call_indirect", host, 0)];
const count = op("local.set", 1);
const countWide: Code = [...op("i32.wrap_i64"), ...count];

/** What a request asks for by its first word. */
const kinds: readonly Code[] = [
  [...indirect(0), ...count],
  [...word(1), ...word(2), ...word(3), ...indirect(1)],
  [...word(1), ...word(2), ...indirect(2)],
  [...indirect(3), ...countWide],
  [...word(1), ...indirect(4)],
  [...word(1), ...indirect(5), ...count],
  [...word(1), ...word(2), ...wide(3), ...op("memory.atomic.wait32", 0, 1), ...count],
  [...word(1), ...wide(2), ...wide(3), ...op("memory.atomic.wait64", 8, 1), ...count],
  [...wide(1), ...word(2), ...wide(3), ...op("memory.atomic.wait32", 4, 2), ...count],
  [...word(1), ...word(2), ...wide(3), ...op("memory.atomic.wait32", 0, 0), ...count],
  [...word(1), ...op("v128.const", 7n), ...indirect(6), ...count, ...op("drop")],
];

/** The input is a list of requests, which lies at address 0 of memory 0 first; local 1 sums up what they gave. */
const body: readonly Code[] = [
  ...[constant(0), constant(0), op("call", 0), op("call", 1)],
  ...[op("loop", ""), get(0), op("call", 0), op("i32.lt_u"), op("if", "")],
  ...kinds.flatMap((kind, index) => [
    ...[word(0), constant(index), op("i32.eq"), op("if", ""), kind],
    ...[constant(8000), constant(8000), op("i32.load", 0, 0), get(1), op("i32.add")],
    ...[op("i32.store", 0, 0), op("end")],
  ]),
  ...[get(0), constant(requestBytes), op("i32.add"), op("local.set", 0)],
  ...[op("br", 1), op("end"), op("end")],
];

const wasm = assemble({
  types: hosts.map(({ func }) => func),
  imports: hosts.map((host) => ({ module: "arbiter", ...host })),
  memories: [
    [1, 1],
    [1, 1, "shared"],
    [1, 1, "i64"],
  ],
  tables: [{ type: "r", limits: [hosts.length, hosts.length] }],
  elements: [{ at: { offset: constant(0) }, functions: [...hosts.keys()] }],
  functions: [{ signature: ":", locals: "ii", body: [...body], export: "run" }],
});
const program = link([{ name: "m", module: decodeModule(wasm) }], {
  gateway: "run",
  unknownImports: "trap",
  limits: { outputBytes },
});

type Request = readonly [kind: number, first: number, second: number, third: number];

const small = fc.integer({ min: 0, max: 60 });
const plain: fc.Arbitrary<Request> = fc.oneof(
  fc.constant<Request>([0, 0, 0, 0]),
  fc.tuple(fc.constant(1), fc.integer({ min: 5000, max: 6000 }), small, fc.constant(8)),
  fc.tuple(fc.constant(2), fc.integer({ min: 0, max: 9000 }), small, small),
  fc.constant<Request>([3, 0, 0, 0]),
  fc.tuple(fc.constantFrom(6, 7), fc.constantFrom(0, 8, 64), fc.constantFrom(0, 1), small),
  fc.tuple(fc.constantFrom(6, 7), fc.constantFrom(0, 8, 64), fc.constantFrom(1, -1), fc.integer()),
);
/** Traps, an end, and memories that are not shared. */
const edge: fc.Arbitrary<Request> = fc.tuple(
  fc.constantFrom(1, 2, 4, 5, 6, 7, 8, 9, 10),
  fc.constantFrom(0, 8, 2, 65_528, 65_532, 65_536, -8),
  fc.constantFrom(0, 1, -1, 5000),
  fc.constantFrom(0, -1, 3),
);
const requests = fc.array(
  fc.oneof({ weight: 10, arbitrary: plain }, { weight: 1, arbitrary: edge }),
  { maxLength: 20 },
);

const inputOf = (list: readonly Request[]) => new Uint8Array(Int32Array.from(list.flat()).buffer);

describe("stubs of host functions and waits", () => {
  it("leave what the reference leaves, call after call and wherever they stop", () => {
    const tally = newTally();
    const traps = new Set<number>();
    const stops = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 });
    let seed = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(requests, stops), { minLength: 1, maxLength: 4 }), (calls) => {
        seed++;
        const tiers = seed % 2 === 0 ? {} : { tiering: new RandomTiering(new Random(seed)) };
        const trio = new Trio(program, { ...eager, ...tiers }, tally);
        for (const [list, pieces] of calls) {
          trio.begin((state) => begin(state, inputOf(list)));
          const found = pieces.flatMap((steps) => trio.run(steps));
          while (trio.isRunning) found.push(...trio.run(100_000));
          expect(found).toEqual([]);
          traps.add(trio.reference.trap);
        }
      }),
      { seed: 1130, numRuns: 200 },
    );
    const { none, outOfBoundsMemory, unaligned, deadlock, notShared } = trapCodes;
    const { unknownHostFunction, outOfBoundsInput, outOfBoundsOutput } = trapCodes;
    const wanted = [none, outOfBoundsMemory, unaligned, deadlock, notShared, unknownHostFunction];
    expect(traps).toEqual(new Set([...wanted, outOfBoundsInput, outOfBoundsOutput]));
  });

  it("run in emitted code", () => {
    const turns = 400;
    const list = Array.from({ length: turns }, (_, turn): Request => {
      return [[0, 3, 6, 7][turn % 4], 8, turn % 3, 1];
    });
    const executor = new FastExecutor(genesis(program));
    begin(executor.state, inputOf(list));
    executor.run();
    expect(executor.state.trap).toBe(trapCodes.none);
    expect(executor.entries).toBeLessThan(20);
    expect(executor.nestedCalls).toBe(0);
  });
});
