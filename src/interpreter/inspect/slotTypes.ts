/**
 * Types of the slots that an instruction takes and leaves, and of a frame's locals, for people who look at a state: slots
 * themselves are bits (docs/machine.md §1).
 *
 * Invariant: a type is told only where the instruction, its function or its callee declares it; elsewhere it is undefined.
 * Nothing that executes reads this.
 */
import type { FunctionType, Module, ValueType } from "../binary/module.ts";
import { valueTypes } from "../binary/module.ts";
import { addressSignature, withAddresses } from "../isa/addressLetters.ts";
import { byLetter, signatureParts } from "../isa/columns.ts";
import { operandCount, type UnsignedMnemonic } from "../isa/operandCount.ts";
import { executedRow, type InstructionRow } from "../isa/table.ts";
import {
  beyondAddresses,
  type FunctionEntry,
  instructionBytes,
  type Program,
} from "../program/program.ts";
import { functionType } from "../state/invocation.ts";
import { slotCount } from "../state/valueSlots.ts";

/** Undefined: any type. */
export type SlotType = ValueType | undefined;

export interface SlotTypes {
  /** Deepest first, one a value; a vector is two slots. */
  readonly operands: readonly SlotType[];
  /** What the step leaves, where it is one of a kind that leaves values. */
  readonly results: readonly SlotType[];
  /** Whether the results lie where the frame began, as a return's do; otherwise they take the operands' place. */
  readonly atFrame?: true;
}

const { i32, i64, funcref } = valueTypes;
const letters: Readonly<Record<string, ValueType>> = byLetter({
  i32,
  i64,
  f32: valueTypes.f32,
  f64: valueTypes.f64,
  v128: valueTypes.v128,
});
const none: SlotTypes = { operands: [], results: [] };

/** What the types of one instruction are asked of. */
interface Place {
  readonly program: Program;
  readonly entry: FunctionEntry | undefined;
  readonly a: number;
  readonly b: number;
  readonly count: number;
}

type Rule = (place: Place) => SlotTypes;

/** Of instructions whose row has no signature; those that are left out are told nothing about but their number. */
const rules: Readonly<Partial<Record<UnsignedMnemonic, Rule>>> = {
  if: endingInCondition,
  br_if: endingInCondition,
  br_table: endingInCondition,
  select: endingInCondition,
  return: ({ program, entry, count }) => {
    const types = fitted(typeOf(program, entry)?.results, count);
    return { operands: types, results: types, atFrame: true };
  },
  call: (place) => calling(calleeAt(place.program, place.a), place),
  return_call: (place) => calling(calleeAt(place.program, place.a), place),
  call_indirect: (place) => indirect(place),
  return_call_indirect: (place) => indirect(place),
  "local.get": (place) => ({ operands: [], results: [localOf(place)] }),
  "local.set": (place) => ({ operands: [localOf(place)], results: [] }),
  "local.tee": (place) => ({ operands: [localOf(place)], results: [localOf(place)] }),
  "global.get": ({ program, a }) => ({ operands: [], results: [globalType(program, a)] }),
  "global.set": ({ program, a }) => ({ operands: [globalType(program, a)], results: [] }),
  "table.get": (place) => ({ operands: [indexOf(place)], results: [undefined] }),
  "table.set": (place) => ({ operands: [indexOf(place), undefined], results: [] }),
  "table.grow": () => ({ operands: [undefined, i32], results: [i32] }),
  "table.grow.i64": () => ({ operands: [undefined, i64], results: [i64] }),
  "table.grow.rest": () => ({ operands: [undefined, i64], results: [i64] }),
  "table.fill": (place) => ({
    ...{ operands: [indexOf(place), undefined, indexOf(place)], results: [] },
  }),
  "ref.is_null": () => ({ operands: [undefined], results: [i32] }),
  "ref.func": () => ({ operands: [], results: [funcref] }),
};

