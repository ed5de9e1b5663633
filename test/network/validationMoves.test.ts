/**
 * Random sequences of moves on Validation and Rewards against a model: what each account has paid in is with a validator,
 * to somebody's credit, reserved, in a budget or burned, to the wei, after every move; nobody is chosen twice in a row, no
 * fragment is paid twice, every turn ends; fees for what is void come back, once; and at the end every deposit that was
 * not lost leaves, and no reservation stays behind what can never be final.
 */
import type { EventLog } from "ethers";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Hash } from "../../src/game/index.ts";
import { clusterStatus, fragmentStatus, validatorStatus } from "../../src/history/index.ts";
import {
  type BegunFragment,
  beginFragment,
  confirmTurn,
  drawOnce,
  fragmentOf,
  startValidation,
  type ValidatedNetwork,
  validationGaps,
  withValidations,
} from "./fragments.ts";
import { failure, fromOneState, send } from "./network.ts";
import { asAccount } from "./offices.ts";

/** Accounts of the validators. */
const pool = [9, 10, 11, 12];
const isDeep = process.env.DEEP === "true";
/** Sequences of 2^k moves, k up to 4 (DEEP: 8), so many of them. */
const [longest, runs] = isDeep ? [8, 24] : [4, 3];

let network: ValidatedNetwork;

const kinds = [
  "register",
  "deregister",
  "withdraw",
  "begin",
  "draw",
  "draw",
  "confirm",
  "confirm",
  "miss",
  "miss",
  "resign",
  "reclaim",
  "finish",
  "convict",
  "bind",
  "halt",
  "close",
  "wait",
] as const;

const moves = fc.integer({ min: 0, max: longest }).chain((k) =>
  fc.array(fc.record({ kind: fc.constantFrom(...kinds), who: fc.nat(3), which: fc.nat(2) }), {
    minLength: 2 ** k,
    maxLength: 2 ** k,
  }),
);

/** What a sequence has begun, and what the arbiter has open. */
interface Play {
  readonly fragments: BegunFragment[];
  /** Last chosen of each fragment. */
  readonly before: Map<Hash, string>;
  /** Disputes about confirmations. */
  readonly bound: bigint[];
}

const sendBy = (index: number, method: string, args: readonly unknown[], value = 0n) =>
  failure(send(network.validation, network.signers[index], method, args, value));

/** By the arbiter itself, as a verdict would. */
async function byArbiter(method: string, args: readonly unknown[]) {
  const arbiter = await asAccount(network, network.addresses.validationArbiter);
  return failure(send(network.validation, arbiter, method, args));
}

const acts: Readonly<Record<string, (play: Play, who: number, which: number) => Promise<unknown>>> =
  {
    async register(_, who) {
      const account = network.accounts[pool[who]];
      const { deposit: there } = await network.validations.validator(account);
      const { deposit } = network.parameters.validation;
      return sendBy(pool[who], "register", [], deposit - there);
    },
    deregister: (_, who) => sendBy(pool[who], "deregister", []),
    withdraw: (_, who) => sendBy(pool[who], "withdraw", []),
    async begin(play) {
      if (play.fragments.length < 3) play.fragments.push(await beginFragment(network));
    },
    async draw(play, _, which) {
      const begun = play.fragments[which];
      if (begun === undefined) return;
      const { status } = await fragmentOf(network, begun.id);
      if (status !== fragmentStatus.drawing) return;
      const fragment = await drawOnce(network, begun.id).catch(() => undefined);
      if (fragment?.status !== fragmentStatus.turn) return;
      // Neither by design nor by chance the same one twice in a row.
      expect(fragment.chosen).not.toBe(play.before.get(begun.id));
      play.before.set(begun.id, fragment.chosen);
    },
    async confirm(play, _, which) {
      const begun = play.fragments[which];
      if (begun === undefined) return;
      const fragment = await fragmentOf(network, begun.id);
      if (fragment.status === fragmentStatus.turn) await failure(confirmTurn(network, fragment));
    },
    async miss(play, who, which) {
      const begun = play.fragments[which];
      if (begun === undefined) return;
      if (who < 2) await network.mine(13);
      await sendBy(6, "miss", [begun.id]);
    },
    async resign(play, _, which) {
      const begun = play.fragments[which];
      if (begun === undefined) return;
      const { status, chosen } = await fragmentOf(network, begun.id);
      if (status !== fragmentStatus.turn) return;
      // Whatever else is open, a turn holds nobody who wants to leave it.
      expect(await sendBy(network.accounts.indexOf(chosen), "miss", [begun.id])).toBe("done");
    },
    async reclaim(play, who, which) {
      const begun = play.fragments[which];
      if (begun !== undefined) await reclaim(begun.id, pool[who]);
    },
    async finish(play, who, which) {
      const begun = play.fragments[which];
      if (begun === undefined) return;
      if (who < 2) await network.mine(9);
      await sendBy(6, "finish", [begun.id]);
    },
    async bind(play, _, which) {
      const number = await confirmationOf(play, which);
      if (number === undefined || play.bound.includes(number)) return;
      if ((await accusable(number)) && (await byArbiter("bind", [number])) === "done") {
        play.bound.push(number);
      }
    },
    async convict(play, who) {
      const number = play.bound.shift();
      if (number === undefined) return;
      if (who === 3) await byArbiter("release", [number]);
      else await byArbiter("convict", [number, network.accounts[15]]);
    },
    async halt(play, who, which) {
      const begun = play.fragments[which];
      if (begun === undefined || who !== 0) return;
      await failure(send(network.clusters, network.signers[0], "halt", [begun.cluster]));
    },
    async close(play, who, which) {
      const begun = play.fragments[which];
      if (begun === undefined || who !== 0) return;
      await failure(send(network.clusters, network.signers[0], "close", [begun.cluster]));
    },
    wait: (_, who) => network.mine(1 + 7 * who),
  };

