/**
 * Random programs that are little but vectors: lanes with NaNs of every payload through arithmetic, choices, bits and moves of both
 * widths, held in a few locals across loops, calls, branches and stores.
 *
 * Invariant: everything is a function of the seed; every loop ends.
 */
import { assemble, type Code, op } from "../../../spec-tests/corpus/assembler.ts";
import type { InstructionRow, Mnemonic } from "../../../src/interpreter/isa/table.ts";
import { instructions, isDecoded } from "../../../src/interpreter/isa/table.ts";
import { Random } from "../../differential/random.ts";
import { randomBits } from "../../differential/values.ts";

const ofVectors = (instructions as readonly InstructionRow[]).filter(
  (row) => isDecoded(row) && /^v+:v$/.test(row.signature ?? "") && row.immediates === "none",
);
const arithmetic = ofVectors.filter((row) => row.mayMakeNan);
const choices = ofVectors.filter((row) => row.form === "choose");
const vectors = 5;
/** Behind them: locals that only arithmetic on these lanes and constants are given. */
const sums: readonly (readonly string[])[] = [["f32x4"], ["f64x2"], ["f32x4", "f64x2"]];
/** Locals: a parameter, a counter, then vectors. */
const counter = 1;
const first = 2;

const get = (index: number) => op("local.get", index);
const constant = (value: number) => op("i32.const", value);

class LaneProgram {
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  functions() {
    const body = (callee: number | undefined) => [
      ...this.statements(6, callee),
      op("loop", ""),
      ...this.statements(8, callee),
      ...[get(counter), constant(1), op("i32.add"), op("local.tee", counter)],
      ...[constant(2 + this.random.below(8)), op("i32.lt_u"), op("br_if", 0), op("end")],
      ...this.statements(3, callee),
      this.value(2),
    ];
    const shape = { signature: "v:v", locals: `i${"v".repeat(vectors + sums.length)}` };
    return [
      { ...shape, body: body(1), export: "f0" },
      { ...shape, body: body(undefined), export: "f1" },
    ];
  }

  /** Any local with a vector that may be given anything. */
  private local(): number {
    const at = this.random.below(vectors + 1);
    return at === 0 ? 0 : first + at - 1;
  }

  private sum(): Code {
    const which = this.random.below(sums.length);
    const rows = arithmetic.filter(({ lanes = "" }) => sums[which].includes(lanes));
    const value = this.random.oneIn(8)
      ? op("v128.const", randomBits(this.random, "v"))
      : this.computed(this.random.pick(rows), 2);
    return [...value, ...op("local.set", first + vectors + which)];
  }

  private statements(most: number, callee: number | undefined): Code[] {
    const count = 1 + this.random.below(most);
    return Array.from({ length: count }, () => this.statement(callee));
  }

  private statement(callee: number | undefined): Code {
    return this.random.weighted<() => Code>([
      [8, () => [...this.value(3), ...op("local.set", this.local())]],
      [3, () => this.sum()],
      [2, () => [...constant(this.address()), ...this.value(2), ...op("v128.store", 0, 0)]],
      [2, () => [...this.value(2), ...op("global.set", 0)]],
      [callee === undefined ? 0 : 2, () => this.called(callee ?? 0)],
      [1, () => this.branch()],
      [1, () => [...op("memory.size", 0), ...op("memory.grow", 0), ...op("drop")]],
    ])();
  }

  private address(): number {
    return this.random.pick([0, 8, 16, 4088, 4090, 8176]);
  }

  /** A call with vectors among the operands under it. */
  private called(callee: number): Code {
    const call = [...this.value(2), ...this.value(1), ...op("call", callee)];
    return [...call, ...op("i32x4.add"), ...op("local.set", this.local())];
  }

  private branch(): Code {
    const carried = [...op("block", "v"), ...this.value(2), ...get(counter), ...constant(1)];
    const taken = [...op("i32.and"), ...op("br_if", 0), ...op("drop"), ...this.value(2)];
    return [...carried, ...taken, ...op("end"), ...op("local.set", this.local())];
  }

  private value(depth: number): Code {
    return this.random.weighted<() => Code>([
      [4, () => get(this.local())],
      [2, () => get(first + vectors + this.random.below(sums.length))],
      [2, () => op("v128.const", randomBits(this.random, "v"))],
      [1, () => op("global.get", 0)],
      [1, () => [...constant(this.address()), ...op("v128.load", 0, 0)]],
      [depth > 0 ? 1 : 0, () => this.selected(depth)],
      [depth > 0 ? 6 : 0, () => this.computed(this.random.pick(arithmetic), depth)],
      [depth > 0 ? 4 : 0, () => this.computed(this.random.pick(ofVectors), depth)],
      [depth > 0 ? 1 : 0, () => this.computed(this.random.pick(choices), depth)],
    ])();
  }

  private selected(depth: number): Code {
    const both = [...this.value(depth - 1), ...this.value(depth - 1)];
    return [...both, ...get(counter), ...constant(1), ...op("i32.and"), ...op("select")];
  }

  private computed({ signature, mnemonic }: InstructionRow, depth: number): Code {
    const operands = (signature as string).indexOf(":");
    const values = Array.from({ length: operands }, () => this.value(depth - 1)).flat();
    return [...values, ...op(mnemonic as Mnemonic)];
  }
}

export function laneModule(seed: number): Uint8Array {
  const random = new Random(seed);
  return assemble({
    memories: [[1, 2]],
    globals: [{ type: "v", mutable: true, init: op("v128.const", randomBits(random, "v")) }],
    functions: new LaneProgram(random).functions(),
  });
}
