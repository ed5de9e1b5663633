/**
 * Atomic instructions: every row at the edges of leaves, chunks and pages, aligned and not, in and out of bounds, in a shared
 * and in an ordinary memory; exchanges that find what they expect and that do not; waits that end and that never would.
 */
import { signatureParts } from "../../src/interpreter/isa/columns.ts";
import { type InstructionRow, instructions } from "../../src/interpreter/isa/table.ts";
import type { TrapName } from "../../src/interpreter/isa/trapCodes.ts";
import { assemble, type Code, op } from "./assembler.ts";
import { type Call, type CorpusModule, call, i32, i64 } from "./case.ts";

type Mnemonic = Parameters<typeof op>[0];

const get = (index: number) => op("local.get", index);
const memoryBytes = 2 * 65536;
const edges = [128, 4096, 65536];
const offset = 24;

const data = [0, ...edges.map((edge) => edge - 12), memoryBytes - 24].map((at) => ({
  at: { offset: op("i32.const", at) },
  bytes: Uint8Array.from({ length: 24 }, (_, n) => (at + n * 37 + 0x71) & 0xff),
}));

const rows = (instructions as readonly InstructionRow[]).filter(
  ({ family }) => family === "atomic",
);

/** What V8 calls unaligned where it is out of bounds too is left to `outside`. */
function addresses(width: number): number[] {
  const around = edges.flatMap((edge) => [edge - width, edge - 1, edge]);
  return [...new Set([0, 1, ...around, memoryBytes - width, memoryBytes, -width, -(2 ** 31)])];
}

function trapAt(address: number, by: number, width: number): TrapName {
  const effective = (address >>> 0) + by;
  if (effective + width > memoryBytes) return "outOfBoundsMemory";
  return effective % width === 0 ? "none" : "unaligned";
}

const values: Readonly<Record<string, bigint>> = { i: 0x81828384n, I: 0x8182838485868788n };

/** A load of the same bytes as the same type. */
function loadOf({ signature, width }: InstructionRow): Mnemonic {
  const result = signatureParts(signature).results;
  const found = rows.find(
    (row) =>
      row.access === "load" &&
      row.width === width &&
      signatureParts(row.signature).results === result,
  );
  return found?.mnemonic as Mnemonic;
}

function accessModule(row: InstructionRow, isShared: boolean): CorpusModule {
  const { mnemonic, signature, width = 0, access } = row;
  const { params, results } = signatureParts(signature);
  const body = (by: number): Code[] => [
    ...[...params].map((_, index) => get(index)),
    op(mnemonic as Mnemonic, by),
  ];
  const args = (address: number) => [i32(address), ...[...params.slice(1)].map((t) => values[t])];
  const at = (address: number, by: number, name: string): Call =>
    call(args(address), trapAt(address, by, width), name);
  const same: Code[] =
    access === "compareExchange"
      ? [get(0), get(0), op(loadOf(row)), get(1), op(mnemonic as Mnemonic)]
      : [];
  return {
    name: `${mnemonic}${isShared ? " in a shared memory" : ""}`,
    wasm: assemble({
      memories: [isShared ? [2, 2, "shared"] : [2, 2]],
      data,
      functions: [
        { signature: `${params}:${results}`, body: body(0), export: "run" },
        { signature: `${params}:${results}`, body: body(offset), export: "further" },
        ...(same.length === 0
          ? []
          : [{ signature: `i${results}:${results}`, body: same, export: "same" }]),
      ],
      exports: [{ name: "memory", kind: "memory", index: 0 }],
    }),
    calls: [
      ...addresses(width).map((address) => at(address, 0, "run")),
      ...[0, 1, edges[0] - offset, edges[1] - offset - width, memoryBytes - offset].map((address) =>
        at(address, offset, "further"),
      ),
      ...(same.length === 0
        ? []
        : [0, edges[1] - width].map((address) =>
            call([i32(address), values[results]], "none", "same"),
          )),
    ],
  };
}

/** Out of bounds comes before unaligned. */
function outside(row: InstructionRow): CorpusModule {
  const module = accessModule(row, false);
  const { width = 1 } = row;
  const { params } = signatureParts(row.signature);
  const rest = [...params.slice(1)].map((type) => values[type]);
  return {
    ...module,
    name: `${row.mnemonic} neither in bounds nor aligned`,
    calls: [memoryBytes - width + 1, -1].map((address) =>
      call([i32(address), ...rest], "outOfBoundsMemory"),
    ),
    machineOnly: true,
  };
}

function waitModule(row: InstructionRow): CorpusModule {
  const { mnemonic, width = 0, signature } = row;
  const { params, results } = signatureParts(signature);
  const wait = (memory: number): Code[] => [
    get(0),
    get(1),
    get(2),
    op(mnemonic as Mnemonic, 0, memory),
  ];
  const zero = 0n;
  const at = (address: number, expected: bigint, nanoseconds: number, trap: TrapName) =>
    call([i32(address), expected, i64(nanoseconds)], trap);
  return {
    name: mnemonic,
    wasm: assemble({
      memories: [[1, 1, "shared"], [1]],
      functions: [
        { signature: `${params}:${results}`, body: wait(0), export: "run" },
        { signature: `${params}:${results}`, body: wait(1), export: "unshared" },
      ],
    }),
    calls: [
      ...[0, 65536 - width].flatMap((address) => [
        at(address, 1n, -1, "none"),
        at(address, zero, 0, "none"),
        at(address, zero, 1_000_000_000, "none"),
        at(address, zero, -1, "deadlock"),
      ]),
      at(width - 1, zero, 0, "unaligned"),
      at(65536, zero, 0, "outOfBoundsMemory"),
      at(65535, zero, 0, "outOfBoundsMemory"),
      call([i32(0), zero, 0n], "notShared", "unshared"),
      call([i32(1), zero, 0n], "unaligned", "unshared"),
    ],
    machineOnly: true,
  };
}

const fence: CorpusModule = {
  name: "atomic.fence",
  wasm: assemble({
    functions: [{ signature: ":", body: [op("atomic.fence")], export: "run" }],
  }),
  calls: [call([])],
};

export function atomicModules(): CorpusModule[] {
  const waits = rows.filter(({ traps }) => traps.includes("deadlock"));
  const accesses = rows.filter((row) => row.width !== undefined && !waits.includes(row));
  return [
    ...accesses.map((row) => accessModule(row, false)),
    ...accesses.filter(({ width }) => width === 4).map((row) => accessModule(row, true)),
    ...accesses.filter(({ width = 1 }) => width > 1).map(outside),
    ...waits.map(waitModule),
    fence,
  ];
}
