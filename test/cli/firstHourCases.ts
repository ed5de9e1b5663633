/**
 * What a new user meets in the first hour: programs as compilers leave them, options mistyped, servers that are no chain;
 * each with what the command line said before (at commit 01d3508) about the same files.
 *
 * Invariant: the files are made here, so a message depends on nothing else.
 */
import { instantiate, load } from "../../src/index.ts";
import { binary, raw } from "../interpreter/binary/notation.ts";
import { binaryOf } from "../merkle/program.ts";
import { allocatorText } from "./texts.ts";

export interface FirstHourCase {
  readonly what: string;
  /** Without the command's name; file names are those of `firstHourFiles`. */
  readonly args: readonly string[];
  readonly before: string;
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

export const firstHourCases: readonly FirstHourCase[] = [
  {
    what: "a program that allocates",
    args: run("allocating.wasm"),
    before: "the call trapped: unreachable (exit 1)",
  },
  {
    what: "the same, where memory may not grow",
    args: run("allocating.wasm", "--growth", "fixed"),
    before: "the call trapped: unreachable (exit 1)",
  },
  {
    what: "and by hand",
    args: ["invoke", "allocating.wasm", "allocate", "--growth", "fixed"],
    before: "the call trapped: unreachable (exit 1)",
  },
  {
    what: "an allocator that returns −2",
    args: run("telling.wasm", "--growth", "fixed"),
    before: "status returned · results -2 : i32 · steps 11 · fuel 51 (exit 0)",
  },
  {
    what: "a limit of pages",
    args: run("allocating.wasm", "--memory-pages", "10"),
    before: "the call trapped: unreachable (exit 1)",
  },
  {
    what: "a trap",
    args: run("dividing.wasm"),
    before: "the call trapped: integerDivideByZero (exit 1)",
  },
  {
    what: "a call of a missing import",
    args: run("wasi.wasm", "--unknown-imports", "trap"),
    before: "the call trapped: unknownHostFunction (exit 1)",
  },
  {
    what: "a second thread",
    args: run("threads.wasm"),
    before:
      "no WebAssembly binary: malformed limits flags: expected 0 or 1, got 3 (byte 11) [malformed-limits-flags]; give a complete .wasm file (exit 2)",
  },
  {
    what: "a component",
    args: run("component.wasm"),
    before:
      "no WebAssembly binary: unknown binary version (byte 4) [bad-version]; give a complete .wasm file (exit 2)",
  },
  {
    what: "an exception type",
    args: run("exception-type.wasm"),
    before:
      "not a valid module: unsupported type: this machine does not have the gc proposal (byte 13) [unsupported-gc]; compile it again, or choose another --level (exit 2)",
  },
  {
    what: "an exception thrown",
    args: run("exceptions.wasm"),
    before:
      "not a valid module: unsupported instruction 08: this machine does not have the exceptions proposal (byte 23) [unsupported-exceptions]; compile it again, or choose another --level (exit 2)",
  },
  {
    what: "a section of tags",
    args: run("tag.wasm"),
    before:
      "not a valid module: unsupported section: this machine does not have the exceptions proposal (byte 8) [unsupported-exceptions]; compile it again, or choose another --level (exit 2)",
  },
  {
    what: "a 64-bit memory larger than 4 GiB",
    args: run("memory64.wasm"),
    before:
      "not a valid module: unsupported limits: this machine does not have the memory64 proposal (byte 11) [unsupported-memory64]; compile it again, or choose another --level (exit 2)",
  },
  {
    what: "a garbage-collected type",
    args: run("gc.wasm"),
    before:
      "not a valid module: unsupported type definition: this machine does not have the gc proposal (byte 11) [unsupported-gc]; compile it again, or choose another --level (exit 2)",
  },
  {
    what: "an object made",
    args: run("gc-code.wasm"),
    before:
      "not a valid module: unsupported instruction fb: this machine does not have the gc proposal (byte 23) [unsupported-gc]; compile it again, or choose another --level (exit 2)",
  },
  {
    what: "a typed function reference",
    args: run("typed-references.wasm"),
    before:
      "not a valid module: unsupported instruction 14: this machine does not have the typed-function-references proposal (byte 23) [unsupported-typed-function-references]; compile it again, or choose another --level (exit 2)",
  },
  {
    what: "128-bit arithmetic",
    args: run("wide-arithmetic.wasm"),
    before:
      "no WebAssembly binary: illegal opcode fc 13 (byte 23) [illegal-opcode]; give a complete .wasm file (exit 2)",
  },
  {
    what: "an invalid function",
    args: run("invalid.wasm"),
    before:
      "not a valid module: type mismatch: expected i32, found i64 (byte 27) [type-mismatch]; compile it again, or choose another --level (exit 2)",
  },
  {
    what: "a level that is too low",
    args: run("references.wasm", "--level", "1.0"),
    before:
      "no WebAssembly binary of version 1.0: malformed value type: byte 0x6f (byte 16) [malformed-value-type]; give a complete .wasm file, or choose another --level (exit 2)",
  },
  {
    what: "a cut file at that level",
    args: run("cut.wasm", "--level", "1.0"),
    before:
      "no WebAssembly binary of version 1.0: length out of bounds: 7 bytes declared, 4 left (byte 32) [length-out-of-bounds]; give a complete .wasm file, or choose another --level (exit 2)",
  },
  {
    what: "WASI",
    args: run("wasi.wasm"),
    before:
      "modules do not link: unknown import: expected a linked module or the host list to give function wasi_snapshot_preview1.fd_write (byte 21) [unknown-import]; list a module that gives what is missing before the one that needs it, or use --unknown-imports trap (exit 2)",
  },
  {
    what: "several modules' imports",
    args: run("wasi-and-env.wasm"),
    before:
      "modules do not link: unknown import: expected a linked module or the host list to give function wasi_snapshot_preview1.fd_write (byte 27) [unknown-import]; list a module that gives what is missing before the one that needs it, or use --unknown-imports trap (exit 2)",
  },
  {
    what: "AssemblyScript's abort",
    args: run("assemblyscript.wasm"),
    before:
      "modules do not link: unknown import: expected a linked module or the host list to give function env.abort (byte 24) [unknown-import]; list a module that gives what is missing before the one that needs it, or use --unknown-imports trap (exit 2)",
  },
  {
    what: "interfaces of components",
    args: run("component-imports.wasm"),
    before:
      "modules do not link: unknown import: expected a linked module or the host list to give function wasi:cli/stdout@0.2.0.get-stdout (byte 21) [unknown-import]; list a module that gives what is missing before the one that needs it, or use --unknown-imports trap (exit 2)",
  },
  {
    what: "a host function that is none",
    args: run("more-host.wasm"),
    before:
      "modules do not link: unknown import: expected a linked module or the host list to give function arbiter.output_bytes (byte 17) [unknown-import]; list a module that gives what is missing before the one that needs it, or use --unknown-imports trap (exit 2)",
  },
  {
    what: "an import of another type",
    args: run("wrong-type.wasm"),
    before:
      "modules do not link: incompatible import type: arbiter.input_size is no function of the type that the module expects (byte 21) [incompatible-import]; list a module that gives it with the type that is wanted (exit 2)",
  },
  {
    what: "looking at such a program",
    args: ["inspect", "wasi.wasm", "--no-listing"],
    before:
      "modules do not link: unknown import: expected a linked module or the host list to give function wasi_snapshot_preview1.fd_write (byte 21) [unknown-import]; list a module that gives what is missing before the one that needs it, or use --unknown-imports trap (exit 2)",
  },
  {
    what: "no gateway",
    args: run("library.wasm"),
    before:
      "the program has no gateway to call; name an exported function without parameters with --gateway (exit 2)",
  },
  {
    what: "a gateway that is not there",
    args: run("library.wasm", "--gateway", "start"),
    before:
      'modules do not link: expected the last module to export a function named "start" [unknown-gateway]; name an exported function without parameters with --gateway (exit 2)',
  },
  {
    what: "a gateway with parameters",
    args: run("library.wasm", "--gateway", "add"),
    before:
      'modules do not link: expected gateway "add" to take no parameters, got 2 [gateway-type]; name an exported function without parameters with --gateway (exit 2)',
  },
  {
    what: "an input too long",
    args: run("reading.wasm", "--input-hex", "0011", "--input-bytes", "1"),
    before: "expected at most 1 bytes of input, got 2 (exit 2)",
  },
  {
    what: "a limit out of its range",
    args: run("reading.wasm", "--memory-pages", "70000"),
    before: "expected memoryPages to be an integer in [0, 65536], got 70000 (exit 2)",
  },
  {
    what: "a stack too small",
    args: run("allocating.wasm", "--stack-slots", "1"),
    before: "the call trapped: callStackExhausted (exit 1)",
  },
  {
    what: "a long trace",
    args: ["trace", "reading.wasm", "--to-step", "2000000"],
    before: "cannot show steps 0 to 2000000; choose 0 to 1000000 steps in ascending order (exit 2)",
  },
  {
    what: "a trace backwards",
    args: ["trace", "reading.wasm", "--from-step", "9", "--to-step", "3"],
    before: "cannot show steps 9 to 3; choose 0 to 1000000 steps in ascending order (exit 2)",
  },
  {
    what: "a web server for a chain",
    args: ["dispute", "--rpc", "SERVER"],
    before: "no chain answers at http://127.0.0.1:8080; start the node, or correct --rpc (exit 2)",
  },
  {
    what: "an error as JSON",
    args: run("tag.wasm", "--json"),
    before:
      "not a valid module: unsupported section: this machine does not have the exceptions proposal (byte 8) [unsupported-exceptions]; compile it again, or choose another --level (exit 2)",
  },
];

export interface LibraryCase {
  readonly what: string;
  readonly code: string;
  readonly run: (wasm: Uint8Array) => unknown;
  readonly before: string;
}

// biome-ignore lint/suspicious/noExplicitAny: what JavaScript's users can do.
type Untyped = any;

/** The same of the library, on a gateway that returns 7. */
export const libraryCases: readonly LibraryCase[] = [
  {
    what: "an option mistyped",
    code: 'load(wasm, { grow: "fixed" })',
    run: (wasm) => load(wasm, { grow: "fixed" } as Untyped),
    before: "accepted, and passed over",
  },
  {
    what: "a limit mistyped",
    code: "load(wasm, { limits: { memorypages: 1 } })",
    run: (wasm) => load(wasm, { limits: { memorypages: 1 } } as Untyped),
    before: "accepted, and passed over",
  },
  {
    what: "a limit of a run mistyped",
    code: "machine.run({ step: 5 })",
    run: (wasm) => instantiate(load(wasm)).run({ step: 5 } as Untyped),
    before: "accepted: ran to the end",
  },
  {
    what: "a limit out of its range",
    code: "load(wasm, { limits: { memoryPages: 70_000 } })",
    run: (wasm) => load(wasm, { limits: { memoryPages: 70_000 } }),
    before: "RangeError: expected memoryPages to be an integer in [0, 65536], got 70000",
  },
  {
    what: "an input that is a text",
    code: 'machine.begin("abc")',
    run: (wasm) => instantiate(load(wasm)).begin("abc" as Untyped),
    before: "accepted: the call began on an empty input",
  },
  {
    what: "an input too long",
    code: "machine.begin(new Uint8Array(4)) where limits.inputBytes is 3",
    run: (wasm) => instantiate(load(wasm, { limits: { inputBytes: 3 } })).begin(new Uint8Array(4)),
    before: "RangeError: expected at most 3 bytes of input, got 4",
  },
];

export const librarySubject = () =>
  binaryOf('(module (func (export "gateway") (result i32) (i32.const 7)))');
