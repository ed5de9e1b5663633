import { Signature } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";
import { evidenceDigest, signerOf, signTransition } from "../../src/game/claim/signedTransition.ts";
import { deadlineBlock, phases } from "../../src/game/search/disputeState.ts";
import { honestMove, type Strategy } from "../../src/game/search/strategy.ts";
import { failure, handsOn, newActor, openingOf as opening } from "./actors.ts";
import { type Chain, freshWallet, registerToy, stake, startChain } from "./chain.ts";
import { playOut, signedBy } from "./play.ts";
import { type Fault, flippedFrom, ofLength, Simulation, toyGenesis } from "./simulation.ts";

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

describe("evidence", () => {
  it("has the contract's digest, and a signature gives its signer", async () => {
    const honest = await actor(machine());
    const claim = await signed(honest);
    expect(await chain.client.contract.evidenceOf(claim.transition)).toBe(
      evidenceDigest(claim.transition, chain.domain),
    );
    expect(signerOf(claim, chain.domain)).toBe(honest.wallet.address);
  });

  it("is refused in a second form, cut short, or for another Arbiter", async () => {
    const [liar, honest] = [await actor(machine(flippedFrom(5))), await actor(machine())];
    const claim = await signed(liar);
    const proof = await honest.execution.registerProof(program.steps);
    const own = { ...(await honest.execution.claim()), standing: 0 };
    const attempt = async (signature: string) =>
      reversal(
        honest.wallet,
        "open",
        { ...(await opening(claim, honest.execution)), signature },
        own,
        proof,
      );
    const { r, s, v } = Signature.from(claim.signature);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const mirrored = (order - BigInt(s)).toString(16).padStart(64, "0");
    expect(await attempt(`${r}${mirrored}${v === 27 ? "1c" : "1b"}`)).toBe("InvalidSignature");
    expect(await attempt(claim.signature.slice(0, -2))).toBe("InvalidSignature");
    const elsewhere = { ...chain.domain, verifyingContract: honest.wallet.address };
    const other = await signTransition(claim.transition, elsewhere, liar.wallet);
    // Another message recovers to an account nobody has a deposit for.
    expect(await attempt(other.signature)).toBe("InsufficientDeposit");
    expect(await attempt(claim.signature)).toBe("accepted");
  });

  it("of two results of one call costs its signer a stake, once", async () => {
    const liar = await actor(machine(), undefined, 2n);
    const reporter = await freshWallet(chain);
    const one = await signed(liar);
    const other = await signedBy(chain, liar.wallet, machine(flippedFrom(9)));
    const args = [one.transition, one.signature, other.transition, other.signature];
    expect(
      await reversal(reporter, "reportEquivocation", ...args.slice(0, 2), ...args.slice(0, 2)),
    ).toBe("SameResult");
    // A deposit of less than a stake must not use the evidence up.
    const poor = await freshWallet(chain);
    await send(poor, "deposit", { value: stake - 1n });
    const cheap = [
      await signedBy(chain, poor, machine()),
      await signedBy(chain, poor, machine(flippedFrom(9))),
    ];
    const cheapArgs = cheap.flatMap(({ transition, signature }) => [transition, signature]);
    expect(await reversal(reporter, "reportEquivocation", ...cheapArgs)).toBe(
      "InsufficientDeposit",
    );
    await send(reporter, "reportEquivocation", ...args);
    expect(await freeOf(liar.wallet)).toBe(stake);
    expect(await freeOf(reporter)).toBe(stake / 2n);
    expect(await reversal(reporter, "reportEquivocation", ...args)).toBe("AlreadyReported");
  });

  it("by two signers sets them against each other, whoever brings it", async () => {
    const [liar, honest] = [await actor(machine(flippedFrom(400))), await actor(machine())];
    const bystander = await freshWallet(chain);
    const [wrong, right] = [await signed(liar), await signed(honest)];
    const begun = await opening(wrong, honest.execution);
    await send(bystander, "openBetween", begun, right.transition, right.signature);
    const verdict = await playOut(chain, [liar.player, honest.player], await lastId());
    expect(verdict.losers).toBe(1);
    expect(await freeOf(honest.wallet)).toBe((3n * stake) / 2n);
  });
});

