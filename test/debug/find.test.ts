/**
 * find held against looking at the state after every single step: first and last writers, nth entries, predicates; on programs
 * with loops at their entries, recursion, long instructions, stores of all widths, several memories and several calls.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  type FindQuery,
  find,
  functionNamed,
  Predicate,
  PredicateError,
  programScope,
  type WrittenRange,
} from "../../src/debug/index.ts";
import { WatchedAccess } from "../../src/debug/watchedAccess.ts";
import { Machine, type Program } from "../../src/interpreter/index.ts";
import { stepOver } from "../../src/interpreter/reference/step.ts";
import { load, stateHash } from "../../src/verbs.ts";
import { examplePath } from "../cli/commandLine.ts";
import { binaryOf } from "../merkle/program.ts";

/** Stores of every width, fills and copies; a loop at a function's entry; recursion; globals; two memories. */
const mixed = load(
  binaryOf(`(module
    (memory 2) (memory $other 1)
    (global $count (mut i32) (i32.const 0)) (global $sum (mut f64) (f64.const 0))
    (func $looping (param $n i32)
      (loop $again
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $again (i32.gt_s (local.get $n) (i32.const 0)))))
    (func $fib (param $n i32) (result i32)
      (if (result i32) (i32.lt_u (local.get $n) (i32.const 2)) (then (local.get $n))
        (else (i32.add (call $fib (i32.sub (local.get $n) (i32.const 1)))
                       (call $fib (i32.sub (local.get $n) (i32.const 2)))))))
    (func $stores (param $at i32) (param $x i64)
      (i32.store8 (local.get $at) (i32.wrap_i64 (local.get $x)))
      (i64.store offset=16 (local.get $at) (local.get $x))
      (i32.store16 $other (local.get $at) (i32.wrap_i64 (local.get $x)))
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (global.set $sum (f64.add (global.get $sum) (f64.const 0.5))))
    (func (export "gateway") (result i32)
      (local $i i32)
      (loop $more
        (call $looping (i32.const 3))
        (call $stores (i32.mul (local.get $i) (i32.const 97)) (i64.mul (i64.extend_i32_u (local.get $i)) (i64.const 0x0102030405)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $more (i32.lt_u (local.get $i) (i32.const 60))))
      (memory.fill (i32.const 4000) (i32.const 7) (i32.const 500))
      (memory.copy (i32.const 70000) (i32.const 4100) (i32.const 300))
      (call $fib (i32.const 9))))`),
);

const calls = [new Uint8Array(0), Uint8Array.of(1, 2, 3)];

/** A machine that runs the calls one after another. */
function session(program: Program, inputs: readonly Uint8Array[] = calls) {
  const machine = new Machine(program);
  const left = [...inputs];
  const beginNext = () => {
    if (machine.isRunning) return true;
    const input = left.shift();
    if (input === undefined) return false;
    machine.begin(input);
    return true;
  };
  return { machine, beginNext };
}

const overlaps = (range: WrittenRange, written: WrittenRange) =>
  range.memory === written.memory &&
  written.address < range.address + range.length &&
  range.address < written.address + written.length;

/** The answer by single steps. */
function slowly(
  program: Program,
  query: FindQuery,
  end = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const { machine, beginNext } = session(program);
  const access = new WatchedAccess();
  const { state } = machine;
  let entries = 0;
  let last: number | undefined;
  const holds = () => query.kind === "predicate" && query.predicate.holds(state);
  if (holds()) return state.stepCounter;
  while (state.stepCounter < end && beginNext()) {
    if (holds()) return state.stepCounter;
    const entry = query.kind === "entry" ? program.functions[query.function].entryPc : -1;
    // What the call itself enters is entered too.
    if (state.pc === entry && state.depth === 0 && ++entries === (query as { nth: number }).nth)
      return state.stepCounter;
    while (machine.isRunning && state.stepCounter < end) {
      const { stepCounter, depth } = state;
      stepOver(access, state);
      if (
        access.written !== undefined &&
        "range" in query &&
        overlaps(query.range, access.written)
      ) {
        if (query.kind === "write") return stepCounter;
        last = stepCounter;
      }
      if (state.pc === entry && state.depth > depth && ++entries === (query as { nth: number }).nth)
        return state.stepCounter;
      if (holds()) return state.stepCounter;
    }
  }
  return last;
}

function quickly(program: Program, query: FindQuery, end?: number, stepsBeforeProbing?: number) {
  const { machine, beginNext } = session(program);
  const found = find(machine, query, {
    beginNext,
    ...(end === undefined ? {} : { end }),
    ...(stepsBeforeProbing === undefined ? {} : { stepsBeforeProbing }),
  });
  return { found, machine };
}

