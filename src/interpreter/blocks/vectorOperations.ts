/**
 * Vector instructions in the block executor: what the kernel of each does to operands that lie in their slots, and how the
 * instructions are translated.
 *
 * Invariant: a kernel reads its operands before it writes, so the result takes their place. A vector's accesses to memory 0
 * are pairs of scalar ones, the upper half first: if that is in bounds so is the lower one, and nothing is half written.
 */
import { signatureParts, slotsOfLetters } from "../isa/columns.ts";
import { type InstructionRow, instructions, type Mnemonic } from "../isa/table.ts";
import { vectorKernel } from "../numeric/vectorKernels.ts";
import type { VectorKernel } from "../numeric/vectorWords.ts";
import { isVectorNumeric } from "../reference/instructions/vectorInstructions.ts";
import { wordOfAddress } from "./blockAddresses.ts";
import { places } from "./blockOperands.ts";
import type { BlockWriter } from "./blockWriter.ts";

/** Takes the operands from word `at` on and leaves the result there; a, b, c are the fields of the instruction. */
type VectorOperation = (stack: Int32Array, at: number, a: number, b: number, c: number) => void;

/** Loads whose scalar, or lanes, become a vector. */
const makesVector = ({ access, form }: InstructionRow): boolean =>
  access === "load" && (form === "splat" || form === "extend");

const rows = (instructions as readonly InstructionRow[]).filter(
  (row) => isVectorNumeric(row) || makesVector(row),
);
const numbers = new Map(rows.map((row, number) => [row.mnemonic, number]));

const popsOf = (row: InstructionRow): number =>
  slotsOfLetters(signatureParts(row.signature).params);
const pushesOf = (row: InstructionRow): number =>
  slotsOfLetters(signatureParts(row.signature).results);

function operationOf(row: InstructionRow): VectorOperation {
  const kernel = vectorKernel(row) as VectorKernel;
  // A load has read its scalar, or eight bytes of lanes, by then.
  const slots = row.access === undefined ? popsOf(row) : 1;
  if (row.immediates === "lane")
    return (stack, at, a) => kernel(stack, at, a, ...stack.subarray(at, at + 2 * slots));
  if (row.immediates === "shuffle")
    return (stack, at, a, b, c) => kernel(stack, at, a, b, c, ...stack.subarray(at, at + 8));
  if (slots === 1) return (stack, at) => kernel(stack, at, stack[at], stack[at + 1], 0, 0);
  if (slots === 2) return (stack, at) => applyOne(kernel, stack, at);
  if (slots === 4) return (stack, at) => applyTwo(kernel, stack, at);
  return (stack, at) => kernel(stack, at, ...stack.subarray(at, at + 2 * slots));
}

function applyOne(kernel: VectorKernel, x: Int32Array, at: number): void {
  kernel(x, at, x[at], x[at + 1], x[at + 2], x[at + 3]);
}

// biome-ignore format: one line a vector
function applyTwo(kernel: VectorKernel, x: Int32Array, at: number): void {
  kernel(x, at,
    x[at], x[at + 1], x[at + 2], x[at + 3],
    x[at + 4], x[at + 5], x[at + 6], x[at + 7]);
}

/** By the number that the operation `vector` holds. */
export const vectorOperations: readonly VectorOperation[] = rows.map(operationOf);

