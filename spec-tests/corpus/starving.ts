/**
 * Fuel that runs out: before an instruction, in the middle of a loop, at a chunk that becomes dirty, at a leaf of a
 * table that is written, and at a memory that grows (docs/machine.md §5). How much fuel each case gets follows from what
 * the steps take.
 *
 * Invariant: every case runs out of fuel, the dearest ones by one unit.
 */
import { readU16 } from "../../src/interpreter/program/bigEndian.ts";
import { instructionBytes } from "../../src/interpreter/program/program.ts";
import { step } from "../../src/interpreter/reference/step.ts";
import { statusCodes } from "../../src/interpreter/state/machineState.ts";
import { assemble, type Code, type ModuleText, op } from "./assembler.ts";
import { type CorpusModule, call, stateOf } from "./case.ts";

const constant = (value: number) => op("i32.const", value);
const wide = (value: bigint) => op("i64.const", value);
const content = Uint8Array.from({ length: 500 }, (_, n) => (n * 11 + 3) & 0xff);

/** Small beside no instruction and large beside none. */
const chunkFuel = 1000;
const plenty = 10_000_000;
/** Steps that are looked at; no body but the endless one has more. */
const mostSteps = 40;

function withFuel(name: string, wasm: Uint8Array, callFuel: number): CorpusModule {
  return {
    name: `${name} with ${callFuel} fuel`,
    wasm,
    calls: [call([], "outOfFuel")],
    link: { limits: { stackSlots: 64, frames: 16, callFuel }, chunkFuel },
    machineOnly: true,
  };
}

/**
 * Of each step that pays for chunks, fuel for it alone and one unit less than it takes with each of them; of any other
 * each fourth, one unit less than it takes.
 */
function fuelsOf(module: CorpusModule): number[] {
  const [first] = module.calls;
  const state = stateOf({ ...first, name: module.name, module, wasm: module.wasm });
  const { code } = state.program;
  const fuels = new Set([0]);
  for (let n = 0; n < mostSteps && state.status === statusCodes.running; n++) {
    const before = state.fuelCounter;
    const cost = readU16(code, state.pc * instructionBytes + 2);
    step(state);
    const charged = state.fuelCounter - before - cost;
    if (charged > 0) {
      for (let fuel = 0; fuel <= charged; fuel += chunkFuel) fuels.add(before + cost + fuel - 1);
      fuels.add(before + cost);
    } else if (n % 4 === 0) {
      fuels.add(state.fuelCounter - 1);
    }
  }
  return [...fuels];
}

/** The body as function 0 of the module, function 1 beside it for references. */
function starved(name: string, body: readonly Code[], text: Partial<ModuleText>): CorpusModule[] {
  const run = { signature: ":", body, export: "run" };
  const wasm = assemble({ ...text, functions: [run, { signature: ":", body: [] }] });
  const fuels = fuelsOf(withFuel(name, wasm, plenty));
  return fuels.map((callFuel) => withFuel(name, wasm, callFuel));
}

const memory = { memories: [[1, 1] as const], data: [{ bytes: content }] };
const store = (address: number) => [constant(address), constant(1), op("i32.store")];

const memories = (): CorpusModule[] => [
  ...starved("endless loop", [op("loop"), op("br", 0), op("end")], memory),
  ...starved("store", [constant(4094), wide(1n), op("i64.store")], memory),
  ...starved(
    "store to a clean chunk after a dirty one",
    [...store(0), ...store(8), ...store(4096)],
    memory,
  ),
  ...starved(
    "memory.fill over two chunks",
    [constant(4000), constant(7), constant(200), op("memory.fill")],
    memory,
  ),
  ...starved(
    "memory.init",
    [constant(4000), constant(7), constant(200), op("memory.init", 0)],
    memory,
  ),
  ...starved(
    "memory.copy",
    [constant(4000), constant(70), constant(200), op("memory.copy")],
    memory,
  ),
];

const references = Array.from({ length: 20 }, () => 1);
const passive = { functions: references };
const narrow: Partial<ModuleText> = {
  tables: [{ type: "r", limits: [50, 200] }],
  elements: [{ at: { offset: constant(3) }, functions: references }, passive],
};
const broad: Partial<ModuleText> = {
  tables: [{ type: "r", limits: [50, 200, "i64"] }],
  elements: [{ at: { offset: wide(3n) }, functions: references }, passive],
};

const tables = (): CorpusModule[] => [
  ...starved("table.set", [constant(17), op("ref.func", 1), op("table.set", 0)], narrow),
  ...starved(
    "table.fill over two leaves",
    [constant(10), op("ref.func", 1), constant(8), op("table.fill", 0)],
    narrow,
  ),
  ...starved(
    "table.fill of nothing",
    [constant(10), op("ref.func", 1), constant(0), op("table.fill", 0)],
    narrow,
  ),
  ...starved(
    "table.copy, forward and backward",
    [
      ...[constant(30), constant(1), constant(9), op("table.copy", 0, 0)],
      ...[constant(2), constant(1), constant(20), op("table.copy", 0, 0)],
    ],
    narrow,
  ),
  ...starved(
    "table.init",
    [constant(27), constant(1), constant(12), op("table.init", 1, 0)],
    narrow,
  ),
  ...starved(
    "table.grow",
    [op("ref.func", 1), constant(20), op("table.grow", 0), op("drop")],
    narrow,
  ),
  ...starved(
    "table.grow by null",
    [op("ref.null", "r"), constant(20), op("table.grow", 0), op("drop")],
    narrow,
  ),
  ...starved(
    "table.grow with 64-bit indices",
    [op("ref.func", 1), wide(20n), op("table.grow", 0), op("drop")],
    broad,
  ),
];

const grown = (value: Code, index: number) => [value, op("memory.grow", index), op("drop")];
const most = 2000;

const growths = (): CorpusModule[] => [
  ...starved(
    "memory.grow by one page, by those of a chunk's fuel, by one more, by those of many",
    [1, 256, 257, 1000].flatMap((pages) => grown(constant(pages), 0)),
    { memories: [[1, most]] },
  ),
  ...starved(
    "memory.grow by nothing, and refused",
    [0, most, -1, 3].flatMap((pages) => grown(constant(pages), 0)),
    { memories: [[1, most]] },
  ),
  ...starved(
    "memory.grow with 64-bit addresses",
    [wide(2n ** 32n), wide(257n), wide(-1n)].flatMap((pages) => grown(pages, 0)),
    { memories: [[1, most, "i64"]] },
  ),
  ...starved(
    "memory.grow of the third memory, and a store to it",
    [
      ...[...grown(constant(300), 2), ...grown(wide(1n), 1)],
      ...[constant(300 * 65_536), constant(1), op("i32.store", 0, 2)],
    ],
    {
      memories: [
        [1, most],
        [1, most, "i64"],
        [1, most],
      ],
    },
  ),
];

/** Cases that run out of fuel. */
export function starvingModules(): CorpusModule[] {
  return [...memories(), ...growths(), ...tables()];
}
