/**
 * Replay of witnesses against the reference executor, and of the commitment against the plain implementation.
 */
import { describe, expect, test } from "vitest";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { begin } from "../../../src/interpreter/state/invocation.ts";
import { inputRoot, programRoot, replayBegin, StateTree } from "../../../src/merkle/index.ts";
import { programOf } from "../program.ts";
import { hex, referenceProgramRoot, referenceStateHash } from "../reference.ts";
import { tourText } from "../tour.ts";
import { lockstep } from "./lockstep.ts";

const options = { gateway: "main", limits: { callFuel: 10_000_000 } };
const input = Uint8Array.from({ length: 300 }, (_, i) => (i * 31) & 0xff);

describe("tour of the machine", () => {
  const program = programOf(tourText(), options);

  test("program root › equals the reference", () => {
    expect(hex(programRoot(program))).toBe(hex(referenceProgramRoot(program)));
  });

  test("every step › replay gives the reference's next state hash", () => {
    const state = genesis(program);
    begin(state, input);
    let seen = 0;
    const { steps, stateHash } = lockstep(state, 100_000, () => {
      seen++;
      if (seen % 200 === 0) expect(state.stepCounter).toBe(seen);
    });
    expect(state.trap).toBe(0);
    expect(steps).toBeGreaterThan(500);
    expect(hex(stateHash)).toBe(hex(referenceStateHash(state)));
  });

  test("begin › replay gives the begun state's hash", () => {
    const state = genesis(program);
    const tree = new StateTree(state);
    const before = tree.stateHash();
    const witness = tree.beginWitness();
    begin(state, input);
    const begun = replayBegin(before, inputRoot(input), input.length, witness);
    expect(hex(begun.postState)).toBe(hex(tree.stateHash()));
    expect(hex(begun.programRoot)).toBe(hex(programRoot(program)));
  });
});
