/** As walk.test.ts, in more walks and longer ones: every move is made, not only tried. */
import { expect, test } from "vitest";
import { moveKinds, walks } from "./walk.ts";

test("whatever is done, sums hold, nobody has what is not his, everything leaves", async () => {
  const seeds = Array.from({ length: 24 }, (_, index) => 100 + index);
  const tally = await walks({ seeds, steps: 250 });
  for (const kind of moveKinds) expect(tally.get(kind) ?? 0, kind).toBeGreaterThan(0);
}, 3_600_000);
