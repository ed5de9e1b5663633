/**
 * Table and bulk instructions, segment drops and refused growth on the fast path, with addresses of either width: the reference's states at every stop, and no
 * work that grows with a table that is not written. Programs are functions of their seeds.
 */
import { describe, expect, it } from "vitest";
import { differences } from "../../../spec-tests/agreement.ts";
import { assemble, type Code, type ModuleText, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { runExactly } from "../../../src/interpreter/blocks/runSteps.ts";
import { FastExecutor } from "../../../src/interpreter/compile/fastExecutor.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { CallJournal } from "../../../src/interpreter/state/callJournal.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { begin, beginInvocation } from "../../../src/interpreter/state/invocation.ts";
import { statusCodes } from "../../../src/interpreter/state/machineState.ts";
import { snapshot } from "../../../src/interpreter/state/snapshot.ts";
import { StateTree } from "../../../src/merkle/commitment/stateTree.ts";
import { Random } from "../../differential/random.ts";
import { eager } from "./stops.ts";

const get = (index: number) => op("local.get", index);
const set = (index: number) => op("local.set", index);
const constant = (value: number) => op("i32.const", value);
const turn = 0;
const kept = 1;

/** Whether the two tables, and the memory, have addresses of 64 bits. */
interface Widths {
  readonly tables: readonly [boolean, boolean];
  readonly memory: boolean;
}

/** An index that is in bounds mostly, and changes from turn to turn. */
function index(random: Random): Code[] {
  if (random.oneIn(40)) return [constant(random.pick([-1, 5000, 10_000]))];
  const mask = constant(random.pick([1, 7, 63, 511]));
  return [get(turn), constant(random.below(600)), op("i32.add"), mask, op("i32.and")];
}

function count(random: Random): Code {
  return constant(random.pick([0, 1, 5, 31, 32, 33, 100, random.oneIn(20) ? 4000 : 3]));
}

/** An index or a count as an address of 64 bits, where that is wanted; few are beyond everything by their upper half. */
function as(random: Random, isWide: boolean, code: readonly Code[]): Code[] {
  if (!isWide) return [...code];
  const far = random.oneIn(60) ? [op("i64.const", 2 ** 32), op("i64.or")] : [];
  return [...code, op("i64.extend_i32_u"), ...far];
}

const keep = (isWide: boolean): Code[] => [...(isWide ? [op("i32.wrap_i64")] : []), set(kept)];

function reference(random: Random): Code {
  return random.oneIn(4) ? op("ref.null", "r") : op("ref.func", 1 + random.below(2));
}

const table = (random: Random) => (random.oneIn(4) ? 1 : 0);

type Kind = (random: Random, widths: Widths) => Code[];

/** Instructions of one table, by its number and whether its indices have 64 bits. */
const onTable =
  (make: (random: Random, number: number, isWide: boolean) => Code[]): Kind =>
  (random, { tables }) => {
    const number = table(random);
    return make(random, number, tables[number]);
  };

const dropping: Kind = (random) => [op(random.oneIn(2) ? "elem.drop" : "data.drop", 0)];

const kinds: readonly Kind[] = [
  onTable((random, number, isWide) => [
    ...as(random, isWide, index(random)),
    ...[reference(random), op("table.set", number)],
  ]),
  onTable((random, number, isWide) => [
    ...as(random, isWide, index(random)),
    ...[op("table.get", number), op("ref.is_null"), set(kept)],
  ]),
  onTable((_, number, isWide) => [op("table.size", number), ...keep(isWide)]),
  onTable((random, number, isWide) => [
    ...[reference(random), ...as(random, isWide, [count(random)])],
    ...[op("table.grow", number), ...keep(isWide)],
  ]),
  onTable((random, number, isWide) => [
    ...[...as(random, isWide, index(random)), reference(random)],
    ...[...as(random, isWide, [count(random)]), op("table.fill", number)],
  ]),
  (random, { tables }) => {
    const [to, from] = [table(random), table(random)];
    return [
      ...[...as(random, tables[to], index(random)), ...as(random, tables[from], index(random))],
      ...as(random, tables[to] && tables[from], [count(random)]),
      op("table.copy", to, from),
    ];
  },
  onTable((random, number, isWide) => [
    ...as(random, isWide, index(random)),
    ...[constant(random.below(3)), constant(random.below(5)), op("table.init", 0, number)],
  ]),
  dropping,
  (random, { memory }) => [
    ...[...as(random, memory, [count(random)]), op("memory.grow", 0), ...keep(memory)],
  ],
  (random, { tables }) => [...as(random, tables[0], index(random)), op("call_indirect", 0, 0)],
  (random, { memory }) => [
    ...as(random, memory, index(random)),
    ...[op("i32.const", 3), op("i32.store", 0, 0)],
  ],
  (random, { memory }) => [
    ...[...as(random, memory, index(random)), get(turn)],
    ...[...as(random, memory, [count(random)]), op("memory.fill", 0)],
  ],
  (random, { memory }) => [
    ...[...as(random, memory, index(random)), ...as(random, memory, index(random))],
    ...[...as(random, memory, [count(random)]), op("memory.copy", 0, 0)],
  ],
  (random, { memory }) => [
    ...as(random, memory, index(random)),
    ...[constant(random.below(3)), constant(random.below(3)), op("memory.init", 0, 0)],
  ],
];

const limits = <Bounds extends readonly [number, number]>(bounds: Bounds, isWide: boolean) =>
  isWide ? ([...bounds, "i64"] as const) : bounds;

function tableProgram(random: Random, isNew: boolean): Program {
  const isWide = () => isNew && random.oneIn(2);
  const widths: Widths = { tables: [isWide(), isWide()], memory: isWide() };
  const rare = random.oneIn(2) ? kinds.filter((kind) => kind !== dropping) : kinds;
  const body = Array.from({ length: 2 + random.below(6) }, () => {
    return random.pick(rare)(random, widths);
  });
  const again = [get(turn), constant(1), op("i32.sub"), op("local.tee", turn), op("br_if", 0)];
  const callee = (value: number): Code[] => [op("global.get", 0), constant(value), op("i32.add")];
  const text: ModuleText = {
    types: [":"],
    tables: [
      { type: "r", limits: limits([700, 5000], widths.tables[0]) },
      { type: "r", limits: limits([600, 900], widths.tables[1]) },
    ],
    memories: [limits([1, 2], widths.memory)],
    globals: [{ type: "i", mutable: true, init: constant(0) }],
    elements: [
      { functions: [1, 2, 1, 2] },
      {
        at: { offset: op(widths.tables[0] ? "i64.const" : "i32.const", 0) },
        functions: Array.from({ length: 600 }, (_, at) => 1 + (at % 2)),
      },
    ],
    data: [{ bytes: [1, 2, 3] }],
    functions: [
      {
        signature: ":",
        locals: "ii",
        export: "gateway",
        body: [constant(300), set(turn), op("loop", ""), ...body.flat(), ...again, op("end")],
      },
      { signature: ":", body: [...callee(3), op("global.set", 0)] },
      { signature: ":", body: [...callee(7), op("global.set", 0)] },
    ],
  };
  return link([{ name: "m", module: decodeModule(assemble(text)) }], {
    gateway: "gateway",
    limits: { callFuel: random.oneIn(3) ? 200 + random.below(2_000_000) : 10 ** 9 },
  });
}

interface Tally {
  readonly found: string[];
  entries: number;
  returned: number;
  readonly traps: Set<number>;
}

/** Runs two calls in random pieces; the first may be taken back. */
function compare(seed: number, isNew: boolean, tally: Tally): void {
  const random = new Random(seed);
  const program = tableProgram(random, isNew);
  const [state, twin] = [genesis(program), genesis(program)];
  const executor = new FastExecutor(state, {
    worthwhileSteps: 1,
    loopPatience: random.below(2),
    quantum: random.oneIn(2) ? 2 ** 30 : 200 + random.below(3000),
  });
  for (let call = 0; call < 2; call++) {
    const journals = random.oneIn(2) ? [state, twin].map((each) => new CallJournal(each)) : [];
    for (const each of [state, twin]) begin(each, new Uint8Array(0));
    while (twin.status === statusCodes.running) {
      const steps = random.oneIn(3) ? 1_000_000 : 1 + random.below(2000);
      executor.run(steps);
      runExactly(twin, steps);
      const parts = differences(snapshot(state), snapshot(twin));
      if (parts.length === 0) continue;
      tally.found.push(`seed ${seed}, call ${call}, step ${twin.stepCounter}: ${parts.join("; ")}`);
      return;
    }
    for (const journal of journals) journal.rollBack();
    tally.traps.add(twin.trap);
    if (twin.trap === 0) tally.returned++;
  }
  const parts = differences(snapshot(state), snapshot(twin));
  if (parts.length > 0) tally.found.push(`seed ${seed}, taken back: ${parts.join("; ")}`);
  tally.entries += executor.entries;
}

const programs = 150;

describe("fast path › tables", () => {
  it.each([
    ["32", false],
    ["32 or 64", true],
  ])("random programs with addresses of %s bits leave the reference's states", (_, isNew) => {
    const tally: Tally = { found: [], entries: 0, returned: 0, traps: new Set() };
    for (let seed = 1; seed <= programs; seed++) compare(seed, isNew, tally);
    expect(tally.found).toEqual([]);
    expect(tally.entries).toBeGreaterThan(programs);
    expect(tally.returned).toBeGreaterThan(programs / 10);
    expect(tally.traps.size).toBeGreaterThan(3);
  });

  it("instructions with addresses of 64 bits do not leave emitted code", () => {
    const address = (value: number) => op("i64.const", value);
    const text: ModuleText = {
      tables: [{ type: "r", limits: [40, 50, "i64"] }],
      memories: [[1, 2, "i64"]],
      elements: [{ functions: [0, 0] }],
      data: [{ bytes: [1, 2, 3] }],
      functions: [
        {
          signature: ":",
          locals: "i",
          body: [
            ...[constant(2000), set(0), op("loop", "")],
            ...[address(5), get(0), address(200), op("memory.fill", 0)],
            ...[address(300), address(7), address(5000), op("memory.copy", 0, 0)],
            ...[address(9), constant(0), constant(3), op("memory.init", 0, 0)],
            ...[address(0), op("memory.grow", 0), op("drop"), op("memory.size", 0), op("drop")],
            ...[address(3), op("ref.func", 0), op("table.set", 0)],
            ...[address(3), op("table.get", 0), op("drop"), op("table.size", 0), op("drop")],
            ...[op("ref.func", 0), address(0), op("table.grow", 0), op("drop")],
            ...[address(0), op("ref.func", 0), address(33), op("table.fill", 0)],
            ...[address(1), address(0), address(33), op("table.copy", 0, 0)],
            ...[address(4), constant(0), constant(2), op("table.init", 0, 0)],
            ...[get(0), constant(1), op("i32.sub"), op("local.tee", 0), op("br_if", 0), op("end")],
          ],
        },
      ],
    };
    const program = link([{ name: "m", module: decodeModule(assemble(text)) }]);
    const [state, twin] = [genesis(program), genesis(program)];
    for (const each of [state, twin]) beginInvocation(each, 0, []);
    const executor = new FastExecutor(state, eager);
    executor.run();
    runExactly(twin, 10_000_000);
    expect(differences(snapshot(state), snapshot(twin))).toEqual([]);
    expect(executor.entries).toBeLessThan(20);
  });

  it("growth that the host has no room for is the reference's, and paid once", () => {
    const mostOfHost = 10_000_000;
    const grow = [op("ref.func", 0), constant(9), op("table.grow", 0), op("drop")];
    const text: ModuleText = {
      tables: [{ type: "r", limits: [mostOfHost - 12, mostOfHost + 100] }],
      elements: [{ at: "declarative", functions: [0] }],
      functions: [{ signature: ":", body: [...grow, ...grow, op("table.size", 0), op("drop")] }],
    };
    const program = link([{ name: "m", module: decodeModule(assemble(text)) }]);
    const [state, twin] = [genesis(program), genesis(program)];
    for (const each of [state, twin]) beginInvocation(each, 0, []);
    const executor = new FastExecutor(state, eager);
    executor.run();
    runExactly(twin, 1000);
    expect(executor.refusal).toBeUndefined();
    expect(executor.entries).toBeGreaterThan(0);
    expect(state.tables[0].size).toBe(mostOfHost + 6);
    expect(state.fuelCounter).toBe(twin.fuelCounter);
    expect(state.stepCounter).toBe(twin.stepCounter);
  });

  const turns = 20_000;
  const setting = (size: number) =>
    link(
      [
        {
          name: "m",
          module: decodeModule(
            assemble({
              tables: [{ type: "r", limits: [size, size] }],
              elements: [{ at: "declarative", functions: [1] }],
              functions: [
                {
                  signature: ":",
                  locals: "i",
                  body: [
                    ...[op("loop", ""), constant(5), op("ref.func", 1), op("table.set", 0)],
                    ...[get(0), constant(1), op("i32.add"), op("local.tee", 0), constant(turns)],
                    ...[op("i32.lt_u"), op("br_if", 0), op("end")],
                  ],
                },
                { signature: ":", body: [] },
              ],
            }),
          ),
        },
      ],
      {},
    );

  it("a table is compared with the host's once, however often it is written", () => {
    const compared = [1000, 1_000_000].map((size) => {
      const state = genesis(setting(size));
      beginInvocation(state, 0, []);
      const executor = new FastExecutor(state);
      executor.run();
      expect(state.status).toBe(statusCodes.returned);
      expect(executor.entries).toBeLessThan(turns / 100);
      const first = executor.comparedEntries;
      beginInvocation(state, 0, []);
      executor.run();
      return [first - size, executor.comparedEntries - first];
    });
    // A comparison a write and a chunk an entry, and none for what was not written.
    for (const [first, second] of compared) {
      expect(first).toBeLessThan(8 * turns);
      expect(second).toBeLessThan(8 * turns);
    }
  });

  it("a state hash after writes equals that of the state made anew", () => {
    const random = new Random(7);
    for (let round = 0; round < 20; round++) {
      const program = tableProgram(random, round % 2 === 1);
      const [state, twin] = [genesis(program), genesis(program)];
      for (const each of [state, twin]) begin(each, new Uint8Array(0));
      const executor = new FastExecutor(state, { worthwhileSteps: 1, loopPatience: 0 });
      const tree = new StateTree(state);
      for (const steps of [100, 1000, 500, 100_000]) {
        executor.run(steps);
        runExactly(twin, steps);
        expect(tree.stateHash()).toEqual(new StateTree(twin).stateHash());
      }
    }
  });
});
