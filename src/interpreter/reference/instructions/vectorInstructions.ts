/**
 * Handlers of the vector instructions that turn vectors, and perhaps a scalar above them, into a vector or a scalar: operand
 * words off the stack, kernel, result onto it (docs/machine.md §1, §7 "Vectors"). Twin of `VectorFamily` in
 * contracts/src/judge/step.
 *
 * Invariant: one rule for all rows; what differs between instructions is in numeric/.
 */
import { signatureParts, slotsOfLetters } from "../../isa/columns.ts";
import { type InstructionRow, instructions } from "../../isa/table.ts";
import { vectorKernel } from "../../numeric/vectorKernels.ts";
import type { VectorKernel } from "../../numeric/vectorWords.ts";
import type { Access } from "../access.ts";
import { type Handler, type MnemonicOf, TRAP_NONE } from "./handler.ts";

/** The result's words, low first; one for all, since a step is not re-entrant. */
const result = new Int32Array(4);

/** Calls the kernel with what it takes before the operands, and the words of the slots from `first` on. */
type Apply = (m: Access, kernel: VectorKernel, first: number) => void;

function applyOne(m: Access, kernel: VectorKernel, x: number): void {
  kernel(result, 0, m.low(x), m.high(x), m.low(x + 1), m.high(x + 1));
}

// biome-ignore format: one line a vector
function applyTwo(m: Access, kernel: VectorKernel, x: number): void {
  kernel(result, 0,
    m.low(x), m.high(x), m.low(x + 1), m.high(x + 1),
    m.low(x + 2), m.high(x + 2), m.low(x + 3), m.high(x + 3));
}

function applyAny(slots: number, fields: (m: Access) => readonly number[]): Apply {
  const words = new Array<number>(slots * 2);
  return (m, kernel, first) => {
    for (let slot = 0; slot < slots; slot++) {
      words[2 * slot] = m.low(first + slot);
      words[2 * slot + 1] = m.high(first + slot);
    }
    kernel(result, 0, ...fields(m), ...words);
  };
}

const noFields: readonly number[] = [];

function applyOf({ immediates }: InstructionRow, slots: number): Apply {
  if (immediates === "lane") return applyAny(slots, (m) => [m.a]);
  if (immediates === "shuffle") return applyAny(slots, (m) => [m.a, m.b, m.c]);
  if (slots === 2) return applyOne;
  return slots === 4 ? applyTwo : applyAny(slots, () => noFields);
}

function handlerOf(row: InstructionRow): Handler {
  const { params, results } = signatureParts(row.signature);
  const [pops, pushes] = [slotsOfLetters(params), slotsOfLetters(results)];
  const apply = applyOf(row, pops);
  // Made when it is first needed: most programs have no vectors.
  let kernel: VectorKernel | undefined;
  return (m) => {
    kernel ??= vectorKernel(row) as VectorKernel;
    const first = m.sp - pops;
    m.openStack(first, first + Math.max(pops, pushes) - 1);
    apply(m, kernel, first);
    m.setSlot(first, result[0], result[1]);
    if (pushes === 2) m.setSlot(first + 1, result[2], result[3]);
    if (pushes > pops) m.sp++;
    else m.pop(pops - pushes);
    return TRAP_NONE;
  };
}

type VectorFamily = "vectorLane" | "vectorInteger" | "vectorConversion" | "vectorFloat";
const families: readonly string[] = [
  "vectorLane",
  "vectorInteger",
  "vectorConversion",
  "vectorFloat",
] satisfies VectorFamily[];

/** Whether a row is one of a vector and its operands, without memory. */
export function isVectorNumeric({ family }: InstructionRow): boolean {
  return families.includes(family);
}

/** Handlers of all such rows of the table. */
export const vectorHandlers = Object.fromEntries(
  (instructions as readonly InstructionRow[])
    .filter(isVectorNumeric)
    .map((row) => [row.mnemonic, handlerOf(row)]),
) as Record<MnemonicOf<VectorFamily>, Handler>;
