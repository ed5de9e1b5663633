/** Claims on chain: final if true, refuted if false, however many stand against them (docs/game.md §12). */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { inputKey } from "../../src/game/claim/keys.ts";
import { claimStatus, isFinal, publishedInput } from "../../src/game/player/claimWatcher.ts";
import type { Strategy } from "../../src/game/search/strategy.ts";
import { failure, handsOn } from "./actors.ts";
import { type Chain, ledgerGap, registerToy, stake, startChain } from "./chain.ts";
import { claimants, freshInput, machine, program } from "./claimants.ts";
import { playOut } from "./play.ts";
import { flippedFrom, ofLength, type Simulation } from "./simulation.ts";

let chain: Chain;
beforeAll(async () => {
  chain = await startChain();
  await registerToy(chain, program);
});

const { freeOf, reversal, send, accountOf } = handsOn(() => chain);
const { contract, block, until, windowEndOf, statusOf, party, verdictOf, everyone } = claimants(
  () => chain,
);

describe("an input", () => {
  it("has the root on chain that it has off chain", async () => {
    for (const length of [0, 1, 31, 127, 128, 129, 255, 256, 257, 1000, 5000]) {
      for (const fill of [0, 1]) {
        const bytes = new Uint8Array(length).fill(fill);
        if (length > 700) bytes.fill(0, 128, 640);
        const call = { ...machine(bytes).call, inputLength: length };
        expect(await contract().publishInput.staticCall(bytes), `${length}`).toBe(inputKey(call));
      }
    }
  });

  it("that was published can be read again by whoever has to dispute a claim on it", async () => {
    const bytes = freshInput();
    const honest = await party(machine(bytes));
    const { call } = honest.execution;
    expect(await publishedInput(chain.client, call)).toBeUndefined();
    await honest.watcher.post(honest.execution, bytes);
    expect(await publishedInput(chain.client, call)).toEqual(bytes);
  });
});

describe("a true claim", () => {
  it("is final when its window has passed, and no sooner; its stake comes back", async () => {
    const bytes = freshInput();
    const honest = await party(machine(bytes), 1n);
    const { call } = honest.execution;
    const key = await honest.watcher.post(honest.execution, bytes);
    expect(await freeOf(honest.wallet)).toBe(0n);
    const claim = await honest.execution.claim();
    const end = await windowEndOf(key);
    await until(end - 1);
    expect(await reversal(honest.wallet, "finalize", key)).toBe("NotFinal");
    expect((await honest.watcher.tick()).finalized).toEqual([]);
    await until(end);
    expect(await reversal(honest.wallet, "finalize", key)).toBe("NotFinal");
    await until(end + 1);
    expect(await isFinal(chain.client, call, claim)).toBe(false);
    expect((await honest.watcher.tick()).finalized).toEqual([key]);
    expect(await isFinal(chain.client, call, claim)).toBe(true);
    expect(await isFinal(chain.client, call, { ...claim, state: `0x${"00".repeat(32)}` })).toBe(
      false,
    );
    expect(await freeOf(honest.wallet)).toBe(stake);
    // It cannot be posted, disputed or taken back any more.
    expect(await failure(honest.watcher.post(honest.execution, bytes))).toBe("WindowClosed");
    const liar = await party(machine(bytes, flippedFrom(5)));
    const transition = (await liar.watcher.posted()).find((each) => each.key === key)?.transition;
    if (transition === undefined) throw new Error("expected the claim among those posted");
    expect(await failure(liar.player.challenge({ transition, signature: key }))).toBe(
      "NotStanding",
    );
    expect(await reversal(liar.wallet, "takeBack", key)).toBe("NotVoid");
  });

  it("outlasts attacks, and a sham dispute cannot make it final before they are decided", async () => {
    const bytes = freshInput();
    const honest = await party(machine(bytes));
    const liar = await party(machine(bytes, flippedFrom(613)));
    const key = await honest.watcher.post(honest.execution, bytes);
    await until((await windowEndOf(key)) - 1);
    await liar.watcher.tick();
    await chain.mine(5);
    expect(await reversal(honest.wallet, "finalize", key)).toBe("NotFinal");
    expect((await verdictOf([honest.player, liar.player])).losers).toBe(2);
    expect((await honest.watcher.tick()).finalized).toEqual([key]);
    expect(await freeOf(honest.wallet)).toBe((5n * stake) / 2n);
  });
});