interface Fields {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** Whether `translateVector` knows the instruction; lanes in memory and other memories than 0 are the reference's. */
export function isTranslatedVector(row: InstructionRow, memory: number): boolean {
  if (row.access === undefined) return true;
  return memory === 0 && row.immediates === "memarg";
}

/** Translates a vector instruction. */
export function translateVector(writer: BlockWriter, row: InstructionRow, fields: Fields): void {
  if (row.access === "load") load(writer, row, fields.a);
  else if (row.access === "store") store(writer, fields.a);
  else if (isVectorNumeric(row)) numeric(writer, row, fields);
  else whole[row.mnemonic](writer, fields);
}

function numeric(writer: BlockWriter, row: InstructionRow, fields: Fields): void {
  const { operands } = writer;
  const first = operands.height - popsOf(row);
  for (let slot = first; slot < operands.height; slot++) settleLoose(writer, slot);
  apply(writer, row, first, fields);
  writer.pop(popsOf(row));
  for (let left = pushesOf(row); left > 0; left--) operands.pushCanonical();
}

function apply(writer: BlockWriter, row: InstructionRow, first: number, { a, b, c }: Fields): void {
  writer.effect("vector", numbers.get(row.mnemonic) as number, first * 2, a, b, c);
}

function settleLoose(writer: BlockWriter, slot: number): void {
  if (writer.operands.placeOf(slot) !== places.canonical) writer.settle(slot);
}

/** What reads the scalar of a load, by its bytes. */
const scalarLoads: Readonly<Record<number, Mnemonic>> = {
  1: "i32.load8_u",
  2: "i32.load16_u",
  4: "i32.load",
  8: "i64.load",
};

function load(writer: BlockWriter, row: InstructionRow, offset: number): void {
  const { operands } = writer;
  const address = wordOfAddress(writer, operands.height - 1, 0);
  operands.pop();
  const slot = operands.height;
  if (row.form === "whole") writer.effect("i64.load", (slot + 1) * 2, address, offset + 8);
  const scalar = row.form === "whole" ? "i64.load" : scalarLoads[row.width ?? 0];
  writer.effect(scalar, slot * 2, address, offset);
  if (row.form === "zero") writer.effect("const64", (slot + 1) * 2, 0, 0);
  else if (row.form !== "whole") apply(writer, row, slot, { a: 0, b: 0, c: 0 });
  operands.pushCanonical();
  operands.pushCanonical();
}

function store(writer: BlockWriter, offset: number): void {
  const top = writer.operands.height - 1;
  const [low, high] = [writer.source(top - 1), writer.source(top)];
  const address = wordOfAddress(writer, top - 2, 0);
  writer.effect("i64.store", address, high, offset + 8);
  writer.effect("i64.store", address, low, offset);
  writer.pop(3);
  writer.reserve += 2 * writer.blocks.program.config.chunkFuel;
}

/** Instructions that move whole vectors: each slot as the scalar instruction would. */
const whole: Readonly<Record<string, (writer: BlockWriter, fields: Fields) => void>> = {
  "drop.v128": (writer) => writer.pop(2),
  "select.v128": (writer) => {
    const base = writer.operands.height - 5;
    const [x0, x1, y0, y1, condition] = [0, 1, 2, 3, 4].map((slot) => writer.source(base + slot));
    writer.pop(5);
    writer.result("select", x0, y0, condition);
    writer.result("select", x1, y1, condition);
  },
  "local.get.v128": ({ operands }, { a }) => {
    operands.push(places.local, a, 0);
    operands.push(places.local, a + 1, 0);
  },
  "local.set.v128": (writer, { a }) => {
    writer.setLocal(a + 1, false);
    writer.setLocal(a, false);
  },
  "local.tee.v128": (writer, { a }) => {
    const { operands } = writer;
    for (const local of [a, a + 1])
      for (const slot of operands.aliasesOf(local)) writer.settle(slot);
    writer.materialise(operands.height - 2, a);
    writer.materialise(operands.height - 1, a + 1);
  },
  "global.get.v128": (writer, { a }) => {
    writer.result("global.get", a * 2);
    writer.result("global.get", (a + 1) * 2);
  },
  "global.set.v128": (writer, { a }) => {
    const top = writer.operands.height - 1;
    const [low, high] = [writer.source(top - 1), writer.source(top)];
    writer.effect("global.set", a * 2, low);
    writer.effect("global.set", (a + 1) * 2, high);
    writer.pop(2);
  },
  "v128.const": ({ operands, blocks }, { a }) => {
    for (const half of [0, 8]) {
      const [low, high] = [blocks.constantWord(a, half), blocks.constantWord(a, half + 4)];
      operands.push(places.constant64, low, high);
    }
  },
};
