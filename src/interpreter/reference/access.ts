/**
 * What an instruction may ask of the machine: the one door between the semantics in instructions/ and where state
 * comes from. Two implementations: `FlatAccess` over the live arrays (the reference), and `OpenedAccess` of the merkle
 * library over the multiproofs of a witness (the replay). The judge's `Machine` is the twin in Solidity.
 *
 * Invariant: an `open…` names what the operations after it may touch, in the order of docs/proof-format.md §4; the flat
 * access has nothing to do there. Words are int32 or unsigned as written; a slot is two words, the low one first.
 */
import type { StatusCode } from "../state/machineState.ts";

/** The instruction at hand (docs/machine.md §3); a, b, c are unsigned. */
interface InstructionFields {
  readonly op: number;
  readonly cost: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** Registers; an instruction changes `nextPc`, `sp`, `fp`, `depth` and `status`. */
interface RegisterAccess {
  readonly pc: number;
  /** Where the next step executes unless the machine stops; pc + 1 at first. */
  nextPc: number;
  sp: number;
  fp: number;
  depth: number;
  status: StatusCode;
  /** Bytes. */
  readonly inputLength: number;
  readonly outputLength: number;
  /** Slots and frames that the configuration allows. */
  readonly stackLimit: number;
  readonly frameLimit: number;
}

interface FuelAccess {
  /** Whether the instruction and `chunks` chunks can be paid for. */
  affords(chunks: number): boolean;
  /** Charges chunks on top of the instruction's cost. */
  charge(chunks: number): void;
  /** How often the counters have started again. */
  readonly era: number;
  /** The fuel used in this era before this step, in whole units of `unit`. */
  fuelIn(unit: number): number;
}

interface PieceAccess {
  /**
   * How many of the `count` units from `first` on the instruction handles now: those of one leaf, whose `unit` is
   * LEAF_BYTES or LEAF_ENTRIES, or all where an instruction is done whole. Nothing has been changed yet.
   */
  piece(first: number, count: number, unit: number, isForward: boolean): number;
}

interface StackAccess {
  /** Opens the leaves of two slots, which are those of all slots between them if they are near each other. */
  openStack(x: number, y: number): void;
  /** Opens the leaves of the slots x, x + 1, y and y + 1. */
  openStackPairs(x: number, y: number): void;
  /** Opens `pops` operands and what moving the `count` slots under them down to `destination` needs. */
  openMove(pops: number, count: number, destination: number): void;
  low(slot: number): number;
  high(slot: number): number;
  setSlot(slot: number, low: number, high: number): void;
  copySlot(from: number, to: number): void;
  /** Lowers sp; the slots count as zero from now on. */
  pop(count: number): void;
  /** Pops operands and moves the `count` slots under them down; sp comes to lie on top of them. */
  move(pops: number, count: number, destination: number): void;
  /** Declared locals begin as zero: slots [from, to), which lie above sp. */
  zeroSlots(from: number, to: number): void;
  /** Opens the frame at `depth`. */
  openFrame(): void;
  /** Word 0 or 1 of that frame: return pc, caller's fp. */
  frameWord(word: number): number;
  setFrame(returnPc: number, callerFp: number): void;
}

interface GlobalAccess {
  openGlobal(index: number): void;
  /** Opens a global of two slots, given as the first of them. */
  openGlobalPair(index: number): void;
  globalLow(index: number): number;
  globalHigh(index: number): number;
  setGlobal(index: number, low: number, high: number): void;
}

interface MemoryAccess {
  /** Opens the sizes of two memories, which may be the same. */
  openMemorySizes(x: number, y: number): void;
  memoryPages(memory: number): number;
  /** Throws RangeError, and has changed nothing, if the host has no room. */
  setMemoryPages(memory: number, pages: number): void;
  /** For people: a growth by `requested` pages that gives −1. */
  noteRefusedGrowth(memory: number, requested: number): void;
  openMemory(memory: number, address: number, length: number): void;
  /** `width` ≤ 4 bytes, little-endian; int32. */
  memoryWord(memory: number, address: number, width: number): number;
  setMemoryWord(memory: number, address: number, width: number, value: number): void;
  fillMemory(memory: number, address: number, length: number, value: number): void;
  /** Opens both ranges; a piece is read whole before it is written. */
  copyMemory(to: number, target: number, from: number, source: number, length: number): void;
  /** The same from the input, or from the program's data segments, whose bytes lie one after another. */
  copyInto(
    to: number,
    target: number,
    from: "data" | "input",
    source: number,
    length: number,
  ): void;
  /** From a memory to the end of the output, which grows by it. */
  copyOutput(from: number, source: number, length: number): void;
  /** Opens the dirty bits of chunks [first, last]. */
  openDirty(memory: number, first: number, last: number): void;
  isDirty(memory: number, chunk: number): boolean;
  setDirty(memory: number, chunk: number): void;
}

interface TableAccess {
  openTableSizes(x: number, y: number): void;
  tableSize(table: number): number;
  /** New entries are null. */
  setTableSize(table: number, size: number): void;
  openEntry(table: number, index: number): void;
  /** Words of a reference: what it refers to, and its kind (docs/machine.md §1). */
  entryLow(table: number, index: number): number;
  entryHigh(table: number, index: number): number;
  setEntry(table: number, index: number, low: number, high: number): void;
  fillTable(table: number, index: number, length: number, low: number, high: number): void;
  copyTable(to: number, target: number, from: number, source: number, length: number): void;
  /** From the program's element segments, whose entries lie one after another. */
  copyElements(to: number, target: number, source: number, length: number): void;
}

interface ProgramAccess {
  openDropped(segment: number): void;
  isDropped(segment: number): boolean;
  setDropped(segment: number): void;
  openFunction(index: number): void;
  /** Word of a function entry: type id, entry pc, params << 16 | locals, frame. */
  functionWord(index: number, word: number): number;
  /** Opens an entry of the program's constants. */
  openConstant(entry: number): void;
  /** Word 0 … 3 of it, int32; the first is the lowest. */
  constantWord(entry: number, word: number): number;
  openBranch(index: number): void;
  /** Word of a branch table's entry: target pc, height << 16 | arity. */
  branchWord(index: number, word: number): number;
  /** The label that `br_table` is claimed to choose: min(index, labels), its index being in slot sp − 1. */
  claimLabel(labels: number): number;
  /** Refuses a witness that claims another label than this. */
  requireLabel(claimed: number, selected: number): void;
}

export interface Access
  extends InstructionFields,
    RegisterAccess,
    FuelAccess,
    PieceAccess,
    StackAccess,
    GlobalAccess,
    MemoryAccess,
    TableAccess,
    ProgramAccess {}
