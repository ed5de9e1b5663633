/**
 * Handlers of loads, stores, `memory.size` and `memory.grow` (docs/machine.md §5.4, §7 "Memory accesses").
 *
 * Invariant: a store checks bounds, then the fuel of the chunks it dirties, then writes.
 */
import type { InstructionRow } from "../../isa/table.ts";
import { instructions } from "../../isa/table.ts";
import { accessOf, loadInto, storeFrom } from "../access.ts";
import { cleanChunks, growMemory, markDirty } from "../memory.ts";
import type { MachineState, MemoryState } from "../state.ts";
import { noteRefusedGrow } from "../trapRecord.ts";
import type { Fields, Handler } from "./handler.ts";
import { peekU32, pushI32, setI32, trapping } from "./handler.ts";

type AccessRow = Extract<(typeof instructions)[number], { family: "memory"; immediates: "memarg" }>;
export type MemoryMnemonic = AccessRow["mnemonic"] | "memory.size" | "memory.grow";

const neverGrows = 0xffffffff;

function loadHandler(code: number): Handler {
  const access = accessOf(code);
  return (state, { pc, a, b }) => {
    const { bytes } = state.memories[b];
    const at = (state.sp - 1) * 2;
    if (!loadInto(state.stack, at, access, bytes, peekU32(state) + a)) {
      return trapping("outOfBoundsMemory");
    }
    return pc + 1;
  };
}

function storeHandler(code: number): Handler {
  const { width } = accessOf(code);
  return (state, fields) => {
    const memory = state.memories[fields.b];
    const address = peekU32(state, 1) + fields.a;
    if (address + width > memory.bytes.length) return trapping("outOfBoundsMemory");
    if (!claim(state, memory, address, width, fields)) return trapping("outOfFuel");
    storeFrom(state.stack, (state.sp - 1) * 2, width, memory.bytes, address);
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
  const requested = peekU32(state);
  const refused = b === neverGrows || pages + requested > b;
  if (refused) noteRefusedGrow(state, state.eic, pc, a, requested);
  else growMemory(state, a, pages + requested);
  setI32(state, state.sp - 1, refused ? -1 : pages);
  return pc + 1;
}

const accessHandlers = Object.fromEntries(
  (instructions as readonly InstructionRow[])
    .filter((row) => row.family === "memory" && row.width !== undefined)
    .map(({ mnemonic, code }) => [
      mnemonic,
      mnemonic.includes("store") ? storeHandler(code) : loadHandler(code),
    ]),
) as Record<AccessRow["mnemonic"], Handler>;

export const memoryHandlers: Record<MemoryMnemonic, Handler> = {
  ...accessHandlers,
  "memory.size": (state, { pc, a }) => {
    pushI32(state, state.memories[a].pages);
    return pc + 1;
  },
  "memory.grow": grow,
};
