/**
 * Programs at which the fast path once left another state, found from outside, and their kin: each is stopped at every
 * step of its first thousand and now and then after, and compared whole.
 */
import { describe, expect, it } from "vitest";
import { assemble, type Code, type ModuleText, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { Machine } from "../../../src/interpreter/machine.ts";
import { defaultFuelSchedule } from "../../../src/interpreter/program/fuelSchedule.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import { beginInvocation } from "../../../src/interpreter/state/invocation.ts";
import { stopsApart } from "./stops.ts";

const get = (index: number) => op("local.get", index);
const set = (index: number) => op("local.set", index);
const constant = (value: number) => op("i32.const", value);
const nops = (count: number): Code[] => Array.from({ length: count }, () => op("nop"));
const table = { type: "r", limits: [1, 8] } as const;

/** Counts a local up and goes on below `turns`. */
const countTo = (local: number, turns: number): Code[] => [
  ...[get(local), constant(1), op("i32.add"), set(local), get(local)],
  ...[constant(turns), op("i32.lt_u"), op("br_if", 0)],
];

/** A body that begins with a loop whose first instruction is left to the reference. */
const entryLoop = (first: Code[], turns: number): ModuleText => ({
  tables: [table],
  memories: [[1, 2]],
  functions: [
    {
      signature: ":i",
      locals: "i",
      export: "gateway",
      body: [op("loop", ""), ...first, ...countTo(0, turns), op("end"), get(0)],
    },
  ],
});

/** A function with a loop that is never entered again, called by a loop. */
const safepointFreeLoop = (loop: Code[]): ModuleText => ({
  memories: [[1, 1]],
  functions: [
    {
      signature: ":i",
      locals: "ii",
      export: "gateway",
      body: [
        ...[op("loop", ""), get(1), constant(0), op("call", 1), op("i32.add"), set(1)],
        ...[...countTo(0, 300), op("end"), get(1)],
      ],
    },
    {
      signature: "i:i",
      body: [
        ...[op("block", ""), get(0), op("br_if", 0), ...nops(12), op("end")],
        ...[...loop, constant(1)],
      ],
    },
  ],
});

const programs: readonly (readonly [string, ModuleText])[] = [
  ["table.size first in the entry's loop", entryLoop([op("table.size", 0), op("drop")], 100)],
  [
    "table.get first in a loop inside the entry's block",
    entryLoop([op("block", ""), constant(0), op("table.get", 0), op("drop"), op("end")], 90),
  ],
  [
    "two loops at the entry",
    entryLoop([op("loop", ""), op("table.size", 0), op("drop"), op("end")], 90),
  ],
  ["memory.size first in the entry's loop", entryLoop([op("memory.size", 0), op("drop")], 90)],
  [
    "elem.drop first in the entry's loop",
    { ...entryLoop([op("elem.drop", 0)], 120), elements: [{}] },
  ],
  ["a loop without back-edge", safepointFreeLoop([op("loop", ""), op("end")])],
  [
    "a loop without back-edge in a loop without back-edge",
    safepointFreeLoop([op("loop", ""), op("loop", ""), op("nop"), op("end"), op("end")]),
  ],
  [
    "a loop without back-edge in dead code",
    safepointFreeLoop([op("block", ""), op("br", 0), op("loop", ""), op("end"), op("end")]),
  ],
  [
    "a loop left by its first branch",
    safepointFreeLoop([op("block", ""), op("loop", ""), op("br", 1), op("end"), op("end")]),
  ],
  [
    "a store in a function without safepoints",
    safepointFreeLoop([constant(8), get(0), op("i32.store", 0, 0)]),
  ],
];

/** The programs that were found; their kin is stopped less often. */
const worst = [programs[0][1], programs[5][1]];

describe("fast path › faults found from outside", () => {
  it.each(programs)("%s › stops in the first thousand steps equal the reference's", (_, text) => {
    const limits = { stackSlots: 100, frames: 10 };
    const program = link([{ name: "m", module: decodeModule(assemble(text)) }], { limits });
    const every = worst.includes(text) ? 1 : 7;
    const stops = Array.from({ length: 1000 / every }, (__, at) => 1 + at * every);
    const tally = stopsApart(program, (state) => beginInvocation(state, 0, []), stops, 6000);
    expect(tally.found).toEqual([]);
    expect(tally.stops).toBe(stops.length);
  });

  it("the entry's loop returns what the reference returns, after as many steps", () => {
    const text = entryLoop([op("table.size", 0), op("drop")], 100_000);
    const program = link([{ name: "m", module: decodeModule(assemble(text)) }], {
      gateway: "gateway",
    });
    for (const executor of ["step", "fast", "auto"] as const) {
      const machine = new Machine(program);
      machine.begin(new Uint8Array());
      machine.run({ executor, steps: 2_000_000 });
      expect([executor, machine.results(), machine.state.stepCounter]).toEqual([
        executor,
        [100_000n],
        1_000_002,
      ]);
    }
  });

  it("time_ms in a function without checks sees its caller's steps", () => {
    const program = link(
      [
        {
          name: "m",
          module: decodeModule(
            assemble({
              imports: [{ module: "arbiter", name: "time_ms", func: ":I" }],
              functions: [
                {
                  signature: ":I",
                  locals: "iI",
                  body: [
                    ...[op("loop", ""), ...nops(40), op("call", 2), get(1), op("i64.add"), set(1)],
                    ...[...countTo(0, 50), op("end"), get(1)],
                  ],
                },
                { signature: ":I", body: [op("call", 0)] },
              ],
            }),
          ),
        },
      ],
      { schedule: { ...defaultFuelSchedule, simple: 60_000 } },
    );
    const first = program.modules[0].functions[1];
    const stops = Array.from({ length: 400 }, (_, step) => 5 * step + 3);
    const tally = stopsApart(program, (state) => beginInvocation(state, first, []), stops, 6000);
    expect(tally.found).toEqual([]);
  });
});