describe("a false claim", () => {
  it("is refuted by a watcher with one stake, and the true one that stands beside it is final", async () => {
    const bytes = freshInput();
    const liar = await party(machine(bytes, flippedFrom(613)));
    const honest = await party(machine(bytes));
    const wrong = await liar.watcher.post(liar.execution, bytes);
    const right = await honest.watcher.post(honest.execution, bytes);
    expect((await honest.watcher.tick()).opposed).toEqual([wrong]);
    expect((await verdictOf([honest.player, liar.player])).losers).toBe(1);
    expect(await statusOf(wrong)).toBe(claimStatus.refuted);
    await until((await windowEndOf(right)) + 1);
    expect((await honest.watcher.tick()).finalized).toEqual([right]);
    expect(await failure(liar.watcher.post(liar.execution, bytes))).toBe("WindowClosed");
    expect((await accountOf(liar.wallet)).staked).toBe(0n);
  });

  it("is not protected by a sham dispute about it, settled or open", async () => {
    const bytes = freshInput();
    const liar = await party(machine(bytes, flippedFrom(613)), 1n);
    const sham = await party(machine(bytes, ofLength(900)), 1n);
    const honest = await party(machine(bytes), 1n);
    const wrong = await liar.watcher.post(liar.execution, bytes);
    await sham.watcher.tick();
    const shamId = await contract().disputeCount();
    expect((await honest.watcher.tick()).opposed).toEqual([wrong]);
    // The confederate gives up: the false claim survives the sham, and not the honest dispute.
    const id = await contract().disputeCount();
    expect((await playOut(chain, [honest.player, liar.player], id)).losers).toBe(1);
    expect(await statusOf(wrong)).toBe(claimStatus.refuted);
    await playOut(chain, [liar.player, honest.player, sham.player], shamId);
    expect(await freeOf(honest.wallet)).toBe((3n * stake) / 2n);
  });

  it("cannot be posted where it could not be disputed", async () => {
    const bytes = freshInput();
    const liar = await party(machine(bytes, flippedFrom(613)));
    const { execution, wallet, watcher } = liar;
    const claim = await execution.claim();
    const posting = {
      transition: {
        ...execution.call,
        nextState: claim.state,
        steps: claim.steps,
        fuel: claim.fuel,
        epoch: 0n,
      },
      input: bytes,
      beginWitness: await execution.beginWitness(),
      originProof: await execution.registerProof(0),
      resultProof: await execution.registerProof(1000),
      parent: `0x${"00".repeat(32)}`,
    };
    const refused = (change: object, transition: object = {}) =>
      reversal(wallet, "post", {
        ...posting,
        ...change,
        transition: { ...posting.transition, ...transition },
      });
    expect(await refused({})).toBe("accepted");
    expect(await refused({ input: "0x" })).toBe("InputNotPublished");
    expect(await refused({ input: Uint8Array.from([1]) })).toBe("InputNotPublished");
    expect(await refused({ input: "0x" }, { inputLength: 0 })).toBe("InputNotPublished");
    expect(await refused({}, { epoch: 1n })).toBe("StaleEpoch");
    expect(await refused({}, { steps: 999n })).toBe("ClaimNotProven");
    expect(await refused({}, { fuel: 1n })).toBe("ClaimNotProven");
    expect(await refused({}, { program: `0x${"01".repeat(32)}` })).toBe("UnknownProgram");
    // A state that nobody has: neither a genesis nor what another claim ends in.
    const invented = `0x${"07".repeat(32)}`;
    expect(await refused({}, { previousState: invented })).toBe("UnknownParent");
    expect(await refused({ parent: invented }, { previousState: invented })).toBe("UnknownParent");
    // A state in the middle of the call is no result.
    const running = machine(bytes, flippedFrom(3));
    const middle = { resultProof: await running.registerProof(500) };
    const [state] = await running.stateHashes([500]);
    expect(await refused(middle, { nextState: state, steps: 500n, fuel: 1500n })).toBe(
      "ClaimNotProven",
    );
    const poor = await party(execution, 0n);
    expect(await failure(poor.watcher.post(execution, bytes))).toBe("InsufficientDeposit");
    await watcher.post(execution, bytes);
    expect(await failure(watcher.post(execution, bytes))).toBe("AlreadyPosted");
  });

  it("that nobody opposes is not final beside a true one: both are taken back, and a window begins anew", async () => {
    const bytes = freshInput();
    const liar = await party(machine(bytes, flippedFrom(613)));
    const sleeper = await party(machine(bytes));
    const wrong = await liar.watcher.post(liar.execution, bytes);
    const right = await sleeper.watcher.post(sleeper.execution, bytes);
    const end = await windowEndOf(right);
    await until(end);
    for (const key of [wrong, right]) {
      expect(await reversal(liar.wallet, "finalize", key)).toBe("NotFinal");
      expect(await reversal(liar.wallet, "takeBack", key)).toBe("NotVoid");
    }
    await until(end + longestDispute() + 1);
    await send(liar.wallet, "takeBack", right);
    // Alone now, and still not final.
    expect(await reversal(liar.wallet, "finalize", wrong)).toBe("NotFinal");
    expect(await failure(sleeper.watcher.post(sleeper.execution, bytes))).toBe("WindowClosed");
    await send(sleeper.wallet, "takeBack", wrong);
    expect(await freeOf(sleeper.wallet)).toBe(2n * stake);
    await sleeper.watcher.post(sleeper.execution, bytes);
    expect(await windowEndOf(right)).toBeGreaterThan(end + longestDispute());
  });

  it("comes too late when there is no time left to oppose it", async () => {
    const bytes = freshInput();
    const honest = await party(machine(bytes));
    const liar = await party(machine(bytes, flippedFrom(613)));
    const key = await honest.watcher.post(honest.execution, bytes);
    await until((await windowEndOf(key)) - chain.parameters.graceBlocks);
    expect(await failure(liar.watcher.post(liar.execution, bytes))).toBe("WindowClosed");
  });
});

