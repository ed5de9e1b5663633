/**
 * States that a program could be in at an instruction, made of one that it is in: the running frame at the stack's bottom or
 * far above it, limits of fuel, stack and frames at hand, operands at edges of leaves, chunks, pages and words, clean chunks,
 * another input and output, other segments dropped, counters of later eras and at their ends.
 *
 * Invariant: what is altered is what docs/machine.md leaves open at that instruction: types of slots, the frame's room on
 * the stack and the limits hold, so that all executors must agree on the next step. The state given stays as it is.
 */
import { signatureParts, slotsOfLetters } from "../../src/interpreter/isa/columns.ts";
import { executedRow, type InstructionRow } from "../../src/interpreter/isa/table.ts";
import { instructionBytes, type Program } from "../../src/interpreter/program/program.ts";
import type { MachineState } from "../../src/interpreter/state/machineState.ts";
import { restore, type Snapshot, snapshot } from "../../src/interpreter/state/snapshot.ts";
import type { Random } from "../../test/differential/random.ts";

/** A copy of a state that is being altered. */
type Draft = { -readonly [Name in keyof Snapshot]: Snapshot[Name] };

export interface AlteredState {
  readonly state: MachineState;
  /** Whether it can go on for more than a step: those whom made-up callers have called cannot return to them. */
  readonly isRunnable: boolean;
}

/** What the instruction at hand is, where alterations depend on it. */
interface Place {
  readonly program: Program;
  readonly row: InstructionRow;
  /** Its fuel. */
  readonly cost: number;
  /** Most slots of the frame that it runs in. */
  readonly frame: number;
}

/** Around leaves of the stack (16 slots) and the nodes above them. */
const lifts = [1, 2, 3, 7, 13, 14, 15, 16, 17, 30, 31, 33, 63, 64, 65];
const byteLengths = [0, 1, 127, 128, 129, 300];
/** Around words, leaves, chunks, pages and what an i32 holds. */
const edges = [
  ...[0, 1, 2, 7, 8, 15, 16, 17, 112, 113, 120, 127, 128, 129, 255, 256],
  ...[4088, 4093, 4095, 4096, 65520, 65535, 65536, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff],
];
const upperHalves = [0, 0, 1, 0x7fffffff, 0x80000000, 0xffffffff];
/** Whose topmost operand is an i32 that chooses where the call or branch goes; their rows have no signature. */
const choosing: readonly string[] = [
  ...["if", "br_if", "br_table", "call_indirect", "return_call_indirect", "table.get"],
];

/** The instruction of a running state; undefined where there is none. */
export function placeOf({ program, pc }: MachineState): Place | undefined {
  const at = pc * instructionBytes;
  const { code } = program;
  const row = executedRow((code[at] << 8) | code[at + 1]);
  if (row === undefined) return undefined;
  const before = program.functions.filter(({ entryPc }) => entryPc <= pc);
  const { frame } = before.reduce((best, each) => (each.entryPc > best.entryPc ? each : best), {
    entryPc: -1,
    frame: 0,
  });
  return { program, row, cost: (code[at + 2] << 8) | code[at + 3], frame };
}

/** The frame as if it were the call's first: at the stack's bottom, with no frame below. */
function rebase(draft: Draft): void {
  draft.stack = draft.stack.slice(draft.fp * 2);
  draft.sp -= draft.fp;
  draft.fp = 0;
  draft.depth = 0;
  draft.frames = new Uint32Array(0);
}

/** Slots and frames of callers that are not there, below all others, as far as the limits allow. */
function lift(draft: Draft, random: Random, { program, frame }: Place): void {
  const { stackSlots, frames } = program.config.limits;
  const room = stackSlots - draft.fp - Math.max(frame, draft.sp - draft.fp);
  const slots = random.oneIn(4) ? room : Math.min(random.pick(lifts), room);
  const free = frames - draft.depth;
  const depth = Math.min(random.pick([1, 2, 15, 16, free - 1, free]), free);
  if (slots <= 0 || depth <= 0) return;
  const stack = new Int32Array((draft.sp + slots) * 2);
  for (let i = 0; i < slots * 2; i++) stack[i] = random.oneIn(2) ? random.next() : 0;
  stack.set(draft.stack, slots * 2);
  const links = new Uint32Array((draft.depth + depth) * 2);
  const instructions = program.code.length / instructionBytes;
  for (let i = 0; i < links.length; i += 2) {
    const isNew = i < depth * 2;
    const caller = i - depth * 2;
    links[i] = isNew ? random.below(instructions) : draft.frames[caller];
    links[i + 1] = isNew ? random.below(slots + 1) : draft.frames[caller + 1] + slots;
  }
  draft.stack = stack;
  draft.frames = links;
  draft.sp += slots;
  draft.fp += slots;
  draft.depth += depth;
}

