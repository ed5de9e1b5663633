/**
 * Translates the instructions of a straight line: constants, variables, arithmetic, loads and stores.
 *
 * Invariant: constants and `local.get` write nothing until something needs their value in a slot.
 */

import { signatureParts } from "../isa/columns.ts";
import type { InstructionRow } from "../isa/table.ts";
import { plainAccess, wordOfAddress } from "./blockAddresses.ts";
import { places } from "./blockOperands.ts";
import type { BlockWriter } from "./blockWriter.ts";
import { immediate, operationNumber } from "./operations.ts";
import { translateVector } from "./vectorOperations.ts";

type Fields = { readonly a: number; readonly b: number; readonly c: number };
type Translate = (writer: BlockWriter, fields: Fields) => void;

const constant32: Translate = ({ operands }, { c }) => operands.push(places.constant, c, 0);
const constant64: Translate = ({ operands }, { b, c }) => operands.push(places.constant64, c, b);

/** Instructions that are folded or have rules of their own. */
export const folded: Readonly<Record<string, Translate>> = {
  nop: () => {},
  "atomic.fence": () => {},
  drop: ({ operands }) => operands.pop(),
  "local.get": ({ operands }, { a }) => operands.push(places.local, a, 0),
  "local.set": (writer, { a }) => writer.setLocal(a, false),
  "local.tee": (writer, { a }) => writer.setLocal(a, true),
  "i32.const": constant32,
  "f32.const": constant32,
  "i64.const": constant64,
  "f64.const": constant64,
  "ref.null": ({ operands }) => operands.push(places.constant, 0, 0),
  "ref.func": ({ operands }, { a }) => operands.push(places.constant, a, 0),
  "ref.is_null": (writer) => unary(writer, "i32.eqz"),
  "global.get": (writer, { a }) => writer.result("global.get", a * 2),
  "global.set": (writer, { a }) => {
    writer.effect("global.set", a * 2, writer.source(writer.operands.height - 1));
    writer.operands.pop();
  },
  select: (writer) => {
    const top = writer.operands.height - 1;
    const words = [writer.source(top - 2), writer.source(top - 1), writer.source(top)];
    writer.pop(3);
    writer.result("select", ...words);
  },
};

/** Translates an instruction that neither branches nor is left to the reference. */
export function translateStraight(writer: BlockWriter, row: InstructionRow, fields: Fields): void {
  const translate = folded[row.mnemonic];
  if (translate !== undefined) translate(writer, fields);
  else if (row.form !== undefined) translateVector(writer, row, fields);
  else if (row.access === undefined) numeric(writer, row);
  else if (row.access === "store") store(writer, row, fields);
  else load(writer, row, fields);
}

function unary(writer: BlockWriter, name: string): void {
  const source = writer.source(writer.operands.height - 1);
  writer.operands.pop();
  writer.result(name, source);
}

function numeric(writer: BlockWriter, row: InstructionRow): void {
  if (signatureParts(row.signature).params.length === 1) {
    unary(writer, row.mnemonic);
    return;
  }
  const top = writer.operands.height - 1;
  if (writer.isConstant(top) && operationNumber(immediate(row.mnemonic)) !== undefined) {
    const words = writer.immediateWords(top);
    const source = writer.source(top - 1);
    writer.pop(2);
    writer.result(immediate(row.mnemonic), source, ...words);
    return;
  }
  const second = writer.source(top);
  const first = writer.source(top - 1);
  writer.pop(2);
  writer.result(row.mnemonic, first, second);
}

/** Memory 0 has operations of its own; `load other` and `store other` take code and memory along. */
function load(writer: BlockWriter, row: InstructionRow, { a, b }: Fields): void {
  const address = wordOfAddress(writer, writer.operands.height - 1, b);
  if (row.family === "atomic") writer.effect("aligned", address, a, (row.width ?? 1) - 1);
  writer.operands.pop();
  if (b === 0) writer.result(plainAccess(row).mnemonic, address, a);
  else writer.result("load other", address, a, b, row.code);
}

function store(writer: BlockWriter, row: InstructionRow, { a, b }: Fields): void {
  const top = writer.operands.height - 1;
  const value = writer.source(top);
  const address = wordOfAddress(writer, top - 1, b);
  if (row.family === "atomic") writer.effect("aligned", address, a, (row.width ?? 1) - 1);
  if (b === 0) writer.effect(plainAccess(row).mnemonic, address, value, a);
  else writer.effect("store other", address, value, a, b, row.width ?? 0);
  writer.pop(2);
  const chunks = row.width === 1 ? 1 : 2;
  writer.reserve += chunks * writer.blocks.program.config.chunkFuel;
}
