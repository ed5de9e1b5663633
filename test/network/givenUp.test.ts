/**
 * Fragments that cannot be validated, or that nothing can follow: given up when too many turns were missed, void in a closed
 * cluster; branches of a line. Nobody's money stays behind, and nothing of it becomes final.
 */
import { getBytes, id, MaxUint256 } from "ethers";
import { beforeEach, describe, expect, test } from "vitest";
import { type Hash, honestMove } from "../../src/game/index.ts";
import {
  type ApplicationState,
  type ClusterGeneration,
  ConfirmationPlayer,
  clusterStatus,
  fragmentStatus,
  type Header,
  headerName,
  type Manifest,
  parentLinks,
  precommitFor,
  reportOfHeader,
  validatorStatus,
} from "../../src/history/index.ts";
import { toyExecution } from "./disputes.ts";
import {
  type BegunFragment,
  beginAt,
  beginFragment,
  begunNetworks,
  checkpoint,
  confirmTurn,
  drawOnce,
  fragmentOf,
  type ValidatedNetwork,
  validationGaps,
} from "./fragments.ts";
import {
  createToyCluster,
  failure,
  generationOf,
  inOrder,
  joinAll,
  keysOf,
  runningGeneration,
  send,
} from "./network.ts";
import { asAccount } from "./offices.ts";

let network: ValidatedNetwork;
let begun: BegunFragment;

const begin = begunNetworks({ mostUnconfirmed: 2 });
beforeEach(async () => {
  ({ network, begun } = await begin());
});

const call = (method: string, args: readonly unknown[], signer = 6) =>
  failure(send(network.validation, network.signers[signer], method, args));
const gaps = () => validationGaps(network, [begun.cluster], [begun.id]);
const numberOf = (account: string) => network.accounts.indexOf(account);

/** Draws and lets the turn pass; who was chosen. */
async function missOne(id: Hash = begun.id): Promise<string> {
  const { chosen, status, turnBlocks } = await drawOnce(network, id);
  expect(status).toBe(fragmentStatus.turn);
  await network.mine(turnBlocks + 1);
  await send(network.validation, network.signers[6], "miss", [id]);
  return chosen;
}