const longestDispute = () => {
  const { graceBlocks, bankBlocks, k } = chain.parameters;
  return (2 * Math.ceil(64 / Math.log2(k)) + 5) * graceBlocks + 2 * bankBlocks;
};

describe("a chain of claims", () => {
  const endOf = (execution: Simulation) =>
    execution.stateAt(execution.startStep + execution.length);

  it("is final from its beginning on, and posted before that", async () => {
    const [first, second] = [freshInput(), freshInput()];
    const one = machine(first);
    const two = machine(second, undefined, endOf(one));
    const honest = await party(one);
    const next = await party(two);
    const parent = await honest.watcher.post(one, first);
    await chain.mine(50);
    const child = await next.watcher.post(two, second, parent);
    await until((await windowEndOf(child)) + 1);
    expect(await reversal(next.wallet, "finalize", child)).toBe("NotFinal");
    await honest.watcher.tick();
    expect((await next.watcher.tick()).finalized).toEqual([child]);
    expect(await isFinal(chain.client, two.call, await two.claim())).toBe(true);
  });

  it("falls with its beginning: what goes on from a refuted claim is void, and its stake comes back", async () => {
    const [first, second] = [freshInput(), freshInput()];
    const wrong = machine(first, flippedFrom(613));
    const liar = await party(wrong);
    const honest = await party(machine(first));
    const parent = await liar.watcher.post(wrong, first);
    const follower = await party(machine(second, undefined, endOf(wrong)));
    const child = await follower.watcher.post(follower.execution, second, parent);
    expect(await reversal(honest.wallet, "takeBack", child)).toBe("NotVoid");
    await honest.watcher.tick();
    await verdictOf([honest.player, liar.player]);
    await until((await windowEndOf(child)) + 1);
    expect(await reversal(liar.wallet, "finalize", child)).toBe("NotFinal");
    expect((await follower.watcher.tick()).takenBack).toEqual([child]);
    expect(await statusOf(child)).toBe(claimStatus.void);
    expect(await freeOf(follower.wallet)).toBe(2n * stake);
    const again = follower.watcher.post(follower.execution, second, parent);
    expect(await failure(again)).toBe("UnknownParent");
  });

  it("does not fall with a party that loses on purpose, while another states the same", async () => {
    const [first, second] = [freshInput(), freshInput()];
    const one = machine(first);
    const [traitor, honest] = [await party(one), await party(one)];
    const confederate = await party(machine(first, flippedFrom(5)));
    const parent = await traitor.watcher.post(one, first);
    await honest.watcher.post(one, first);
    const follower = await party(machine(second, undefined, endOf(one)));
    const child = await follower.watcher.post(follower.execution, second, parent);
    const { transition } = (await honest.watcher.posted()).find(({ key }) => key === parent) ?? {};
    if (transition === undefined) throw new Error("expected the claim among those posted");
    await confederate.player.challenge({ transition, signature: parent });
    // The traitor is silent.
    expect((await verdictOf([confederate.player])).losers).toBe(1);
    expect(await statusOf(parent)).toBe(claimStatus.refuted);
    expect(await reversal(confederate.wallet, "takeBack", child)).toBe("NotVoid");
    await until((await windowEndOf(child)) + 1);
    await honest.watcher.tick();
    expect((await follower.watcher.tick()).finalized).toEqual([child]);
  });
});

