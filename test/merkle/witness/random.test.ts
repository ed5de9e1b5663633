/**
 * Random programs: state hashes taken at random steps by one tree equal the reference's, which knows no cache; replay
 * gives the reference's next hash.
 */
import { describe, expect, test } from "vitest";
import { run } from "../../../src/interpreter/blocks/runSteps.ts";
import { StateTree } from "../../../src/merkle/index.ts";
import { Random } from "../../differential/random.ts";
import { randomProgram } from "../cases.ts";
import { hex, referenceStateHash } from "../reference.ts";
import { lockstep } from "./lockstep.ts";

const seeds = Array.from({ length: 24 }, (_, i) => 9000 + i);

describe("random programs", () => {
  test("incremental state hashes equal the reference at random steps", () => {
    let compared = 0;
    for (const seed of seeds) {
      const random = new Random(seed);
      const { state, next } = randomProgram(seed);
      const tree = new StateTree(state);
      for (let call = 0; call < 4 && next(); call++) {
        for (let hop = 0; hop < 6; hop++) {
          run(state, { steps: 1 + random.below(300) });
          tree.stateHash();
        }
        expect(hex(tree.stateHash())).toBe(hex(referenceStateHash(state)));
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(50);
  });

  test("replay gives the reference's next hash at every step", () => {
    let steps = 0;
    for (const seed of seeds) {
      const { state, next } = randomProgram(seed);
      for (let call = 0; call < 4 && next(); call++) steps += lockstep(state, 120).steps;
    }
    expect(steps).toBeGreaterThan(2000);
  });
});
