/**
 * 64-bit memories and tables: accesses of every kind at and beyond 2^32, static offsets of 2^32 and more, long instructions
 * with addresses of one or both widths, growth whose first step must see all 64 bits of its operand.
 */
import { signatureParts } from "../../src/interpreter/isa/columns.ts";
import { type InstructionRow, instructions } from "../../src/interpreter/isa/table.ts";
import { assemble, type Code, op } from "./assembler.ts";
import { type Call, type CorpusModule, call, i32, i64 } from "./case.ts";

type Mnemonic = Parameters<typeof op>[0];

const get = (index: number) => op("local.get", index);
const page = 65536;
const two32 = 2 ** 32;
const offsets = [0, 8, two32 - 8, two32, 2 ** 40];
const addresses = [
  0n,
  8n,
  4096n,
  65528n,
  65520n,
  65536n,
  1n << 32n,
  (1n << 32n) + 8n,
  -8n,
  1n << 63n,
];

const values: Readonly<Record<string, bigint>> = {
  i: 0x81828384n,
  I: 0x8182838485868788n,
  f: 0x7fa00001n,
  F: 0xfff4000000000001n,
  v: 0x8f8e8d8c8b8a89888786858483828180n,
};

function accessModule(row: InstructionRow): CorpusModule {
  const { mnemonic, signature, width = 0, immediates } = row;
  const { params, results } = signatureParts(signature);
  const lane = immediates === "memargLane" ? [16 / width - 1] : [];
  const rest = [...params.slice(1)].map((type) => values[type]);
  return {
    name: `64-bit memory › ${mnemonic}`,
    wasm: assemble({
      memories: [[1, 1, "i64"]],
      functions: offsets.map((offset, index) => ({
        signature: `I${params.slice(1)}:${results}`,
        body: [...[...params].map((_, at) => get(at)), op(mnemonic as Mnemonic, ...lane, offset)],
        export: `f${index}`,
      })),
      data: [
        { at: { offset: op("i64.const", 4) }, bytes: Array.from({ length: 40 }, (_, n) => n * 7) },
      ],
      exports: [{ name: "memory", kind: "memory", index: 0 }],
    }),
    calls: offsets.flatMap((offset, index) =>
      addresses.map((address) => {
        const end = BigInt.asUintN(64, address) + BigInt(offset + width);
        const trap = end > BigInt(page) ? "outOfBoundsMemory" : "none";
        return call([i64(address), ...rest], trap, `f${index}`);
      }),
    ),
  };
}

function accessModules(): CorpusModule[] {
  const rows: readonly InstructionRow[] = instructions;
  return rows
    .filter(({ width, traps }) => width !== undefined && !traps.includes("deadlock"))
    .map(accessModule);
}

const memories = {
  memories: [
    [1, 3, "i64"],
    [1, 2],
    [1, 1, "i64"],
  ] as const,
  data: [
    { at: { offset: op("i64.const", 0) }, bytes: Array.from({ length: 300 }, (_, n) => n & 0xff) },
    { bytes: Array.from({ length: 200 }, (_, n) => 0xff - n) },
  ],
};

function memoryModule(
  name: string,
  signature: string,
  body: readonly Code[],
  calls: readonly Call[],
): CorpusModule {
  return {
    name: `64-bit memory › ${name}`,
    wasm: assemble({
      ...memories,
      functions: [{ signature, body, export: "run" }],
      exports: [0, 1, 2].map((index) => ({ name: `m${index}`, kind: "memory", index })),
    }),
    calls,
  };
}

const far = 1n << 32n;
const memory = "outOfBoundsMemory" as const;
const three = [get(0), get(1), get(2)];

const longMemory: readonly CorpusModule[] = [
  memoryModule(
    "memory.size, memory.grow",
    "I:III",
    [...[get(0), op("memory.grow", 0), op("memory.size", 0), op("memory.size", 2)]],
    [0n, 1n, 2n, 3n, far, far + 1n, -1n].map((pages) => call([i64(pages)])),
  ),
  memoryModule(
    "memory.fill",
    "IiI:",
    [...three, op("memory.fill", 0)],
    [
      call([100n, 7n, 300n]),
      call([65536n, 7n, 0n]),
      call([65400n, 7n, 137n], memory),
      call([far, 7n, 0n], memory),
      call([0n, 7n, far], memory),
      call([i64(-1), 7n, 2n], memory),
    ],
  ),
  memoryModule(
    "memory.copy, both of 64 bits",
    "III:",
    [...three, op("memory.copy", 0, 0)],
    [
      call([100n, 90n, 400n]),
      call([90n, 100n, 400n]),
      call([0n, far, 1n], memory),
      call([far + 5n, 0n, 0n], memory),
      call([0n, 0n, far], memory),
    ],
  ),
  memoryModule(
    "memory.copy to 32 bits",
    "iIi:",
    [...three, op("memory.copy", 1, 0)],
    [
      call([i32(100), 3n, i32(200)]),
      call([i32(0), far, i32(0)], memory),
      call([i32(65535), 0n, i32(2)], memory),
    ],
  ),
  memoryModule(
    "memory.copy from 32 bits",
    "Iii:",
    [...three, op("memory.copy", 2, 1)],
    [call([100n, i32(3), i32(200)]), call([far, i32(0), i32(0)], memory)],
  ),
  memoryModule(
    "memory.init",
    "Iii:",
    [...three, op("memory.init", 1, 0)],
    [
      call([100n, i32(3), i32(150)]),
      call([far, i32(0), i32(0)], memory),
      call([0n, i32(0), i32(201)], memory),
    ],
  ),
];

