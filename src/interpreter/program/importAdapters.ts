/**
 * Import adapters: modules that give functions to a module *before* them in the list and import that module's memory
 * (docs/machine.md §8), as WASI does: a system interface reads its arguments where the program keeps them.
 *
 * Invariant: an adapter serves one module. What it gives forward are functions that it defines itself, so that
 * resolving an import never comes back to where it began; their indices are given before anything is appended.
 */
import { importedFunctions, type Module } from "../binary/module.ts";
import { LinkError } from "../errors.ts";
import type { External } from "./externals.ts";
import type { ProgramBuilder } from "./programBuilder.ts";

/** Module name by which an adapter imports from the module that it serves, whatever that one is called. */
export const servedModule = "program";

/** As `link` takes them. */
interface Listed {
  readonly name: string;
  readonly module: Module;
  readonly adapter?: boolean;
}

/** The adapters of one list of modules. */
export class Adapters {
  readonly #modules: readonly Listed[];
  /** Positions of adapters by name; of two that have one name the list is refused anyway. */
  readonly #byName = new Map<string, number>();
  readonly #adapters = new Map<number, Adapter>();

  /** Throws LinkError for an adapter that two modules before it import from. */
  constructor(modules: readonly Listed[]) {
    this.#modules = modules;
    modules.forEach(({ name, adapter }, position) => {
      if (adapter === true) this.#byName.set(name, position);
    });
    const users = usersOf(modules, this.#byName);
    modules.forEach(({ name, module, adapter }, position) => {
      if (adapter !== true) return;
      const served = onlyUser(modules, name, users.get(position) ?? []);
      this.#adapters.set(position, { served, gives: forwardFunctions(module), reserved: -1 });
    });
  }

  /** Gives the functions of all adapters their indices. */
  reserve(builder: ProgramBuilder): void {
    for (const [position, adapter] of this.#adapters) {
      adapter.reserved = builder.functions.length;
      builder.reserveFunctions(this.#modules[position].module, position);
    }
  }

  /** Program-wide index of the first function that the module at `position` defines, if it is an adapter. */
  reserved(position: number): number | undefined {
    return this.#adapters.get(position)?.reserved;
  }

  /** Position of the module that an import of the adapter at `position` means by `servedModule`. */
  served(position: number): number | undefined {
    return this.#adapters.get(position)?.served;
  }

  /** Whether an adapter after `position` gives a function. */
  gives(position: number, adapter: string, name: string): boolean {
    return this.#later(position, adapter)?.gives.has(name) === true;
  }

  /** A function that an adapter gives to the module at `position`, before it in the list. */
  function(position: number, adapter: string, name: string): External | undefined {
    const found = this.#later(position, adapter);
    const own = found?.gives.get(name);
    if (found === undefined || own === undefined) return undefined;
    const { module } = this.#modules[this.#byName.get(adapter) as number];
    const type = module.types[module.functions[own]];
    return { kind: "function", index: found.reserved + own, type };
  }

  #later(position: number, name: string): Adapter | undefined {
    const found = this.#byName.get(name);
    return found === undefined || found <= position ? undefined : this.#adapters.get(found);
  }
}

interface Adapter {
  readonly served: number | undefined;
  /** Exported name → position among the functions that it defines. */
  readonly gives: ReadonlyMap<string, number>;
  /** Program-wide index of the first of them. */
  reserved: number;
}

/** Positions of the modules before each adapter that import from it; every import is looked at once. */
function usersOf(modules: readonly Listed[], positions: ReadonlyMap<string, number>) {
  const users = new Map<number, number[]>();
  modules.forEach(({ module }, index) => {
    for (const name of new Set(module.imports.map((item) => item.module))) {
      const adapter = positions.get(name);
      if (adapter === undefined || adapter <= index) continue;
      users.set(adapter, [...(users.get(adapter) ?? []), index].slice(0, shownUsers));
    }
  });
  return users;
}

/** Two are one too many already. */
const shownUsers = 8;

/** The one module before an adapter that imports from it. */
function onlyUser(
  modules: readonly Listed[],
  adapter: string,
  users: readonly number[],
): number | undefined {
  if (users.length > 1) {
    const names = users.map((user) => `"${modules[user].name}"`).join(", ");
    throw new LinkError(
      "adapter-shared",
      -1,
      `expected one module to import from adapter "${adapter}" before it, got ${names}: it works on one module's memory`,
    );
  }
  return users[0];
}

function forwardFunctions(module: Module): Map<string, number> {
  const imported = importedFunctions(module);
  const own = module.exports.filter(({ kind, index }) => kind === "function" && index >= imported);
  return new Map(own.map(({ name, index }) => [name, index - imported]));
}