async function confirmationOf({ fragments }: Play, which: number): Promise<bigint | undefined> {
  const begun = fragments[which];
  if (begun === undefined) return undefined;
  const all = await network.validations.confirmations(begun.id);
  return all.at(-1)?.id;
}

const accusable = (number: bigint): Promise<boolean> =>
  network.validation.requireAccusable(number).then(
    () => true,
    () => false,
  );

/** Takes back what missed turns of a fragment have cost an account, if that is due. */
async function reclaim(id: Hash, index: number) {
  const account = network.accounts[index];
  const isVoid = (await fragmentOf(network, id)).status === fragmentStatus.void;
  const fees: bigint = await network.validation.feesOf(id, account);
  const before: bigint = await network.validation.credits(account);
  const answer = await sendBy(index, "reclaim", [id]);
  expect(answer).toBe(isVoid ? "done" : "WrongFragmentStatus");
  const after: bigint = await network.validation.credits(account);
  expect(after - before).toBe(isVoid ? fees : 0n);
}

/** All fees are back for what is void, and no others. */
async function reclaimAll({ fragments }: Play) {
  const { validation } = network;
  const spent = async (filter: "Missed" | "Reclaimed", id: Hash) =>
    ((await validation.queryFilter(validation.filters[filter](id), 0)) as EventLog[]).reduce(
      (sum, { args }) => sum + (args.fee as bigint),
      0n,
    );
  for (const { id } of fragments) {
    for (const index of pool) await reclaim(id, index);
    const { status } = await fragmentOf(network, id);
    const isVoid = status === fragmentStatus.void;
    expect(await spent("Reclaimed", id)).toBe(isVoid ? await spent("Missed", id) : 0n);
  }
}

/** What nothing can make final is void once its cluster is closed, and all of its pay is out of the reservation. */
async function voidRefuted({ fragments }: Play) {
  for (const { id, cluster } of fragments) {
    await failure(send(network.clusters, network.signers[0], "close", [cluster]));
    const { status, height } = await fragmentOf(network, id);
    const known = await network.reader.cluster(cluster);
    expect(known?.status).toBe(clusterStatus.closed);
    const isRefuted = known?.refutedHeight !== undefined && height >= known.refutedHeight;
    const isOpen = status < fragmentStatus.final;
    const answer = await sendBy(6, "void", [id]);
    expect(answer).toBe(isOpen ? (isRefuted ? "done" : "StillInLine") : "WrongFragmentStatus");
    const { workers, validations } = await network.rewards.reservationOf(id);
    expect(workers + validations > 0n).toBe(isOpen && !isRefuted);
  }
}

/** Nobody is in the pool of whose deposit the fees have taken more than the turns that it may miss in a row. */
async function expectBacked() {
  const { deposit, missFee, mostMisses } = network.parameters.validation;
  for (const index of pool) {
    const known = await network.validations.validator(network.accounts[index]);
    if (known.status !== validatorStatus.active) continue;
    expect(deposit - known.deposit).toBeLessThanOrEqual(missFee * BigInt(mostMisses));
  }
}

