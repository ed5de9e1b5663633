/**
 * Gas of what validation takes on chain, in whole transactions with their calldata: one fragment's life, a missed turn,
 * and disputes about a confirmation to their verdicts, over the tests' networks. The judge's part is a toy judge's; what the
 * real one takes, `npm run bench:gas` measures.
 */
import type { Interface } from "ethers";
import type { Hash } from "../src/game/index.ts";
import {
  ancestorsInterface,
  applicationHash,
  type Confirmation,
  ConfirmationPlayer,
  fragmentStatus,
  parentLinks,
  SampleWalk,
  validationArbiterInterface,
  validationInterface,
} from "../src/history/index.ts";
import { playOut } from "../test/game/play.ts";
import { flippedFrom, type Simulation } from "../test/game/simulation.ts";
import { transactions } from "../test/history/chainMaker.ts";
import { stateBehind, toyBefore, toyExecution } from "../test/network/disputes.ts";
import {
  type BegunFragment,
  beginFragment,
  confirmTurn,
  drawOnce,
  fragmentOf,
  listFor,
  registerValidators,
  startValidation,
  type ValidatedNetwork,
  validateAll,
} from "../test/network/fragments.ts";
import { generationOf, send } from "../test/network/network.ts";

const challenger = 14;

/** The most that each transaction has taken, by its method. */
export async function gasOfTransactions(samples: number): Promise<Record<string, number>> {
  const network = await startValidation("simulated", { samples });
  await registerValidators(
    network,
    [9, 10, 11, 12].map((index) => network.signers[index]),
  );
  await life(network);
  await wrongBlock(network);
  await wrongSample(network);
  await wrongHeader(network);
  return mostByMethod(network);
}

/** A fragment from its beginning to its end, with 64 samples a proof, and a turn that is missed. */
async function life(network: ValidatedNetwork): Promise<void> {
  const steps = 1_000_000n;
  const begun = await beginFragment(network, [
    { transactions: [new Uint8Array([1])], after: (state) => ({ ...state, steps }) },
    {},
    {},
    {},
  ]);
  await drawOnce(network, begun.id);
  const { turnBlocks } = await fragmentOf(network, begun.id);
  await network.mine(turnBlocks + 1);
  const [anyone] = network.signers;
  await send(network.validation, anyone, "miss", [begun.id]);
  await validateAll(network, begun.id);
  await network.mine(network.parameters.validation.windowBlocks + 1);
  await send(network.validation, anyone, "finish", [begun.id]);
}

/** A confirmed fragment whose first block's call the workers have wrong, or right. */
async function confirmed(network: ValidatedNetwork, isTrue: boolean) {
  const voted = { execution: undefined as Simulation | undefined, after: toyBefore };
  const begun = await beginFragment(network, async (generation) => {
    const execution = toyExecution(generation, isTrue ? {} : flippedFrom(20));
    const after = stateBehind(toyBefore, await execution.claim());
    Object.assign(voted, { execution, after });
    return [{ transactions, after: () => after }, {}, {}, {}];
  });
  const turn = await drawOnce(network, begun.id);
  if (turn.status !== fragmentStatus.turn) throw new Error("expected a turn");
  const { headerHash } = await fragmentOf(network, begun.id);
  const links = parentLinks([begun.chain[3].header, begun.chain[2].header]);
  await send(network.ancestors, network.signers[challenger], "show", [headerHash, 0, links]);
  const truth = toyExecution(await generationOf(network, begun.generation));
  return { begun, turn, truth, voted: voted.execution as Simulation, after: voted.after };
}

const blockOf = ({ chain: [parent, child] }: BegunFragment) => ({
  parent: parent.header,
  before: parent.application,
  record: parent.record,
  header: child.header,
});

/** The validator defends the wrong result to the last step. */
async function wrongBlock(network: ValidatedNetwork): Promise<void> {
  const { begun, turn, truth, voted, after } = await confirmed(network, false);
  const confirmation = await confirmTurn(network, turn);
  const honest = playerOf(network, challenger, truth);
  await honest.deposit(network.parameters.disputes.stake);
  const liar = playerOf(network, network.accounts.indexOf(turn.chosen), voted, after);
  const id = await honest.accuseConfirmation(confirmation, blockOf(begun), truth);
  await playOut({ client: honest.blocks, mine: network.mine }, [honest, liar], id);
}

/** A proof of nothing: its first sample inside the call goes into the search, one at its end is refuted at once. */
async function wrongSample(network: ValidatedNetwork): Promise<void> {
  const { begun, turn, truth, after } = await confirmed(network, true);
  const confirmation = await confirmTurn(network, turn, listFor(turn));
  const inside = placeOf(confirmation, turn.period, (step) => step > 0n && step < turn.steps);
  const honest = playerOf(network, challenger, truth);
  await honest.deposit(network.parameters.disputes.stake);
  const block = blockOf(begun);
  const sample = { block, result: after, index: inside.index };
  const id = await honest.disputeSample(confirmation, sample, inside.step, truth);
  // The validator falls silent.
  await playOut({ client: honest.blocks, mine: network.mine }, [honest], id);
}

/** Another state behind an empty block, which the two headers show. */
async function wrongHeader(network: ValidatedNetwork): Promise<void> {
  const begun = await beginFragment(network, [
    {},
    { after: (state) => ({ ...state, base: state.receiptsHash }) },
    {},
    {},
  ]);
  const turn = await drawOnce(network, begun.id);
  const confirmation = await confirmTurn(network, turn);
  const [, parent, header, end] = begun.chain.map((each) => each.header);
  const args = [turn.headerHash, 0, parentLinks([end])];
  await send(network.ancestors, network.signers[challenger], "show", args);
  const truth = toyExecution(await generationOf(network, begun.generation));
  await playerOf(network, challenger, truth).refuteHeader(confirmation, 1, [header, parent]);
}

function placeOf(
  { seed, samples }: Confirmation,
  period: bigint,
  holds: (step: bigint) => boolean,
) {
  const walk = new SampleWalk({ seed, period }, samples);
  const index = walk.samples.findIndex(({ step }) => holds(step));
  return { index, step: walk.samples[index].step };
}

function playerOf(
  network: ValidatedNetwork,
  signer: number,
  execution: Simulation,
  after = toyBefore,
): ConfirmationPlayer {
  return new ConfirmationPlayer({
    arbiter: network.addresses.validationArbiter,
    signer: network.signers[signer],
    execution: async () => execution,
    sender: { pollMs: 5 },
    resultOf: async ({ voted }) => (applicationHash(after) === voted.appHash ? after : undefined),
  });
}

async function mostByMethod(network: ValidatedNetwork): Promise<Record<string, number>> {
  const { addresses, provider } = network;
  const interfaces = new Map<string, Interface>([
    [addresses.validation, validationInterface],
    [addresses.validationArbiter, validationArbiterInterface],
    [addresses.ancestors, ancestorsInterface],
  ]);
  const most: Record<string, number> = {};
  const top = await provider.getBlockNumber();
  for (let number = addresses.fromBlock; number <= top; number++) {
    const block = await provider.getBlock(number, true);
    for (const { to, data, hash } of block?.prefetchedTransactions ?? []) {
      const name = interfaces.get(to ?? "")?.parseTransaction({ data })?.name;
      const receipt = await provider.getTransactionReceipt(hash as Hash);
      if (name === undefined || receipt?.status !== 1) continue;
      most[name] = Math.max(most[name] ?? 0, Number(receipt.gasUsed));
    }
  }
  return Object.fromEntries(Object.entries(most).sort(([a], [b]) => (a < b ? -1 : 1)));
}
