/** What a walk disputes, and with which stakes; what each verdict must change. */
import type { Contract, EventLog } from "ethers";
import {
  type BlockPlayer,
  type ConfirmationPlayer,
  type Fragment,
  type FragmentBlock,
  parentLinks,
} from "../../src/history/index.ts";
import { flippedFrom } from "../game/simulation.ts";
import { toyExecution } from "./disputes.ts";
import { fragmentOf } from "./fragments.ts";
import { failure, send } from "./network.ts";
import { viewAt } from "./walkLedger.ts";
import type { Answer, Move } from "./walkWorkers.ts";
import {
  Flow,
  honest,
  owners,
  sham,
  type WalkChain,
  type WalkDispute,
  type World,
} from "./walkWorld.ts";

export const challengers = [honest, sham];

export const arbiterOf = ({ network }: World, isAboutWorker: boolean): Contract =>
  isAboutWorker ? network.blockArbiter : network.validationArbiter;

// --- Stakes ---

const deposit: Move = async (world) => {
  const index = world.one(challengers) ?? honest;
  const flow = new Flow();
  const { stake } = world.network.parameters.disputes;
  flow.give(index, stake);
  const contract = arbiterOf(world, world.pick(0, 1) === 0);
  const signer = world.network.signers[index];
  return { said: await failure(send(contract, signer, "deposit", [], stake)), flow };
};

const requestWithdrawal: Move = async (world) => {
  const index = world.one([...challengers, ...owners]) ?? honest;
  const contract = arbiterOf(world, world.pick(0, 1) === 0);
  const { free } = await contract.accounts(world.network.accounts[index]);
  const args = [free / BigInt(world.pick(1, 2))];
  return {
    said: await failure(send(contract, world.network.signers[index], "requestWithdrawal", args)),
  };
};

const withdraw: Move = async (world) =>
  withdrawStake(
    world,
    world.one([...challengers, ...owners]) ?? honest,
    arbiterOf(world, world.pick(0, 1) === 0),
  );

export async function withdrawStake(
  world: World,
  index: number,
  contract: Contract,
): Promise<Answer> {
  const { free, leaving }: Record<string, bigint> = await contract.accounts(
    world.network.accounts[index],
  );
  const flow = new Flow();
  flow.give(index, -(leaving < free ? leaving : free));
  return {
    said: await failure(send(contract, world.network.signers[index], "withdraw", [])),
    flow,
  };
}

// --- Disputes ---

/** The first block of a chain that has a call, and who of the challengers has another result. */
function disputed(world: World) {
  const chains = [...world.chains.values()].filter(({ call }) => call !== undefined);
  const chain = world.one(chains);
  if (chain?.call === undefined) return undefined;
  const { isLie, truth } = chain.call;
  const isHonest = isLie && world.pick(0, 3) !== 0;
  const execution = isHonest ? truth : toyExecution(chain.generation, flippedFrom(33));
  return { chain, challenger: isHonest ? honest : sham, execution };
}

const blockOf = ({ manifests: [parent, child] }: WalkChain): FragmentBlock => ({
  parent: parent.header,
  before: parent.application,
  record: parent.record,
  header: child.header,
});

async function opened(
  world: World,
  isAboutWorker: boolean,
  opening: Promise<bigint>,
): Promise<Answer> {
  const said = await failure(opening);
  if (said === "done") world.disputes.push({ id: await opening, isAboutWorker });
  return { said };
}

const accuseWorker: Move = async (world) => {
  const found = disputed(world);
  if (found === undefined || found.chain.manifests.length < 2) return undefined;
  const { chain, challenger, execution } = found;
  const { header, ...block } = blockOf(chain);
  const worker = world.pick(0, chain.generation.workers.length - 1);
  const { round, blockId, signatures } = chain.blocks.votesFor(header, [worker]);
  const precommit = { round, blockId, ...signatures[worker] };
  const accusation = { ...block, header, worker, precommit };
  const player = world.player(challenger, true);
  return opened(world, true, player.accuse(accusation, chain.generation, execution));
};

/** Shows the links from a checkpoint down to the second header of its chain. */
async function showLinks(world: World, { headerHash, height }: Fragment, chain: WalkChain) {
  const headers = chain.manifests
    .map(({ header }) => header)
    .filter((header) => header.height <= height && header.height > 2n)
    .reverse();
  if (headers.length === 0) return;
  const args = [headerHash, 0, parentLinks(headers)];
  await failure(send(world.network.ancestors, world.network.signers[honest], "show", args));
}

