/**
 * Handlers of the host instructions (docs/machine.md §8).
 *
 * Invariant: a closed list; each is a function of the machine state alone.
 */
import type { MachineState } from "../state.ts";
import type { Fields, Handler } from "./handler.ts";
import { peekU32, pushI32, trapping } from "./handler.ts";
import { finishPiece, forwardPiece, moves, pieceBytes } from "./long.ts";
import { claim } from "./memory.ts";

export type HostMnemonic = "host.input_size" | "host.input_read" | "host.time_ms" | "host.unknown";

const fuelPerMillisecond = 1_000_000;
const two32 = 4294967296;

/** Operands: destination, offset in the input, length. b = 1: the module has no memory. */
function inputRead(state: MachineState, fields: Fields): number {
  const memory = fields.b === 1 ? undefined : state.memories[fields.a];
  const n = peekU32(state);
  const s = peekU32(state, 1);
  const d = peekU32(state, 2);
  if (s + n > state.input.length) return trapping("outOfBoundsInput");
  if (d + n > (memory?.bytes.length ?? 0)) return trapping("outOfBoundsMemory");
  const m = forwardPiece(d, n, pieceBytes);
  if (memory !== undefined && m > 0) {
    if (!claim(state, memory, d, m, fields)) return trapping("outOfFuel");
    memory.bytes.set(state.input.subarray(s, s + m), d);
  }
  return finishPiece(state, fields.pc, m, moves.both);
}

function timeMs(state: MachineState, { pc }: Fields): number {
  const milliseconds = Math.floor(state.tf / fuelPerMillisecond);
  pushI32(state, milliseconds | 0);
  state.stack[(state.sp - 1) * 2 + 1] = Math.floor(milliseconds / two32);
  return pc + 1;
}

export const hostHandlers: Record<HostMnemonic, Handler> = {
  "host.input_size": (state, { pc }) => {
    pushI32(state, state.input.length);
    return pc + 1;
  },
  "host.input_read": inputRead,
  "host.time_ms": timeMs,
  "host.unknown": () => trapping("unknownHostFunction"),
};
