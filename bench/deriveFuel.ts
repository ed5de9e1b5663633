/**
 * Derives the default fuel schedule (src/interpreter/program/fuelSchedule.ts) from measurement: nanoseconds of one instruction of each
 * class on the host's engine, and of rehashing one dirty chunk. docs/decisions/0008-fuel-schedule.md holds a run.
 * `node bench/deriveFuel.ts` prints the table that follows from this machine.
 *
 * Method: a loop whose body repeats a snippet that depends on its own last result, minus the empty loop; the best of
 * several rounds of processor time. A class costs what its dearest member costs, at least 1, rounded to the nearest.
 */
import { setFlagsFromString } from "node:v8";
import { assemble, type Code, type ModuleText, op } from "../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../src/interpreter/binary/decode.ts";
import type { FuelSchedule } from "../src/interpreter/program/fuelSchedule.ts";
import { defaultFuelSchedule } from "../src/interpreter/program/fuelSchedule.ts";
import { link } from "../src/interpreter/program/link.ts";
import { genesis } from "../src/interpreter/state/genesis.ts";
import { markChunk } from "../src/interpreter/state/memories.ts";
import { StateTree } from "../src/merkle/index.ts";

// The fast path's calls carry their accounting along; inlined ones would measure nothing.
setFlagsFromString("--no-wasm-inlining");
setFlagsFromString("--no-wasm-inlining-call-indirect");

const iterations = 2_000_000;
const unrolled = 8;
/** Calls that one snippet of the call classes makes. */
const depth = 32;
const rounds = 7;
const counter = 0;
const [i, I, f, F] = [1, 2, 3, 4];

const i32 = (value: number): Code => op("i32.const", value);
const get = (index: number): Code => op("local.get", index);
const set = (index: number): Code => op("local.set", index);

/** An instruction whose result is its own next operand. */
const chain = (local: number, ...rest: Code[]): Code[] => [get(local), ...rest, set(local)];

type Snippet = readonly Code[];
interface Member {
  readonly name: string;
  readonly code: Snippet;
}

const oddI64 = op("i64.const", 0x9e3779b97f4a7c15n);
const classes: Readonly<Partial<Record<keyof FuelSchedule, readonly Member[]>>> = {
  const: [{ name: "i64.const", code: [oddI64, set(I)] }],
  local: [{ name: "local.get", code: [get(i), set(i)] }],
  global: [{ name: "global.set", code: [get(i), op("global.set", 0)] }],
  simple: [
    { name: "i32.rotl", code: chain(i, get(counter), op("i32.rotl")) },
    { name: "i64.popcnt", code: chain(I, op("i64.popcnt")) },
    { name: "select", code: [get(i), get(counter), get(i), op("select"), set(i)] },
  ],
  multiply: [
    { name: "i32.mul", code: chain(i, i32(0x01000193), op("i32.mul")) },
    { name: "i64.mul", code: chain(I, oddI64, op("i64.mul")) },
  ],
  divide: [
    {
      name: "i32.div_u",
      code: chain(i, get(counter), op("i32.or"), get(counter), op("i32.div_u")),
    },
    { name: "i64.rem_s", code: chain(I, oddI64, op("i64.xor"), get(I), i64Or(), op("i64.rem_s")) },
  ],
  float: [{ name: "f64.add", code: chain(F, get(F), op("f64.add")) }],
  floatRound: [
    { name: "f64.min", code: chain(F, get(F), op("f64.min")) },
    { name: "f32.nearest", code: chain(f, op("f32.nearest")) },
  ],
  floatDivide: [
    { name: "f64.div", code: chain(F, op("f64.const", 0x3ff8000000000000n), op("f64.div")) },
    { name: "f64.sqrt", code: chain(F, op("f64.sqrt")) },
  ],
  convert: [
    {
      name: "f64.convert_i64_u",
      code: [get(I), op("f64.convert_i64_u"), op("i64.trunc_sat_f64_u"), set(I)],
    },
    {
      name: "i32.trunc_sat_f64_s",
      code: [get(i), op("f64.convert_i32_s"), op("i32.trunc_sat_f64_s"), set(i)],
    },
  ],
  load: [{ name: "i32.load", code: chain(i, i32(0xfff8), op("i32.and"), op("i32.load")) }],
  store: [
    {
      name: "i32.store, with its address",
      code: [
        ...chain(i, i32(4100), op("i32.add")),
        get(i),
        i32(0xfffc),
        op("i32.and"),
        get(i),
        op("i32.store"),
      ],
    },
  ],
  branch: [
    {
      name: "br_if",
      code: [
        op("block", ""),
        get(counter),
        i32(1),
        op("i32.and"),
        op("br_if", 0),
        ...chain(i, i32(3), op("i32.add")),
        op("end"),
      ],
    },
  ],
  branchTable: [
    {
      name: "br_table",
      code: [
        op("block", ""),
        op("block", ""),
        op("block", ""),
        op("block", ""),
        ...chain(i, i32(1103515245), op("i32.mul"), i32(12345), op("i32.add")),
        get(i),
        i32(28),
        op("i32.shr_u"),
        i32(3),
        op("i32.and"),
        op("br_table", [0, 1, 2], 3),
        op("end"),
        ...chain(i, i32(1), op("i32.add")),
        op("end"),
        ...chain(i, i32(2), op("i32.xor")),
        op("end"),
        ...chain(i, i32(5), op("i32.sub")),
        op("end"),
      ],
    },
  ],
  call: [
    { name: "call, with its return", code: chain(i, i32(depth), op("call", 1), op("i32.add")) },
  ],
  callIndirect: [
    {
      name: "call_indirect, with its return",
      code: chain(i, i32(depth), op("call", 2), op("i32.add")),
    },
  ],
  return: [],
  tableWrite: [
    { name: "table.set", code: [i32(1), i32(1), op("table.get", 0), op("table.set", 0)] },
  ],
  grow: [
    { name: "memory.grow of no page", code: chain(i, op("drop"), i32(0), op("memory.grow", 0)) },
  ],
  bulk: [
    { name: "memory.fill of 128 bytes", code: [i32(4096), get(i), i32(128), op("memory.fill", 0)] },
    {
      name: "memory.copy of 128 bytes",
      code: [i32(4096), i32(8192), i32(128), op("memory.copy", 0, 0)],
    },
  ],
};