async function expectConserved({ fragments }: Play) {
  const clusters = fragments.map(({ cluster }) => cluster);
  const ids = fragments.map(({ id }) => id);
  expect(await validationGaps(network, clusters, ids)).toEqual([0n, 0n]);
}

/** A fragment's turn ends, whoever is silent. */
async function endTurns({ fragments }: Play) {
  for (const { id } of fragments) {
    for (let tries = 0; tries < 12; tries++) {
      const { status, turnBlocks } = await fragmentOf(network, id);
      if (status !== fragmentStatus.turn) break;
      await network.mine(turnBlocks + 1);
      await sendBy(6, "miss", [id]);
    }
    expect((await fragmentOf(network, id)).status).not.toBe(fragmentStatus.turn);
  }
}

/** Everybody leaves with what was not lost. */
async function leave(play: Play) {
  for (const number of play.bound.splice(0)) await byArbiter("release", [number]);
  await endTurns(play);
  await voidRefuted(play);
  await reclaimAll(play);
  for (const index of pool) await sendBy(index, "deregister", []);
  await network.mine(network.parameters.validation.longestBlocks);
  for (const index of pool) {
    const { status, deposit } = await network.validations.validator(network.accounts[index]);
    if (status === validatorStatus.inactive) {
      const before: bigint = await network.validation.credits(network.accounts[index]);
      expect(await sendBy(index, "withdraw", [])).toBe("done");
      const after: bigint = await network.validation.credits(network.accounts[index]);
      expect(after - before).toBe(deposit);
    }
  }
}

test("whatever is done, sums hold, turns end, deposits leave", async () => {
  const begin = fromOneState(async () => ({
    network: await startValidation("simulated", { mostUnconfirmed: 2 }),
  }));
  await fc.assert(
    fc.asyncProperty(moves, async (sequence) => {
      network = withValidations((await begin()).network);
      const play: Play = { fragments: [], before: new Map(), bound: [] };
      for (const index of [0, 1]) await acts.register(play, index, 0);
      await acts.begin(play, 0, 0);
      for (const { kind, who, which } of sequence) {
        await acts[kind](play, who, which);
        await expectConserved(play);
        await expectBacked();
      }
      await leave(play);
      await expectConserved(play);
    }),
    { seed: 15, numRuns: runs, endOnFailure: true },
  );
}, 600_000);

test("a fragment is paid once", async () => {
  network = await startValidation();
  for (const index of pool.slice(0, 2)) await acts.register({} as Play, pool.indexOf(index), 0);
  const begun = await beginFragment(network);
  for (;;) {
    const fragment = await drawOnce(network, begun.id);
    if (fragment.status === fragmentStatus.decided) break;
    if (fragment.status === fragmentStatus.turn) await confirmTurn(network, fragment);
  }
  await network.mine(9);
  expect(await sendBy(6, "finish", [begun.id])).toBe("done");
  const { workers, validations } = await network.rewards.reservationOf(begun.id);
  expect([workers, validations]).toEqual([0n, 0n]);
  for (const method of ["finish", "void", "miss", "redraw"]) {
    expect(await sendBy(6, method, [begun.id])).toBe("WrongFragmentStatus");
  }
});

test("a draw chooses each of N validators with chance 1/N, and the one before with none", async () => {
  network = await startValidation("simulated", {
    mostMisses: 255,
    mostUnconfirmed: 255,
    missFee: 1n,
  });
  for (const index of [0, 1, 2, 3]) await acts.register({} as Play, index, 0);
  const { id } = await beginFragment(network);
  const counts = new Map<string, number>();
  const draws = isDeep ? 240 : 24;
  let before = "";
  for (let turn = 0; turn < draws; turn++) {
    const { chosen, turnBlocks } = await drawOnce(network, id);
    expect(chosen).not.toBe(before);
    before = chosen;
    counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
    await network.mine(turnBlocks + 1);
    expect(await sendBy(6, "miss", [id])).toBe("done");
  }
  // Four sigma around a quarter of the draws.
  const deviation = 4 * Math.sqrt(draws * 0.25 * 0.75);
  for (const index of pool) {
    const count = counts.get(network.accounts[index]) ?? 0;
    expect(Math.abs(count - draws / 4)).toBeLessThan(deviation);
  }
});
