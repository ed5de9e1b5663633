import { hexlify } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Call } from "../../src/game/claim/claim.ts";
import { ClaimWatcher, claimStatus, isFinal } from "../../src/game/player/claimWatcher.ts";
import { Player } from "../../src/game/player/player.ts";
import { inputRoot } from "../../src/merkle/index.ts";
import { handsOn, newActor } from "./actors.ts";
import { type Chain, freshWallet, ledgerGap, registerToy, stake, startChain } from "./chain.ts";
import { playOut } from "./play.ts";
import { type Fault, flippedFrom, Simulation, type ToyState, toyGenesis } from "./simulation.ts";

/** Attacks on the Arbiter and its honest players that once went through (docs/game.md §10, §12). */
const program = { steps: 1000, fuel: 3, name: 7 };
const genesis = toyGenesis(program);
/** A fresh input for each call. */
let inputs = 0;
const freshInput = () => Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? ++inputs : 200 + i));
const machine = (bytes: Uint8Array, fault?: Fault, previous = genesis) =>
  new Simulation(program, previous, hexlify(inputRoot(bytes)), fault);
const endOf = (execution: Simulation) => execution.stateAt(execution.startStep + execution.length);
/** A trace that is true but for its last state. */
const endingIn = (state: ToyState): Fault => ({
  alter: (step, own) => (step === program.steps ? state : own),
});

let chain: Chain;
const everyone: string[] = [];
beforeAll(async () => {
  chain = await startChain();
  await registerToy(chain, program);
});

const { accountOf, freeOf, reversal, send, signed } = handsOn(() => chain);
const contract = () => chain.client.contract;
const block = () => chain.provider.getBlockNumber();
const until = async (target: number) => chain.mine(Math.max(0, target - (await block())));
const windowEndOf = async (key: string) =>
  Number((await contract().lines((await contract().claims(key)).line)).windowEnd);
const statusOf = async (key: string) => Number((await contract().claims(key)).status);

/** An account with two stakes that knows some calls, and watches claims about them. */
async function party(executions: readonly Simulation[], source?: (call: Call) => void) {
  const wallet = await freshWallet(chain);
  everyone.push(wallet.address);
  const known = async (call: Call) => {
    source?.(call);
    return executions.find(
      (each) =>
        each.call.previousState === call.previousState && each.call.inputRoot === call.inputRoot,
    );
  };
  const options = { arbiter: chain.address, signer: wallet, execution: known };
  const player = new Player({ ...options, sender: { pollMs: 5 } });
  await player.deposit(2n * stake);
  return { wallet, player, watcher: new ClaimWatcher(player, known) };
}

describe("a signature", () => {
  it("is not escaped by withdrawing a wei while the only stake backs a claim that costs nothing", async () => {
    const bytes = freshInput();
    const liar = await newActor(chain, machine(bytes, flippedFrom(5)));
    everyone.push(liar.wallet.address);
    await liar.player.deposit(1n);
    await send(liar.wallet, "requestWithdrawal", 1n);
    await chain.mine(chain.parameters.coolingOffBlocks);
    const claim = await signed(liar);
    expect(await contract().bondedOf(liar.wallet.address)).toBe(stake);
    // A true claim about another call takes the only stake for a while.
    const other = freshInput();
    const key = await new ClaimWatcher(liar.player, async () => undefined).post(
      machine(other),
      other,
    );
    await send(liar.wallet, "withdraw");
    expect((await accountOf(liar.wallet)).free).toBe(0n);
    await until((await windowEndOf(key)) + 1);
    await send(liar.wallet, "finalize", key);
    expect(await freeOf(liar.wallet)).toBe(stake);
    const honest = await newActor(chain, machine(bytes));
    everyone.push(honest.wallet.address);
    await honest.player.challenge(claim);
    const id = await contract().disputeCount();
    expect((await playOut(chain, [honest.player, liar.player], id)).losers).toBe(1);
    expect(await chain.client.epochOf(liar.wallet.address)).toBe(1n);
  });
});