const size = 40;

function tableModule(
  name: string,
  signature: string,
  body: readonly Code[],
  calls: readonly Call[],
): CorpusModule {
  return {
    name: `64-bit table › ${name}`,
    wasm: assemble({
      types: [":i"],
      tables: [
        { type: "r", limits: [size, 100, "i64"] },
        { type: "r", limits: [size, 100] },
        { type: "r", limits: [size, undefined, "i64"] },
      ],
      functions: [
        ...Array.from({ length: 3 }, (_, n) => ({ signature: ":i", body: [op("i32.const", n)] })),
        { signature, body, export: "run" },
      ],
      elements: [
        { at: { offset: op("i64.const", 0) }, functions: [0, 1, 2, 0, 1, 2] },
        { functions: Array.from({ length: 30 }, (_, n) => n % 3) },
      ],
    }),
    calls,
  };
}

const table = "outOfBoundsTable" as const;
const isNull = op("ref.is_null");
const ofIndex = [0n, 5n, 39n].map((index) => call([index]));
const badIndex = [40n, far, far + 1n, i64(-1)].map((index) => call([index], table));
const counts = [0n, 1n, 7n, 8n, 9n, 24n, 25n, 60n, 61n, far, far + 1n, far + 20n, i64(-1)];

const tables: readonly CorpusModule[] = [
  tableModule("table.get", "I:i", [get(0), op("table.get", 0), isNull], [...ofIndex, ...badIndex]),
  tableModule(
    "table.set",
    "I:",
    [get(0), op("ref.func", 1), op("table.set", 0)],
    [...ofIndex, ...badIndex],
  ),
  tableModule(
    "table.grow by a function",
    "I:II",
    [...[op("ref.func", 1), get(0), op("table.grow", 0), op("table.size", 0)]],
    counts.map((count) => call([count])),
  ),
  tableModule(
    "table.grow by null",
    "I:II",
    [...[op("ref.null", "r"), get(0), op("table.grow", 0), op("table.size", 0)]],
    counts.map((count) => call([count])),
  ),
  tableModule(
    "table.fill",
    "II:",
    [get(0), op("ref.func", 2), get(1), op("table.fill", 0)],
    [call([3n, 30n]), call([40n, 0n]), call([far, 0n], table), call([0n, far], table)],
  ),
  tableModule(
    "table.copy, both of 64 bits",
    "III:",
    [...three, op("table.copy", 0, 2)],
    [call([3n, 1n, 30n]), call([far, 0n, 0n], table), call([0n, far, 1n], table)],
  ),
  tableModule(
    "table.copy to 32 bits",
    "iIi:",
    [...three, op("table.copy", 1, 0)],
    [call([i32(3), 1n, i32(30)]), call([i32(0), far, i32(0)], table)],
  ),
  tableModule(
    "table.copy from 32 bits",
    "Iii:",
    [...three, op("table.copy", 0, 1)],
    [call([3n, i32(1), i32(30)]), call([far, i32(0), i32(0)], table)],
  ),
  tableModule(
    "table.init",
    "Iii:",
    [...three, op("table.init", 1, 0)],
    [call([3n, i32(1), i32(29)]), call([far, i32(0), i32(0)], table)],
  ),
  tableModule(
    "call_indirect",
    "I:i",
    [get(0), op("call_indirect", 0, 0)],
    [
      call([0n]),
      call([5n]),
      call([39n], "uninitializedElement"),
      call([40n], "undefinedElement"),
      call([far], "undefinedElement"),
      call([i64(-1)], "undefinedElement"),
    ],
  ),
  tableModule(
    "return_call_indirect",
    "I:i",
    [get(0), op("return_call_indirect", 0, 0)],
    [call([1n]), call([far + 1n], "undefinedElement")],
  ),
];

export function wideModules(): CorpusModule[] {
  return [...accessModules(), ...longMemory, ...tables];
}
