/**
 * The declarations of an adversarial module: few, so that code meets the same memories, tables and functions often.
 *
 * Invariant: signatures are `params:results`; functions from `firstOwn` on have a body in the module at hand.
 */
import type { Random } from "../../../differential/random.ts";

export interface AdversaryShape {
  /** By index in the module: host functions, functions of the base, own ones. */
  readonly functions: readonly string[];
  readonly firstOwn: number;
  readonly hosts: readonly { readonly name: string; readonly signature: string }[];
  /** What makes stretches long, if they are: then emitted code is entered less, since a whole one must fit before a stop. */
  readonly stretch: "calls" | "br" | "br_if" | "br_table" | undefined;
  /** All mutable; 0 is an i32. */
  readonly globals: string;
  readonly memories: number;
  /** All of funcref; the last may be of externref. */
  readonly tables: readonly string[];
  /** Signatures that blocks and indirect calls use, by type index. */
  readonly types: readonly string[];
}

const letters = ["i", "i", "i", "I", "f", "F"] as const;

export function randomTypes(random: Random, most: number): string {
  return Array.from({ length: random.below(most + 1) }, () => random.pick(letters)).join("");
}

const hosts = [
  { name: "input_size", signature: ":i" },
  { name: "input_read", signature: "iii:" },
  { name: "time_ms", signature: ":I" },
  { name: "unheard_of", signature: "i:i" },
] as const;

/** Of blocks that carry one value, and of loops that are given some. */
const carried = ["f:f", "F:F", ":f", ":F", "f:", "F:", "ri:"] as const;

function signatures(random: Random): string[] {
  const some = Array.from(
    { length: 2 + random.below(4) },
    () => `${randomTypes(random, 3)}:${randomTypes(random, 2)}`,
  );
  // Two types with one signature on the host, where references are integers.
  const ambiguous = random.oneIn(2) ? [random.pick(["x:i", "r:i"]), "i:i"] : ["i:i"];
  const floats = random.pick(["f:f", "F:F", "fF:F", ":f", "F:fF"]);
  return [":", ":i", ...ambiguous, floats, ...some];
}

export function adversaryShape(random: Random, base?: AdversaryShape): AdversaryShape {
  const stretch = random.pick([
    ...[undefined, undefined, undefined, undefined, undefined],
    ...(["calls", "br", "br_if", "br_table"] as const),
  ]);
  const used = hosts.filter(
    ({ name }) => random.oneIn(3) || (name === "time_ms" && stretch?.startsWith("br_")),
  );
  const own = signatures(random);
  const exported = base === undefined ? [] : base.functions.slice(base.firstOwn);
  const imported = [...used.map(({ signature }) => signature), ...exported];
  const functions = [...imported, ...own];
  return {
    functions,
    firstOwn: imported.length,
    hosts: used,
    stretch,
    globals: `${base?.globals ?? "ifF"}${randomTypes(random, 3)}`,
    memories: (base?.memories ?? 1) + random.below(2),
    tables: [...(base?.tables ?? ["r"]), ...(random.oneIn(3) ? [random.pick(["r", "x"])] : [])],
    types: [
      ...new Set([...functions, "ii:i", "ii:", "i:", "i:ii", "iF:F", "iii:", "ri:i", ...carried]),
    ],
  };
}
