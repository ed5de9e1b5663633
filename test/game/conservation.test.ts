import { hexlify, type Wallet } from "ethers";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type Hash, type Transition, transitionOf, zeroHash } from "../../src/game/claim/claim.ts";
import { standingKey } from "../../src/game/claim/keys.ts";
import type { Dispute } from "../../src/game/search/disputeState.ts";
import { phases } from "../../src/game/search/disputeState.ts";
import { points } from "../../src/game/search/search.ts";
import { honestMove } from "../../src/game/search/strategy.ts";
import { inputRoot } from "../../src/merkle/index.ts";
import { type Chain, freshWallet, ledgerGap, registerToy, stake, startChain } from "./chain.ts";
import { signedBy } from "./play.ts";
import { flippedFrom, ofLength, Simulation, toyGenesis } from "./simulation.ts";

/**
 * The contract as a state machine under arbitrary calls: whatever three accounts do, in whatever order, with whatever
 * arguments, the books balance to the wei after every call, and in the end everything that is not burned can leave.
 */
const program = { steps: 40, fuel: 2, name: 77 };
const input = `0x${"33".repeat(32)}`;
const runs = process.env.DEEP === "true" ? 150 : 12;

const kinds = [
  "deposit",
  "requestWithdrawal",
  "withdraw",
  "open",
  "openFuel",
  "openBetween",
  "equivocate",
  "play",
  "play",
  "play",
  "play",
  "playWrongly",
  "replayOld",
  "claimTimeout",
  "post",
  "oppose",
  "oppose",
  "finalize",
  "takeBack",
  "pass",
] as const;

interface Action {
  readonly kind: (typeof kinds)[number];
  readonly who: number;
  readonly whom: number;
  readonly amount: number;
}

const action: fc.Arbitrary<Action> = fc.record({
  kind: fc.constantFrom(...kinds),
  who: fc.integer({ min: 0, max: 2 }),
  whom: fc.integer({ min: 0, max: 2 }),
  amount: fc.integer({ min: 0, max: 40 }),
});

interface PostedClaim {
  readonly transition: Transition;
  /** The claim's key. */
  readonly signature: Hash;
}

/** A call of its own for each walk: what is final in one would be final in the next. */
let walks = 0;
const content = () => Uint8Array.from({ length: 32 }, (_, i) => (++walks >> (i % 24)) & 255);

class World {
  readonly chain: Chain;
  readonly wallets: readonly Wallet[];
  readonly bytes = content();
  readonly input = hexlify(inputRoot(this.bytes));
  /** Account 0 runs the true machine; 1 and 2 wrong ones. */
  readonly traces = [
    new Simulation(program, toyGenesis(program), this.input),
    new Simulation(program, toyGenesis(program), this.input, flippedFrom(17)),
    new Simulation(program, toyGenesis(program), this.input, ofLength(23)),
  ];
  readonly ids: bigint[] = [];
  readonly claims: PostedClaim[] = [];
  readonly seen: Dispute[] = [];
  accepted = 0;

  constructor(chain: Chain, wallets: readonly Wallet[]) {
    this.chain = chain;
    this.wallets = wallets;
  }

  /** Sends a call; a revert is one of the possible answers. */
  async call(who: number, method: string, args: readonly unknown[], value = 0n): Promise<void> {
    const contract = this.chain.client.contract.connect(this.wallets[who]);
    try {
      const sent = await contract.getFunction(method)(...args, { value, gasLimit: 3_000_000 });
      await sent.wait();
      this.accepted++;
    } catch (error) {
      if (
        (error as { code?: string }).code !== "CALL_EXCEPTION" &&
        !/revert/i.test(String(error))
      ) {
        throw error;
      }
    }
  }

  async opening(whom: number) {
    const trace = this.traces[whom];
    const claim = await signedBy(this.chain, this.wallets[whom], trace);
    const beginWitness = await trace.beginWitness();
    const originProof = await trace.registerProof(0);
    return { ...claim, beginWitness, originProof };
  }

  async dispute(amount: number): Promise<Dispute | undefined> {
    const id = this.ids[amount % Math.max(this.ids.length, 1)];
    if (id === undefined) return undefined;
    const situation = await this.chain.client.situation(await this.chain.client.opened(id));
    return situation?.dispute;
  }

  async act({ kind, who, whom, amount }: Action): Promise<void> {
    const mine = this.traces[who];
    const before: bigint = await this.chain.client.contract.disputeCount();
    switch (kind) {
      case "deposit":
        await this.call(who, "deposit", [], (stake * BigInt(amount)) / 10n);
        break;
      case "requestWithdrawal":
        await this.call(who, "requestWithdrawal", [(stake * BigInt(amount)) / 20n]);
        break;
      case "withdraw":
        await this.call(who, "withdraw", []);
        break;
      case "open": {
        const claim = { ...(await mine.claim()), standing: amount % 3 };
        const proof = await mine.registerProof(Number(claim.steps));
        await this.call(who, "open", [await this.opening(whom), claim, proof]);
        break;
      }
      case "openFuel":
        await this.call(who, "openFuel", [await this.opening(whom), amount]);
        break;
      case "openBetween": {
        const other = await this.opening((whom + 1) % 3);
        const args = [await this.opening(whom), other.transition, other.signature];
        await this.call(who, "openBetween", args);
        break;
      }
      case "equivocate": {
        const one = await this.opening(whom);
        const two = await signedBy(this.chain, this.wallets[whom], this.traces[(whom + 1) % 3]);
        const args = [one.transition, one.signature, two.transition, two.signature];
        await this.call(who, "reportEquivocation", args);
        break;
      }
      case "post":
        await this.post(who, whom);
        break;
      case "oppose": {
        const posted = this.claims[amount % Math.max(this.claims.length, 1)];
        if (posted === undefined) break;
        const claim = { ...(await mine.claim()), standing: 0 };
        const proof = await mine.registerProof(Number(claim.steps));
        const opening = { ...(await this.opening(who)), ...posted };
        await this.call(who, "open", [opening, claim, proof]);
        break;
      }
      case "finalize":
      case "takeBack": {
        const posted = this.claims[amount % Math.max(this.claims.length, 1)];
        if (posted !== undefined) await this.call(who, kind, [posted.signature]);
        break;
      }
      case "pass":
        await this.chain.mine(amount * 4 + 1);
        break;
      default:
        await this.move(kind, who, amount);
    }
    const after: bigint = await this.chain.client.contract.disputeCount();
    if (after > before) this.ids.push(after);
  }