/** Where probes take over from watching; never in runs as short as these unless it is said. */
const probings = [undefined, 0, 1, 50, 333];

describe("writers", () => {
  const ranges: WrittenRange[] = [];
  for (const memory of [0, 1]) {
    for (const address of [
      0, 1, 15, 16, 20, 97, 113, 4094, 4095, 4096, 4200, 4499, 4500, 5819, 69_999, 70_000, 70_299,
      70_300, 131_071,
    ]) {
      for (const length of [1, 4, 300])
        if (memory === 0 || address < 65_000) ranges.push({ memory, address, length });
    }
  }

  test("first and last, of bytes that are written once, often, by long instructions, or never", () => {
    let none = 0;
    for (const range of ranges) {
      for (const kind of ["write", "lastWrite"] as const) {
        const expected = slowly(mixed, { kind, range });
        const { found } = quickly(mixed, { kind, range });
        expect(found?.step, JSON.stringify([kind, range])).toBe(expected);
        if (found?.written === undefined) none++;
        else expect(overlaps(range, found.written)).toBe(true);
      }
    }
    expect(none).toBeGreaterThan(5);
    expect(none).toBeLessThan(ranges.length);
  });

  test("the last before a step", () => {
    const range = { memory: 0, address: 97, length: 30 };
    for (const end of [0, 1, 90, 100, 500, 2000]) {
      const query = { kind: "lastWrite", range } as const;
      expect(quickly(mixed, query, end).found?.step).toBe(slowly(mixed, query, end));
    }
  });

  test("the writing instruction is named", () => {
    const { found } = quickly(mixed, {
      kind: "write",
      range: { memory: 1, address: 97, length: 1 },
    });
    const place = mixed.locate(found?.pc ?? -1);
    expect([place.function, found?.written]).toEqual([2, { memory: 1, address: 97, length: 2 }]);
  });
});

describe("entries", () => {
  test("are calls alone: a loop at a function's beginning enters nothing", () => {
    for (const index of [0, 1, 2, 3]) {
      for (const nth of [1, 2, 3, 60, 61, 120, 121, 1000]) {
        const query = { kind: "entry", function: index, nth } as const;
        const expected = slowly(mixed, query);
        for (const probing of probings) {
          const { found } = quickly(mixed, query, undefined, probing);
          expect(found?.step, `${index}, ${nth}, probed from ${probing}`).toBe(expected);
        }
      }
    }
  });
});

describe("predicates", () => {
  const scope = programScope(mixed);
  const texts = [
    "memory[97].u8 == 5",
    "memory[113].i64 > 0x100000000",
    "memory1[97].u16 != 0",
    "memory[4100].u32 == 0x07070707",
    "memory[70299].u8 == 7 && global[0] == 60",
    "global[0] == 31",
    "global[1] >= 20.5",
    "global[1] > 1e9",
    "local[3, 0] == 17",
    "local[3, 0] == 17 && memory[1600].i8 != 0",
    "local[1, 0] == 0 && !(global[0] < 60)",
    "local[0, 0] <= 0 || local[1, 0] == 3",
    "local[2, 0] > 300 && local[2, 1].u64 >= 0x3000000000",
    "global[0] == global[0]",
    "memory[131072].u8 == 0",
    "memory[97].u8 != memory[98].u8",
    // On globals alone, or on one function's locals alone: asked by probes.
    "global[0] == 17 || global[1] == 12.5",
    "!(global[0] < 45) && global[1] <= 23.5",
    "global[0].f32 > 0.0 && global[0].u32 >= 59",
    "global[1].u64 > 0x4030000000000000",
    "global[1].i64 == global[1].i64 && global[0] > 50",
    "global[0].u32 > global[0].i32 || global[0] == 120",
    "local[3, 0] == 44",
    "local[0, 0] < 0 || local[0, 0] == 0",
    "local[2, 1].f64 > 0.0 && local[2, 0] == 970",
    "local[1, 0] == 0",
    // Where a local is denied, leaving the function can make it hold.
    "!(local[3, 0] == 0)",
    "!(local[3, 0] <= 59)",
    "!(local[1, 0] > 3 || local[3, 0] >= 0)",
    "!(local[1, 0] == 9) && global[0] == 60",
    "!(local[2, 0] >= 0) && global[0] == 5",
    "!(local[3, 0] >= 0) && global[0] == 7",
  ];

  test.each(texts)("%s", (text) => {
    const query = { kind: "predicate", predicate: Predicate.parse(text, scope) } as const;
    const expected = slowly(mixed, query);
    for (const probing of probings) {
      const { found, machine } = quickly(mixed, query, undefined, probing);
      expect(found?.step, `probed from ${probing}`).toBe(expected);
      if (found !== undefined) expect(query.predicate.holds(machine.state)).toBe(true);
    }
    for (const end of [expected ?? 7, (expected ?? 7) + 1, 100, 1500]) {
      const { found } = quickly(mixed, query, end, 0);
      expect(found?.step, `to ${end}`).toBe(slowly(mixed, query, end));
    }
  });

  test.each([
    ["", /expected memory\[…\], global\[…\], local\[…\] or a number \(character 1\)/],
    ["1 == 1", /looks at no memory, global or local/],
    ["memory[0].i32", /expected one of == != < <= > >=, got the end \(character 14\)/],
    ["memory[0] == 1", /expected \., got "== 1"/],
    ["memory[0].i33 == 1", /expected one of i8 u8/],
    ["memory2[0].i32 == 1", /there is no memory 2/],
    ["memory[5000000000].i32 == 1", /there is no address 5000000000/],
    ["global[7] == 1", /there is no global 7/],
    ["global[0].f64 == 1", /a i32 is read as one of i32 u32 f32/],
    ["global[0] == 1.5", /compares an integer with a float/],
    ["local[nix, 0] == 1", /there is no one function nix/],
    ["local[0, 9] == 1", /0 has no local 9/],
    ["global[0] == 1 global[0]", /expected && or \|\| or the end/],
    ["(global[0] == 1", /expected \), got the end/],
    [`${"!".repeat(100)}global[0] == 1`, /expected fewer brackets/],
    ["global[0] == 99999999999999999999", /more than 64 bits/],
  ])("%s is refused", (text, problem) => {
    expect(() => Predicate.parse(text, scope)).toThrow(PredicateError);
    expect(() => Predicate.parse(text, scope)).toThrow(problem);
  });
});