describe("opening", () => {
  it("is refused for equal claims, unknown programs, own claims and missing deposits", async () => {
    const [honest, twin] = [await actor(machine()), await actor(machine())];
    const poor = await freshWallet(chain);
    const claim = await signed(honest);
    const own = { ...(await twin.execution.claim()), standing: 0 };
    const proof = await twin.execution.registerProof(program.steps);
    const begun = await opening(claim, twin.execution);
    expect(await reversal(twin.wallet, "open", begun, own, proof)).toBe("SameResult");
    const liar = await actor(machine(flippedFrom(3)));
    const wrong = await opening(await signed(liar), honest.execution);
    expect(await reversal(liar.wallet, "open", wrong, own, proof)).toBe("SameParty");
    expect(await reversal(poor, "open", wrong, own, proof)).toBe("InsufficientDeposit");
    expect(await reversal(twin.wallet, "open", wrong, { ...own, steps: 999n }, proof)).toBe(
      "ClaimNotProven",
    );
    expect(await reversal(twin.wallet, "openFuel", wrong, 0)).toBe("InvalidFuelStep");
    const alien = { steps: 5, fuel: 1, name: 999 };
    const stranger = new Simulation(alien, toyGenesis(alien), input, flippedFrom(2));
    const strange = await opening(await signedBy(chain, liar.wallet, stranger), stranger);
    expect(await reversal(twin.wallet, "open", strange, own, proof)).toBe("UnknownProgram");
  });

  it("is refused a second time for a signature that has lost, but not for another signer's", async () => {
    const [liar, confederate] = [
      await actor(machine(flippedFrom(70)), undefined, 2n),
      await actor(machine(flippedFrom(70)), undefined, 2n),
    ];
    const honest = await actor(machine(), undefined, 3n);
    await honest.player.challenge(await signed(confederate));
    expect((await playOut(chain, [honest.player], await lastId())).losers).toBe(1);
    const again = await signed(confederate);
    expect(await failure(honest.player.challenge(again))).toBe("AlreadyRefuted");
    await honest.player.challenge(await signed(liar));
    expect((await playOut(chain, [honest.player], await lastId())).losers).toBe(1);
  });
});

describe("moves", () => {
  async function openedDispute(bad?: Strategy) {
    const liar = await actor(machine(flippedFrom(613)), bad);
    const honest = await actor(machine());
    await honest.player.challenge(await signed(liar));
    return { liar, honest, id: await lastId() };
  }

  it("that are replayed, reordered, early or another's are refused", async () => {
    const { liar, honest, id } = await openedDispute();
    const before = await present(id);
    const proof = await liar.execution.registerProof(program.steps);
    expect(await reversal(honest.wallet, "proveClaim", before, proof)).toBe("NotOnTurn");
    expect(await reversal(liar.wallet, "postVector", before, [])).toBe("WrongPhase");
    expect(await reversal(honest.wallet, "claimTimeout", before)).toBe("DeadlineNotPassed");
    await liar.player.tick();
    expect(await reversal(liar.wallet, "proveClaim", before, proof)).toBe("StaleState");
    const forged = { ...(await present(id)), turn: 2 };
    expect(await reversal(honest.wallet, "proveClaim", forged, proof)).toBe("StaleState");
    const other = { ...(await present(id)), id: id + 1n };
    expect(await reversal(liar.wallet, "postVector", other, [])).toBe("StaleState");
    expect((await playOut(chain, [liar.player, honest.player], id)).losers).toBe(1);
  });

  it("of the search are the first mover's vector, then the other's part", async () => {
    const { liar, honest, id } = await openedDispute();
    await liar.player.tick();
    const before = await present(id);
    const { startState } = before;
    const part = [startState, startState];
    expect(before.phase).toBe(phases.search);
    const first = before.turn === 1 ? liar : honest;
    const second = before.turn === 1 ? honest : liar;
    expect(await reversal(first.wallet, "choosePart", before, 0, part, [], startState)).toBe(
      "OutOfOrder",
    );
    await first.player.tick();
    const after = await present(id);
    expect(await reversal(second.wallet, "postVector", after, part.concat(part))).toBe(
      "OutOfOrder",
    );
    expect(await reversal(second.wallet, "choosePart", after, 0, part, part, startState)).toBe(
      "WrongDivergence",
    );
    expect(await reversal(second.wallet, "choosePart", after, 0, part, [], startState)).toBe(
      "WrongDivergence",
    );
    expect((await playOut(chain, [liar.player, honest.player], id)).losers).toBe(1);
  });

  it("count up to the deadline's block, timeouts from the next one on", async () => {
    const { liar, honest, id } = await openedDispute();
    const dispute = await present(id);
    const deadline = deadlineBlock(dispute, chain.parameters.graceBlocks);
    expect(deadline).toBe(dispute.since + 120);
    await chain.mine(deadline - 1 - (await chain.provider.getBlockNumber()));
    // The next transaction is mined in the deadline's own block.
    const proof = await liar.execution.registerProof(program.steps);
    await send(liar.wallet, "proveClaim", dispute, proof);
    expect(await chain.provider.getBlockNumber()).toBe(deadline);
    expect((await present(id)).bankBlocks[0]).toBe(0);
    const next = await present(id);
    await chain.mine(deadlineBlock(next, 20) + 1 - (await chain.provider.getBlockNumber()));
    expect(await reversal(liar.wallet, "postVector", next, [])).toBe("DeadlinePassed");
    await send(await freshWallet(chain), "claimTimeout", next);
    expect(await freeOf(honest.wallet)).toBe((3n * stake) / 2n);
  });

  it("at the last minute cost only the griefer's own clock", async () => {
    const lastMinute: Strategy = async (situation, side, execution, k) => {
      const { dispute } = situation;
      const left =
        deadlineBlock(dispute, chain.parameters.graceBlocks) -
        (await chain.provider.getBlockNumber());
      if (left > 2) return undefined;
      return honestMove(situation, side, execution, k);
    };
    const { liar, honest, id } = await openedDispute(lastMinute);
    const opened = await chain.client.opened(id);
    while ((await chain.client.settled(opened)) === undefined) {
      await honest.player.tick();
      if ((await chain.client.settled(opened)) !== undefined) break;
      if (!(await liar.player.tick())) await chain.mine(1);
    }
    const moves = await chain.client.moves(opened);
    const [griefer, other] = moves.at(-1)?.dispute.bankBlocks ?? [];
    expect(griefer).toBeLessThan(10);
    expect(other).toBe(chain.parameters.bankBlocks);
    expect(Number((await chain.client.settled(opened))?.args.losers)).toBe(1);
  });
});