describe("a call's window", () => {
  it("is not opened early by a claim that goes on from a false one, which nobody can watch", async () => {
    const [given, hidden, next] = [freshInput(), freshInput(), freshInput()];
    // The state after `hidden`, which only the liars know, said to be the state after `given`.
    const state = endOf(machine(hidden));
    const liars = await Promise.all([1, 2, 3, 4].map(() => party([])));
    const [root, early, reveals, late] = liars.map(({ watcher }) => watcher);
    const wrong = machine(next, flippedFrom(613), state);
    const falseParent = await root.post(machine(given, endingIn(state)), given);
    const first = await early.post(wrong, next, falseParent);
    const end = await windowEndOf(first);
    await until(end - chain.parameters.graceBlocks - 3);
    const trueParent = await reveals.post(machine(hidden), hidden);
    const second = await late.post(wrong, next, trueParent);
    const revealed = await block();
    expect(await windowEndOf(first)).toBe(end);
    expect(await windowEndOf(second)).toBe(revealed + chain.parameters.windowBlocks);

    // Who watches runs the call for longer than a grace, opposes both, and plays.
    await until(end + 1);
    const honest = await party([machine(next, undefined, state), machine(given)]);
    expect((await honest.watcher.tick()).opposed).toEqual([second]);
    const id = await contract().disputeCount();
    expect((await playOut(chain, [honest.player], id)).losers).toBe(1);
    await until((await windowEndOf(trueParent)) + 1);
    await send(honest.wallet, "finalize", trueParent);
    expect(await statusOf(second)).toBe(claimStatus.refuted);
    // What is final in a true line makes nothing final in a false one.
    expect(await reversal(honest.wallet, "finalize", first)).toBe("NotFinal");
    expect(await isFinal(chain.client, wrong.call, await wrong.claim())).toBe(false);
  });

  it("does not move with a parent that was taken back and posted again in a true line", async () => {
    const [given, one, two, next] = [freshInput(), freshInput(), freshInput(), freshInput()];
    const first = machine(one);
    const second = machine(two, undefined, endOf(first));
    const liars = await Promise.all([1, 2, 3, 4].map(() => party([])));
    const [root, middle, last, reveals] = liars.map(({ watcher }) => watcher);
    const falseRoot = await root.post(machine(given, endingIn(endOf(first))), given);
    const parent = await middle.post(second, two, falseRoot);
    const wrong = machine(next, flippedFrom(613), endOf(second));
    const child = await last.post(wrong, next, parent);
    const honest = await party([machine(given)]);
    expect((await honest.watcher.tick()).opposed).toEqual([falseRoot]);
    await playOut(chain, [honest.player], await contract().disputeCount());
    expect(await statusOf(falseRoot)).toBe(claimStatus.refuted);
    await send(liars[1].wallet, "takeBack", parent);
    const trueRoot = await reveals.post(first, one);
    expect(await middle.post(second, two, trueRoot)).toBe(parent);
    await until((await windowEndOf(parent)) + 1);
    await send(liars[3].wallet, "finalize", trueRoot);
    await send(liars[1].wallet, "finalize", parent);
    expect(await statusOf(parent)).toBe(claimStatus.final);
    expect(await reversal(liars[2].wallet, "finalize", child)).toBe("NotFinal");
    await send(honest.wallet, "takeBack", child);
    expect(await isFinal(chain.client, wrong.call, await wrong.claim())).toBe(false);
  });

  it("is one a line, and a result final in one voids what contradicts it in the others", async () => {
    const [given, hidden, next] = [freshInput(), freshInput(), freshInput()];
    const state = endOf(machine(hidden));
    const liars = await Promise.all([1, 2].map(() => party([])));
    const [root, early] = liars.map(({ watcher }) => watcher);
    const right = machine(next, undefined, state);
    const wrong = machine(next, flippedFrom(613), state);
    const falseParent = await root.post(machine(given, endingIn(state)), given);
    const first = await early.post(wrong, next, falseParent);
    const honest = await party([right, machine(hidden)]);
    const trueParent = await honest.watcher.post(machine(hidden), hidden);
    const second = await honest.watcher.post(right, next, trueParent);
    await until((await windowEndOf(second)) + 1);
    expect((await honest.watcher.tick()).finalized).toEqual([trueParent, second]);
    expect(await isFinal(chain.client, right.call, await right.claim())).toBe(true);
    expect(await reversal(liars[1].wallet, "finalize", first)).toBe("NotFinal");
    await send(honest.wallet, "takeBack", first);
    expect(await statusOf(first)).toBe(claimStatus.void);
  });
});