describe("a long run", () => {
  const program = load(new Uint8Array(readFileSync(examplePath("sort"))));

  test("gives the same answers, whichever intervals are passed; the run is as it was", () => {
    const whole = session(program);
    while (whole.beginNext()) whole.machine.run();
    const total = whole.machine.state.stepCounter;
    expect(total).toBeGreaterThan(2_000_000);
    const queries: FindQuery[] = [
      { kind: "write", range: { memory: 0, address: 60_000, length: 8 } },
      { kind: "lastWrite", range: { memory: 0, address: 1024, length: 64 } },
      { kind: "entry", function: functionNamed(program, "quick_sort") ?? -1, nth: 5000 },
    ];
    for (const query of queries) {
      const { found, machine } = quickly(program, query);
      expect(found?.step, JSON.stringify(query)).toBe(slowly(program, query));
      if (found === undefined || query.kind !== "entry") continue;
      const again = session(program);
      while (again.machine.state.stepCounter < found.step && again.beginNext())
        again.machine.runTo(found.step);
      expect(stateHash(machine)).toEqual(stateHash(again.machine));
    }
  });
});

describe("over the end of an era", () => {
  /** At the end of an era, or one call before it. */
  const late = (before: number) => {
    const run = session(mixed);
    const fuelCounter = Number.MAX_SAFE_INTEGER - mixed.config.limits.callFuel + 1 - before;
    Object.assign(run.machine.state, { era: 8, stepCounter: 0, fuelCounter });
    return run;
  };
  const range = { memory: 0, address: 20, length: 8 };

  test("the first call begins it › its own steps, and the end counts in it", () => {
    const { machine, beginNext } = late(0);
    machine.state.stepCounter = 2 ** 40;
    const query = { kind: "lastWrite", range } as const;
    const found = find(machine, query, { beginNext, end: 500 });
    const plain = session(mixed);
    expect(found).toEqual(find(plain.machine, query, { beginNext: plain.beginNext, end: 500 }));
    expect(found).toBeDefined();
  });

  test("a later call begins it › an end lies before it, and entries of both count", () => {
    const query = { kind: "lastWrite", range } as const;
    const { machine, beginNext } = late(1);
    const plain = session(mixed, calls.slice(0, 1));
    expect(find(machine, query, { beginNext, end: 2 ** 40 })).toEqual(
      find(plain.machine, query, { beginNext: plain.beginNext }),
    );
    const fib = 1;
    const nth = (entry: number, { machine, beginNext }: ReturnType<typeof session>) =>
      find(machine, { kind: "entry", function: fib, nth: entry }, { beginNext })?.step;
    const ofOne = () => session(mixed, calls.slice(0, 1));
    let entries = 1;
    while (nth(entries + 1, ofOne()) !== undefined) entries++;
    const over = late(1);
    // The first behind those of the first call.
    expect(nth(entries + 1, over)).toBe(nth(1, ofOne()));
    expect(over.machine.state.era).toBe(9);
  });
});
