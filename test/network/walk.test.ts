/** Random walks over the whole network; longer ones in walk.deep.test.ts. */
import { expect, test } from "vitest";
import { walks } from "./walk.ts";

test("whatever is done, sums hold, nobody has what is not his, everything leaves", async () => {
  const tally = await walks({ seeds: [1, 2, 3, 4], steps: 80 });
  const sum = (...kinds: readonly string[]) =>
    kinds.reduce((total, kind) => total + (tally.get(kind) ?? 0), 0);
  for (const kind of ["handOver", "accuseWorker", "answer", "confirm", "intrude refused"]) {
    expect(sum(kind), kind).toBeGreaterThan(0);
  }
  expect(sum("doubleVote", "brokenHeader", "foreignBlock")).toBeGreaterThan(0);
  expect(sum("finish", "leave: finish")).toBeGreaterThan(0);
}, 600_000);
