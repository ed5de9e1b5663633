/**
 * Saved states: what is loaded is the state that was saved, or a typed error.
 */
import { describe, expect, test } from "vitest";
import { run } from "../../../src/interpreter/blocks/runSteps.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { begin } from "../../../src/interpreter/state/invocation.ts";
import { loadState, SnapshotError, StateTree, saveState } from "../../../src/merkle/index.ts";
import { programOf } from "../program.ts";
import { hex } from "../reference.ts";
import { tourText } from "../tour.ts";
import { lockstep } from "../witness/lockstep.ts";

const options = { gateway: "main", limits: { callFuel: 10_000_000 } };
const program = programOf(tourText(), options);

function savedAt(steps: number): { bytes: Uint8Array; hash: Uint8Array } {
  const state = genesis(program);
  begin(state, new Uint8Array(300).fill(5));
  run(state, { steps });
  const tree = new StateTree(state);
  return { bytes: saveState(tree), hash: tree.stateHash() };
}

const codeOf = (bytes: Uint8Array, from = program, hash?: Uint8Array): string => {
  try {
    loadState(from, bytes, hash);
  } catch (error) {
    return error instanceof SnapshotError ? error.code : String(error);
  }
  return "loaded";
};

describe("saved state", () => {
  test.each([0, 1, 77, 300, 650, 100_000])("after %i steps › the run goes on from it", (steps) => {
    const { bytes, hash } = savedAt(steps);
    const state = loadState(program, bytes, hash);
    const straight = genesis(program);
    begin(straight, new Uint8Array(300).fill(5));
    run(straight);
    const { stateHash } = lockstep(state, 100_000);
    expect(hex(stateHash)).toBe(hex(new StateTree(straight).stateHash()));
  });

  test("zero chunks take no room", () => {
    const state = genesis(programOf(tourText({ pages: 512 }), options));
    expect(saveState(new StateTree(state)).length).toBeLessThan(20_000);
  });
});

describe("a file that is not the state that it names", () => {
  const { bytes, hash } = savedAt(300);
  const changed = (at: number, bit = 1) => {
    const mutant = bytes.slice();
    mutant[at] ^= bit;
    return mutant;
  };

  test("each kind of damage has its code", () => {
    expect(codeOf(new Uint8Array(0))).toBe("snapshot-truncated");
    expect(codeOf(changed(0))).toBe("snapshot-format");
    expect(codeOf(changed(22))).toBe("snapshot-version");
    expect(codeOf(changed(30))).toBe("snapshot-program");
    expect(codeOf(changed(60))).toBe("snapshot-corrupt");
    expect(codeOf(Uint8Array.from([...bytes, 0]))).toBe("snapshot-trailing");
    expect(codeOf(bytes, programOf(tourText({ pages: 4 }), options))).toBe("snapshot-program");
    expect(codeOf(bytes, program, savedAt(301).hash)).toBe("snapshot-corrupt");
    expect(codeOf(bytes, program, hash)).toBe("loaded");
  });

  test("cut anywhere › snapshot-truncated", () => {
    for (let length = 0; length < bytes.length; length += 97) {
      expect(codeOf(bytes.slice(0, length))).toBe("snapshot-truncated");
    }
  });

  test("changed anywhere › an error, never another state", () => {
    for (let at = 0; at < bytes.length; at += 61) {
      expect(codeOf(changed(at, 1 << (at % 8)))).toMatch(/^snapshot-/);
    }
    for (let at = 0; at < 600; at++) {
      expect(codeOf(changed(at, 1 << (at % 8)))).toMatch(/^snapshot-/);
    }
  });
});