describe("verdicts", () => {
  it("slash both when both are wrong", async () => {
    const [one, other] = [
      await actor(machine(flippedFrom(300))),
      await actor(
        machine({ alter: (i, s) => (i < 300 ? s : { ...s, fuelCounter: s.fuelCounter + 1n }) }),
      ),
    ];
    const burned = await chain.client.contract.burned();
    await other.player.challenge(await signed(one));
    expect((await playOut(chain, [one.player, other.player], await lastId())).losers).toBe(3);
    expect(await chain.client.contract.burned()).toBe(burned + 2n * stake);
    expect(await freeOf(one.wallet)).toBe(0n);
    expect(await freeOf(other.wallet)).toBe(0n);
  });

  it("slash both when nobody has the last step judged", async () => {
    const silent: Strategy = async (situation, ...rest) =>
      situation.dispute.phase === phases.step ? undefined : honestMove(situation, ...rest);
    const [one, other] = [
      await actor(machine(flippedFrom(300)), silent),
      await actor(machine(), silent),
    ];
    await other.player.challenge(await signed(one));
    const id = await lastId();
    for (let i = 0; i < 60 && (await present(id)).phase !== phases.step; i++) {
      await one.player.tick();
      await other.player.tick();
    }
    const dispute = await present(id);
    expect(dispute.turn).toBe(3);
    expect(await reversal(one.wallet, "claimTimeout", dispute)).toBe("DeadlineNotPassed");
    await chain.mine(130);
    await send(await freshWallet(chain), "claimTimeout", dispute);
    expect([await freeOf(one.wallet), await freeOf(other.wallet)]).toEqual([0n, 0n]);
  });

  it("in parallel disputes of several identities against one party all go to the honest", async () => {
    const honest = await actor(machine());
    const claim = await signed(honest);
    const identities = [
      await actor(machine(flippedFrom(10))),
      await actor(machine(ofLength(900))),
      await actor(machine(flippedFrom(999))),
    ];
    const ids: bigint[] = [];
    for (const { player } of identities) {
      await player.challenge(claim);
      ids.push(await lastId());
    }
    // One stake backs the result in all three.
    expect((await accountOf(honest.wallet)).staked).toBe(stake);
    const players = [honest.player, ...identities.map(({ player }) => player)];
    for (const id of ids) expect((await playOut(chain, players, id)).losers).toBe(2);
    expect(await freeOf(honest.wallet)).toBe(stake + (3n * stake) / 2n);
    expect((await accountOf(honest.wallet)).staked).toBe(0n);
  });
});

describe("registration", () => {
  it("takes only a genesis state", async () => {
    const later = { ...toyGenesis(program), stepCounter: 4n };
    const { toyProof } = await import("./simulation.ts");
    const stranger = await freshWallet(chain);
    expect(await reversal(stranger, "register", toyProof(later))).toContain("reverted");
    expect(await chain.client.contract.isRegistered(machine().call.program)).toBe(true);
  });

  it("of parameters that make no game is refused", async () => {
    for (const wrong of [
      { k: 1 },
      { k: 257 },
      { graceBlocks: 0 },
      { stake: 0n },
      { rewardBps: 9_001 },
      { windowBlocks: 139 },
    ]) {
      expect(await failure(startChain(wrong))).not.toBe("done");
    }
  });
});
