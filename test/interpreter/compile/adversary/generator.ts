/**
 * Programs of one or two adversarial modules, the second importing functions, memories, tables and globals of the first.
 *
 * Invariant: a program is a function of its seed.
 */
import type { ModuleText } from "../../../../spec-tests/corpus/assembler.ts";
import { assemble, op } from "../../../../spec-tests/corpus/assembler.ts";
import { Random } from "../../../differential/random.ts";
import { constant } from "../../../differential/values.ts";
import { AdversaryBody } from "./body.ts";
import type { AdversaryShape } from "./shape.ts";
import { adversaryShape } from "./shape.ts";

export interface AdversaryModule {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const baseName = "base";
const memoryLimits = [1, 3] as const;
const tableLimits = [60, 3000] as const;

function importsOf(
  shape: AdversaryShape,
  base?: AdversaryShape,
): NonNullable<ModuleText["imports"]> {
  const hosts = shape.hosts.map(({ name, signature }) => ({
    module: "arbiter",
    name,
    func: signature,
  }));
  if (base === undefined) return hosts;
  const from = (name: string) => ({ module: baseName, name });
  return [
    ...hosts,
    ...base.functions
      .slice(base.firstOwn)
      .map((func, index) => ({ ...from(`f${base.firstOwn + index}`), func })),
    ...base.tables.map((type, index) => ({
      ...from(`table${index}`),
      table: tableLimits,
      type,
    })),
    ...Array.from({ length: base.memories }, (_, index) => ({
      ...from(`memory${index}`),
      memory: memoryLimits,
    })),
    ...[...base.globals].map((global, index) => ({
      ...from(`global${index}`),
      global,
      mutable: true,
    })),
  ];
}

function build(random: Random, shape: AdversaryShape, base?: AdversaryShape): Uint8Array {
  const own = shape.functions.slice(shape.firstOwn).map((signature, at) => {
    const body = new AdversaryBody(random, shape, shape.firstOwn + at);
    const code = body.body();
    return { signature, locals: body.declared, body: code, export: `f${shape.firstOwn + at}` };
  });
  const named = <Kind extends "table" | "memory" | "global">(kind: Kind, count: number) =>
    Array.from({ length: count }, (_, index) => ({ name: `${kind}${index}`, kind, index }));
  const all = shape.functions.map((_, index) => index);
  const segment = () => ({
    bytes: Array.from({ length: random.below(40) }, () => random.below(256)),
  });
  return assemble({
    types: shape.types,
    imports: importsOf(shape, base),
    functions: own,
    tables: shape.tables
      .slice(base?.tables.length ?? 0)
      .map((type) => ({ type, limits: tableLimits })),
    memories: Array.from({ length: shape.memories - (base?.memories ?? 0) }, () => memoryLimits),
    globals: [...shape.globals.slice(base?.globals.length ?? 0)].map((type) => ({
      type,
      mutable: true,
      init: constant(random, type),
    })),
    exports: [
      ...named("table", shape.tables.length),
      ...named("memory", shape.memories),
      ...named("global", shape.globals.length),
    ],
    elements: [
      { functions: all.slice(0, 3) },
      { functions: all.slice(-2) },
      { at: { offset: op("i32.const", 0) }, functions: all },
    ],
    data: [segment(), segment(), { at: { offset: op("i32.const", 4090) }, ...segment() }],
  });
}

export function adversaryModules(seed: number): AdversaryModule[] {
  const random = new Random(seed ^ 0x3c6ef372);
  const shape = adversaryShape(random);
  const first = { name: baseName, bytes: build(random, shape) };
  if (!random.oneIn(3)) return [first];
  const second = adversaryShape(random, shape);
  return [first, { name: "second", bytes: build(random, second, shape) }];
}
