import { beforeAll, describe, expect, it } from "vitest";
import { embeddedChain } from "../../test/judge/chain.ts";
import { corpusCases, fewerCases, stateOf } from "../corpus/index.ts";
import { StepSampler, sampleSuite } from "../sample.ts";
import { requireSuite } from "../suite.ts";
import { JudgedBatch } from "./judgedBatch.ts";
import { Lockstep } from "./lockstep.ts";
import { stepsOfEveryOpcode } from "./tampering.ts";

describe("lockstep of reference, replay and judge", () => {
  let lockstep: Lockstep;

  beforeAll(async () => {
    lockstep = new Lockstep(await JudgedBatch.deploy(await embeddedChain()));
  });

  it("corpus › every opcode is judged, and no step diverges", async () => {
    const sampler = new StepSampler((state) => lockstep.visit(state, "corpus"), {
      first: 16,
      factor: 1.4,
    });
    for (const item of fewerCases(corpusCases({ perRow: 4 }), 3)) {
      const state = stateOf(item);
      sampler.execute(state);
      await lockstep.run(state, 1, item.name);
    }
    const report = await lockstep.report();
    console.info(table(report.perOpcode));
    expect(lockstep.divergences).toEqual([]);
    expect(report.opcodesNeverJudged).toEqual([]);
  });

  it("official suite › sampled steps do not diverge", async () => {
    const suite = requireSuite();
    if (suite === undefined) return;
    const before = lockstep.steps;
    await sampleSuite(suite, (state) => lockstep.visit(state, "suite"), { levels: ["2.0"] });
    await lockstep.report();
    expect(lockstep.divergences).toEqual([]);
    expect(lockstep.steps - before).toBeGreaterThan(1000);
  });

  it("harness › a wrong post-state and a wrong witness are divergences", async () => {
    const batch = await JudgedBatch.deploy(await embeddedChain());
    const [first, second, third] = stepsOfEveryOpcode(1, corpusCases({ perRow: 1 }).slice(0, 2));
    batch.add(first);
    batch.add({ ...second, postState: first.postState });
    batch.add({ ...third, witness: second.witness });
    batch.add(second);
    await batch.flush();
    expect(batch.divergences.map(({ label }) => label)).toEqual([second.label, third.label]);
    expect(batch.judged).toBe(4);
  });
});

/** Judged steps by mnemonic, four to a line. */
function table(perOpcode: Readonly<Record<string, number>>): string {
  const width = Math.max(...Object.keys(perOpcode).map(({ length }) => length));
  const cells = Object.entries(perOpcode).map(
    ([name, count]) => `${name.padEnd(width)} ${String(count).padStart(6)}`,
  );
  const lines = ["judged steps by opcode"];
  for (let i = 0; i < cells.length; i += 4) lines.push(cells.slice(i, i + 4).join("   "));
  return lines.join("\n");
}
