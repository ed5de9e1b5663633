import type { Wallet } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";
import { Player } from "../../src/game/player/player.ts";
import type { Strategy } from "../../src/game/search/strategy.ts";
import { failure, handsOn, newActor } from "./actors.ts";
import { type Chain, freshWallet, registerToy, stake, startChain } from "./chain.ts";
import { playOut, signedBy } from "./play.ts";
import { type Fault, flippedFrom, Simulation, toyGenesis } from "./simulation.ts";

/** What stands behind a signature: epochs, one stake a result, delegates, withdrawals (docs/game.md §2, §6). */
const program = { steps: 1000, fuel: 3, name: 7 };
const input = `0x${"11".repeat(32)}`;
const machine = (fault?: Fault) => new Simulation(program, toyGenesis(program), input, fault);

let chain: Chain;
beforeAll(async () => {
  chain = await startChain();
  await registerToy(chain, program);
});

const actor = (execution: Simulation, strategy?: Strategy, stakes = 1n) =>
  newActor(chain, execution, strategy, stakes);
const { signed, lastId, accountOf, freeOf, reversal, send, present } = handsOn(() => chain);

describe("epochs", () => {
  const epochOf = (wallet: Wallet) => chain.client.epochOf(wallet.address);

  async function leave(wallet: Wallet, wei: bigint) {
    await send(wallet, "requestWithdrawal", wei);
    await chain.mine(chain.parameters.coolingOffBlocks);
    await send(wallet, "withdraw");
  }

  it("end with a deposit below a stake: what was signed before binds nobody after a new one", async () => {
    for (const left of [0n, 1n]) {
      const signer = await actor(machine());
      const old = await signed(signer);
      await leave(signer.wallet, stake - left);
      expect(await epochOf(signer.wallet)).toBe(1n);
      await send(signer.wallet, "deposit", { value: stake });
      const liar = await actor(machine(flippedFrom(5)));
      expect(await failure(liar.player.challenge(old))).toBe("StaleEpoch");
      const again = await signed(signer);
      expect(again.transition.epoch).toBe(1n);
      await liar.player.challenge(again);
      expect((await playOut(chain, [liar.player, signer.player], await lastId())).losers).toBe(2);
    }
  });

  it("go on while a whole stake stays, and while stakes are bound", async () => {
    const liar = await actor(machine(flippedFrom(5)), undefined, 2n);
    const claim = await signed(liar);
    await leave(liar.wallet, stake);
    expect(await epochOf(liar.wallet)).toBe(0n);
    const [one, two] = [await actor(machine()), await actor(machine())];
    await one.player.challenge(claim);
    expect(await epochOf(liar.wallet)).toBe(0n);
    await two.player.challenge(claim);
    expect((await playOut(chain, [two.player], await lastId())).losers).toBe(1);
    expect(await epochOf(liar.wallet)).toBe(1n);
  });

  it("do not make equivocation of results in different ones", async () => {
    const signer = await actor(machine());
    const old = await signed(signer);
    await leave(signer.wallet, stake);
    await send(signer.wallet, "deposit", { value: stake });
    const other = await signedBy(chain, signer.wallet, machine(flippedFrom(9)));
    const args = [old.transition, old.signature, other.transition, other.signature];
    expect(await reversal(await freshWallet(chain), "reportEquivocation", ...args)).toBe(
      "StaleEpoch",
    );
  });
});

describe("one stake a result", () => {
  it("backs it in all its disputes, and the first loss ends them all", async () => {
    const liar = await actor(machine(flippedFrom(613)));
    const watchers = [await actor(machine()), await actor(machine()), await actor(machine())];
    const ids: bigint[] = [];
    for (const { player } of watchers) {
      await player.challenge(await signed(liar));
      ids.push(await lastId());
    }
    expect((await accountOf(liar.wallet)).staked).toBe(stake);
    expect((await playOut(chain, [watchers[1].player, liar.player], ids[1])).losers).toBe(1);
    // The others have nothing left to win, and are not made to wait: their stakes come back at once.
    for (const i of [0, 2]) {
      const verdict = await playOut(chain, [watchers[i].player], ids[i]);
      expect(verdict).toMatchObject({ losers: 1, reason: 4 });
      expect(await freeOf(watchers[i].wallet)).toBe(stake);
    }
    expect(await freeOf(watchers[1].wallet)).toBe((3n * stake) / 2n);
    expect((await accountOf(liar.wallet)).staked).toBe(0n);
  });

  it("opens one dispute with another result at a time", async () => {
    const liar = await actor(machine(flippedFrom(613)), undefined, 2n);
    const honest = await actor(machine(), undefined, 2n);
    const claim = await signed(liar);
    await honest.player.challenge(claim);
    expect(await failure(honest.player.challenge(claim))).toBe("AlreadyOpen");
    // Nor the other way round.
    expect(await failure(liar.player.challenge(await signed(honest)))).toBe("AlreadyOpen");
  });

  it("does not pass to those who signed the same", async () => {
    const [traitor, friend] = [await actor(machine()), await actor(machine())];
    const confederate = await actor(machine(flippedFrom(5)));
    await confederate.player.challenge(await signed(traitor));
    // The traitor is silent, though it is right.
    expect((await playOut(chain, [confederate.player], await lastId())).losers).toBe(1);
    const liar = await actor(machine(flippedFrom(5)));
    await liar.player.challenge(await signed(friend));
    expect((await playOut(chain, [friend.player, liar.player], await lastId())).losers).toBe(2);
  });

  it("lost while the winner is silent elsewhere does not lose there by the clock", async () => {
    const liar = await actor(machine(flippedFrom(613)));
    const [fast, slow] = [await actor(machine()), await actor(machine())];
    const claim = await signed(liar);
    await slow.player.challenge(claim);
    const slowId = await lastId();
    await fast.player.challenge(claim);
    await liar.player.tick();
    await liar.player.tick();
    expect((await playOut(chain, [fast.player], await lastId())).losers).toBe(1);
    // Now it is the slow one's turn, and it lets its time pass.
    await chain.mine(200);
    await send(liar.wallet, "claimTimeout", await present(slowId));
    expect(await freeOf(slow.wallet)).toBe(stake);
  });
});

