/**
 * Deliberate faults of what the fast path does with vectors and 64-bit addresses: slots, the NaNs of lanes, stores of sixteen
 * bytes, operands with upper halves.
 *
 * Invariant: that of list.ts, which takes them in; generators of modules with vectors find them.
 */
import type { Mutant } from "./list.ts";

type Fault = Omit<Mutant, "generator">;

/** What the generator of programs that are little but vectors has to find. */
const ofLanes: readonly Fault[] = [
  {
    name: "a result to come that is a vector counts once",
    file: "spilledFrames.ts",
    from: "left -= slotsOf(image.type);",
    to: "left -= 1;",
  },
  {
    name: "NaN lanes of what sees bits",
    file: "instructionShape.ts",
    from: "seesBits: row.worksOnBits === true || row.form !== undefined,",
    to: "seesBits: row.worksOnBits === true,",
  },
  {
    name: "NaN lanes that a choice passes on",
    file: "nanFloats.ts",
    from: "const valueForms: readonly VectorForm[] = [\n",
    to: 'const valueForms: readonly VectorForm[] = [\n  "choose",\n',
  },
  {
    name: "NaN lanes taken as those of the other width",
    file: "hostFrame.ts",
    from: "(type === v128 && lazy === taken)",
    to: "(type === v128 && taken !== undefined)",
  },
  {
    name: "a canonical NaN in the lanes that are none",
    file: "canonicalNans.ts",
    from: 'writeUnequal(out, type, floats);\n    out.op("v128.bitselect");',
    to: 'writeUnequal(out, type, floats);\n    out.op("v128.not").op("v128.bitselect");',
  },
  {
    name: "NaN lanes of spilled vectors are all taken as f32",
    file: "spilledFrames.ts",
    from: "const width = type === f64 ? 2 : 1;\n  for (let at = first; at < first + words; at += width) {",
    to: "const width = type === f64 ? 2 : 1;\n  for (let at = first; at < first + 2; at += width) {",
  },
  {
    name: "a local of lanes of two widths stays lazy",
    file: "floatWebs.ts",
    from: "    this.isExact[root] = true;\n    return false;",
    to: "    return false;",
  },
  {
    name: "a constant of NaN lanes keeps a local lazy",
    file: "lazyLocals.ts",
    from: 'hasNanLane(vector) ? "exact" : "constant"',
    to: '"constant"',
  },
];

/** What random modules with vectors have to find. */
const faults: readonly Fault[] = [
  {
    name: "a vector takes one slot of a spill record",
    file: "hostFrame.ts",
    from: "this.spilledSlots += slotsOf(type);",
    to: "this.spilledSlots += 1;",
  },
  {
    name: "a vector is written as one slot of a spill record",
    file: "spillRecord.ts",
    from: "offset += slotsOf(type) * 8;",
    to: "offset += 8;",
  },
  {
    name: "a vector among the operands takes one slot",
    file: "spilledFrames.ts",
    from: "const length = slotsOf(image.type) * 2;",
    to: "const length = 2;",
  },
  {
    name: "a resumed loop takes a vector from one slot",
    file: "resumeEmitter.ts",
    from: "return slot + slotsOf(type);",
    to: "return slot + 1;",
  },
  {
    name: "an entrance takes a vector from one slot",
    file: "glueFunctions.ts",
    from: "    slot += slotsOf(type);\n",
    to: "    slot += 1;\n",
  },
  {
    name: "an entrance gives a vector back in one slot",
    file: "glueFunctions.ts",
    from: "if (place > 0) end -= slotsOf(type);",
    to: "if (place > 0) end -= 1;",
  },
  {
    name: "operands under a call count once each",
    file: "emitCalls.ts",
    from: "const callee = { base: source.localSlots + frame.slots,",
    to: "const callee = { base: source.localSlots + frame.height,",
  },
  {
    name: "the upper half of a global is its lower one",
    file: "emitVectors.ts",
    from: '.at("global.get", scope.globalIndex(index + 1))',
    to: '.at("global.get", scope.globalIndex(index))',
  },
  {
    name: "upper halves of a runtime call's operands are not looked at",
    file: "emitRuntimeCalls.ts",
    from: "if (wide.length > 0) {",
    to: "if (wide.length > operandCount) {",
  },
  {
    name: "the rest of a growth is executed too",
    file: "emitRuntimeCalls.ts",
    from: "if (op === TABLE_GROW_I64) emitter.advance();",
    to: "",
  },
  {
    name: "a refused growth of 64 bits gives 2^32 − 1",
    file: "emitRuntimeCalls.ts",
    from: 'out.op("i64.extend_i32_s")',
    to: 'out.op("i64.extend_i32_u")',
  },
  {
    name: "a lane is the first",
    file: "emitVectors.ts",
    from: 'if (row.immediates === "lane") out.u8(cursor.lane);',
    to: 'if (row.immediates === "lane") out.u8(0);',
  },
];

export const vectors: readonly Mutant[] = [
  ...faults.map((fault) => ({ ...fault, generator: "vectors" as const })),
  ...ofLanes.map((fault) => ({ ...fault, generator: "lanes" as const })),
];
