/**
 * Loads and stores of vectors and of their lanes, and vector constants (docs/machine.md §5.4, §7 "Vectors"; spec 3.0
 * §4.6.10). Twin of contracts/src/judge/step/VectorMemoryStep.sol: the same functions under the same banners in the same
 * order.
 *
 * Invariant: bounds are checked before a chunk is charged, and a chunk is charged before a byte is written. 16 bytes may
 * lie in two leaves and in two chunks.
 */
import { type InstructionRow, instructions } from "../../isa/table.ts";
import { trapCodes } from "../../isa/trapCodes.ts";
import { vectorKernel } from "../../numeric/vectorKernels.ts";
import type { VectorKernel } from "../../numeric/vectorWords.ts";
import type { Access } from "../access.ts";
import { addressAt, type Handler, type Handlers, markDirty, TRAP_NONE } from "./handler.ts";

const VECTOR_BYTES = 16;

/** Words on their way between memory and stack; one for all, since a step is not re-entrant. */
const words = new Int32Array(4);

// Constants

function v128Const(m: Access): number {
  m.openStack(m.sp, m.sp + 1);
  m.openConstant(m.a);
  for (let half = 0; half < 2; half++) {
    m.setSlot(m.sp + half, m.constantWord(m.a, 2 * half), m.constantWord(m.a, 2 * half + 1));
  }
  m.sp += 2;
  return TRAP_NONE;
}

// Loads

/** Reads `width` bytes and makes a vector of them, in place of the address. */
function load(m: Access, width: number, kernel: VectorKernel | undefined): number {
  const top = m.sp - 1;
  m.openStack(top, m.sp);
  const address = addressAt(m, top, width);
  if (address < 0) return trapCodes.outOfBoundsMemory;
  readWords(m, address, width);
  kernel?.(words, 0, words[0], words[1], words[2], words[3]);
  m.setSlot(top, words[0], words[1]);
  m.setSlot(m.sp, words[2], words[3]);
  m.sp++;
  return TRAP_NONE;
}

/** Reads one lane into the vector above the address; both become the new vector. */
function loadLane(m: Access, width: number, kernel: VectorKernel): number {
  const base = m.sp - 3;
  m.openStack(base, m.sp - 1);
  const address = addressAt(m, base, width);
  if (address < 0) return trapCodes.outOfBoundsMemory;
  readWords(m, address, width);
  const [low, high] = words;
  const [x, y] = [base + 1, base + 2];
  kernel(words, 0, m.c, m.low(x), m.high(x), m.low(y), m.high(y), low, high);
  m.setSlot(base, words[0], words[1]);
  m.setSlot(base + 1, words[2], words[3]);
  m.pop(1);
  return TRAP_NONE;
}

// Stores

/** Writes the vector above the address, or the lane that a kernel takes from it. */
function store(m: Access, width: number, kernel: VectorKernel | undefined): number {
  const base = m.sp - 3;
  m.openStack(base, m.sp - 1);
  const address = addressAt(m, base, width);
  if (address < 0) return trapCodes.outOfBoundsMemory;
  if (!markDirty(m, m.b, address, width)) return trapCodes.outOfFuel;
  m.openMemory(m.b, address, width);
  const [x, y] = [base + 1, base + 2];
  words.set([m.low(x), m.high(x), m.low(y), m.high(y)]);
  kernel?.(words, 0, m.c, words[0], words[1], words[2], words[3]);
  for (let byte = 0; byte < width; byte += 4) {
    m.setMemoryWord(m.b, address + byte, Math.min(width, 4), words[byte >> 2]);
  }
  m.pop(3);
  return TRAP_NONE;
}

// Primitives

/** The bytes as words, zeros above them. */
function readWords(m: Access, address: number, width: number): void {
  m.openMemory(m.b, address, width);
  words.fill(0);
  for (let byte = 0; byte < width; byte += 4) {
    words[byte >> 2] = m.memoryWord(m.b, address + byte, Math.min(width, 4));
  }
}

// By mnemonic

type AccessRow = Extract<
  (typeof instructions)[number],
  { family: "vectorMemory"; access: "load" | "store" }
>;

/** `zero` puts the scalar into lane 0 of a vector of zeros, which the words above it are already. */
function handlerOf(row: InstructionRow): Handler {
  const width = row.width ?? VECTOR_BYTES;
  const kernel = row.form === "zero" ? undefined : vectorKernel(row);
  if (row.access === "store") return (m) => store(m, width, kernel);
  if (row.form === "replaceLane") return (m) => loadLane(m, width, kernel as VectorKernel);
  return (m) => load(m, width, kernel);
}

const accessHandlers = Object.fromEntries(
  (instructions as readonly InstructionRow[])
    .filter(({ family, access }) => family === "vectorMemory" && access !== undefined)
    .map((row) => [row.mnemonic, handlerOf(row)]),
) as Record<AccessRow["mnemonic"], Handler>;

export const vectorMemoryHandlers: Handlers<"vectorMemory"> = {
  ...accessHandlers,
  "v128.const": v128Const,
};
