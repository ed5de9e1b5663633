/**
 * The dearest steps that anyone can construct: states whose trees have no zero sibling, with the leaves of a step as far
 * apart as its instruction lets them be. No machine reaches them, but their hashes are consistent, so a judge has to
 * answer (docs/decisions/0012-gas-of-a-step.md).
 */
import { opOf } from "../src/interpreter/isa/table.ts";
import { controlWord, countersWord, type Registers } from "../src/merkle/commitment/registers.ts";
import { type ArrayName, arrayDepths } from "../src/merkle/tree/arrays.ts";
import { concatenate } from "../src/merkle/tree/byteReader.ts";
import { Multiproof } from "../src/merkle/tree/multiproof.ts";
import { executeOpened } from "../src/merkle/witness/executeOpened.ts";
import type { Instruction, MultiproofSource } from "../src/merkle/witness/multiproofSource.ts";
import { readStep } from "../src/merkle/witness/replayStep.ts";
import { WitnessError } from "../src/merkle/witnessError.ts";

export interface FullStep {
  readonly name: string;
  readonly preState: Uint8Array;
  readonly witness: Uint8Array;
}

type Fields = Readonly<Record<"a" | "b" | "c", number>>;
/** Little-endian words by array and byte offset; what is not given is a pattern without zeros. */
type Words = Partial<Record<ArrayName, Readonly<Record<number, number>>>>;

const hashOf = (seed: number): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => 1 + ((seed * 31 + i * 7) % 255));

class FullSource implements MultiproofSource {
  readonly registers: Registers;
  readonly instruction: Instruction;
  readonly parts: Uint8Array[] = [];
  readonly #words: Words;
  #seed = 1;

  constructor(registers: Registers, instruction: Instruction, words: Words) {
    this.registers = registers;
    this.instruction = instruction;
    this.#words = words;
  }

  open(array: ArrayName, leaves: readonly number[]): Multiproof {
    const bytes = new Uint8Array(leaves.length * 128).fill(array === "dirty" ? 0x80 : 0x5a);
    const multiproof = new Multiproof(arrayDepths[array], leaves, bytes, () =>
      hashOf(this.#seed++),
    );
    for (const [offset, value] of Object.entries(this.#words[array] ?? {})) {
      multiproof.setWord(Number(offset), value);
    }
    if (leaves.length > 0) this.parts.push(multiproof.encode());
    return multiproof;
  }

  claimLabel(): number {
    return 0;
  }
}

/** Slots of operands whose leaves fork at the root of the stack. */
const sp = 2 ** 19 + 2;
const operands = (above: number, ...values: readonly number[]): Record<number, number> =>
  Object.fromEntries(
    values.flatMap((value, i) => {
      const slot = above - values.length + i;
      return [[slot * 8, value] as const, [slot * 8 + 4, 0] as const];
    }),
  );
/** A place whose bytes lie on both sides of the middle of its array. */
const middle = 2 ** 31 - 1;
const pages = 65_535;

export function fullStep(
  name: string,
  op: number,
  fields: Fields,
  words: Words,
  at = sp,
): FullStep {
  const registers: Registers = {
    ...{ status: 0, trap: 0, pc: 2 ** 25, sp: at, fp: 3, depth: 2 ** 19 },
    ...{ stackLimit: 2 ** 20, frameLimit: 2 ** 20, inputLength: 1, outputLength: 1 },
    ...{ era: 0, stepCounter: 10n, fuelCounter: 10n, fuelLimit: 10n ** 9n, chunkFuel: 1 },
  };
  const instruction = { op, cost: 1, ...fields };
  const source = new FullSource(registers, instruction, words);
  const code = source.open("code", [2 ** 22]);
  const view = new DataView(code.leaves.buffer);
  view.setUint32(0, (op << 16) | instruction.cost);
  [fields.a, fields.b, fields.c].forEach((field, i) => {
    view.setUint32(4 + 4 * i, field);
  });
  source.parts[0] = code.encode();
  executeOpened(source);
  const head = [controlWord(registers), countersWord(registers), ...source.parts];
  for (let rest = 0; rest < 40; rest++) {
    const tail = Array.from({ length: rest }, (_, i) => hashOf(1000 + i));
    const witness = concatenate([...head, ...tail]);
    try {
      return { name: `${name}, full trees`, preState: readStep(witness).preState, witness };
    } catch (error) {
      if (!(error instanceof WitnessError) || error.code !== "witness-truncated") throw error;
    }
  }
  throw new RangeError(`expected a witness of ${name}`);
}

/** One step of each instruction that opens much. */
export function fullSteps(): FullStep[] {
  const far = 200;
  const tableSize = (table: number) => (256 + table) * 4;
  const functionWords = { 0: 0, 4: 0, 8: 0x8000_8000, 12: 0x0000_0100 };
  return [
    fullStep(
      "i64.store",
      opOf("i64.store"),
      { a: 0, b: 0, c: 0 },
      {
        stack: operands(sp - 1, middle - 3, 5),
        sizes: { 0: pages },
      },
      2 ** 19 + 1,
    ),
    fullStep(
      "memory.copy",
      opOf("memory.copy"),
      { a: 0, b: far, c: 0 },
      {
        stack: operands(sp, 2 ** 31 + 128, middle - 60, 128),
        sizes: { 0: pages, [far * 4]: pages },
      },
    ),
    fullStep(
      "table.copy",
      opOf("table.copy"),
      { a: 0, b: far, c: 0 },
      {
        stack: operands(sp, 2 ** 22, 2 ** 23 - 8, 16),
        sizes: { [tableSize(0)]: 2 ** 24, [tableSize(far)]: 2 ** 24 },
      },
    ),
    fullStep("br with 128 slots", opOf("br"), { a: 1, b: 2 ** 18, c: 128 }, {}, 2 ** 19 + 68),
    fullStep(
      "return_call_indirect with 128 slots",
      opOf("return_call_indirect"),
      { a: 0, b: 0, c: 128 },
      {
        stack: { [(2 ** 19 + 67) * 8]: 5 },
        sizes: { [tableSize(0)]: 2 ** 24 },
        tables: { 40: 1 },
        functions: functionWords,
      },
      2 ** 19 + 68,
    ),
  ];
}
