/**
 * Handlers of loads, stores, `memory.size` and `memory.grow` (docs/machine.md §5.4, §7 "Memory accesses").
 *
 * Invariant: a store checks bounds, then the fuel of the chunks it dirties, then writes.
 */
import type { InstructionRow } from "../../isa/table.ts";
import { instructions } from "../../isa/table.ts";
import { cleanChunks, growMemory, markDirty } from "../memory.ts";
import type { MachineState, MemoryState } from "../state.ts";
import type { Fields, Handler } from "./handler.ts";
import { peekU32, pushI32, setI32, trapping } from "./handler.ts";

type AccessRow = Extract<(typeof instructions)[number], { family: "memory"; immediates: "memarg" }>;
export type MemoryMnemonic = AccessRow["mnemonic"] | "memory.size" | "memory.grow";

const neverGrows = 0xffffffff;

/** `width` bytes as a little-endian unsigned number; width ≤ 4. */
function readBytes(bytes: Uint8Array, address: number, width: number): number {
  let value = 0;
  for (let index = 0; index < width; index++) value |= bytes[address + index] << (8 * index);
  return value;
}

function writeBytes(bytes: Uint8Array, address: number, width: number, value: number): void {
  for (let index = 0; index < width; index++) bytes[address + index] = value >>> (8 * index);
}

/** Sign-extends the low `width` bytes. */
function signExtend(value: number, width: number): number {
  const shift = 32 - 8 * width;
  return (value << shift) >> shift;
}

function loadHandler(mnemonic: string, width: number): Handler {
  const isSigned = mnemonic.endsWith("_s");
  return (state, { pc, a, b }) => {
    const { bytes } = state.memories[b];
    const address = peekU32(state) + a;
    if (address + width > bytes.length) return trapping("outOfBoundsMemory");
    const word = readBytes(bytes, address, Math.min(width, 4));
    const low = isSigned ? signExtend(word, width) : word;
    const at = (state.sp - 1) * 2;
    state.stack[at] = low;
    if (width === 8) state.stack[at + 1] = readBytes(bytes, address + 4, 4);
    else state.stack[at + 1] = isSigned && mnemonic.startsWith("i64") ? low >> 31 : 0;
    return pc + 1;
  };
}

function storeHandler(width: number): Handler {
  return (state, fields) => {
    const memory = state.memories[fields.b];
    const address = peekU32(state, 1) + fields.a;
    if (address + width > memory.bytes.length) return trapping("outOfBoundsMemory");
    if (!claim(state, memory, address, width, fields)) return trapping("outOfFuel");
    const at = (state.sp - 1) * 2;
    writeBytes(memory.bytes, address, Math.min(width, 4), state.stack[at]);
    if (width === 8) writeBytes(memory.bytes, address + 4, 4, state.stack[at + 1]);
    state.sp -= 2;
    return fields.pc + 1;
  };
}

/** Charges a write's clean chunks on top of the record's cost; false if the call's fuel does not suffice. */
export function claim(
  state: MachineState,
  memory: MemoryState,
  address: number,
  length: number,
  { cost }: Fields,
): boolean {
  const charge = cleanChunks(memory, address, length) * state.program.config.chunkFuel;
  if (state.tf + cost + charge > state.fuelLimit) return false;
  markDirty(memory, address, length);
  state.tf += charge;
  return true;
}

function grow(state: MachineState, { pc, a, b }: Fields): number {
  const { pages } = state.memories[a];
  const wanted = pages + peekU32(state);
  const refused = b === neverGrows || wanted > b;
  if (!refused) growMemory(state, a, wanted);
  setI32(state, state.sp - 1, refused ? -1 : pages);
  return pc + 1;
}

const accessHandlers = Object.fromEntries(
  (instructions as readonly InstructionRow[])
    .filter((row) => row.family === "memory" && row.width !== undefined)
    .map((row) => {
      const width = row.width ?? 0;
      const isStore = row.mnemonic.includes("store");
      return [row.mnemonic, isStore ? storeHandler(width) : loadHandler(row.mnemonic, width)];
    }),
) as Record<AccessRow["mnemonic"], Handler>;

export const memoryHandlers: Record<MemoryMnemonic, Handler> = {
  ...accessHandlers,
  "memory.size": (state, { pc, a }) => {
    pushI32(state, state.memories[a].pages);
    return pc + 1;
  },
  "memory.grow": grow,
};
