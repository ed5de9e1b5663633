/**
 * Imports that nothing gives: all of them at once, by module, and what can be done about each kind of module today
 * (docs/machine.md §8; spec 2.0 §3.4.10 "Import matching").
 *
 * Invariant: found by names alone, so it can be asked of modules that do not link.
 */
import type { Import, Module } from "../binary/module.ts";
import { LinkError } from "../errors.ts";
import { typeText } from "../inspect/disassemble.ts";
import { hostFunctions, hostModule } from "./hostList.ts";
import { Adapters, servedModule } from "./importAdapters.ts";
import type { ImportPolicy } from "./linkOptions.ts";

/** An import that nothing gives. */
export interface MissingImport {
  readonly module: string;
  readonly name: string;
  readonly kind: Import["kind"];
  /** Type of a function; empty for other kinds. */
  readonly type: string;
  /** Name of the module that imports it. */
  readonly wantedBy: string;
  /** Byte of the import in that module's binary. */
  readonly offset: number;
}

/** Imports of the modules that neither an earlier one, a later adapter nor the host list gives, in order. */
export function missingImports(
  modules: readonly {
    readonly name: string;
    readonly module: Module;
    readonly adapter?: boolean;
  }[],
): MissingImport[] {
  const given = new Map<string, ReadonlySet<string>>([[hostModule, new Set(hostFunctions.keys())]]);
  const adapters = new Adapters(modules);
  const exports = new Map<number, ReadonlySet<string>>();
  return modules.flatMap(({ name, module, adapter }, position) => {
    const missing = module.imports.filter((item) => {
      if (adapter === true && item.module === servedModule) {
        return !exports.get(adapters.served(position) ?? -1)?.has(item.name);
      }
      if (given.has(item.module)) return !given.get(item.module)?.has(item.name);
      return item.kind !== "function" || !adapters.gives(position, item.module, item.name);
    });
    const own = new Set(module.exports.map((item) => item.name));
    exports.set(position, own);
    given.set(name, own);
    return missing.map((item) => missingImport(module, name, item));
  });
}

export function missingImport(module: Module, wantedBy: string, item: Import): MissingImport {
  const { kind, offset } = item;
  const type = item.kind === "function" ? typeText(module.types[item.typeIndex]) : "";
  return { module: item.module, name: item.name, kind, type, wantedBy, offset };
}

/** The error for imports that the policy does not let pass; undefined if there are none. */
export function unknownImports(
  missing: readonly MissingImport[],
  policy: ImportPolicy,
): LinkError | undefined {
  const refused = policy === "trap" ? missing.filter(({ kind }) => kind !== "function") : missing;
  if (refused.length === 0) return undefined;
  const [{ offset, wantedBy }] = refused;
  const only = refused.every((item) => item.wantedBy === wantedBy);
  return new LinkError(
    "unknown-import",
    only ? offset : -1,
    `unknown import: nothing gives ${missingText(refused)}`,
    { advice: importAdvice(refused, 'unknownImports: "trap"'), missing: refused },
  );
}

/** Names of one module that a line has room for. */
const shownNames = 20;

/** `module: name, name; module: name (memory)`. */
export function missingText(missing: readonly MissingImport[]): string {
  return byModule(missing)
    .map(([module, items]) => {
      const names = items.slice(0, shownNames).map(itemText);
      if (items.length > shownNames) names.push(`${items.length - shownNames} more`);
      return `${module}: ${names.join(", ")}`;
    })
    .join("; ");
}

function itemText({ kind, name }: MissingImport): string {
  return kind === "function" ? name : `${name} (${kind})`;
}

function byModule(missing: readonly MissingImport[]): [string, MissingImport[]][] {
  const groups = new Map<string, MissingImport[]>();
  for (const item of missing) {
    const group = groups.get(item.module) ?? [];
    group.push(item);
    groups.set(item.module, group);
  }
  return [...groups];
}

/** What to do about imports, by the name of the module that they name; the first that matches. */
const known: readonly (readonly [RegExp, string])[] = [
  [
    /^wasi_(snapshot_preview1|unstable)$/,
    "WASI preview 1 is given by an adapter that is linked with the program: wasm-arbiter pack PROGRAM.wasm (in the library: pack) makes the set, or",
  ],
  [
    /^wasi$/,
    "this machine has one thread: compile the program for one (clang and rustc for wasm32-wasip1, not wasm32-wasip1-threads), or",
  ],
  [
    /^wasi:|^[\w-]+:[\w-]+\//,
    "interfaces of the component model are not given by this machine: compile a module without WASI, or",
  ],
  [
    /^(go|gojs)$/,
    "Go's GOOS=js asks for a browser: compile with TinyGo for -target wasm-unknown, or",
  ],
  [/^(__wbindgen_.*|wbg)$/, "wasm-bindgen asks for a browser: leave it out of the crate, or"],
];

const knownItems: Readonly<Record<string, string>> = {
  abort: "AssemblyScript's abort: asc --use abort= makes it a trap, or",
  seed: "AssemblyScript's Math.random asks for a seed: leave it out, or",
  trace: "AssemblyScript's trace: asc --use trace= leaves it out, or",
  "console.log": "AssemblyScript's console asks for a host: leave it out, or",
  memory:
    "the memory is imported: clang without -Wl,--import-memory and asc without --importMemory define it, or",
};

/**
 * What can be done, in one line.
 *
 * @param trapOption What the caller calls the choice that unknown functions become traps.
 */
export function importAdvice(missing: readonly MissingImport[], trapOption: string): string {
  const said = new Set<string>();
  for (const item of missing) {
    const text =
      item.module === hostModule
        ? `the host gives ${[...hostFunctions.keys()].join(", ")} and no other function of ${hostModule}, or`
        : (known.find(([pattern]) => pattern.test(item.module))?.[1] ??
          (item.module === "env" ? knownItems[item.name] : undefined));
    if (text !== undefined) said.add(text);
  }
  const functions = missing.some(({ kind }) => kind === "function");
  const last = ["list a module that gives what is missing before the one that needs it"];
  if (functions) last.push(`link with ${trapOption}, and the program traps when it calls one`);
  return [...said, last.join(", or ")].join(" ");
}