describe("a watcher", () => {
  it("that fails at one claim looks at the others", async () => {
    const [broken, sound] = [freshInput(), freshInput()];
    const liar = await party([]);
    const bad = await liar.watcher.post(machine(broken, flippedFrom(5)), broken);
    const wrong = await liar.watcher.post(machine(sound, flippedFrom(5)), sound);
    const honest = await party([machine(sound)], ({ inputRoot: root }) => {
      if (root === machine(broken).call.inputRoot) throw new Error("no disk");
    });
    const { opposed, failed } = await honest.watcher.tick();
    expect(opposed).toEqual([wrong]);
    expect(failed.map(({ key }) => key)).toEqual([bad]);
  });

  it("has the truth stand beside a false claim, so that one which nobody opposes in time is not final", async () => {
    const bytes = freshInput();
    const [early, late] = [await party([]), await party([])];
    const first = await early.watcher.post(machine(bytes, flippedFrom(613)), bytes);
    const honest = await party([machine(bytes)]);
    const { opposed, posted } = await honest.watcher.tick();
    expect(opposed).toEqual([first]);
    expect(await statusOf(posted[0])).toBe(claimStatus.standing);
    expect((await honest.watcher.tick()).posted).toEqual([]);
    const id = await contract().disputeCount();
    // As many as the last blocks hold, and the watcher cannot send more than one opening a block.
    await until((await windowEndOf(first)) - chain.parameters.graceBlocks - 1);
    const wrong = machine(bytes, flippedFrom(613));
    const second = await late.watcher.post(wrong, bytes);
    await until((await windowEndOf(first)) + 1);
    expect((await playOut(chain, [honest.player], id)).losers).toBe(1);
    expect(await statusOf(first)).toBe(claimStatus.refuted);
    expect(await reversal(late.wallet, "finalize", second)).toBe("NotFinal");
    expect(await isFinal(chain.client, wrong.call, await wrong.claim())).toBe(false);
  });

  it("does not let its own claim be drawn into a line that is invented", async () => {
    const [given, hidden, next] = [freshInput(), freshInput(), freshInput()];
    const state = endOf(machine(hidden));
    const [root, early] = [await party([]), await party([])];
    const falseParent = await root.watcher.post(machine(given, endingIn(state)), given);
    const wrong = machine(next, flippedFrom(613), state);
    const first = await early.watcher.post(wrong, next, falseParent);
    const honest = await party([machine(next, undefined, state), machine(hidden)]);
    const { opposed, posted } = await honest.watcher.tick();
    expect([opposed, posted]).toEqual([[first], []]);
    const trueParent = await root.watcher.post(machine(hidden), hidden);
    const liar = await party([]);
    const second = await liar.watcher.post(wrong, next, trueParent);
    const again = await honest.watcher.tick();
    expect(again.opposed).toEqual([second]);
    expect(again.posted.length).toBe(1);
  });

  it("leaves the books balanced after all of this", async () => {
    expect(await ledgerGap(chain, everyone)).toBe(0n);
  });
});
