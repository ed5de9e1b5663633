/**
 * Programs that are lists of WASI calls with constant arguments: the error number of each, and the memory that they leave,
 * under the adapter and under node:wasi.
 *
 * Invariant: the program is the same bytes in both; error numbers stand in a page of their own, beyond what calls write to.
 */
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { WASI } from "node:wasi";
import { assemble, type Code, op } from "../../spec-tests/corpus/assembler.ts";
import {
  call,
  instantiate,
  type LoadOptions,
  load,
  type PackOptions,
  pack,
} from "../../src/index.ts";

const wasi = "wasi_snapshot_preview1";
/** Every function that the tests call, by its parameters: i32 or i64. */
const parameters = {
  clock_time_get: "iIi",
  fd_advise: "iIIi",
  fd_allocate: "iII",
  fd_close: "i",
  fd_fdstat_get: "ii",
  fd_fdstat_set_flags: "ii",
  fd_fdstat_set_rights: "iII",
  fd_filestat_get: "ii",
  fd_filestat_set_size: "iI",
  fd_filestat_set_times: "iIIi",
  fd_pread: "iiiIi",
  fd_pwrite: "iiiIi",
  fd_read: "iiii",
  fd_readdir: "iiiIi",
  fd_renumber: "ii",
  fd_seek: "iIii",
  fd_sync: "i",
  fd_tell: "ii",
  fd_write: "iiii",
  path_create_directory: "iii",
  path_filestat_get: "iiiii",
  path_filestat_set_times: "iiiiIIi",
  path_link: "iiiiiii",
  path_open: "iiiiiIIii",
  path_readlink: "iiiiii",
  path_remove_directory: "iii",
  path_rename: "iiiiii",
  path_symlink: "iiiii",
  path_unlink_file: "iii",
  poll_oneoff: "iiii",
} as const;

export type FunctionName = keyof typeof parameters;
export type Call = readonly [name: FunctionName, ...args: (number | bigint)[]];

export interface CallList {
  readonly calls: readonly Call[];
  /** What stands in memory before the first, by address. */
  readonly memory: readonly (readonly [at: number, bytes: Iterable<number>])[];
}

export interface CallResults {
  readonly errors: readonly number[];
  /** The first page, after the last call. */
  readonly memory: Uint8Array;
}

const pageBytes = 65_536;
const names = Object.keys(parameters) as FunctionName[];

/** A command that makes the calls, then writes its first page and the error numbers. */
export function programOf({ calls, memory }: CallList): Uint8Array {
  const constant = (value: number | bigint, letter: string) =>
    letter === "I" ? op("i64.const", BigInt(value)) : op("i32.const", Number(value));
  const i32 = (value: number): Code => op("i32.const", value);
  const bodyOf = ([name, ...args]: Call, number: number): Code[] => [
    i32(pageBytes + number * 4),
    ...args.map((value, index) => constant(value, parameters[name][index])),
    op("call", names.indexOf(name)),
    op("i32.store", 0),
  ];
  const bytes = pageBytes + calls.length * 4;
  const list = 2 * pageBytes - 16;
  const word = (at: number, value: number): Code[] => [i32(at), i32(value), op("i32.store", 0)];
  return assemble({
    imports: names.map((name) => ({ module: wasi, name, func: `${parameters[name]}:i` })),
    memories: [[2, 2]],
    data: memory.map(([at, content]) => ({ at: { offset: i32(at) }, bytes: [...content] })),
    exports: [{ name: "memory", kind: "memory", index: 0 }],
    functions: [
      {
        signature: ":",
        body: [
          ...calls.flatMap(bodyOf),
          ...[...word(list, 0), ...word(list + 4, bytes)],
          ...[i32(1), i32(list), i32(1), i32(list + 8), op("call", names.indexOf("fd_write"))],
          op("drop"),
        ],
        export: "_start",
      },
    ],
  });
}

function resultsOf(output: Uint8Array): CallResults {
  if (output.length < pageBytes)
    throw new Error(`expected a page of output, got ${output.length} bytes`);
  const errors = new Uint32Array(output.slice(pageBytes).buffer);
  return { errors: [...errors], memory: output.slice(0, pageBytes) };
}

/** Under the adapter, in an era of the machine's counters (docs/machine.md §10). */
export function callPacked(
  list: CallList,
  options: PackOptions = {},
  linking: LoadOptions = {},
  era = 0,
): CallResults {
  const machine = instantiate(load(pack(programOf(list), options), linking));
  machine.state.era = era;
  const { output, trap, trapReport } = call(machine);
  if (trap !== "none") throw new Error(`${trap} in ${trapReport?.function}`);
  return resultsOf(output);
}

/** Under node:wasi, in a folder of its own. */
export function callUnderNode(list: CallList, { files = [] }: PackOptions = {}): CallResults {
  const folder = mkdtempSync(join(tmpdir(), "wasm-arbiter-calls-"));
  const output = join(folder, "output");
  const stdout = openSync(output, "w");
  try {
    const root = join(folder, "root");
    mkdirSync(root);
    for (const { path, bytes } of files) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), bytes);
    }
    const host = new WASI({
      version: "preview1",
      preopens: { "/": root },
      stdout,
      returnOnExit: true,
    });
    const module = new WebAssembly.Module(programOf(list) as BufferSource);
    host.start(new WebAssembly.Instance(module, host.getImportObject() as WebAssembly.Imports));
    return resultsOf(new Uint8Array(readFileSync(output)));
  } finally {
    closeSync(stdout);
    rmSync(folder, { recursive: true });
  }
}
