/**
 * Table instructions, segment drops and refused growth on the fast path: the reference's states at every stop, and no
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

const get = (index: number) => op("local.get", index);
const set = (index: number) => op("local.set", index);
const constant = (value: number) => op("i32.const", value);
const turn = 0;
const kept = 1;

/** An index that is in bounds mostly, and changes from turn to turn. */
function index(random: Random): Code[] {
  if (random.oneIn(40)) return [constant(random.pick([-1, 5000, 10_000]))];
  const mask = constant(random.pick([1, 7, 63, 511]));
  return [get(turn), constant(random.below(600)), op("i32.add"), mask, op("i32.and")];
}

function count(random: Random): Code {
  return constant(random.pick([0, 1, 5, 31, 32, 33, 100, random.oneIn(20) ? 4000 : 3]));
}

function reference(random: Random): Code {
  return random.oneIn(4) ? op("ref.null", "r") : op("ref.func", 1 + random.below(2));
}

const table = (random: Random) => (random.oneIn(4) ? 1 : 0);

const kinds: readonly ((random: Random) => Code[])[] = [
  (random) => [...index(random), reference(random), op("table.set", table(random))],
  (random) => [...index(random), op("table.get", table(random)), op("ref.is_null"), set(kept)],
  (random) => [op("table.size", table(random)), set(kept)],
  (random) => [...[reference(random), count(random), op("table.grow", table(random))], set(kept)],
  (random) => [
    ...[...index(random), reference(random), count(random), op("table.fill", table(random))],
  ],
  (random) => [
    ...[...index(random), ...index(random), count(random)],
    op("table.copy", table(random), table(random)),
  ],
  (random) => [
    ...[...index(random), constant(random.below(3)), constant(random.below(5))],
    op("table.init", 0, table(random)),
  ],
  (random) => [op(random.oneIn(2) ? "elem.drop" : "data.drop", 0)],
  (random) => [count(random), op("memory.grow", 0), set(kept)],
  (random) => [...index(random), op("call_indirect", 0, 0)],
  (random) => [...index(random), op("i32.const", 3), op("i32.store", 0, 0)],
];

function tableProgram(random: Random): Program {
  const rare = random.oneIn(2) ? kinds.filter((_, kind) => kind !== 7) : kinds;
  const body = Array.from({ length: 2 + random.below(6) }, () => random.pick(rare)(random));
  const again = [get(turn), constant(1), op("i32.sub"), op("local.tee", turn), op("br_if", 0)];
  const callee = (value: number): Code[] => [op("global.get", 0), constant(value), op("i32.add")];
  const text: ModuleText = {
    types: [":"],
    tables: [
      { type: "r", limits: [700, 5000] },
      { type: "r", limits: [600, 900] },
    ],
    memories: [[1, 2]],
    globals: [{ type: "i", mutable: true, init: constant(0) }],
    elements: [
      { functions: [1, 2, 1, 2] },
      {
        at: { offset: constant(0) },
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
function compare(seed: number, tally: Tally): void {
  const random = new Random(seed);
  const program = tableProgram(random);
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
  it("random programs of table instructions leave the reference's states", () => {
    const tally: Tally = { found: [], entries: 0, returned: 0, traps: new Set() };
    for (let seed = 1; seed <= programs; seed++) compare(seed, tally);
    expect(tally.found).toEqual([]);
    expect(tally.entries).toBeGreaterThan(programs);
    expect(tally.returned).toBeGreaterThan(programs / 10);
    expect(tally.traps.size).toBeGreaterThan(3);
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
      const program = tableProgram(random);
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
