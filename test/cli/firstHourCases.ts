/**
 * What a new user does and meets in the first hour: the commands in their order on a program that is well, programs as
 * compilers leave them, options mistyped, servers that are no chain. docs/first-hour.md is made of it.
 *
 * Invariant: the files are made here, so a message depends on nothing else.
 */
import { instantiate, load } from "../../src/index.ts";
import { binary, raw } from "../interpreter/binary/notation.ts";
import { binaryOf } from "../merkle/program.ts";
import { allocatorText } from "./texts.ts";

/** A part of the page. */
export interface FirstHourPart {
  readonly heading: string;
  readonly text: string;
  readonly cases: readonly FirstHourCase[];
}

export interface FirstHourCase {
  readonly what: string;
  /** Without the command's name; file names are those of `firstHourFiles`. */
  readonly args: readonly string[];
}

const named = (code: string, name: string, more = "") =>
  binary(
    `01 (01 60 00 00) 03 (01 00) ${more} 0a (01 (00 ${code})) 00 ("name" 01 (01 00 "${name}"))`,
  ).bytes;

const wasi = ["fd_write", "fd_close", "proc_exit"].map(
  (name) => `(import "wasi_snapshot_preview1" "${name}" (func (param i32)))`,
);

/** Bytes by file name. */
export const firstHourFiles: Readonly<Record<string, () => Uint8Array>> = {
  "squares.wasm": () =>
    binaryOf(`(module (import "arbiter" "input_size" (func $size (result i32)))
      (func $squares (export "squares") (param $n i32) (result i32) (local $sum i32)
        (loop $next
          (local.set $sum (i32.add (local.get $sum) (i32.mul (local.get $n) (local.get $n))))
          (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum))
      (func (export "gateway") (result i32) (call $squares (call $size))))`),
  "allocating.wasm": () => binaryOf(allocatorText("unreachable")),
  "telling.wasm": () => binaryOf(allocatorText("(return (i32.const -2))")),
  "dividing.wasm": () =>
    binaryOf(`(module (func $ratio (export "ratio") (param i32) (result i32)
      (i32.div_u (i32.const 7) (local.get 0)))
      (func (export "gateway") (result i32) (call $ratio (i32.const 0))))`),
  "wasi.wasm": () =>
    binaryOf(`(module ${wasi.join(" ")} (func (export "gateway") (call 0 (i32.const 1))))`),
  "wasi-and-env.wasm": () =>
    binaryOf(`(module ${wasi.join(" ")} (import "env" "memory" (memory 1))
      (import "env" "emscripten_resize_heap" (func (param i32) (result i32)))
      (func (export "gateway")))`),
  "assemblyscript.wasm": () =>
    binaryOf(`(module (import "env" "abort" (func (param i32 i32 i32 i32)))
      (func (export "gateway")))`),
  "component-imports.wasm": () =>
    binaryOf(`(module (import "wasi:cli/stdout@0.2.0" "get-stdout" (func (result i32)))
      (func (export "gateway")))`),
  "more-host.wasm": () =>
    binaryOf('(module (import "arbiter" "output_bytes" (func)) (func (export "gateway")))'),
  "wrong-type.wasm": () =>
    binaryOf(
      '(module (import "arbiter" "input_size" (func (result i64))) (func (export "gateway")))',
    ),
  "library.wasm": () =>
    binaryOf(`(module (func (export "main") (result i32) (i32.const 1))
      (func (export "add") (param i32 i32) (result i32) (local.get 0)) (func (export "reset")))`),
  "reading.wasm": () =>
    binaryOf(`(module (import "arbiter" "input_size" (func (result i32)))
      (func (export "gateway") (result i32) (call 0)))`),
  "threads.wasm": () =>
    binaryOf(`(module (import "wasi" "thread-spawn" (func (param i32) (result i32)))
      (memory 1 2 shared) (func (export "gateway") (result i32) (call 0 (i32.const 0))))`),
  "component.wasm": () => raw("00 61 73 6d 0d 00 01 00").bytes,
  "exception-type.wasm": () => binary("01 (01 60 01 69 00)").bytes,
  "exceptions.wasm": () => named("08 00 0b", "fail"),
  "tag.wasm": () => binary("0d (01 00 00)").bytes,
  "memory64.wasm": () => binary("05 (01 04 80 80 08)").bytes,
  "gc.wasm": () => binary("01 (01 5f 00)").bytes,
  "gc-code.wasm": () => named("fb 01 00 1a 0b", "make"),
  "typed-references.wasm": () => named("14 00 0b", "apply"),
  "wide-arithmetic.wasm": () => named("fc 13 0b", "add"),
  "invalid.wasm": () => named("42 00 41 00 6a 1a 0b", "sum"),
  "references.wasm": () => binaryOf('(module (func (export "gateway")) (func (param externref)))'),
  "cut.wasm": () =>
    binaryOf('(module (func (export "gateway") (drop (i32.const 1))))').slice(0, -3),
};

