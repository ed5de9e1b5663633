/**
 * One tree follows a machine that the fast path runs: the hashes are those of a machine that the reference runs.
 */
import { expect, test } from "vitest";
import { exampleNamed } from "../../../examples/manifest.ts";
import { Machine } from "../../../src/interpreter/machine.ts";
import { StateTree } from "../../../src/merkle/index.ts";
import { exampleCall } from "../cases.ts";
import { hex } from "../reference.ts";

test.each(["sha256", "sort", "forth", "calls"])("%s › fast path and reference", (name) => {
  const machineOf = () => {
    const state = exampleCall(exampleNamed(name), "small");
    return new Machine(state.program, state);
  };
  const [fast, exact] = [machineOf(), machineOf()];
  const [fastTree, exactTree] = [new StateTree(fast.state), new StateTree(exact.state)];
  let hashes = 0;
  for (let hop = 1; exact.isRunning; hop += 211, hashes++) {
    fast.run({ steps: hop, executor: "fast" });
    exact.run({ steps: hop, executor: "step" });
    expect(hex(fastTree.stateHash())).toBe(hex(exactTree.stateHash()));
  }
  expect(fast.isRunning).toBe(false);
  expect(hashes).toBeGreaterThan(3);
});
