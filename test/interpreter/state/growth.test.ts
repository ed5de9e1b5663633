/**
 * Memories that grow outside of the fast path: in a host memory of their own, without a copy, and in ordinary buffers where
 * the host has none.
 */
import { afterEach, describe, expect, it, vi } from "vitest";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import type { MachineState } from "../../../src/interpreter/state/machineState.ts";
import { growMemory, markChunk, shrinkMemory } from "../../../src/interpreter/state/memories.ts";
import { programOf } from "../../merkle/program.ts";

const pageBytes = 65_536;
const program = programOf(
  `(module (memory 1 100) (data (i32.const 65530) "ends") (func (export "main")))`,
  { gateway: "main", growth: "declared" },
);

/** Writes a byte into the last chunk, as an executor does. */
function touchLast(state: MachineState, value: number): void {
  const [memory] = state.memories;
  markChunk(memory, memory.flags.length - 1);
  memory.bytes[memory.bytes.length - 1] = value;
}

/** The bytes that are not zero, by address. */
function filled({ memories: [{ bytes }] }: MachineState): number[][] {
  const found: number[][] = [];
  for (let at = 0; at < bytes.length; at++) if (bytes[at] !== 0) found.push([at, bytes[at]]);
  return found;
}

const ends = [...new TextEncoder().encode("ends")].map((byte, at) => [65_530 + at, byte]);

afterEach(() => vi.unstubAllGlobals());

describe("memory growth", () => {
  it("is done in place once a memory has moved", () => {
    const state = genesis(program);
    growMemory(state, 0, 2);
    touchLast(state, 7);
    const before = state.memories[0].bytes;
    growMemory(state, 0, 100);
    expect(before.length, "a view of what was, which the host has cut off").toBe(0);
    expect(state.memories[0].bytes.length).toBe(100 * pageBytes);
    expect(filled(state)).toEqual([...ends, [2 * pageBytes - 1, 7]]);
  });

  it("gives zeros again after it was taken back", () => {
    const state = genesis(program);
    growMemory(state, 0, 3);
    touchLast(state, 7);
    shrinkMemory(state, state.memories[0], 1);
    growMemory(state, 0, 90);
    expect(filled(state)).toEqual(ends);
    expect(state.memories[0].flags.every((flag) => flag === 0)).toBe(true);
  });

  it("goes on in an ordinary buffer where the host has no memory", () => {
    const Memory = class {
      constructor() {
        throw new RangeError("could not allocate memory");
      }
    };
    vi.stubGlobal("WebAssembly", { ...WebAssembly, Memory });
    const state = genesis(program);
    for (let pages = 2; pages < 20; pages++) {
      growMemory(state, 0, pages);
      touchLast(state, pages);
    }
    const touched = Array.from({ length: 18 }, (_, at) => [(at + 2) * pageBytes - 1, at + 2]);
    expect(filled(state)).toEqual([...ends, ...touched]);
    expect(state.memories[0].flags.length).toBe(19 * 16);
  });
});
