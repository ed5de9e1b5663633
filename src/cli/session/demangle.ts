/**
 * Names of C++ and Rust functions as their sources have them, by the demangler of the Firefox profiler.
 *
 * Invariant: a name costs a bounded amount of work, whatever a module writes into it. Mangled names can stand for texts
 * of exponential length, so the demangler's memory is bounded; once it has run out, or has written enough, names stay
 * as they are.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** What the package's glue around its WebAssembly exports; it has no declarations of its own. */
interface Glue {
  demangle_any(name: string): string;
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
}

/** 1 MiB more than the demangler begins with; the longest names of real programs need some kilobytes. */
const mostPages = 34;
/** Characters that may be written in all. */
const mostCharacters = 8_000_000;

/** Itanium C++ and both Rust schemes; other names are what they are. */
const mangled = /^__?[ZR]/;

const known = new Map<string, string>();
/** Undefined before the first mangled name, null once it is spent. */
let demangler: Glue | null | undefined;
let written = 0;

/** The name in its source, or the name itself where it is not mangled. Not escaped. */
export function demangled(name: string): string {
  if (!mangled.test(name)) return name;
  const before = known.get(name);
  if (before !== undefined) return before;
  const text = asked(name);
  // What it cannot read comes back without its underscore.
  const shown = name.endsWith(text) ? name : text;
  known.set(name, shown);
  return shown;
}

function asked(name: string): string {
  if (demangler === undefined) demangler = start();
  if (demangler === null) return name;
  try {
    const text = demangler.demangle_any(name);
    written += text.length;
    if (written > mostCharacters) demangler = null;
    return text;
  } catch {
    // Its memory is in no state to go on with.
    demangler = null;
    return name;
  }
}

/** As its own index.js does, which needs a bundler. */
function start(): Glue {
  const require = createRequire(import.meta.url);
  const glue = require("gecko-profiler-demangle/index_bg.js") as Glue;
  const bytes = readFileSync(require.resolve("gecko-profiler-demangle/index_bg.wasm"));
  const module = new WebAssembly.Module(withMostPages(bytes, mostPages));
  const { exports } = new WebAssembly.Instance(module, { "./index_bg.js": { ...glue } });
  glue.__wbg_set_wasm(exports);
  (exports.__wbindgen_start as () => void)();
  return glue;
}

/** A binary whose one memory has a maximum (specification §5.5.8); sizes below 128 take one byte. */
export function withMostPages(bytes: Uint8Array, pages: number): Uint8Array<ArrayBuffer> {
  const memorySection = 5;
  let at = 8;
  while (at < bytes.length) {
    const id = bytes[at];
    let size = 0;
    let start = at + 1;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[start++];
      size += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    if (id === memorySection) {
      const [count, flags, least] = bytes.subarray(start);
      const isPlain = size === 3 && count === 1 && flags === 0 && least <= pages && pages < 128;
      if (!isPlain) break;
      const section = [memorySection, 4, 1, 1, least, pages];
      const bounded = new Uint8Array(bytes.length + 1);
      bounded.set(bytes.subarray(0, at));
      bounded.set(section, at);
      bounded.set(bytes.subarray(start + size), at + section.length);
      return bounded;
    }
    at = start + size;
  }
  throw new RangeError("expected a binary with one memory without maximum");
}