const run = (file: string, ...more: string[]) => ["run", file, ...more];

const squares = ["squares.wasm", "--input-hex", "0011223344"];

/** The way of a program that is well. */
const walk: FirstHourPart = {
  heading: "On a program that is well",
  text: "`squares.wasm` returns 1² + 2² + … + n² for an input of n bytes; put your own program in its place.\nThe commands take the same options, so a [project file](project-file.md) (`init`) saves repeating them.\nWhat follows on the last one is a whole dispute before the contracts: `wasm-arbiter dispute squares.wasm --input FILE`, as in [the tutorial](tutorial.md).",
  cases: [
    { what: "Look at it", args: ["inspect", "squares.wasm", "--no-listing"] },
    { what: "Call its gateway", args: ["run", ...squares] },
    { what: "Call a function by hand", args: ["invoke", "squares.wasm", "squares", "3"] },
    { what: "See every step", args: ["trace", ...squares, "--to-step", "7"] },
    { what: "Find a step", args: ["find", ...squares, "--enters", "squares"] },
    { what: "Look at the machine there", args: ["state", ...squares, "--at", "7"] },
    { what: "See where the fuel goes", args: ["profile", ...squares] },
    {
      what: "Prove one instruction",
      args: ["prove", ...squares, "--at", "7", "--out", "step.witness"],
    },
    { what: "Check the proof, without program or machine", args: ["verify", "step.witness"] },
  ],
};

