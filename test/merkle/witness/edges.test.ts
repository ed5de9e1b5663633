/**
 * Replay at the edges of the machine: the last memories and tables, the end of the stack, fuel that ends at every
 * place where a step asks for it.
 */

import { describe, expect, test } from "vitest";
import { run } from "../../../src/interpreter/blocks/runSteps.ts";
import type { InstructionRow } from "../../../src/interpreter/isa/table.ts";
import { instructions } from "../../../src/interpreter/isa/table.ts";
import { trapCodes } from "../../../src/interpreter/isa/trapCodes.ts";
import { step } from "../../../src/interpreter/reference/step.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { begin } from "../../../src/interpreter/state/invocation.ts";
import { restore, snapshot } from "../../../src/interpreter/state/snapshot.ts";
import { programOf } from "../program.ts";
import { hex, referenceStateHash } from "../reference.ts";
import { tourText } from "../tour.ts";
import { lockstep, nextMnemonic } from "./lockstep.ts";

const limits = { callFuel: 100_000_000 };

/** What may pay for a chunk: what writes to memories or tables. */
const paysForChunks: ReadonlySet<string> = new Set(
  (instructions as readonly InstructionRow[])
    .filter(({ opens, family }) => opens.includes("dirty") || family === "table")
    .map(({ mnemonic }) => mnemonic),
);

describe("index spaces", () => {
  const memories = 256;
  const tables = 256;
  const last = memories - 1;
  const text = `(module
    ${"(memory 1 2)\n".repeat(memories)}
    ${"(table 100 200 funcref)\n".repeat(tables)}
    (data $d "${"abcdefgh".repeat(40)}")
    (elem $e func ${"$f ".repeat(70)})
    (func $f)
    (func (export "main")
      (i64.store ${last} (i32.const 65528) (i64.const -1))
      (i64.store ${last} (i32.const 4092) (i64.const -2))
      (drop (i32.load16_u ${last} (i32.const 4095)))
      (memory.fill ${last} (i32.const 65000) (i32.const 7) (i32.const 200))
      (memory.copy ${last} 3 (i32.const 100) (i32.const 64000) (i32.const 300))
      (memory.copy 200 ${last} (i32.const 4000) (i32.const 64900) (i32.const 300))
      (memory.init ${last} $d (i32.const 8190) (i32.const 1) (i32.const 300))
      (drop (memory.grow ${last} (i32.const 1)))
      (i32.store8 ${last} (i32.const 131071) (i32.const 1))
      (table.fill ${tables - 1} (i32.const 60) (ref.func $f) (i32.const 40))
      (table.copy ${tables - 1} 7 (i32.const 1) (i32.const 2) (i32.const 98))
      (table.init ${tables - 1} $e (i32.const 20) (i32.const 3) (i32.const 67))
      (drop (table.grow ${tables - 1} (ref.func $f) (i32.const 50)))
      (call_indirect ${tables - 1} (i32.const 149)))
  )`;

  test("the last memory and the last table", () => {
    const state = genesis(programOf(text, { gateway: "main", limits }));
    begin(state, new Uint8Array(0));
    const { steps, stateHash } = lockstep(state, 10_000);
    expect(state.status).toBe(1);
    expect(steps).toBeGreaterThan(60);
    expect(hex(stateHash)).toBe(hex(referenceStateHash(state)));
  });
});

test("the stack and the frames › exhausted at their ceilings", () => {
  const text = `(module (func $f (export "main") (local i64) (local.set 0 (i64.const 1)) (call $f)))`;
  const ceiling = 2 ** 20;
  for (const [stackSlots, frames] of [
    [ceiling, ceiling],
    [ceiling, 1000],
    [5000, ceiling],
  ]) {
    const program = programOf(text, { gateway: "main", limits: { ...limits, stackSlots, frames } });
    const state = genesis(program);
    begin(state, new Uint8Array(0));
    const calls = Math.min(frames, stackSlots - 2);
    run(state, { steps: calls * 3 - 6 });
    lockstep(state, 40);
    expect(state.trap).toBe(trapCodes.callStackExhausted);
  }
});

test("fuel that ends within any step of the tour › traps alike", () => {
  const program = programOf(tourText(), { gateway: "main", limits });
  const state = genesis(program);
  begin(state, new Uint8Array(300).fill(1));
  const ended = new Map<string, number>();
  for (let n = 0; state.status === 0; n++) {
    // All that may pay for chunks, and a share of the others.
    const writes = paysForChunks.has(nextMnemonic(state));
    if (writes || n % 5 === 0) {
      const saved = snapshot(state);
      const mnemonic = nextMnemonic(state);
      step(state);
      const spent = state.fuelCounter - saved.fuelCounter;
      for (const fuel of [0, spent - 1]) {
        const copy = restore(program, { ...saved, fuelLimit: saved.fuelCounter + fuel });
        expect(lockstep(copy, 1).steps).toBe(1);
        expect(copy.trap).toBe(trapCodes.outOfFuel);
        ended.set(mnemonic, (ended.get(mnemonic) ?? 0) + 1);
      }
    } else {
      step(state);
    }
  }
  expect(ended.size).toBeGreaterThan(25);
});
