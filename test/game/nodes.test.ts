import { BrowserProvider, type Eip1193Provider } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";
import { ArbiterClient } from "../../src/game/chain/arbiterClient.ts";
import { Player, type PlayerEvent } from "../../src/game/player/player.ts";
import { type Chain, freshWallet, registerToy, stake, startChain } from "./chain.ts";
import { playerOn, playOut, signedBy } from "./play.ts";
import { flippedFrom, Simulation, toyGenesis } from "./simulation.ts";

/** Nodes that answer little at a time, and chains that forget: an honest player plays on (docs/game.md §7). */
const program = { steps: 1000, fuel: 3, name: 7 };
const input = `0x${"11".repeat(32)}`;
const machine = (fault?: ConstructorParameters<typeof Simulation>[3]) =>
  new Simulation(program, toyGenesis(program), input, fault);

let chain: Chain;
beforeAll(async () => {
  chain = await startChain();
  await registerToy(chain, program);
});

const newest = (): Promise<bigint> => chain.client.contract.disputeCount();

/** The chain's node, except that it refuses `eth_getLogs` over more than so many blocks; counts the questions. */
function cappedNode(mostBlocks: number) {
  const asked = { logs: 0, refused: 0 };
  const inner = chain.connection.provider as unknown as Eip1193Provider;
  const request: Eip1193Provider["request"] = async (each) => {
    if (each.method === "eth_getLogs") {
      const [{ fromBlock, toBlock }] = each.params as [{ fromBlock: string; toBlock: string }];
      asked.logs++;
      const last = toBlock === "latest" ? await chain.provider.getBlockNumber() : Number(toBlock);
      if (last - Number(fromBlock) + 1 > mostBlocks) {
        asked.refused++;
        throw Object.assign(new Error(`query exceeds max block range ${mostBlocks}`), {
          code: -32_005,
        });
      }
    }
    return inner.request(each);
  };
  const provider = new BrowserProvider({ request }, undefined, { cacheTimeout: -1 });
  return { provider, asked };
}

describe("a node that answers eth_getLogs for few blocks", () => {
  it.each([1000, 37, 1])("at a time, %i, is read in pages", async (mostBlocks) => {
    const [honest, liar] = [await freshWallet(chain), await freshWallet(chain)];
    for (const wallet of [honest, liar]) await playerOn(chain, wallet, machine()).deposit(stake);
    if (mostBlocks === 1000) await chain.mine(5000);
    const { provider, asked } = cappedNode(mostBlocks);
    const player = new Player({
      arbiter: chain.address,
      fromBlock: mostBlocks === 1 ? await chain.provider.getBlockNumber() : 0,
      signer: honest.connect(provider),
      execution: async () => machine(),
      sender: { pollMs: 5 },
    });
    const bad = playerOn(chain, liar, machine(flippedFrom(613)));
    await player.challenge(await signedBy(chain, liar, machine(flippedFrom(613))));
    const id = await newest();
    expect((await playOut(chain, [player, bad], id)).losers).toBe(1);
    expect(asked.refused).toBeGreaterThan(0);
  });

  it("is asked once for what cannot change any more", async () => {
    await chain.mine(3000);
    const { provider, asked } = cappedNode(500);
    const client = new ArbiterClient(chain.address, provider);
    const all = await client.allDisputes();
    expect(all.map(({ id }) => id)).toEqual((await chain.client.allDisputes()).map(({ id }) => id));
    expect(all.length).toBeGreaterThan(0);
    const first = asked.logs;
    await chain.mine(10);
    expect(await client.allDisputes()).toEqual(all);
    expect(first).toBeGreaterThan(10);
    expect(asked.logs - first).toBe(1);
    // The page grows to nearly what the node answers: 8,000 blocks are no 8,000 questions.
    expect(asked.refused).toBeLessThan(20);
  });
});

describe("a reorganisation", () => {
  it("that undoes an opening is answered by opening again, once", async () => {
    const [honest, liar] = [await freshWallet(chain), await freshWallet(chain)];
    const bad = playerOn(chain, liar, machine(flippedFrom(613)));
    for (const wallet of [honest, liar]) await playerOn(chain, wallet, machine()).deposit(stake);
    const events: PlayerEvent[] = [];
    const player = playerOn(chain, honest, machine(), undefined, (event) => events.push(event));
    const claim = await signedBy(chain, liar, machine(flippedFrom(613)));
    const before = await newest();
    const snapshot = await chain.provider.send("evm_snapshot", []);
    await player.challenge(claim);
    expect(await newest()).toBe(before + 1n);
    await chain.provider.send("evm_revert", [snapshot]);
    await chain.mine(3);
    expect(await newest()).toBe(before);
    await player.tick();
    expect(await newest()).toBe(before + 1n);
    const id = await newest();
    expect((await playOut(chain, [player, bad], id)).losers).toBe(1);
    expect(events.filter(({ kind }) => kind === "reopened")).toEqual([{ kind: "reopened", id }]);
    await chain.mine(70);
    await player.tick();
    expect(await newest()).toBe(id);
  });
  it("that undoes an opening keeps no other dispute waiting, however long opening again takes", async () => {
    const [honest, liar] = [await freshWallet(chain), await freshWallet(chain)];
    const bad = playerOn(chain, liar, machine(flippedFrom(613)));
    for (const wallet of [honest, liar]) await playerOn(chain, wallet, machine()).deposit(stake);
    const claim = await signedBy(chain, liar, machine(flippedFrom(613)));
    const other = { ...claim.transition, inputRoot: `0x${"77".repeat(32)}` as const };
    let asked = 0;
    let give = (_: undefined) => {};
    const never = new Promise<undefined>((resolve) => {
      give = resolve;
    });
    const events: PlayerEvent[] = [];
    const player = new Player({
      arbiter: chain.address,
      signer: honest,
      execution: ({ inputRoot }) => {
        if (inputRoot !== other.inputRoot) return Promise.resolve(machine());
        asked++;
        return never;
      },
      sender: { pollMs: 5 },
      pollMs: 5,
      onEvent: (event) => events.push(event),
    });
    await player.challenge(claim);
    const id = await newest();
    const block = await chain.provider.getBlockNumber();
    await player.watchOpening({ ...claim, transition: other }, block);
    const stopped = new AbortController();
    const following = player.follow(stopped.signal);
    // An opening that is lost has no number; a dispute whose state moved while it was read is asked for again.
    const lost = () => events.filter((event) => event.kind === "failed" && event.id === 0n);
    while (!events.some((event) => event.kind === "moved" && event.id === id)) {
      await bad.tick();
      expect(lost()).toEqual([]);
    }
    expect(asked).toBe(1);
    stopped.abort();
    give(undefined);
    await following;
    // The round that was under way may have tried once more; each try is told.
    expect(lost()).toHaveLength(asked);
  });
});

describe("a dispute that is over", () => {
  it("leaves nothing kept, however it ended", async () => {
    const [honest, liar] = [await freshWallet(chain), await freshWallet(chain)];
    for (const wallet of [honest, liar]) await playerOn(chain, wallet, machine()).deposit(stake);
    let released = 0;
    const execution = Object.assign(machine(), { release: () => released++ });
    const player = playerOn(chain, honest, execution);
    const claim = await signedBy(chain, liar, machine(flippedFrom(613)));
    await player.challenge(claim);
    // The liar is silent: the dispute ends by the clock.
    expect((await playOut(chain, [player], await newest())).losers).toBe(1);
    await player.tick();
    expect(released).toBe(1);
  });
});