const accuseValidator: Move = async (world) => {
  const found = disputed(world);
  if (found === undefined) return undefined;
  const { chain, challenger, execution } = found;
  const all = await Promise.all([...world.fragments].map((id) => fragmentOf(world.network, id)));
  const fragment = all.find(
    ({ generation, position }) => position === 0 && generation === chain.generation.id,
  );
  if (fragment === undefined) return undefined;
  const confirmation = world.one(await world.network.validations.confirmations(fragment.id));
  if (confirmation === undefined) return undefined;
  await showLinks(world, fragment, chain);
  const player = world.player(challenger, false) as ConfirmationPlayer;
  return opened(world, false, player.accuseConfirmation(confirmation, blockOf(chain), execution));
};

/** One look at its disputes of one of the parties of a dispute. */
const answer: Move = async (world) => {
  const dispute = world.one(world.disputes);
  if (dispute === undefined) return undefined;
  const { isAboutWorker } = dispute;
  const { parties } = (await world.player(honest, isAboutWorker).arbiter.opened(dispute.id))
    .dispute;
  const index = world.network.accounts.indexOf(parties[world.pick(0, 1)]);
  return byVerdict(world, () => failure(world.player(index, isAboutWorker).tick()));
};

const timeout: Move = async (world) => {
  const dispute = world.one(world.disputes);
  return dispute && timeoutOf(world, dispute);
};

/** Ends a dispute by the clock, or forgets it if it is over. */
export async function timeoutOf(world: World, dispute: WalkDispute): Promise<Answer> {
  const { id, isAboutWorker } = dispute;
  const client = world.player(honest, isAboutWorker).arbiter as BlockPlayer["arbiter"];
  const situation = await client.situation(await client.opened(id));
  const forget = () => {
    world.disputes = world.disputes.filter((each) => each !== dispute);
  };
  if (situation === undefined) {
    forget();
    return { said: "settled" };
  }
  const contract = arbiterOf(world, isAboutWorker);
  const signer = world.network.signers[honest];
  const made = await byVerdict(world, () =>
    failure(send(contract, signer, "claimTimeout", [situation.dispute])),
  );
  if (made.said === "done") forget();
  return made;
}

/** Makes a move that may settle disputes, and reads off the state before it what their losers must lose. */
async function byVerdict(world: World, make: () => Promise<string>): Promise<Answer> {
  const before = await world.block();
  const said = await make();
  const flow = new Flow();
  const lost = new Set<string>();
  for (const isAboutWorker of [true, false]) {
    const contract = arbiterOf(world, isAboutWorker);
    const logs = await contract.queryFilter(contract.filters.Settled(), Number(before) + 1);
    for (const log of logs) {
      const { id, losers } = (log as EventLog).args;
      await lose(world, { id, isAboutWorker }, Number(losers), { before, flow, lost });
    }
  }
  return { said, flow };
}

/** What the losers of a dispute lose that had it before the move, and who has won it. */
async function lose(
  world: World,
  { id, isAboutWorker }: WalkDispute,
  losers: number,
  { before, flow, lost }: { before: string; flow: Flow; lost: Set<string> },
) {
  const { network } = world;
  const contract = arbiterOf(world, isAboutWorker);
  const { dispute } = await world.player(honest, isAboutWorker).arbiter.opened(id);
  const parties = dispute.parties.map((party) => network.accounts.indexOf(party));
  for (const side of [0, 1]) {
    const key = dispute.backings[side];
    const [, status] = await viewAt(network, contract, ["backings", key], before);
    // 2: lost before.
    if ((losers & (1 << side)) === 0 || status === 2n || lost.has(key)) continue;
    lost.add(key);
    const winner = losers === 3 ? undefined : parties[1 - side];
    const { stake, rewardBps } = network.parameters.disputes;
    if (side === 1) {
      flow.lose(parties[1], stake, winner, rewardBps);
    } else if (isAboutWorker) {
      const [account] = await viewAt(network, contract, ["statements", key]);
      const { owner, isThere } = await world.worker(account, before);
      if (!isThere || lost.has(account)) continue;
      lost.add(account);
      const { deposit, rewardBps: share } = network.parameters.clusters;
      flow.lose(owner, deposit, winner, share);
    } else {
      const party = dispute.parties[0];
      const [{ deposit }] = await viewAt(
        network,
        network.validation,
        ["validatorOf", party],
        before,
      );
      if (lost.has(party)) continue;
      lost.add(party);
      flow.lose(parties[0], deposit, winner, network.parameters.validation.rewardBps);
    }
  }
}

export const disputeMoves: Readonly<Record<string, Move>> = {
  deposit,
  requestWithdrawal,
  withdraw,
  accuseWorker,
  accuseValidator,
  answer,
  timeout,
};
