/**
 * What a validator has confirmed, disputed: a wrong block, too little fuel, samples inside a call, at its end and before the
 * fragment. The liar defends itself where it can.
 */
import { getBytes, id as nameOf } from "ethers";
import { beforeEach, describe, expect, test } from "vitest";
import { type Execution, type Hash, honestMove } from "../../src/game/index.ts";
import {
  type ApplicationState,
  applicationHash,
  type Confirmation,
  ConfirmationPlayer,
  type Fragment,
  type FragmentBlock,
  fragmentStatus,
  type Header,
  type Manifest,
  parentLinks,
  SampleWalk,
  validatorStatus,
} from "../../src/history/index.ts";
import { playOut } from "../game/play.ts";
import { type Fault, flippedFrom, type Simulation, understatedFrom } from "../game/simulation.ts";
import { type BlockPlan, transactions } from "../history/chainMaker.ts";
import { stateBehind, toyBefore, toyExecution } from "./disputes.ts";
import {
  type BegunFragment,
  beginFragment,
  confirmTurn,
  drawOnce,
  fragmentOf,
  registerValidators,
  startValidation,
  type ValidatedNetwork,
  validationGaps,
  withValidations,
} from "./fragments.ts";
import { failure, fromOneState, generationOf, send } from "./network.ts";

/** Period 11 over the toy's 50 steps. */
const samples = 8;
const challenger = 14;
let network: ValidatedNetwork;
/** All that was begun on the network. */
let known: BegunFragment[] = [];

const begin = fromOneState(async () => {
  const network = await startValidation("simulated", { samples });
  await registerValidators(network, [network.signers[9], network.signers[10]]);
  return { network };
});

beforeEach(async () => {
  network = withValidations((await begin()).network);
  known = [];
});

/** A fragment whose first block has the toy's call, with the result that the workers voted for, and its first turn. */
async function fragmentWith(fault: Fault = {}) {
  const of = (generation: Parameters<typeof toyExecution>[0]) => toyExecution(generation, fault);
  const stand = { execution: undefined as Simulation | undefined, after: toyBefore };
  const begun = await beginFragment(network, async (generation) => {
    const execution = of(generation);
    const after = stateBehind(toyBefore, await execution.claim());
    Object.assign(stand, { execution, after });
    return [{ transactions, after: () => after }, {}, {}, {}];
  });
  known.push(begun);
  const generation = await generationOf(network, begun.generation);
  return {
    begun,
    truth: toyExecution(generation),
    voted: stand.execution as Simulation,
    after: stand.after,
    turn: await drawOnce(network, begun.id),
  };
}

/** The list that an execution of the fragment's only call gives. */
async function listOf(execution: Execution, { seed, period, steps }: Fragment): Promise<Hash[]> {
  const walk = new SampleWalk({ seed, period });
  while (walk.next <= steps) {
    const step = Number(walk.next);
    const [hash] =
      step === 0 ? [toyBefore.base] : await execution.stateHashes([execution.startStep + step]);
    walk.take(hash);
  }
  return walk.samples.map(({ hash }) => hash);
}

const blockOf = ([parent, child]: readonly Manifest[]): FragmentBlock => ({
  parent: parent.header,
  before: parent.application,
  record: parent.record,
  header: child.header,
});

/** A player with a stake, or a validator that answers with its deposit. */
async function player(
  signer: number,
  execution: Execution,
  options: { readonly stakes?: bigint; readonly results?: readonly ApplicationState[] } = {},
) {
  const { stakes = 0n, results = [] } = options;
  const made = new ConfirmationPlayer({
    arbiter: network.addresses.validationArbiter,
    signer: network.signers[signer],
    execution: async () => execution,
    strategy: honestMove,
    sender: { pollMs: 5 },
    resultOf: async ({ voted }) => results.find((each) => applicationHash(each) === voted.appHash),
  });
  if (stakes > 0n) await made.deposit(stakes * network.parameters.disputes.stake);
  return made;
}

/** Shows the way from the checkpoint down to header 2. */
async function showLinks({ begun }: { readonly begun: BegunFragment }) {
  const { headerHash } = await fragmentOf(network, begun.id);
  const headers = [begun.chain[3].header, begun.chain[2].header];
  const args = [headerHash, 0, parentLinks(headers)];
  await send(network.ancestors, network.signers[challenger], "show", args);
}

const verdict = (players: readonly ConfirmationPlayer[], id: bigint) =>
  playOut({ client: players[0].blocks, mine: network.mine }, players, id);