describe("a fragment of which too many turns are missed", () => {
  test("is void; its cluster goes on from the state before, and the fees come back", async () => {
    const { missFee, deposit } = network.parameters.validation;
    const silent = [await missOne()];
    // One more than is always made, whatever p_v says.
    const turn = await drawOnce(network, begun.id);
    expect(turn).toMatchObject({ status: fragmentStatus.turn, misses: 1 });
    await confirmTurn(network, turn);
    silent.push(await missOne());
    expect(await fragmentOf(network, begun.id)).toMatchObject({
      misses: 2,
      status: fragmentStatus.drawing,
    });
    expect(await call("reclaim", [begun.id], numberOf(silent[0]))).toBe("WrongFragmentStatus");
    silent.push(await missOne());
    expect(await fragmentOf(network, begun.id)).toMatchObject({
      status: fragmentStatus.void,
      misses: 3,
    });
    expect(await network.reader.cluster(begun.cluster)).toMatchObject({
      status: clusterStatus.halted,
      refutedHeight: 2n,
      finalHeight: 0n,
    });
    expect(await gaps()).toEqual([0n, 0n]);
    // Who has confirmed has done its work.
    expect(await network.rewards.credits(turn.chosen)).toBeGreaterThan(0n);
    for (const account of new Set(silent)) {
      const fees = BigInt(silent.filter((each) => each === account).length) * missFee;
      expect((await network.validations.validator(account)).deposit).toBe(deposit - fees);
      expect(await network.validation.feesOf(begun.id, account)).toBe(fees);
      expect(await call("reclaim", [begun.id], numberOf(account))).toBe("done");
      expect(await call("reclaim", [begun.id], numberOf(account))).toBe("done");
      expect(await network.validation.credits(account)).toBe(fees);
      expect(await gaps()).toEqual([0n, 0n]);
    }
    expect(await network.validation.burned()).toBe(0n);
    for (const method of ["finish", "void", "miss", "redraw"]) {
      expect(await call(method, [begun.id])).toBe("WrongFragmentStatus");
    }
    const keys = keysOf("after");
    await joinAll(network, begun.cluster, keys);
    await send(network.clusters, network.signers[5], "seal", [begun.cluster, inOrder(keys)]);
    await network.mine(network.parameters.clusters.recoveryBlocks);
    await send(network.clusters, network.signers[5], "recover", [begun.cluster, MaxUint256]);
    expect(await network.checkpoints.countOf(begun.cluster)).toBe(0n);
  });

  test("over what was refuted, or of a validator that has lost its deposit, counts nothing", async () => {
    const { chosen } = await drawOnce(network, begun.id);
    const misbehaviour = await asAccount(network, network.addresses.misbehaviour);
    await send(network.clusters, misbehaviour, "freeze", [begun.generation, 2n]);
    expect(await call("miss", [begun.id])).toBe("TurnNotOver");
    expect(await call("miss", [begun.id], numberOf(chosen))).toBe("done");
    const { misses, status } = await fragmentOf(network, begun.id);
    expect([misses, status]).toEqual([0, fragmentStatus.drawing]);
    const { deposit } = network.parameters.validation;
    expect((await network.validations.validator(chosen)).deposit).toBe(deposit);
  });

  test("over a cluster that is only halted counts as ever: no halt makes up for a turn", async () => {
    const { missFee, deposit } = network.parameters.validation;
    const { chosen } = await drawOnce(network, begun.id);
    await send(network.clusters, network.signers[0], "halt", [begun.cluster]);
    expect(await call("miss", [begun.id], numberOf(chosen))).toBe("done");
    expect((await fragmentOf(network, begun.id)).misses).toBe(1);
    expect((await network.validations.validator(chosen)).deposit).toBe(deposit - missFee);
    expect(await gaps()).toEqual([0n, 0n]);
    await missOne();
    expect(await fragmentOf(network, begun.id)).toMatchObject({
      status: fragmentStatus.void,
      misses: 2,
    });
  });

  test("is given up in a closed cluster too", async () => {
    await send(network.clusters, network.signers[0], "close", [begun.cluster]);
    await missOne();
    await missOne();
    expect((await fragmentOf(network, begun.id)).status).toBe(fragmentStatus.void);
    expect(await network.reader.cluster(begun.cluster)).toMatchObject({
      status: clusterStatus.closed,
      refutedHeight: 2n,
    });
    const { workers, validations } = await network.rewards.reservationOf(begun.id);
    expect([workers, validations]).toEqual([0n, 0n]);
  });
});

test("a validator can leave its turn for the fee, so that no declared fuel binds its deposit", async () => {
  const plans = [
    {
      transactions: [new Uint8Array([1])],
      after: (state: ApplicationState) => ({ ...state, fuel: 9n * 10n ** 15n }),
    },
    {},
    {},
    {},
  ];
  const { id: fragment } = await beginFragment(network, plans);
  const { missFee, deposit, longestBlocks } = network.parameters.validation;
  const { chosen, turnBlocks } = await drawOnce(network, fragment);
  // Three million blocks by the declared fuel.
  expect(turnBlocks).toBe(longestBlocks);
  const signer = numberOf(chosen);
  await send(network.validation, network.signers[signer], "deregister", []);
  await network.mine(network.parameters.validation.coolingOffBlocks);
  expect(await call("withdraw", [], signer)).toBe("ValidatorNotFree");
  expect(await call("miss", [fragment])).toBe("TurnNotOver");
  expect(await call("miss", [fragment], signer)).toBe("done");
  expect(await call("withdraw", [], signer)).toBe("done");
  expect(await network.validation.credits(chosen)).toBe(deposit - missFee);
  expect((await network.validations.validator(chosen)).status).toBe(validatorStatus.withdrawn);
});

/** A cluster of two checkpoints, at heights 4 and 8, whose headers `chains` are: those to 4 and those to 8. */
async function twoCheckpoints(isBranched = false) {
  const cluster = (await createToyCluster(network)) as Hash;
  const { generation, blocks } = await runningGeneration(network, cluster, keysOf(cluster));
  const plans = Array.from({ length: 8 }, () => ({}));
  const later = (header: Header) => ({ ...header, time: { seconds: 2_000_000_000n, nanos: 1 } });
  const lower = blocks.makeChain(plans);
  const upper = isBranched ? blocks.makeChain(plans.map(() => ({ header: later }))) : lower;
  await checkpoint(network, generation.id, blocks, lower[3]);
  await checkpoint(network, generation.id, blocks, upper[7]);
  await send(network.rewards, network.signers[0], "fund", [cluster], 10n ** 18n);
  const [{ application }] = lower;
  return { cluster, generation, lower, upper, application };
}