/** What stands in the way of others. */
const obstacles: readonly FirstHourPart[] = [
  {
    heading: "What imports are missing",
    text: "`inspect` looks at a program that does not link yet, too.\nEvery refusal names all that is missing, by module, and for the usual compilers how it goes away.",
    cases: [
      { what: "looking at one", args: ["inspect", "wasi.wasm", "--no-listing"] },
      { what: "WASI", args: run("wasi.wasm") },
      { what: "several modules' imports", args: run("wasi-and-env.wasm") },
      { what: "AssemblyScript's abort", args: run("assemblyscript.wasm") },
      { what: "interfaces of components", args: run("component-imports.wasm") },
      { what: "a host function that is none", args: run("more-host.wasm") },
      { what: "an import of another type", args: run("wrong-type.wasm") },
      { what: "a second thread", args: run("threads.wasm") },
    ],
  },
  {
    heading: "What the machine does not have",
    text: "The proposal is named, with the compilers' options that avoid it; what the machine has stands in [machine.md](machine.md).",
    cases: [
      { what: "a component", args: run("component.wasm") },
      { what: "an exception type", args: run("exception-type.wasm") },
      { what: "an exception thrown", args: run("exceptions.wasm") },
      { what: "a section of tags", args: run("tag.wasm") },
      { what: "a garbage-collected type", args: run("gc.wasm") },
      { what: "an object made", args: run("gc-code.wasm") },
      { what: "a typed function reference", args: run("typed-references.wasm") },
      { what: "128-bit arithmetic", args: run("wide-arithmetic.wasm") },
      { what: "a 64-bit memory larger than 4 GiB", args: run("memory64.wasm") },
    ],
  },
  {
    heading: "What is damaged or invalid",
    text: "",
    cases: [
      { what: "an invalid function", args: run("invalid.wasm") },
      { what: "a level that is too low", args: run("references.wasm", "--level", "1.0") },
      { what: "a cut file at that level", args: run("cut.wasm", "--level", "1.0") },
    ],
  },
  {
    heading: "Which function is called",
    text: "A call begins in an exported function without parameters, the gateway; `invoke` calls any other by hand.",
    cases: [
      { what: "no gateway", args: run("library.wasm") },
      { what: "a gateway that is not there", args: run("library.wasm", "--gateway", "start") },
      { what: "a gateway with parameters", args: run("library.wasm", "--gateway", "add") },
    ],
  },
  {
    heading: "Where a call traps",
    text: "A trap is told with its function, step and callers, with the source line where the program has debugging data (`-g`, [debugging.md](debugging.md)), and with a refused `memory.grow` before it, which is the cause more often than not.",
    cases: [
      { what: "a trap", args: run("dividing.wasm") },
      { what: "a program that allocates", args: run("allocating.wasm") },
      {
        what: "the same, where memory may not grow",
        args: run("allocating.wasm", "--growth", "fixed"),
      },
      {
        what: "the same by hand",
        args: ["invoke", "allocating.wasm", "allocate", "--growth", "fixed"],
      },
      { what: "an allocator that returns −2", args: run("telling.wasm", "--growth", "fixed") },
      { what: "a limit of pages", args: run("allocating.wasm", "--memory-pages", "10") },
      { what: "a stack too small", args: run("allocating.wasm", "--stack-slots", "1") },
      { what: "a call of a missing import", args: run("wasi.wasm", "--unknown-imports", "trap") },
    ],
  },
  {
    heading: "What a command refuses",
    text: "",
    cases: [
      {
        what: "an input too long",
        args: run("reading.wasm", "--input-hex", "0011", "--input-bytes", "1"),
      },
      { what: "a limit out of its range", args: run("reading.wasm", "--memory-pages", "70000") },
      { what: "a long trace", args: ["trace", "reading.wasm", "--to-step", "2000000"] },
      {
        what: "a trace backwards",
        args: ["trace", "reading.wasm", "--from-step", "9", "--to-step", "3"],
      },
      { what: "a web server for a chain", args: ["dispute", "--rpc", "SERVER"] },
      { what: "an error as JSON", args: run("tag.wasm", "--json") },
    ],
  },
];

export const firstHourParts: readonly FirstHourPart[] = [walk, ...obstacles];

export interface LibraryCase {
  readonly what: string;
  readonly code: string;
  readonly run: (wasm: Uint8Array) => unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: what JavaScript's users can do.
type Untyped = any;

/** The same of the library, on a gateway that returns 7. */
export const libraryCases: readonly LibraryCase[] = [
  {
    what: "an option mistyped",
    code: 'load(wasm, { grow: "fixed" })',
    run: (wasm) => load(wasm, { grow: "fixed" } as Untyped),
  },
  {
    what: "a limit mistyped",
    code: "load(wasm, { limits: { memorypages: 1 } })",
    run: (wasm) => load(wasm, { limits: { memorypages: 1 } } as Untyped),
  },
  {
    what: "a limit of a run mistyped",
    code: "machine.run({ step: 5 })",
    run: (wasm) => instantiate(load(wasm)).run({ step: 5 } as Untyped),
  },
  {
    what: "a limit out of its range",
    code: "load(wasm, { limits: { memoryPages: 70_000 } })",
    run: (wasm) => load(wasm, { limits: { memoryPages: 70_000 } }),
  },
  {
    what: "an input that is a text",
    code: 'machine.begin("abc")',
    run: (wasm) => instantiate(load(wasm)).begin("abc" as Untyped),
  },
  {
    what: "an input too long",
    code: "machine.begin(new Uint8Array(4)) where limits.inputBytes is 3",
    run: (wasm) => instantiate(load(wasm, { limits: { inputBytes: 3 } })).begin(new Uint8Array(4)),
  },
];

export const librarySubject = () =>
  binaryOf('(module (func (export "gateway") (result i32) (i32.const 7)))');