describe("the delay of a true claim", () => {
  /** Blocks from posting to finality against `count` attackers, each as slow and as late as the rules let it be. */
  async function delay(count: number): Promise<number> {
    const bytes = freshInput();
    const honest = await party(machine(bytes));
    const { graceBlocks } = chain.parameters;
    const slow: Strategy = async (situation, ...rest) => {
      const { dispute } = situation;
      const due = dispute.since + graceBlocks + Math.max(...dispute.bankBlocks) - count - 3;
      if ((await block()) < due) return undefined;
      const { honestMove } = await import("../../src/game/search/strategy.ts");
      return honestMove(situation, ...rest);
    };
    const attackers = await Promise.all(
      Array.from({ length: count }, (_, i) =>
        party(machine(bytes, flippedFrom(1 + 60 * i)), 1n, slow),
      ),
    );
    const key = await honest.watcher.post(honest.execution, bytes);
    const start = await block();
    await until((await windowEndOf(key)) - count - 1);
    for (const { watcher } of attackers) expect((await watcher.tick()).opposed).toEqual([key]);
    for (let turn = 0; turn < 500; turn++) {
      let moved = await honest.player.tick();
      if ((await honest.watcher.tick()).finalized.length > 0) break;
      for (const { player } of attackers) moved = (await player.tick()) || moved;
      if (!moved) await chain.mine(4);
    }
    expect(await isFinal(chain.client, honest.execution.call, await honest.execution.claim())).toBe(
      true,
    );
    // One stake for the claim; each attacker has lost its own.
    expect(await freeOf(honest.wallet)).toBe(2n * stake + (BigInt(count) * stake) / 2n);
    return (await block()) - start;
  }

  it("does not grow with the number of attackers: games on the chain", async () => {
    const counts = process.env.DEEP === "true" ? [1, 4, 16] : [1, 4];
    const delays: number[] = [];
    for (const count of counts) delays.push(await delay(count));
    const { windowBlocks, graceBlocks, bankBlocks, k } = chain.parameters;
    const rounds = Math.ceil(Math.log(program.steps) / Math.log(k));
    const bound = windowBlocks + (2 * rounds + 5) * graceBlocks + 2 * bankBlocks;
    for (const each of delays) expect(each).toBeLessThanOrEqual(bound);
    expect(Math.max(...delays) / Math.min(...delays)).toBeLessThan(1.25);
    expect(await ledgerGap(chain, everyone)).toBe(0n);
  });

  it("does not grow with the number of attackers: every way to open and to wait", () => {
    const [window, grace, bank, rounds] = [14_400, 150, 7200, 13];
    const moves = 2 * rounds + 4;
    const wait = fc.record({
      opened: fc.nat(window),
      waits: fc.array(fc.nat(grace + bank), { minLength: moves, maxLength: moves }),
    });
    fc.assert(
      fc.property(fc.array(wait, { minLength: 1, maxLength: 64 }), (attackers) => {
        const ends = attackers.map(({ opened, waits }) => {
          const banks = [bank, bank];
          return waits.reduce((at, blocks, move) => {
            const side = move % 2;
            const taken = Math.min(blocks, grace + banks[side]);
            banks[side] -= Math.max(0, taken - grace);
            return at + taken;
          }, opened);
        });
        const final = Math.max(window, ...ends);
        return final <= window + (2 * rounds + 5) * grace + 2 * bank;
      }),
      { seed: 14, numRuns: 300 },
    );
  });
});