test("fragments are begun in the order of the line, so that none takes the pay of those before", async () => {
  const { cluster, application } = await twoCheckpoints();
  const beginOne = (position: number) =>
    failure(beginAt(network, cluster, position, application, application));
  expect(await beginOne(1)).toBe("OutOfLine");
  expect(await beginOne(0)).toBe("done");
  expect(await beginOne(1)).toBe("done");
});

test("what is refuted of a closed cluster is void, and its reservation comes back", async () => {
  await send(network.clusters, network.signers[0], "close", [begun.cluster]);
  // Nothing is refuted yet: the fragment is validated like any other.
  expect(await call("void", [begun.id])).toBe("StillInLine");
  const generation = await generationOf(network, begun.generation);
  const appHash = getBytes(id("another state"));
  const [{ header }] = begun.blocks.makeChain([{ header: (made) => ({ ...made, appHash }) }]);
  const { round, blockId, signatures } = begun.blocks.votesFor(header, [0, 1]);
  for (const index of [0, 1]) {
    const vote = precommitFor(header, { round, blockId, ...signatures[index] });
    const worker = generation.workers[index];
    const { method, args } = reportOfHeader(header, undefined, vote, worker, generation);
    await send(network.misbehaviour, network.signers[6], method, args);
  }
  expect(await network.reader.cluster(begun.cluster)).toMatchObject({
    status: clusterStatus.closed,
    refutedHeight: 1n,
  });
  expect(await failure(drawOnce(network, begun.id))).toBe("InDispute");
  const budget: bigint = await network.rewards.budgetOf(begun.cluster);
  expect(await call("void", [begun.id])).toBe("done");
  expect(await network.rewards.budgetOf(begun.cluster)).toBeGreaterThan(budget);
  expect(await gaps()).toEqual([0n, 0n]);
});

const challengerOf = (generation: ClusterGeneration) =>
  new ConfirmationPlayer({
    arbiter: network.addresses.validationArbiter,
    signer: network.signers[14],
    execution: async () => toyExecution(generation),
    strategy: honestMove,
    sender: { pollMs: 5 },
  });

describe("a checkpoint that does not go on from the one before", () => {
  const linksTo = async (upper: readonly Manifest[]) => {
    const headers = upper.slice(4).map(({ header }) => header);
    const name = headerName(headers[3]);
    const args = [name, 0, parentLinks(headers.reverse())];
    await send(network.ancestors, network.signers[6], "show", args);
  };
  const report = (cluster: Hash, position: number) =>
    failure(send(network.misbehaviour, network.signers[6], "reportBranch", [cluster, position]));

  test("freezes its cluster at the one before, and refutes who has confirmed it", async () => {
    const { cluster, generation, upper, application } = await twoCheckpoints(true);
    await beginAt(network, cluster, 0, application, application);
    const branch = await beginAt(network, cluster, 1, application, application);
    const confirmation = await confirmTurn(network, await drawOnce(network, branch));
    const honest = challengerOf(generation);
    expect(await report(cluster, 1)).toBe("UnknownAncestor");
    await linksTo(upper);
    expect(await failure(honest.refuteHeader(confirmation, 3, []))).toBe("UnknownAncestor");
    expect(await failure(honest.refuteHeader(confirmation, 0, []))).toBe("NoRuleBroken");
    // The header itself nobody need have.
    expect(await failure(honest.refuteHeader(confirmation, 4, []))).toBe("done");
    const { status } = await network.validations.validator(confirmation.validator);
    expect(status).toBe(validatorStatus.slashed);
    expect(await report(cluster, 1)).toBe("done");
    expect(await network.reader.cluster(cluster)).toMatchObject({
      status: clusterStatus.halted,
      refutedHeight: 5n,
    });
  });

  test("is none of a true line", async () => {
    const { cluster, generation, upper, application } = await twoCheckpoints();
    await linksTo(upper);
    expect(await report(cluster, 1)).toBe("SameBlock");
    await beginAt(network, cluster, 0, application, application);
    const second = await beginAt(network, cluster, 1, application, application);
    const confirmation = await confirmTurn(network, await drawOnce(network, second));
    const honest = challengerOf(generation);
    for (const headers of [[], [upper[3].header]]) {
      expect(await failure(honest.refuteHeader(confirmation, 4, headers))).toBe("NoRuleBroken");
    }
  });
});