/** A limit of fuel that the instruction, or what it pays for chunks, just passes or just does not. */
function starve(draft: Draft, random: Random, { program, cost }: Place): void {
  const { chunkFuel } = program.config;
  const dues = [0, cost, cost + chunkFuel, cost + 2 * chunkFuel];
  const left = random.pick(dues) - random.below(2);
  draft.fuelLimit = draft.fuelCounter + Math.max(left, 0);
}

/** Another era, at its beginning or its end; the same fuel is left. */
function age(draft: Draft, random: Random): void {
  const left = draft.fuelLimit - draft.fuelCounter;
  const fuelCounter = random.pick([0, 999_999, Number.MAX_SAFE_INTEGER - left]);
  Object.assign(draft, {
    era: random.pick([0, 1, 2, 65_535]),
    stepCounter: random.below(2 ** 31) * 2 ** 20,
    fuelCounter,
    fuelLimit: fuelCounter + left,
  });
}

/** Sizes of this state, and what lies just before them. */
function sizesOf({ memories, tables, input }: Draft): number[] {
  const sizes = [
    ...memories.map(({ bytes }) => bytes.length),
    ...tables.map(({ length }) => length / 2),
    input.length,
  ];
  return sizes.flatMap((size) => [0, 1, 4, 8, 16, 128, 129].map((less) => size - less));
}

/** Letters of the topmost operands that are integers of any value. */
function lettersOf({ row }: Place): string {
  if (choosing.includes(row.mnemonic)) return "i";
  return signatureParts(row.signature).params;
}

/** Integer operands at edges; addresses of 64 bits, with which all that reads memories and tables must do, in programs of those. */
function moveOperands(draft: Draft, random: Random, place: Place): void {
  const { memories, tables } = place.program;
  const isWide = [...memories, ...tables].every(({ addressType }) => addressType === "i64");
  const isHost = place.row.family === "host";
  const values = [...edges, ...sizesOf(draft)];
  const letters = lettersOf(place);
  let slot = draft.sp - slotsOfLetters(letters);
  for (const [index, letter] of [...letters].entries()) {
    const isInteger = letter === "i" || letter === "I";
    if (isInteger && !random.oneIn(3)) {
      const hasAddresses = place.row.opens.some((name) => name === "sizes");
      const isAddress = hasAddresses && isWide && !isHost && index === 0;
      draft.stack[slot * 2] = random.pick(values);
      if (letter === "I" || isAddress) draft.stack[slot * 2 + 1] = random.pick(upperHalves);
    }
    slot += slotsOfLetters(letter);
  }
}

function randomBytes(random: Random, most: number): Uint8Array {
  const length = Math.min(random.pick(byteLengths), most);
  return Uint8Array.from({ length }, () => random.next());
}

/** Another state at the same instruction. */
export function alteredState(state: MachineState, place: Place, random: Random): AlteredState {
  const draft: Draft = { ...snapshot(state) };
  const { inputBytes, outputBytes } = place.program.config.limits;
  const isLifted = random.oneIn(3);
  if (isLifted) lift(draft, random, place);
  else if (random.oneIn(2)) rebase(draft);
  if (random.oneIn(3)) starve(draft, random, place);
  if (random.oneIn(4)) age(draft, random);
  if (random.oneIn(4)) draft.input = randomBytes(random, inputBytes);
  if (random.oneIn(4)) draft.output = randomBytes(random, outputBytes);
  if (random.oneIn(2)) moveOperands(draft, random, place);
  if (random.oneIn(4)) {
    draft.memories = draft.memories.map((memory) => ({ ...memory, dirtyChunks: [] }));
  }
  if (random.oneIn(6)) draft.dropped = draft.dropped.map(() => random.below(2));
  return { state: restore(place.program, draft), isRunnable: !isLifted };
}
