import { describe, expect, it } from "vitest";
import { Player } from "../../src/game/player/player.ts";
import { type Actor, newActor } from "./actors.ts";
import { freshWallet, registerToy, stake, startChain } from "./chain.ts";
import { playOut, signedBy } from "./play.ts";
import { flippedFrom, Simulation, toyGenesis } from "./simulation.ts";

/** What a player holds is bounded by what is disputed, not by the calls that it knows (docs/game.md §7). */
const program = { steps: 300, fuel: 1, name: 31 };
const genesis = toyGenesis(program);
const inputs = Array.from({ length: 30 }, (_, i) => `0x${`${10 + i}`.repeat(32)}`);

/** Executions that are held, and how many were at most. */
const held = new Set<Execution>();
let most = 0;

class Execution extends Simulation {
  constructor(input: string) {
    super(program, genesis, input);
    held.add(this);
    most = Math.max(most, held.size);
  }

  release(): void {
    held.delete(this);
  }
}

describe("a player that knows thirty calls", () => {
  it("makes executions of those alone that are disputed, and frees each with its last dispute", async () => {
    const chain = await startChain();
    await registerToy(chain, program);
    const asked = new Set<string>();
    const player = new Player({
      arbiter: chain.address,
      signer: await freshWallet(chain),
      sender: { pollMs: 5 },
      execution: async ({ inputRoot }) => {
        asked.add(inputRoot);
        return inputs.includes(inputRoot) ? new Execution(inputRoot) : undefined;
      },
    });
    await player.deposit(3n * stake);
    const disputed = [inputs[3], inputs[11], inputs[29]];
    const liars: Actor[] = [];
    for (const input of disputed) {
      const wrong = new Simulation(program, genesis, input, flippedFrom(100));
      liars.push(await newActor(chain, wrong));
    }
    const begin = async (i: number) => {
      const { wallet, execution } = liars[i];
      await player.challenge(await signedBy(chain, wallet, execution));
      return chain.client.contract.disputeCount();
    };
    const end = async (i: number, id: bigint) => {
      expect((await playOut(chain, [player, liars[i].player], id)).losers).toBe(1);
      await player.tick();
    };
    await end(0, await begin(0));
    expect([held.size, most]).toEqual([0, 1]);
    const [second, third] = [await begin(1), await begin(2)];
    await end(1, second);
    expect([held.size, most]).toEqual([1, 2]);
    await end(2, third);
    expect([held.size, most]).toEqual([0, 2]);
    expect([...asked]).toEqual(disputed);
  });
});
