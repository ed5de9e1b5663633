/** Random walks over the whole network; longer ones in walk.deep.test.ts. */
import { expect, test } from "vitest";
import { type Tally, walks } from "./walk.ts";

test("whatever is done, sums hold, nobody has what is not his, everything leaves", async () => {
  const tally: Tally = await walks({ seeds: [1, 2, 3, 4], steps: 75 });
  for (const kind of ["handOver", "doubleVote", "accuseWorker", "confirm", "finish"]) {
    expect(tally.get(kind) ?? 0, kind).toBeGreaterThan(0);
  }
}, 600_000);