  /** Posts the result of one party's machine as another's claim; on an input that all of them know. */
  async post(who: number, whom: number): Promise<void> {
    const trace = this.traces[whom];
    const claim = await trace.claim();
    const posting = {
      transition: transitionOf(trace.call, claim),
      input: "0x",
      beginWitness: await trace.beginWitness(),
      originProof: await trace.registerProof(0),
      resultProof: await trace.registerProof(Number(claim.steps)),
      parent: zeroHash,
    };
    await this.call(who, "post", [posting]);
    const signature = standingKey(this.wallets[who].address, trace.call, claim);
    this.claims.push({ transition: posting.transition, signature });
  }

  async move(kind: string, who: number, amount: number): Promise<void> {
    const dispute = await this.dispute(amount);
    if (dispute === undefined) return;
    const stale = this.seen[amount % Math.max(this.seen.length, 1)];
    this.seen.push(dispute);
    if (kind === "claimTimeout") return this.call(who, "claimTimeout", [dispute]);
    if (kind === "replayOld") return this.call(who, "claimTimeout", [stale ?? dispute]);
    const mover = dispute.parties.indexOf(this.wallets[who].address);
    const posted =
      (await this.chain.client.moves(await this.chain.client.opened(dispute.id))).at(-1)?.hashes ??
      [];
    if (kind === "playWrongly" && dispute.phase === phases.search) {
      const length = points(dispute.startStep, dispute.endStep, this.chain.parameters.k).length;
      const vector = Array.from({ length }, () => input);
      if (BigInt(dispute.pending) === 0n) return this.call(who, "postVector", [dispute, vector]);
      const part = [dispute.startState, posted[0] ?? input];
      return this.call(who, "choosePart", [dispute, amount % 3, part, posted.slice(1, 3), input]);
    }
    const side = mover < 0 ? ((amount % 2) as 0 | 1) : (mover as 0 | 1);
    const { k } = this.chain.parameters;
    const move = await honestMove({ dispute, posted }, side, this.traces[who], k).catch(
      () => undefined,
    );
    if (move !== undefined) await this.call(who, move.method, [dispute, ...move.args]);
  }

  /** Ends every dispute by time alone and takes everything out. */
  async windUp(): Promise<void> {
    for (let pass = 0; pass < this.ids.length; pass++) {
      const dispute = await this.dispute(pass);
      if (dispute === undefined) continue;
      await this.chain.mine(200);
      await this.call(0, "claimTimeout", [dispute]);
    }
    // Every claim can be closed: final, refuted, or taken back once nobody has opposed it.
    await this.chain.mine(2000);
    for (const { signature } of this.claims) {
      await this.call(0, "finalize", [signature]);
      await this.call(0, "takeBack", [signature]);
    }
    for (const [who, wallet] of this.wallets.entries()) {
      const { free } = await this.chain.client.contract.accounts(wallet.address);
      if (free === 0n) continue;
      await this.call(who, "requestWithdrawal", [free]);
      await this.chain.mine(60);
      await this.call(who, "withdraw", []);
    }
  }
}

describe("Arbiter under arbitrary calls", () => {
  let chain: Chain;
  beforeAll(async () => {
    chain = await startChain();
    await registerToy(chain, program);
  });

  it("balances its books after every call and locks nothing for ever", async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 20, maxLength: 45 }), async (actions) => {
        const wallets = await Promise.all([0, 1, 2].map(() => freshWallet(chain)));
        const addresses = wallets.map(({ address }) => address);
        const world = new World(chain, wallets);
        for (const who of [0, 1, 2]) await world.call(who, "deposit", [], 2n * stake);
        await world.call(0, "publishInput", [world.bytes]);
        for (const each of actions) {
          await world.act(each);
          expect(await ledgerGap(chain, addresses)).toBe(0n);
        }
        await world.windUp();
        for (const id of world.ids) {
          expect(await chain.client.isOpen(await chain.client.opened(id))).toBe(false);
        }
        for (const address of addresses)
          expect((await chain.client.contract.accounts(address)).staked).toBe(0n);
        // Other walks' accounts have left too: nothing is anybody's any more.
        expect(await chain.provider.getBalance(chain.address)).toBe(
          await chain.client.contract.burned(),
        );
        accepted += world.accepted;
      }),
      { seed: 2024, numRuns: runs, endOnFailure: true },
    );
    // The walk has to get somewhere: most of what it tries must not simply revert.
    expect(accepted).toBeGreaterThan(runs * 12);
  });
});
