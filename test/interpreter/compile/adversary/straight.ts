/**
 * Statements of adversary bodies that open no block and go nowhere: locals and globals, arithmetic, accesses to memory.
 *
 * Invariant: what is written is valid on the operands at hand; the choices depend on the random source alone.
 */
import { op } from "../../../../spec-tests/corpus/assembler.ts";
import type { InstructionRow } from "../../../../src/interpreter/isa/table.ts";
import { instructions } from "../../../../src/interpreter/isa/table.ts";
import type { Random } from "../../../differential/random.ts";
import { Floats } from "./floats.ts";
import { Stack } from "./frame.ts";
import { Motif } from "./motif.ts";
import type { AdversaryShape } from "./shape.ts";
import { randomTypes } from "./shape.ts";
import { Stores } from "./stores.ts";

type Mnemonic = Parameters<typeof op>[0];

/** Instructions with operands and one result, by nothing but their signature. */
const plain = (instructions as readonly InstructionRow[]).filter(
  ({ immediates, signature, feature }) =>
    immediates === "none" && feature !== "host" && /^[iIfF]{1,2}:[iIfF]$/.test(signature ?? ""),
);
const accesses = (instructions as readonly InstructionRow[]).filter(
  ({ immediates, signature }) =>
    immediates === "memarg" && /^(i:[iIfF]|i[iIfF]:)$/.test(signature ?? ""),
);
/** Counters of loops, at the end of the locals. */
export const counters = 4;
/** Locals that hold addresses, before the counters. */
const addresses = 2;

/** More locals than most bodies could name. */
function padding(random: Random): string {
  return Array.from({ length: 60 + random.below(300) }, () => random.pick([..."iIfF"])).join("");
}

/** What is written, and what it may use. */
export class StraightStatements {
  /** Parameters and locals without the padding and those of the motifs. */
  protected readonly locals: string;
  protected readonly random: Random;
  protected readonly shape: AdversaryShape;
  protected readonly index: number;
  protected readonly results: string;
  protected readonly stack: Stack;
  protected readonly stores: Stores;
  protected readonly floats: Floats;
  protected readonly motif: Motif;
  constructor(random: Random, shape: AdversaryShape, index: number) {
    this.random = random;
    this.shape = shape;
    this.index = index;
    const [params = "", results = ""] = shape.functions[index].split(":");
    this.results = results;
    this.locals = `${params}${randomTypes(random, 4)}${"i".repeat(addresses + counters)}`;
    this.stack = new Stack(random, shape.functions.length);
    const firstAddress = this.locals.length - counters - addresses;
    this.stores = new Stores(random, shape, this.stack, this.locals, [firstAddress, addresses]);
    this.floats = new Floats(random, shape, this.stack, this.locals);
    // Locals that few instructions name, or none: emitted code may do without them.
    const padded = this.locals + (random.oneIn(8) ? padding(random) : "");
    this.motif = new Motif(random, shape, padded, shape.functions[index]);
  }

  protected variable(): void {
    const { stack, random, locals, shape } = this;
    const local = random.below(locals.length);
    const global = random.below(shape.globals.length);
    random.weighted<() => void>([
      [5, () => stack.write(op("local.get", local), 0, locals[local])],
      [3, () => this.assign("local.set", local, locals[local])],
      [2, () => this.assign("local.tee", local, locals[local])],
      [1, () => stack.write(op("global.get", global), 0, shape.globals[global])],
      [1, () => this.assign("global.set", global, shape.globals[global])],
      [2, () => stack.push(random.pick(["i", "I", "f", "F"]))],
      [1, () => stack.types !== "" && stack.write(op("drop"), 1)],
      [1, () => stack.write(op("nop"))],
    ])();
  }

  private assign(mnemonic: "local.set" | "local.tee" | "global.set", index: number, type: string) {
    this.stack.bring(type);
    this.stack.write(op(mnemonic, index), 1, mnemonic === "local.tee" ? type : "");
  }

  protected compute(): void {
    const { stack, random } = this;
    const type = stack.types.at(-1);
    if (type !== undefined && type !== "r" && type !== "x" && random.oneIn(8)) {
      stack.bring(`${type}${type}i`);
      stack.write(op("select"), 3, type);
      return;
    }
    // Now and then what fits the top of the stack, so that values go a long way.
    const fitting = plain.filter(({ signature }) => stack.has((signature ?? "").split(":")[0]));
    const row = random.pick(fitting.length > 0 && !random.oneIn(3) ? fitting : plain);
    const [operands = "", results = ""] = (row.signature ?? "").split(":");
    stack.bring(operands);
    stack.write(op(row.mnemonic as Mnemonic), operands.length, results);
  }

  /** An address that is in bounds more often than not. */
  protected address(): void {
    const { stack, random } = this;
    stack.bring("i");
    if (random.oneIn(10)) return;
    const mask = random.pick([0x7ff8, 0xfff, 0x1ff8, 0xffff, 8]);
    stack.write([...op("i32.const", mask), ...op("i32.and")], 1, "i");
    if (random.oneIn(2)) {
      stack.write([...op("i32.const", random.pick([4, 8, -8, 4096])), ...op("i32.add")], 1, "i");
    }
  }

  protected access(): void {
    const { stack, random, shape } = this;
    const row = random.pick(accesses);
    const [operands = "", results = ""] = (row.signature ?? "").split(":");
    const memory = random.below(shape.memories);
    const offset = random.pick([0, 0, 0, 4, 8, 12, 4088, 65528]);
    const access = op(row.mnemonic as Mnemonic, offset, memory);
    if (operands.length === 2 && stack.has(operands) && random.oneIn(2)) {
      stack.write(access, 2, results);
      return;
    }
    this.address();
    for (const type of operands.slice(1)) this.stores.value(type);
    stack.write(access, operands.length, results);
    // A neighbour through the same local, for a guard that serves both.
    if (operands.length === 1 || !random.oneIn(3)) return;
    const local = this.locals.length - 1 - random.below(counters);
    for (const near of [0, 8]) {
      stack.write(op("local.get", local), 0, "i");
      for (const type of operands.slice(1)) this.stores.value(type);
      stack.write(op(row.mnemonic as Mnemonic, near, memory), operands.length, results);
    }
  }
}
