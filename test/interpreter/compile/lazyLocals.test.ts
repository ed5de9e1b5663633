/** Where locals hold NaNs that are still to be made canonical: what the analysis says, and what stops at every step leave. */
import { describe, expect, it } from "vitest";
import { assemble, type Code, type ModuleText, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { definitionOf, readSource } from "../../../src/interpreter/compile/functionSource.ts";
import { type FloatType, f32, f64 } from "../../../src/interpreter/compile/hostTypes.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import { beginInvocation } from "../../../src/interpreter/state/invocation.ts";
import { stopsApart } from "./stops.ts";

const get = (index: number) => op("local.get", index);
const set = (index: number) => op("local.set", index);
const load = [op("i32.const", 0), op("f32.load", 0, 0)];
const one = op("f32.const", 0x3f800000);
const payload = op("f32.const", 0x7fa00001);
/** A NaN of the host's, which keeps what it can of the payload. */
const difference = [payload, one, op("f32.sub")];
const again: Code[] = [get(0), op("i32.const", 1), op("i32.sub"), op("local.tee", 0)];

interface Sample {
  readonly name: string;
  /** Whether the first of the locals is a parameter, with a payload. */
  readonly isGiven?: boolean;
  readonly locals: string;
  readonly body: readonly Code[];
  /** Of the first local behind the parameter: the floats of which it holds any NaN, from change to change. */
  readonly states: readonly (FloatType | undefined)[];
}

const samples: readonly Sample[] = [
  {
    name: "a sum in a loop whose local holds what was loaded before and behind",
    locals: "f",
    body: [
      ...[...load, set(1), get(1), op("drop"), one, set(1), op("loop", "")],
      ...[get(1), ...difference, op("f32.add"), set(1), ...again, op("br_if", 0), op("end")],
      ...[op("i32.const", 8), get(1), op("f32.store", 0, 0), ...load, set(1)],
    ],
    states: [f32, undefined],
  },
  {
    name: "a sum that a load may replace on the way round",
    locals: "f",
    body: [
      ...[one, set(1), op("loop", ""), get(1), ...difference, op("f32.add"), set(1)],
      ...[get(0), op("if", ""), ...load, set(1), op("end"), ...again, op("br_if", 0), op("end")],
    ],
    // Behind the `if` it may be either, so no definition that gets there is lazy.
    states: [],
  },
  {
    name: "arithmetic in one branch, a payload in the other",
    locals: "f",
    body: [
      ...[get(0), op("if", ""), ...difference, set(1), op("else"), payload, set(1), op("end")],
      ...[op("i32.const", 8), get(1), op("f32.store", 0, 0)],
    ],
    states: [],
  },
  {
    name: "arithmetic in a branch that does not come back, and a payload behind",
    locals: "f",
    body: [
      ...[op("block", ""), get(0), op("br_if", 0), ...difference, set(1), op("return"), op("end")],
      ...[payload, set(1)],
    ],
    states: [f32, undefined],
  },
  {
    name: "a copy of a sum, and of a payload",
    locals: "ff",
    body: [
      ...[...difference, set(2), get(2), set(1), get(0), op("drop")],
      ...[payload, set(2), get(2), set(1), get(1), op("drop")],
    ],
    states: [f32, undefined],
  },
  {
    name: "a copy of a payload that meets a sum",
    locals: "ff",
    body: [
      ...[payload, set(2), get(2), set(1), get(0), op("if", ""), ...difference, set(1), op("end")],
      ...[op("i32.const", 8), get(1), op("f32.store", 0, 0)],
    ],
    states: [],
  },
  {
    name: "a sum that an else branch finds, behind a branch that replaces it and leaves",
    locals: "f",
    body: [
      ...[...difference, set(1), get(0), op("if", ""), payload, set(1), op("return"), op("else")],
      ...[op("i32.const", 8), get(1), op("f32.store", 0, 0), op("end")],
    ],
    states: [f32, undefined, f32],
  },
  {
    name: "a parameter's payload that meets a sum",
    isGiven: true,
    locals: "f",
    body: [
      ...[get(0), op("if", ""), ...difference, set(1), op("end")],
      ...[op("i32.const", 8), get(1), op("f32.store", 0, 0)],
    ],
    states: [],
  },
  {
    name: "lanes of both widths",
    locals: "v",
    body: [
      ...[get(1), get(1), op("f32x4.div"), set(1), get(0), op("drop")],
      ...[get(1), get(1), op("f64x2.div"), set(1), get(0), op("drop")],
    ],
    states: [f32, f64],
  },
  {
    name: "lanes of both widths that meet",
    locals: "v",
    body: [
      ...[op("loop", ""), get(1), get(1), op("f32x4.div"), set(1)],
      ...[get(0), op("if", ""), get(1), get(1), op("f64x2.div"), set(1), op("end")],
      ...[...again, op("br_if", 0), op("end")],
    ],
    states: [],
  },
];

const moduleOf = ({
  locals,
  body,
  isGiven = false,
}: Omit<Sample, "name" | "states">): ModuleText => ({
  memories: [[1, 1]],
  data: [{ at: { offset: op("i32.const", 0) }, bytes: [1, 0, 0xa0, 0xff] }],
  functions: [
    isGiven
      ? { signature: `i${locals}:`, body, export: "f" }
      : { signature: "i:", locals, body, export: "f" },
  ],
});

function changesOf(text: ModuleText) {
  const module = decodeModule(assemble(text));
  return readSource(definitionOf(0, module, 0)).lazyLocals.changes;
}

describe("fast path › lazy locals", () => {
  it.each(samples)("$name", ({ states, ...sample }) => {
    const changes = changesOf(moduleOf(sample)).filter(({ local }) => local === 1);
    expect(changes.map(({ floats }) => floats)).toEqual(states);
    const program = link([{ name: "m", module: decodeModule(assemble(moduleOf(sample))) }]);
    const stops = Array.from({ length: 45 }, (_, at) => 2 * at);
    for (const turns of [0n, 3n]) {
      const begin: Parameters<typeof stopsApart>[1] = (state) =>
        beginInvocation(state, 0, sample.isGiven ? [turns, 0x7fa00001n] : [turns]);
      expect(stopsApart(program, begin, stops, 500).found).toEqual([]);
    }
  });

  it("a function whose states are too many for its bytes has none", () => {
    const locals = "f".repeat(2000);
    const uses = Array.from({ length: 2000 }, (_, at) => [get(1 + at), op("drop")]);
    const blocks = Array.from({ length: 800 }, () => [op("block", ""), op("br", 0), op("end")]);
    const sum = [...difference, set(1)];
    expect(changesOf(moduleOf({ locals: "f", body: [...sum, ...blocks.flat()] })).length).toBe(1);
    const body = [...uses.flat(), ...sum, ...blocks.flat()];
    expect(changesOf(moduleOf({ locals, body }))).toEqual([]);
  });
});
