/** Every executor leaves the states that single steps leave, over a part of the corpus, compared whole; over all of it in agreement.deep.test.ts. */
import { describe, expect, it } from "vitest";
import { runExactly } from "../src/interpreter/blocks/runSteps.ts";
import { Agreement } from "./agreement.ts";
import { corpusCases, fewerCases, stateOf } from "./corpus/index.ts";
import { executors } from "./executors.ts";

const all = corpusCases({ perRow: 3 });
const cases = fewerCases(all, 3);
/** The fast path makes an instance of the host's for each case: every module's first, and every twelfth of all. */
const sample = all.filter(({ module }, n) => n % 12 === 0 || all[n - 1]?.module !== module);

describe("agreement with single steps › corpus", () => {
  it.each(Object.entries(executors))("%s", (name, executor) => {
    const agreement = new Agreement(executor);
    const chosen = name === "on the fast path" ? sample : cases;
    for (const item of chosen) agreement.execute(stateOf(item));
    expect(agreement.differences).toEqual([]);
    expect(agreement.calls).toBe(chosen.length);
  });

  it("notices a flipped bit in each part of a state", () => {
    const parts: [string, (state: ReturnType<typeof stateOf>) => void][] = [
      ["fuelCounter: ", (state) => (state.fuelCounter += 1)],
      ["stack", (state) => (state.stack[0] ^= 1)],
      ["globals", (state) => (state.globals[1] ^= 1)],
      ["memory 0", (state) => (state.memories[0].bytes[65535] ^= 1)],
      ["dirty chunks of memory 0", (state) => state.memories[0].dirtyChunks.push(7)],
      ["dropped", (state) => (state.dropped[0] ^= 1)],
    ];
    const find = (start: string) => {
      const found = cases.find(({ name }) => name.startsWith(start));
      if (found === undefined) throw new Error(`expected a case ${start}`);
      return found;
    };
    for (const [text, change] of parts) {
      const item = text === "dropped" ? find("memory.init") : find("globals");
      const other = text.includes("memory 0") ? find("i32.load in memory 0") : item;
      const agreement = new Agreement((state) => {
        runExactly(state, 1000);
        change(state);
      });
      agreement.execute(stateOf(other));
      expect(agreement.differences).toEqual([expect.stringContaining(text)]);
    }
  });
});
