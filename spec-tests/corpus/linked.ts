/**
 * Programs of two and three modules: calls, memories, tables, globals across module borders, types that are equal by structure,
 * start functions in link order.
 */
import { assemble, op } from "./assembler.ts";
import { type CorpusModule, call, i32 } from "./case.ts";

const get = (index: number) => op("local.get", index);
const constant = (value: number) => op("i32.const", value);

/** Has memory, table, global and functions of its own; its start function counts up the global. */
const library = assemble({
  types: ["i:i", "I:I"],
  memories: [[1, 2]],
  tables: [{ type: "r", limits: [40, 60] }],
  globals: [
    { type: "i", mutable: true, init: constant(100) },
    { type: "i", init: constant(64) },
  ],
  functions: [
    {
      signature: "i:i",
      body: [get(0), op("i32.load8_u"), op("global.get", 0), op("i32.add")],
      export: "peek",
    },
    {
      signature: "I:I",
      locals: "I",
      body: [get(0), get(0), op("i64.mul"), get(1), op("i64.sub")],
      export: "square",
    },
    {
      signature: ":",
      body: [op("global.get", 0), constant(1), op("i32.add"), op("global.set", 0)],
    },
  ],
  elements: [{ at: { offset: constant(31) }, functions: [0, 1] }],
  data: [{ at: { offset: constant(60) }, bytes: [1, 2, 3, 4, 5, 6, 7, 8] }],
  start: 2,
  exports: [
    { name: "memory", kind: "memory", index: 0 },
    { name: "table", kind: "table", index: 0 },
    { name: "count", kind: "global", index: 0 },
    { name: "base", kind: "global", index: 1 },
  ],
});

/** Passes on what it imports under other names, and counts once more. */
const middle = assemble({
  imports: [
    { module: "library", name: "count", global: "i", mutable: true },
    { module: "library", name: "peek", func: "i:i" },
  ],
  functions: [
    {
      signature: ":",
      body: [op("global.get", 0), constant(10), op("i32.add"), op("global.set", 0)],
    },
  ],
  start: 1,
  exports: [
    { name: "tally", kind: "global", index: 0 },
    { name: "look", kind: "func", index: 0 },
  ],
});

const user = assemble({
  // The same types as the library's in another order: equal by structure, with equal program-wide ids.
  types: ["I:I", "i:i"],
  imports: [
    { module: "library", name: "memory", memory: [1] },
    { module: "library", name: "table", table: [40], type: "r" },
    { module: "library", name: "base", global: "i" },
    { module: "middle", name: "tally", global: "i", mutable: true },
    { module: "middle", name: "look", func: "i:i" },
    { module: "library", name: "square", func: "I:I" },
  ],
  memories: [[1]],
  tables: [{ type: "r", limits: [3] }],
  elements: [{ at: { index: 1, offset: constant(0) }, functions: [1, 2] }],
  data: [{ at: { offset: op("global.get", 0) }, bytes: [0x55, 0x66] }],
  functions: [
    { signature: "I:I", body: [get(0), op("i64.const", 1), op("i64.add")] },
    { signature: "i:ii", body: [get(0), op("call", 0), op("global.get", 1)], export: "run" },
    { signature: "Ii:I", body: [get(0), get(1), op("call_indirect", 0, 0)], export: "theirTable" },
    {
      signature: "ii:i",
      body: [get(0), get(1), op("call_indirect", 1, 0)],
      export: "theirTable32",
    },
    {
      signature: "Ii:I",
      body: [get(0), get(1), op("return_call_indirect", 0, 1)],
      export: "ownTable",
    },
    {
      signature: "iii:i",
      body: [get(0), get(1), get(2), op("memory.copy", 1, 0), get(0), op("i32.load8_u", 0, 1)],
      export: "copy",
    },
    {
      signature: "iii:",
      body: [get(0), get(1), get(2), op("table.copy", 0, 1)],
      export: "copyTable",
    },
    {
      signature: "i:ii",
      body: [
        ...[constant(1), op("memory.grow", 0), op("drop"), get(0), constant(77), op("i32.store8")],
        ...[get(0), op("call", 0), op("memory.size", 0)],
      ],
      export: "grow",
    },
  ],
});

export function linkedModules(): CorpusModule[] {
  const others = [
    { name: "library", wasm: library },
    { name: "middle", wasm: middle },
  ];
  const calls = [
    ...[60, 64, 65, 66].map((at) => call([i32(at)])),
    call([65536n], "outOfBoundsMemory"),
    call([9n, 32n], "none", "theirTable"),
    call([9n, 31n], "indirectCallTypeMismatch", "theirTable"),
    call([9n, 33n], "uninitializedElement", "theirTable"),
    call([9n, 40n], "undefinedElement", "theirTable"),
    call([62n, 31n], "none", "theirTable32"),
    call([9n, 0n], "none", "ownTable"),
    call([9n, 1n], "none", "ownTable"),
    call([9n, 2n], "uninitializedElement", "ownTable"),
    call([0n, 60n, 8n], "none", "copy"),
    call([65530n, 60n, 8n], "outOfBoundsMemory", "copy"),
    call([30n, 0n, 2n], "none", "copyTable"),
    call([39n, 0n, 2n], "outOfBoundsTable", "copyTable"),
    call([i32(65536 + 5)], "none", "grow"),
    call([i32(2 * 65536)], "outOfBoundsMemory", "grow"),
  ];
  const boot = { export: "", args: [], trap: "none", boot: true } as const;
  return [{ name: "three modules", wasm: user, others, calls: [boot, ...calls] }];
}