describe("a delegate", () => {
  it("moves for its party, wins for it, and can do nothing else", async () => {
    const honest = await actor(machine());
    const liar = await actor(machine(flippedFrom(613)));
    const tower = await freshWallet(chain);
    await send(honest.wallet, "setDelegate", tower.address);
    await liar.player.challenge(await signed(honest));
    const id = await lastId();
    const watchtower = new Player({
      arbiter: chain.address,
      signer: tower,
      party: honest.wallet.address,
      execution: async () => machine(),
      sender: { pollMs: 5 },
    });
    expect((await playOut(chain, [watchtower, liar.player], id)).losers).toBe(2);
    expect(await freeOf(honest.wallet)).toBe((3n * stake) / 2n);
    expect(await freeOf(tower)).toBe(0n);
    const refusal = await watchtower.challenge(await signed(liar)).catch((error) => error);
    expect(refusal).toBeInstanceOf(TypeError);
    expect(await reversal(tower, "requestWithdrawal", 1n)).toBe("InsufficientDeposit");
    expect(await reversal(tower, "withdraw")).toBe("CoolingOff");
  });

  it("is nobody's once it is dismissed, and moves for no other party", async () => {
    const [honest, other] = [await actor(machine()), await actor(machine())];
    const tower = await freshWallet(chain);
    await send(honest.wallet, "setDelegate", tower.address);
    const liar = await actor(machine(flippedFrom(613)), undefined, 2n);
    const proof = await machine().registerProof(program.steps);
    for (const party of [honest, other]) await liar.player.challenge(await signed(party));
    const id = await lastId();
    expect(await reversal(tower, "proveClaim", await present(id - 1n), proof)).toBe("accepted");
    expect(await reversal(tower, "proveClaim", await present(id), proof)).toBe("NotOnTurn");
    await send(honest.wallet, "setDelegate", honest.wallet.address);
    expect(await reversal(tower, "proveClaim", await present(id - 1n), proof)).toBe("NotOnTurn");
  });
});

describe("deposits", () => {
  it("leave after the cooling-off; what backs a dispute stays, the rest does not wait for it", async () => {
    const liar = await actor(machine(flippedFrom(8)), undefined, 3n);
    const { wallet } = liar;
    expect(await reversal(wallet, "withdraw")).toBe("CoolingOff");
    await send(wallet, "requestWithdrawal", 3n * stake);
    expect(await chain.client.contract.bondedOf(wallet.address)).toBe(0n);
    expect(await reversal(wallet, "withdraw")).toBe("CoolingOff");
    const honest = await actor(machine());
    // What is leaving can still be staked, and is.
    await honest.player.challenge(await signed(liar));
    await chain.mine(chain.parameters.coolingOffBlocks);
    const before = await chain.provider.getBalance(chain.address);
    await send(wallet, "withdraw");
    expect(before - (await chain.provider.getBalance(chain.address))).toBe(2n * stake);
    expect(await freeOf(wallet)).toBe(0n);
    await playOut(chain, [honest.player, liar.player], await lastId());
    expect((await accountOf(wallet)).staked).toBe(0n);
    expect(await reversal(wallet, "requestWithdrawal", 1n)).toBe("InsufficientDeposit");
  });

  it("of an honest party are held for one stake's time by a dispute, not for all of it", async () => {
    const honest = await actor(machine(), undefined, 2n);
    const liar = await actor(machine(flippedFrom(8)));
    await send(honest.wallet, "requestWithdrawal", 2n * stake);
    await liar.player.challenge(await signed(honest));
    await chain.mine(chain.parameters.coolingOffBlocks);
    await send(honest.wallet, "withdraw");
    expect((await accountOf(honest.wallet)).staked).toBe(stake);
    expect((await playOut(chain, [liar.player, honest.player], await lastId())).losers).toBe(2);
    expect(await freeOf(honest.wallet)).toBe((3n * stake) / 2n);
  });
});
