import { beforeAll, describe, expect, it } from "vitest";
import { pause } from "../../src/game/chain/sender.ts";
import { Player, type PlayerEvent } from "../../src/game/player/player.ts";
import type { Execution } from "../../src/game/trace/execution.ts";
import { type Chain, freshWallet, registerToy, stake, startChain } from "./chain.ts";
import { playerOn, playOut, signedBy } from "./play.ts";
import { flippedFrom, ofLength, Simulation, toyGenesis } from "./simulation.ts";

/** What goes wrong around an honest player: its own data, other senders, several disputes at once, a leaving liar. */
const program = { steps: 1000, fuel: 3, name: 7 };
const input = `0x${"11".repeat(32)}`;
const machine = (fault?: ConstructorParameters<typeof Simulation>[3], data = input) =>
  new Simulation(program, toyGenesis(program), data, fault);

let chain: Chain;
beforeAll(async () => {
  chain = await startChain();
  await registerToy(chain, program);
});

const newest = (): Promise<bigint> => chain.client.contract.disputeCount();

async function funded(count: number) {
  const wallets = await Promise.all(Array.from({ length: count }, () => freshWallet(chain)));
  for (const wallet of wallets) await playerOn(chain, wallet, machine()).deposit(stake);
  return wallets;
}

describe("an honest player", () => {
  it("asks its execution source again after a failure, and after it did not know the call", async () => {
    const [liar, honest] = await funded(2);
    let asked = 0;
    const events: PlayerEvent[] = [];
    const player = new Player({
      arbiter: chain.address,
      signer: honest,
      sender: { pollMs: 5 },
      execution: async () => {
        asked++;
        if (asked === 1) throw new Error("disk busy");
        return asked === 2 ? undefined : machine();
      },
      onEvent: (event) => events.push(event),
    });
    const bad = playerOn(chain, liar, machine(flippedFrom(5)));
    await bad.challenge(await signedBy(chain, honest, machine()));
    const { losers } = await playOut(chain, [player, bad], await newest());
    expect(losers).toBe(2);
    expect(asked).toBe(3);
    expect(events.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["failed", "unknown-call"]),
    );
  });

  it("is not kept out by a sham dispute about the same result that comes first", async () => {
    const [liar, confederate, honest] = await funded(3);
    const lie = await signedBy(chain, liar, machine(flippedFrom(5)));
    const player = playerOn(chain, honest, machine());
    const sham = machine(ofLength(900));
    await chain.provider.send("evm_setAutomine", [false]);
    const opening = player.challenge(lie).catch((error) => error);
    try {
      await pause(300);
      const { transition, signature } = lie;
      const first = {
        transition,
        signature,
        beginWitness: await sham.beginWitness(),
        originProof: await sham.registerProof(0),
      };
      await chain.client.contract.connect(confederate).getFunction("open")(
        first,
        { ...(await sham.claim()), standing: 0 },
        await sham.registerProof(900),
        {
          gasLimit: 1_000_000,
          maxPriorityFeePerGas: 10n ** 11n,
          maxFeePerGas: 2n * 10n ** 11n,
        },
      );
      await chain.provider.send("evm_mine", []);
    } finally {
      await chain.provider.send("evm_setAutomine", [true]);
    }
    // The sham dispute keeps nobody out: one stake backs the result in both.
    expect(await opening).not.toBeInstanceOf(Error);
    const id = await newest();
    const { losers } = await playOut(chain, [player], id);
    expect(losers).toBe(1);
  });

  it("answers one dispute while the answer to another takes long", async () => {
    const [first, second, honest] = await funded(3);
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = machine();
    const other = machine(undefined, `0x${"22".repeat(32)}`);
    const blocked: Execution = Object.assign(Object.create(slow) as Execution, {
      call: slow.call,
      registerProof: async (step: number) => {
        await released;
        return slow.registerProof(step);
      },
    });
    const moved: bigint[] = [];
    const player = new Player({
      arbiter: chain.address,
      signer: honest,
      sender: { pollMs: 5 },
      pollMs: 20,
      execution: async ({ inputRoot }) => (inputRoot === other.call.inputRoot ? other : blocked),
      onEvent: (event) => event.kind === "moved" && moved.push(event.id),
    });
    await player.deposit(stake);
    const liars = [machine(flippedFrom(5)), machine(flippedFrom(5), `0x${"22".repeat(32)}`)];
    const bad = [first, second].map((wallet, i) => playerOn(chain, wallet, liars[i]));
    await bad[0].challenge(await signedBy(chain, honest, slow));
    const long = await newest();
    await bad[1].challenge(await signedBy(chain, honest, other));
    const short = await newest();
    const stop = new AbortController();
    const following = player.follow(stop.signal);
    const { losers } = await playOut(
      chain,
      [bad[1], { tick: () => pause(30).then(() => true) }],
      short,
    );
    expect(losers).toBe(2);
    expect(new Set(moved)).toEqual(new Set([short]));
    release();
    stop.abort();
    await following;
    expect(new Set(moved)).toEqual(new Set([short, long]));
  });
});

describe("a liar that leaves", () => {
  it("cannot carry its bond past the cooling-off by a sham dispute about another call", async () => {
    const [liar, confederate, honest] = await funded(3);
    const lie = await signedBy(chain, liar, machine(flippedFrom(5)));
    const { contract } = chain.client;
    const asLiar = contract.connect(liar);
    await (await asLiar.getFunction("requestWithdrawal")(stake)).wait();
    const data = `0x${"33".repeat(32)}`;
    const [truth, wrong] = [machine(undefined, data), machine(flippedFrom(1), data)];
    const one = await signedBy(chain, confederate, wrong);
    const two = await signedBy(chain, liar, truth);
    const opening = {
      transition: one.transition,
      signature: one.signature,
      beginWitness: await truth.beginWitness(),
      originProof: await truth.registerProof(0),
    };
    const asConfederate = contract.connect(confederate).getFunction("openBetween");
    await (await asConfederate(opening, two.transition, two.signature)).wait();
    const player = playerOn(chain, honest, machine());
    const refusal = await player.challenge(lie).catch((error) => error);
    expect(refusal.reason).toBe("InsufficientDeposit");
    const situation = await chain.client.situation(await chain.client.opened(await newest()));
    await chain.mine(300);
    await (await asLiar.getFunction("claimTimeout")(situation?.dispute)).wait();
    const tooEarly = await asLiar
      .getFunction("withdraw")
      .staticCall()
      .catch((error) => error);
    expect(tooEarly.revert.name).toBe("CoolingOff");
    await player.challenge(lie);
    const { losers } = await playOut(chain, [player], await newest());
    expect(losers).toBe(1);
  });
});
