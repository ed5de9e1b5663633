/**
 * The declarations of a random module: what its code may refer to.
 *
 * Invariant: a function of the random source alone; types are letters as in the instruction table, with r for
 * funcref and x for externref, signatures are `params:results`.
 */
import type { Random } from "./random.ts";

/** How many entries at the front of each index space are imported. */
export interface ImportedCounts {
  readonly functions: number;
  readonly globals: number;
  readonly memories: number;
  readonly tables: number;
}

export interface Shape {
  /** Whether v128 is among its types, as the letter v. */
  readonly vectors: boolean;
  readonly imported: ImportedCounts;
  /** Signatures of the functions, by index. */
  readonly functions: readonly string[];
  /** Types of the mutable globals, by index; 0 is the budget of calls and loops. */
  readonly globals: readonly string[];
  /** Shared, or with 64-bit addresses, in some modules that have what is newest: those with vectors. */
  readonly memories: readonly (readonly [min: number, max: number, kind?: "i64" | "shared"])[];
  /** With 64-bit indices in some of the same modules. */
  readonly tables: readonly {
    readonly type: string;
    readonly limits: readonly [min: number, max: number, kind?: "i64"];
  }[];
  /** Passive and active data segments: their bytes. */
  readonly data: readonly { readonly active: boolean; readonly bytes: readonly number[] }[];
  readonly elements: readonly {
    readonly active: boolean;
    readonly functions: readonly number[];
  }[];
}

/** Functions of this signature are straight lines of single instructions (probe.ts). */
export const probeSignature = (vectors: boolean): string => (vectors ? "iIfFv:" : "iIfF:");

const numbers = (vectors: boolean) => ["i", "I", "f", "F", ...(vectors ? ["v"] : [])];

function list<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

export function randomType(random: Random, vectors: boolean): string {
  return random.weighted([
    [6, "i"],
    [5, "I"],
    [4, "f"],
    [4, "F"],
    [1, "r"],
    [1, "x"],
    [vectors ? 6 : 0, "v"],
  ]);
}

function signature(random: Random, vectors: boolean): string {
  const params = list(random.below(4), () => randomType(random, vectors)).join("");
  const results = list(
    random.weighted([
      [2, 0],
      [6, 1],
      [2, 2],
      [1, 3],
    ]),
    () => randomType(random, vectors),
  );
  return `${params}:${results.join("")}`;
}

function randomMemory(random: Random, vectors: boolean): Shape["memories"][number] {
  const max = 2 + random.below(2);
  if (!vectors) return [1, max];
  const kind = random.pick([undefined, "i64", "shared"] as const);
  return kind === undefined ? [1, max] : [1, max, kind];
}

function randomTables(random: Random, entries: number, vectors: boolean): Shape["tables"] {
  const tables: Shape["tables"] = [
    { type: "r", limits: [entries + 2, entries + 12] },
    ...(random.oneIn(2) ? [{ type: "r", limits: [3, 8] as const }] : []),
    ...(random.oneIn(2) ? [{ type: "x", limits: [4, 40] as const }] : []),
  ];
  if (!vectors) return tables;
  return tables.map(({ type, limits: [min, max] }) => {
    return { type, limits: random.oneIn(3) ? [min, max, "i64"] : [min, max] };
  });
}

export function randomShape(random: Random, vectors: boolean): Shape {
  const functions = [
    ...numbers(vectors).map((type) => `${random.oneIn(2) ? "i" : ""}:${type}`),
    ...list(2 + random.below(4), () => signature(random, vectors)),
    probeSignature(vectors),
  ];
  return {
    vectors,
    imported: { functions: 0, globals: 0, memories: 0, tables: 0 },
    functions,
    globals: [
      "i",
      ...numbers(vectors),
      ...list(random.below(3), () => randomType(random, vectors)),
    ],
    memories: list(1 + random.below(2), () => randomMemory(random, vectors)),
    tables: randomTables(random, functions.length, vectors),
    // The first is passive, so that there is a data count section for bulk instructions.
    data: list(1 + random.below(3), (index) => ({
      active: index > 0 && random.oneIn(2),
      bytes: list(random.below(40), () => random.below(256)),
    })),
    elements: [
      { active: true, functions: functions.map((_, index) => index) },
      ...list(random.below(3), () => ({
        active: random.oneIn(3),
        functions: list(random.below(3), () => random.below(functions.length)),
      })),
    ],
  };
}

/** A module that imports all that another one has, and adds to it. */
export function extendedShape(random: Random, base: Shape): Shape {
  const { vectors } = base;
  const own = randomShape(random, vectors);
  const functions = [
    ...base.functions,
    ...list(2 + random.below(3), () => signature(random, vectors)),
  ];
  const [tableSize] = base.tables[0].limits;
  const inTable = functions.map((_, index) => index).slice(-tableSize);
  return {
    ...own,
    imported: {
      functions: base.functions.length,
      globals: base.globals.length,
      memories: base.memories.length,
      tables: base.tables.length,
    },
    functions,
    globals: [...base.globals, ...list(random.below(3), () => randomType(random, vectors))],
    memories: [...base.memories, ...own.memories.slice(1)],
    tables: [...base.tables, ...own.tables.slice(1)],
    elements: [{ active: true, functions: inTable }, ...own.elements.slice(1)],
  };
}
