/**
 * NaNs out of arithmetic on each of the ways on which a value leaves the expression that made it: through selects, blocks,
 * branches, locals, calls, and across places where the function can stop.
 *
 * Invariant: that of a motif (motif.ts); bits that arrive are mixed into a global.
 */
import type { Code } from "../../../../spec-tests/corpus/assembler.ts";
import { op } from "../../../../spec-tests/corpus/assembler.ts";
import type { FloatLetter, Motif } from "./motif.ts";

const exact = (type: FloatLetter): Code =>
  type === "f" ? op("f32.const", 0x3fc0_0000) : op("f64.const", 0x3ff8_0000_0000_0000n);

function selected(motif: Motif, type: FloatLetter): Code {
  const isFirst = motif.random.oneIn(2);
  const both = isFirst
    ? [...motif.lazyNan(type), ...exact(type)]
    : [...exact(type), ...motif.lazyNan(type)];
  const condition = motif.random.oneIn(3) ? motif.condition() : op("i32.const", isFirst ? 1 : 0);
  return [...both, ...condition, ...op("select"), ...motif.exposed(type)];
}

/** A parameter of an `if`, which its other branch, or its end, takes over. */
function throughIf(motif: Motif, type: FloatLetter): Code {
  const other = motif.random.oneIn(2)
    ? []
    : [...op("else"), ...motif.exposed(type), ...exact(type)];
  return [
    ...motif.lazyNan(type),
    ...motif.condition(),
    ...motif.block("if", `${type}:${type}`, other),
    ...motif.exposed(type),
  ];
}

function throughBranch(motif: Motif, type: FloatLetter): Code {
  const body = [
    ...motif.lazyNan(type),
    ...[...motif.condition(), ...op("br_if", 0)],
    ...[...op("drop"), ...exact(type)],
  ];
  return [...motif.block("block", `:${type}`, body), ...motif.exposed(type)];
}

/** A parameter of a loop, and of each of its turns. */
function throughLoop(motif: Motif, type: FloatLetter): Code {
  const body = [...motif.exposed(type), ...motif.lazyNan(type)];
  return motif.turns(2 + motif.random.below(9), body, `${type}:`, motif.lazyNan(type));
}

/** An operand under a loop that the function may stop in. */
function underLoop(motif: Motif, type: FloatLetter): Code {
  return [
    ...motif.lazyNan(type),
    ...motif.turns(5 + motif.random.below(60), []),
    ...motif.exposed(type),
  ];
}

/** In a local of one kind or another, across such a loop or at once. */
function inLocal(motif: Motif, type: FloatLetter): Code {
  const { random, locals } = motif;
  const between = random.oneIn(3) ? [] : motif.turns(5 + random.below(40), []);
  const set = (local: number, value: Code) => [
    ...[...value, ...op("local.tee", local), ...op("drop")],
    ...[...between, ...op("local.get", local), ...motif.exposed(type)],
  ];
  const source = motif.params.indexOf(type);
  const own = locals.indexOf(type);
  return random.weighted<() => Code>([
    [2, () => set(motif.float("lazy", type), motif.lazyNan(type))],
    [1, () => set(motif.float("constant", type), motif.payload(type))],
    [
      3,
      () => [
        ...[...motif.payload(type), ...op("local.set", motif.float("exact", type))],
        ...set(motif.float("exact", type), motif.lazyNan(type)),
      ],
    ],
    [own < 0 ? 0 : 1, () => set(own, motif.lazyNan(type))],
    [source < 0 ? 0 : 3, () => set(motif.float("copy", type), op("local.get", source))],
  ])();
}

/** As an argument; what comes back is seen as well. */
function throughCall(motif: Motif): Code {
  const { shape, random } = motif;
  const takers = shape.functions.flatMap((signature, index) =>
    index >= shape.firstOwn && /[fF]/.test(signature) ? [[index, signature] as const] : [],
  );
  if (takers.length === 0) return [];
  const [callee, signature] = random.pick(takers);
  const [params = "", results = ""] = signature.split(":");
  const isIndirect = random.oneIn(3);
  const indirect = [
    ...op("i32.const", callee),
    ...op("call_indirect", shape.types.indexOf(signature), 0),
  ];
  return [
    ...motif.values(params),
    ...(isIndirect ? indirect : op("call", callee)),
    ...[...results]
      .reverse()
      .flatMap((type) => (type === "f" || type === "F" ? motif.exposed(type) : op("drop"))),
  ];
}

/** Out of the function, now and then. */
function returned(motif: Motif): Code {
  return [...motif.condition(), ...motif.block("if", ":", motif.returned())];
}

/** Neither calls nor loops in a function that is to have no check. */
export function nansOnTheirWay(motif: Motif, mayStop: boolean): Code {
  const type = motif.random.pick(["f", "F"] as const);
  const hasFloats = /:.*[fF]/.test(motif.signature);
  if (hasFloats && motif.random.oneIn(8)) return returned(motif);
  const ways = [selected, throughIf, throughBranch];
  if (!mayStop) return motif.random.pick(ways)(motif, type);
  if (motif.random.oneIn(4)) return throughCall(motif);
  return motif.random.pick([...ways, throughLoop, underLoop, inLocal, inLocal])(motif, type);
}

/** What a function begins with: the bits of its parameters, some by way of a copy. */
export function exposedParameters(motif: Motif): Code {
  return [...motif.params].flatMap((type, index) => {
    if (type !== "f" && type !== "F") return [];
    const copy = motif.float("copy", type);
    const copied = [...op("local.set", copy), ...op("local.get", copy)];
    const way = motif.random.oneIn(2) ? copied : [];
    return [...op("local.get", index), ...way, ...motif.exposed(type)];
  });
}
