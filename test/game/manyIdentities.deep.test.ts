import { ZeroHash } from "ethers";
import { describe, expect, it } from "vitest";
import { transitionOf } from "../../src/game/claim/claim.ts";
import { Player } from "../../src/game/player/player.ts";
import { phases } from "../../src/game/search/disputeState.ts";
import { honestMove } from "../../src/game/search/strategy.ts";
import { openingOf } from "./actors.ts";
import { type Chain, freshWallet, registerToy, startChain } from "./chain.ts";
import { signedBy } from "./play.ts";
import { flippedFrom, Simulation, toyGenesis } from "./simulation.ts";

/**
 * Thirty identities dispute one true claim over 2^40 steps at the parameters of staged disputes (docs/game.md §3, §10),
 * each answering in the block after the honest party's move. That is some 360 moves, each of which has 20 blocks and
 * all of one dispute 100 more: with one transaction a block the honest party loses by the clock.
 */
const parameters = {
  k: 16,
  graceBlocks: 20,
  bankBlocks: 100,
  coolingOffBlocks: 100,
  stake: 10n ** 16n,
  windowBlocks: 200,
};
const program = { steps: 2 ** 40, fuel: 3, name: 30 };
const input = `0x${"30".repeat(32)}`;
const identities = 30;
const own = new Simulation(program, toyGenesis(program), input);

/** Someone who says that the call goes wrong somewhere. */
async function liarOf(chain: Chain, number: number) {
  const wallet = await freshWallet(chain);
  const at = 1 + Math.floor(((number + 0.5) * program.steps) / identities);
  const execution = new Simulation(program, toyGenesis(program), input, flippedFrom(at));
  const contract = chain.client.contract.connect(wallet);
  let nonce = 0;
  /** Sends without waiting or asking. */
  const send = async (method: string, args: readonly unknown[], value = 0n) => {
    const call = contract.getFunction(method);
    const { to, data } = await call.populateTransaction(...args, { gasLimit: 1_000_000, value });
    const price = { maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 9n };
    await wallet.sendTransaction({
      to,
      data,
      value,
      gasLimit: 1_000_000,
      nonce: nonce++,
      ...price,
    });
  };
  return { wallet, execution, send };
}

type Liar = Awaited<ReturnType<typeof liarOf>>;

/** All deposit and open their disputes, in one block. */
async function attack(chain: Chain, player: Player): Promise<Map<string, Liar>> {
  const claim = await signedBy(chain, chain.signers[0], own);
  const liars = new Map<string, Liar>();
  for (let i = 0; i < identities; i++) {
    const liar = await liarOf(chain, i);
    liars.set(liar.wallet.address, liar);
    const { execution, send } = liar;
    await send("deposit", [], parameters.stake);
    const result = await execution.claim();
    const proof = await execution.registerProof(Number(result.steps));
    const opening = await openingOf(claim, own);
    await send("open", [opening, { ...result, standing: 0 }, proof]);
  }
  await chain.mine(1);
  expect((await player.arbiter.allDisputes()).length).toBe(identities);
  expect(transitionOf(own.call, await own.claim()).nextState).not.toBe(ZeroHash);
  return liars;
}

/** Lets the liars whose turn it is move, all at once. How many disputes are open. */
async function answers(chain: Chain, liars: Map<string, Liar>): Promise<number> {
  let open = 0;
  for (const opened of await chain.client.allDisputes()) {
    const situation = await chain.client.situation(opened);
    if (situation === undefined) continue;
    open++;
    const liar = liars.get(opened.challenger);
    if (liar === undefined || situation.dispute.phase === phases.step) continue;
    const move = await honestMove(situation, 1, liar.execution, parameters.k);
    if (move) await liar.send(move.method, [situation.dispute, ...move.args]);
  }
  return open;
}

/** Waits until the party has sent what it sends without a new block, or has nothing to send. */
async function quiet({ provider }: Chain, address: string): Promise<void> {
  const waiting = async () => {
    const [all, mined] = await Promise.all([
      provider.getTransactionCount(address, "pending"),
      provider.getTransactionCount(address, "latest"),
    ]);
    return all - mined;
  };
  let before = 0;
  for (let looks = 0, same = 0; looks < 60 && same < 6; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 15));
    const now = await waiting();
    same = now === before && now !== 0 ? same + 1 : 0;
    before = now;
  }
}

/** Plays until no dispute is open. Masks of the sides that lost. */
async function battle(mostInFlight: number): Promise<number[]> {
  const chain = await startChain(parameters);
  await registerToy(chain, program);
  const [signer] = chain.signers;
  const sender = { pollMs: 10, mostInFlight };
  const player = new Player({
    arbiter: chain.address,
    signer,
    execution: async () => own,
    sender,
    pollMs: 20,
  });
  await player.deposit(parameters.stake);
  await chain.provider.send("evm_setAutomine", [false]);
  const liars = await attack(chain, player);
  const stop = new AbortController();
  const playing = player.follow(stop.signal);
  for (let open = identities; open > 0; open = await answers(chain, liars)) {
    await quiet(chain, chain.accounts[0]);
    await chain.mine(1);
  }
  stop.abort();
  // What a lost party still has in flight would wait for blocks for ever.
  await chain.provider.send("evm_setAutomine", [true]);
  await chain.mine(1);
  await playing;
  const disputes = await chain.client.allDisputes();
  const verdicts = await Promise.all(disputes.map((each) => chain.client.settled(each)));
  return verdicts.map((verdict) => Number(verdict?.args.losers));
}

describe("thirty identities against one true claim", () => {
  it("all lose, in the time that staged disputes have", async () => {
    expect(await battle(16)).toEqual(Array.from({ length: identities }, () => 2));
  }, 600_000);

  it("beat a party that sends one transaction a block", async () => {
    expect(await battle(1)).toContain(1);
  });
});
