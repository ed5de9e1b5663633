/** Memories that grow while emitted code runs: what growth gives, what follows sees, and what a trap takes back. */
import { expect, it, vi } from "vitest";
import { differences } from "../../../spec-tests/agreement.ts";
import { assemble, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { runExactly } from "../../../src/interpreter/blocks/runSteps.ts";
import { FastExecutor } from "../../../src/interpreter/compile/fastExecutor.ts";
import { trapCodes } from "../../../src/interpreter/isa/trapCodes.ts";
import { defaultFuelSchedule } from "../../../src/interpreter/program/fuelSchedule.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import type { LinkOptions } from "../../../src/interpreter/program/linkOptions.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { beginInvocation } from "../../../src/interpreter/state/invocation.ts";
import { statusCodes } from "../../../src/interpreter/state/machineState.ts";
import { snapshot } from "../../../src/interpreter/state/snapshot.ts";
import { eager, newTally, stopsApart, Trio } from "./stops.ts";

const pages = 6;
/** Grows page by page, keeps what growth gave at the end of each new page, and then reads at an address of local 0. */
function growing(isWide: boolean, options: Partial<LinkOptions> = {}): Program {
  const narrow = isWide ? [op("i32.wrap_i64")] : [];
  const [store, zero, isGrown] = isWide
    ? [op("i64.store", 0, 0), op("i64.const", 0), op("i64.ge_s")]
    : [op("i32.store", 0, 0), op("i32.const", 0), op("i32.ge_s")];
  const wide = isWide ? [op("i64.extend_i32_u")] : [];
  const page = op(isWide ? "i64.const" : "i32.const", 1);
  return link(
    [
      {
        name: "m",
        module: decodeModule(
          assemble({
            memories: [isWide ? [1, pages, "i64"] : [1, pages]],
            functions: [
              {
                signature: "i:i",
                locals: isWide ? "I" : "i",
                body: [
                  ...[op("loop", ""), op("memory.size"), ...narrow, op("i32.const", 16)],
                  ...[op("i32.shl"), op("i32.const", 8), op("i32.sub"), ...wide],
                  ...[page, op("memory.grow"), op("local.tee", 1), store],
                  ...[op("local.get", 1), zero, isGrown, op("br_if", 0)],
                  ...[op("end"), op("local.get", 0), ...wide, op("i32.load", 0, 0)],
                ],
              },
            ],
          }),
        ),
      },
    ],
    options,
  );
}

const program = growing(false);

it.each([
  [0, false],
  [-8, false],
  [0, true],
  [-8, true],
])(
  "growth in a loop, then a read at %i, 64-bit addresses %s › every stop equals the reference's",
  (at, isWide) => {
    const begin = (state: Parameters<typeof beginInvocation>[0]) => {
      beginInvocation(state, 0, [BigInt(at >>> 0)]);
    };
    const { found, entries } = stopsApart(
      growing(isWide),
      begin,
      Array.from({ length: 110 }, (_, n) => n),
      200,
    );
    expect(found).toEqual([]);
    expect(entries).toBeGreaterThan(100);
  },
);

it("what has grown and is taken back leaves a state that later calls go on with", () => {
  const [state, twin] = [genesis(program), genesis(program)];
  const executor = new FastExecutor(state, eager);
  for (const at of [-8, 65_528, -8]) {
    for (const each of [state, twin]) beginInvocation(each, 0, [BigInt(at >>> 0)]);
    executor.run(10_000);
    runExactly(twin, 10_000);
    expect(differences(snapshot(state), snapshot(twin))).toEqual([]);
  }
  expect(twin.memories[0].pages).toBe(pages);
});

/** Grows by a page, then traps: the entry is taken back, and the growth is done again by others than emitted code. */
const trapping = link([
  {
    name: "m",
    module: decodeModule(
      assemble({
        memories: [[1, pages]],
        functions: [
          {
            signature: ":",
            locals: "i",
            body: [
              ...[op("i32.const", 100), op("local.set", 0), op("loop", "")],
              ...[op("local.get", 0), op("i32.const", 1), op("i32.sub"), op("local.tee", 0)],
              ...[op("br_if", 0), op("end"), op("i32.const", 1), op("memory.grow"), op("drop")],
              ...[op("i32.const", 65_536), op("i32.const", 7), op("i32.store", 0, 0)],
              op("unreachable"),
            ],
          },
        ],
      }),
    ),
  },
]);

it("a growth in emitted code behind one that was taken back and done again › is the host memory's", () => {
  const [state, twin] = [genesis(trapping), genesis(trapping)];
  const executor = new FastExecutor(state, eager);
  for (let call = 0; call < pages; call++) {
    for (const each of [state, twin]) beginInvocation(each, 0, []);
    executor.run(10_000);
    runExactly(twin, 10_000);
    expect(differences(snapshot(state), snapshot(twin))).toEqual([]);
  }
  expect(twin.memories[0].pages).toBe(pages);
  expect(executor.entries).toBeGreaterThan(pages - 1);
});

const chunkFuel = 1000;

it.each([false, true])(
  "fuel that ends at any growth of a loop, by a unit or by a chunk, 64-bit addresses %s › traps alike",
  (isWide) => {
    const begin = (state: Parameters<typeof beginInvocation>[0]) => beginInvocation(state, 0, [0n]);
    const walked = genesis(growing(isWide, { chunkFuel }));
    begin(walked);
    const limits = new Set<number>();
    while (walked.status === statusCodes.running) {
      const { fuelCounter } = walked;
      const { pages: before } = walked.memories[0];
      runExactly(walked, 1);
      if (walked.memories[0].pages === before) continue;
      expect(walked.fuelCounter - fuelCounter).toBe(defaultFuelSchedule.grow + chunkFuel);
      for (const less of [0, chunkFuel]) {
        for (const by of [-1, 0, 1]) limits.add(walked.fuelCounter - less + by);
      }
    }
    expect(limits.size).toBe(6 * (pages - 1));
    const tally = newTally();
    for (const callFuel of limits) {
      const trio = new Trio(growing(isWide, { chunkFuel, limits: { callFuel } }), eager, tally);
      trio.begin(begin);
      tally.found.push(...trio.run(1000).map((part) => `${callFuel} fuel: ${part}`));
      expect(trio.reference.trap).toBe(trapCodes.outOfFuel);
    }
    expect(tally.found).toEqual([]);
    expect(tally.entries).toBeGreaterThanOrEqual(limits.size);
  },
);

it("a growth that the host has no room for is the reference's, and paid once", () => {
  const [state, twin] = [genesis(program), genesis(program)];
  for (const each of [state, twin]) beginInvocation(each, 0, [0n]);
  const executor = new FastExecutor(state, eager);
  const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow").mockImplementation(() => {
    throw new RangeError("no room");
  });
  executor.run();
  expect(grow).toHaveBeenCalled();
  grow.mockRestore();
  runExactly(twin, 10_000);
  expect(executor.entries).toBeGreaterThan(0);
  expect(differences(snapshot(state), snapshot(twin))).toEqual([]);
  expect(twin.memories[0].pages).toBe(pages);
});