async function expectLoss({ validator, fragment }: Confirmation) {
  const { deposit, rewardBps } = network.parameters.validation;
  expect((await network.validations.validator(validator)).status).toBe(validatorStatus.slashed);
  const reward = (deposit * BigInt(rewardBps)) / 10_000n;
  expect(await network.validation.credits(network.accounts[challenger])).toBe(reward);
  const [first] = await network.validations.confirmations(fragment);
  expect(first.isRefuted).toBe(true);
  const { status } = await fragmentOf(network, fragment);
  expect(status).toBe(fragmentStatus.drawing);
  const gaps = await validationGaps(
    network,
    known.map(({ cluster }) => cluster),
    known.map(({ id }) => id),
  );
  expect(gaps).toEqual([0n, 0n]);
}

const numberOf = (account: string) => network.accounts.indexOf(account);

describe("a confirmed fragment with a wrong block", () => {
  test("convicts its validator, who defends the lie to the last step", async () => {
    const made = await fragmentWith(flippedFrom(20));
    const { begun, truth, voted, after, turn } = made;
    const confirmation = await confirmTurn(network, turn, await listOf(voted, turn));
    const honest = await player(challenger, truth, { stakes: 1n });
    const brought = blockOf(begun.chain);
    expect(await failure(honest.accuseConfirmation(confirmation, brought, truth))).toBe(
      "UnknownAncestor",
    );
    await showLinks(made);
    const liar = await player(numberOf(confirmation.validator), voted, { results: [after] });
    const id = await honest.accuseConfirmation(confirmation, brought, truth);
    expect(await verdict([honest, liar], id)).toMatchObject({ losers: 1, reason: 3 });
    await expectLoss(confirmation);
  });

  test("too little fuel is shown without the call's end", async () => {
    const made = await fragmentWith(understatedFrom(10, 30n));
    const { begun, truth, voted, after, turn } = made;
    const confirmation = await confirmTurn(network, turn, await listOf(voted, turn));
    await showLinks(made);
    const honest = await player(challenger, truth, { stakes: 1n });
    const liar = await player(numberOf(confirmation.validator), voted, { results: [after] });
    const id = await honest.accuseConfirmation(confirmation, blockOf(begun.chain), truth, after);
    expect(await verdict([honest, liar], id)).toMatchObject({ losers: 1 });
    await expectLoss(confirmation);
  });
});

describe("a true fragment", () => {
  test("accused › the challenger loses its stake, the validator nothing", async () => {
    const made = await fragmentWith();
    const { begun, truth, after, turn } = made;
    const confirmation = await confirmTurn(network, turn, await listOf(truth, turn));
    await showLinks(made);
    const generation = await generationOf(network, begun.generation);
    const wrong = toyExecution(generation, flippedFrom(33));
    const liar = await player(challenger, wrong, { stakes: 2n });
    const honest = await player(numberOf(confirmation.validator), truth, { results: [after] });
    const id = await liar.accuseConfirmation(confirmation, blockOf(begun.chain), wrong);
    expect(await verdict([liar, honest], id)).toMatchObject({ losers: 2, reason: 3 });
    const index = 1;
    const { seed, period } = turn;
    const walk = new SampleWalk({ seed, period });
    for (const hash of confirmation.samples) walk.take(hash);
    const { step } = walk.samples[index];
    const sample = { block: blockOf(begun.chain), result: after, index };
    const other = await liar.disputeSample(
      confirmation,
      sample,
      step,
      toyExecution(generation, flippedFrom(1)),
    );
    expect(
      await verdict(
        [await player(challenger, toyExecution(generation, flippedFrom(1))), honest],
        other,
      ),
    ).toMatchObject({
      losers: 2,
    });
    const known = await network.validations.validator(confirmation.validator);
    expect(known.status).toBe(validatorStatus.active);
    expect(await failure(liar.refuteSample(confirmation, { ...sample, index: 0 }))).toMatch(
      /NotAtEnd|SameHash/,
    );
    // Its blocks are their records', the checkpoint's own belongs to the next fragment.
    for (const [height, refusal] of [
      [2n, "NotMismatched"],
      [4n, "NotInFragment"],
      [9n, "NotInFragment"],
    ] as const) {
      expect(await failure(liar.refuteTransactions(confirmation, height))).toBe(refusal);
    }
  });

  test("with an invented proof › convicted at the first wrong sample", async () => {
    const made = await fragmentWith();
    const { begun, truth, after, turn } = made;
    const { seed, period, steps } = turn;
    const invented = new SampleWalk({ seed, period });
    while (invented.next <= steps) invented.take(nameOf(`${invented.next}`) as Hash);
    const hashes = invented.samples.map(({ hash }) => hash);
    const confirmation = await confirmTurn(network, turn, hashes);
    await showLinks(made);
    const honest = await player(challenger, truth, { stakes: 1n });
    const block = blockOf(begun.chain);
    const [{ step }] = invented.samples;
    if (step === 0n || step === steps) {
      await honest.refuteSample(confirmation, { block, result: after, index: 0 });
    } else {
      const sample = { block, result: after, index: 0 };
      expect(await failure(honest.refuteSample(confirmation, sample))).toBe("NotAtEnd");
      const id = await honest.disputeSample(confirmation, sample, step, truth);
      const generation = await generationOf(network, begun.generation);
      const liar = await player(
        numberOf(confirmation.validator),
        toyExecution(generation, flippedFrom(Number(step))),
      );
      expect(await verdict([honest, liar], id)).toMatchObject({ losers: 1 });
    }
    await expectLoss(confirmation);
  });

  test.each([0n, 50n])("with a false sample at step %d › refuted in one call", async (at) => {
    // Seeds are drawn until the walk meets the step.
    for (let tries = 0; ; tries++) {
      const made = await fragmentWith();
      const { begun, truth, after, turn } = made;
      const { seed, period } = turn;
      const list = await listOf(truth, turn);
      const walk = new SampleWalk({ seed, period });
      for (const hash of list) walk.take(hash);
      const index = walk.samples.findIndex(({ step }) => step === at);
      if (index < 0 && tries < 60) continue;
      const wrong = list.map((hash, i) => (i === index ? flip(hash, period) : hash));
      const confirmation = await confirmTurn(network, turn, wrong);
      await showLinks(made);
      const honest = await player(challenger, truth);
      await honest.refuteSample(confirmation, {
        block: blockOf(begun.chain),
        result: after,
        index,
      });
      await expectLoss(confirmation);
      return;
    }
  });
});