/** Types of what the instruction at a pc takes and leaves. */
export function slotTypes(program: Program, pc: number): SlotTypes {
  const view = new DataView(program.code.buffer, program.code.byteOffset + pc * instructionBytes);
  const row: InstructionRow | undefined = executedRow(view.getUint16(0));
  if (row === undefined) return none;
  if (row.signature !== null) {
    const { params, results } = signatureParts(signatureAt(program, row, view));
    const types = (text: string) => Array.from(text, (letter) => letters[letter]);
    return { operands: types(params), results: types(results) };
  }
  const count = operandCount(program, pc);
  const entry = program.functions[program.locate(pc).function];
  const place = { program, entry, a: view.getUint32(4), b: view.getUint32(8), count };
  const rule = rules[row.mnemonic as UnsignedMnemonic];
  return rule?.(place) ?? { operands: unknown(count), results: [] };
}

/** The row's signature with the address types of the memories or tables that the instruction names. */
function signatureAt(
  { memories, tables }: Program,
  row: InstructionRow,
  view: DataView,
): string | null {
  const signature = addressSignature(row);
  if (signature === undefined) return row.signature;
  const [a, b] = [view.getUint32(4), view.getUint32(8)];
  const space = row.family === "table" ? tables : memories;
  const isAccess = row.width !== undefined;
  const isInit = row.immediates === "dataMemory" || row.immediates === "elementTable";
  const d = isAccess ? b % beyondAddresses : isInit ? a >>> 24 : a;
  const isCopy = row.immediates === "memoryMemory" || row.immediates === "tableTable";
  return withAddresses(signature, space[d].addressType, space[isCopy ? b : d].addressType);
}

/** Type of the index of the table that the instruction names. */
const indexOf = ({ program, a }: Place): SlotType => valueTypes[program.tables[a].addressType];

/** Types of a function's parameters and declared locals, one a value; empty for code that the linker made. */
export function localTypes(program: Program, entry: FunctionEntry | undefined): SlotType[] {
  const type = typeOf(program, entry);
  if (type === undefined || entry === undefined) return unknown(entry?.locals ?? 0);
  const module = program.modules[entry.module]?.module;
  const body = module?.bodies[entry.index - importedOf(module)];
  const declared = (body?.locals ?? []).flatMap((local) =>
    Array.from({ length: local.count }, () => local.type),
  );
  return [...type.params, ...declared];
}

function unknown(count: number): SlotType[] {
  return Array.from({ length: count }, () => undefined);
}

/** Types from the deep end, for so many slots; what they do not reach is unknown. */
function fitted(types: readonly SlotType[] = [], count: number): SlotType[] {
  return [...types, ...unknown(count - slotCount(types))];
}

function endingInCondition({ count }: Place): SlotTypes {
  return { operands: [...unknown(count - 1), i32], results: [] };
}

function calling(type: FunctionType | undefined, { count }: Place): SlotTypes {
  return { operands: fitted(type?.params, count), results: [] };
}

function indirect({ program, a, b, count }: Place): SlotTypes {
  const { params } = functionType(program, b);
  return {
    operands: [...fitted(params, count - 1), valueTypes[program.tables[a].addressType]],
    results: [],
  };
}

const entries = new WeakMap<Program, ReadonlyMap<number, FunctionEntry>>();

function calleeAt(program: Program, entryPc: number): FunctionType | undefined {
  let known = entries.get(program);
  if (known === undefined) {
    known = new Map(program.functions.map((entry) => [entry.entryPc, entry]));
    entries.set(program, known);
  }
  return typeOf(program, known.get(entryPc));
}

function typeOf(program: Program, entry: FunctionEntry | undefined): FunctionType | undefined {
  return entry && functionType(program, entry.typeId);
}

function importedOf(module: Module | undefined): number {
  return module?.imports.filter((item) => item.kind === "function").length ?? 0;
}

function localOf({ program, entry, a }: Place): SlotType {
  let slot = 0;
  for (const type of localTypes(program, entry)) {
    if (slot === a) return type;
    slot += slotCount([type]);
  }
  return undefined;
}

/** Type of a global by its program-wide number; undefined if there is none. */
export function globalType(program: Program, slot: number): SlotType {
  for (const { module, globals } of program.modules) {
    const imported = globals.length - module.globals.length;
    const own = globals.indexOf(slot, imported) - imported;
    if (own >= 0) return module.globals[own].type.type;
  }
  return undefined;
}
