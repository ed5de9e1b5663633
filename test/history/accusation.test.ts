/**
 * A worker accused through two headers and its vote: what is shown, and every byte of it changed.
 */
import { id } from "ethers";
import { expect, test } from "vitest";
import {
  type Accusation,
  applicationHash,
  HistoryError,
  recordOf,
  type Validator,
  verifyAccusation,
} from "../../src/history/index.ts";
import { type BlockPlan, generation, makeChain, transactions, votesFor } from "./chainMaker.ts";
import { mutations } from "./mutations.ts";

const busy: BlockPlan = { transactions };
const chain = makeChain([busy, { ...busy, isTrapped: true }, busy, {}]);

/** Worker `worker` voted for the result of the block at `index`. */
function accusation(index: number, worker: number, made = chain): Accusation {
  const [parent, child] = made.slice(index, index + 2);
  const { round, blockId, signatures } = votesFor(child.header, [0, 1, 2, 3], 2);
  const precommit = { round, blockId, ...signatures[worker] };
  const { header, application: before, record } = parent;
  return { parent: header, before, record, header: child.header, worker, precommit };
}

function refusal(brought: Accusation, of = generation): string {
  try {
    verifyAccusation(brought, of);
  } catch (error) {
    if (error instanceof HistoryError) return error.code;
    throw error;
  }
  return "accepted";
}

test.each([0, 1, 2])("the result of block %d, against each worker", (index) => {
  for (const worker of [0, 1, 2, 3]) {
    const shown = verifyAccusation(accusation(index, worker), generation);
    expect(shown.previousState).toBe(chain[index].application.base);
    expect(shown.inputRoot).toBe(recordOf(chain[index])?.inputRoot);
    expect(shown.inputLength).toBe(recordOf(chain[index])?.inputLength);
    expect(shown.applicationHash).toBe(applicationHash(chain[index + 1].application));
  }
});

test("a hash without a preimage can be accused: only the state before is brought", () => {
  const liars = makeChain([busy, { header: (h) => ({ ...h, appHash: h.consensusHash }) }, {}]);
  expect(refusal(accusation(0, 2, liars))).toBe("accepted");
});

test("every byte changed is refused", () => {
  const whole = accusation(1, 2);
  const codes = [...mutations(whole)]
    // Of the accused's own vote the address and the flag are not read.
    .filter(([place]) => !/^\.precommit\.(?:flag|validatorAddress)/.test(place))
    .map(([place, mutated]) => [place, refusal(mutated as Accusation)]);
  expect(codes.length).toBeGreaterThan(900);
  const accepted = codes.filter(([, code]) => code === "accepted");
  expect(accepted).toEqual([]);
}, 120_000);

test.each([
  ["a worker that does not exist", { ...accusation(1, 2), worker: 4 }, "unknown-signer"],
  ["another worker's vote", { ...accusation(1, 2), worker: 1 }, "invalid-signature"],
  [
    "a grandchild",
    { ...accusation(2, 2), parent: chain[1].header, before: chain[1].application },
    "parent-mismatch",
  ],
  [
    "an empty block, which has no call",
    accusation(0, 1, makeChain([{}, busy])),
    "record-not-proven",
  ],
])("%s", (_what, brought, code) => {
  expect(refusal(brought)).toBe(code);
});

test("another generation, and a chain that begins in another state", () => {
  const validators = generation.validators.slice(0, 3) as Validator[];
  expect(refusal(accusation(0, 1), { ...generation, validators })).toBe("validators-mismatch");
  const initialApplicationHash = id("another genesis");
  expect(refusal(accusation(0, 1), { ...generation, initialApplicationHash })).toBe(
    "application-mismatch",
  );
  expect(refusal(accusation(1, 1), { ...generation, initialApplicationHash })).toBe("accepted");
});