function i64Or(): Code {
  return [...op("i64.const", 0x10000000001n), ...op("i64.or")];
}

/** A function that calls itself `depth` times, so that no engine inlines it away. */
const recursive = (...again: Code[]): Code[] => [
  ...[get(0), op("i32.eqz"), op("if", "i"), i32(1), op("else")],
  ...[get(0), i32(1), op("i32.sub"), ...again, i32(7), op("i32.add"), op("end")],
];

function moduleFor(body: Snippet): ModuleText {
  return {
    types: ["i:i", "i:i"],
    functions: [
      {
        signature: "i:i",
        locals: "iIfF",
        export: "loop",
        body: [
          op("loop", ""),
          ...body,
          get(counter),
          i32(1),
          op("i32.sub"),
          op("local.tee", counter),
          op("br_if", 0),
          op("end"),
          get(i),
          get(I),
          op("i32.wrap_i64"),
          op("i32.xor"),
          get(f),
          op("i32.trunc_sat_f32_s"),
          op("i32.xor"),
          get(F),
          op("i32.trunc_sat_f64_s"),
          op("i32.xor"),
        ],
      },
      { signature: "i:i", body: recursive(op("call", 1)) },
      { signature: "i:i", body: recursive(i32(1), op("call_indirect", 0, 0)) },
    ],
    tables: [{ type: "r", limits: [2, 2] }],
    elements: [{ at: { offset: i32(0) }, functions: [1, 2] }],
    memories: [[2, 2]],
    globals: [{ type: "i", mutable: true, init: i32(0) }],
  };
}

function processorMilliseconds(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

/** Best milliseconds of one run of a loop with this body. */
function time(body: Snippet, turns = iterations): number {
  const bytes = assemble(moduleFor(body)) as BufferSource;
  const { loop } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    best = Math.min(
      best,
      processorMilliseconds(() => (loop as (n: number) => number)(turns)),
    );
  }
  return best;
}

/** Nanoseconds of one snippet beyond the empty loop. */
function nanoseconds({ name, code }: Member, empty: number): number {
  const body = Array.from({ length: unrolled }, () => code).flat();
  const calls = name.startsWith("call") ? depth + 1 : 1;
  return ((time(body, iterations / calls) - empty / calls) * 1e6) / (iterations * unrolled);
}

/** Nanoseconds of rehashing one dirty 4 KiB chunk of a 64 MiB memory, its path included. */
function chunkNanoseconds(): number {
  const pages = 1024;
  const module = decodeModule(assemble({ memories: [[pages, pages]] }));
  const state = genesis(link([{ name: "m", module }]));
  const [memory] = state.memories;
  for (let index = 0; index < memory.bytes.length; index++) memory.bytes[index] = index * 31 + 1;
  const tree = new StateTree(state);
  tree.stateHash();
  const chunks = 512;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    for (let index = 0; index < chunks; index++) {
      const address = ((index * 61) % (pages * 16)) * 4096;
      markChunk(memory, address / 4096);
      memory.bytes[address]++;
    }
    best = Math.min(
      best,
      processorMilliseconds(() => void tree.stateHash()),
    );
  }
  return (best * 1e6) / chunks;
}

const empty = time([]);
const rows = Object.entries(classes).flatMap(([name, members]) =>
  members.map((member) => ({
    class: name,
    instruction: member.name,
    ns: Number(nanoseconds(member, empty).toFixed(2)),
  })),
);
const derived = Object.fromEntries(
  Object.keys(classes).map((name) => {
    const dearest = Math.max(0, ...rows.filter((row) => row.class === name).map((row) => row.ns));
    return [name, Math.max(1, Math.round(dearest))];
  }),
);
console.table(rows);
console.table(
  Object.entries(derived).map(([name, fuel]) => ({
    class: name,
    derived: fuel,
    default: defaultFuelSchedule[name as keyof FuelSchedule],
  })),
);
console.log(`dirty chunk: ${Math.round(chunkNanoseconds())} ns`);