describe("a header that is wrong by its bytes", () => {
  const changed: BlockPlan = { after: (state) => ({ ...state, base: state.receiptsHash }) };
  const headerOf = (change: Partial<Header>): BlockPlan => ({
    header: (made) => ({ ...made, ...change }),
  });
  const other = getBytes(nameOf("other"));

  /** A confirmed fragment of such blocks, with all of its headers shown. */
  async function confirmed(plans: readonly BlockPlan[]) {
    const begun = await beginFragment(network, plans);
    known.push(begun);
    const turn = await drawOnce(network, begun.id);
    const confirmation = await confirmTurn(network, turn);
    const headers = begun.chain.map(({ header }) => header);
    for (let distance = 1; distance <= 3; distance++) {
      const args = [turn.headerHash, 0, parentLinks(headers.slice(4 - distance).reverse())];
      await send(network.ancestors, network.signers[challenger], "show", args);
    }
    const honest = await player(challenger, toyExecution(await generationOf(network, 1n)));
    const refute = (distance: number, ...shown: readonly Header[]) =>
      failure(honest.refuteHeader(confirmation, distance, shown));
    return { begun, confirmation, headers, refute };
  }

  test.each([
    ["another state behind an empty block", [{}, changed, {}, {}], 1, [2, 1]],
    [
      "another state than the chain begins with",
      [headerOf({ appHash: other }), {}, {}, {}],
      3,
      [0],
    ],
    ["other workers", [{}, headerOf({ validatorsHash: other }), {}, {}], 2, [1]],
    ["another chain", [{}, headerOf({ chainId: "another" }), {}, {}], 2, [1]],
    ["a height left out", [{}, headerOf({ height: 7n }), {}, {}], 1, [2, 1]],
  ] as const)("%s › refutes the confirmation in one call", async (_, plans, distance, shown) => {
    const { confirmation, headers, refute } = await confirmed(plans);
    expect(await refute(distance, ...shown.map((index) => headers[index]))).toBe("done");
    await expectLoss(confirmation);
  });

  test("is none of a true fragment, wherever it is said to be", async () => {
    const { begun, headers, refute } = await confirmed([{}, {}, {}, {}]);
    for (let distance = 0; distance < 4; distance++) {
      const [header, parent] = headers.slice(0, 4 - distance).reverse();
      expect(await refute(distance, header)).toBe("NoRuleBroken");
      if (parent !== undefined) expect(await refute(distance, header, parent)).toBe("NoRuleBroken");
    }
    expect(await refute(1, headers[3])).toBe("NotInFragment");
    expect(await refute(4, headers[0])).toBe("UnknownAncestor");
    // The first fragment begins with its generation.
    expect(await refute(3)).toBe("NoRuleBroken");
    expect(await refute(2)).toBe("NoRuleBroken");
    // A pair that is none, and a lie that nobody has confirmed.
    expect(await refute(0, headers[3], headers[1])).toBe("NotInFragment");
    const [lie] = begun.blocks.makeChain([headerOf({ appHash: other })]);
    expect(await refute(3, lie.header)).toBe("NotInFragment");
  });
});

/** Another hash that leaves the walk's next step where it is. */
function flip(hash: Hash, period: bigint): Hash {
  const value = BigInt(hash);
  const other = value > period ? value - period : value + period;
  return `0x${other.toString(16).padStart(64, "0")}`;
}
