/** What a walk does with workers, generations and checkpoints, and what their votes show; what each move must change. */
import { getBytes, id, MaxUint256 } from "ethers";
import {
  clusterStatus,
  commitCalldata,
  dataHash,
  type Header,
  headerHash,
  joinArguments,
  type MisbehaviourReport,
  recordArguments,
  reportOfFork,
  reportOfHeader,
  reportOfVotes,
  validatorsHash,
  voterArguments,
  voteTypes,
  workerStatus,
} from "../../src/history/index.ts";
import { accountOfKey, blocksOf, failure, inOrder, send } from "./network.ts";
import { developer, Flow, owners, reporter, type WalkChain, type World } from "./walkWorld.ts";

/** What a move answers: nothing if it has no meaning now, else the error's name or "done", and what must have changed. */
export interface Answer {
  readonly said: string;
  readonly flow?: Flow | undefined;
}
export type Move = (world: World) => Promise<Answer | undefined>;

const plain =
  (make: (world: World) => Promise<string> | undefined): Move =>
  async (world) => {
    const said = await make(world);
    return said === undefined ? undefined : { said };
  };

/** By the owner of one of the workers. */
const byOwner = (method: string): Move =>
  async function byOwner(world) {
    const account = world.one(world.joined);
    if (account === undefined) return undefined;
    const { owner } = await world.worker(account);
    return { said: await world.by(owner, "clusters", method, [account]) };
  };

/** One that has given notice for long enough: seldom waited for, since everything else waits as long meanwhile. */
const retire: Move = async (world) => {
  const { network, joined } = world;
  const workers = await Promise.all(joined.map((account) => network.clusters.workerOf(account)));
  const waits = joined.filter((_, index) => {
    const { status, noticeBlock } = workers[index];
    return status === BigInt(workerStatus.bonded) && noticeBlock !== 0n;
  });
  const account = world.one(waits.length > 0 ? waits : joined);
  if (account === undefined) return undefined;
  if (waits.length > 0 && world.pick(0, 2) === 0)
    await network.mine(network.parameters.clusters.longestBlocks);
  const { owner } = await world.worker(account);
  return { said: await world.by(owner, "clusters", "retire", [account]) };
};

const join: Move = async (world) => {
  const { network, cluster, joined } = world;
  const key = world.keys[joined.length];
  const owner = world.one(owners);
  if (key === undefined || owner === undefined) return undefined;
  const { next } = await network.clusters.clusterOf(cluster);
  const proof = joinArguments(
    getBytes(key.privateKey),
    next,
    network.accounts[owner],
    network.domain,
  );
  const { deposit } = network.parameters.clusters;
  const flow = new Flow();
  const said = await world.by(owner, "clusters", "join", [cluster, ...proof], deposit);
  if (said === "done") {
    joined.push(accountOfKey(key));
    flow.give(owner, deposit);
  }
  return { said, flow };
};

/** The next step to a generation that can begin. */
const prepare: Move = async (world) => {
  const { next, order } = await world.network.clusters.clusterOf(world.cluster);
  const members = await world.network.clusters.membersOf(next);
  return BigInt(members.length) < order.size ? join(world) : seal(world);
};

const seal: Move = async (world) => {
  const { next } = await world.network.clusters.clusterOf(world.cluster);
  const members = new Set([...(await world.network.clusters.membersOf(next))]);
  const keys = world.keys.filter((key) => members.has(accountOfKey(key)));
  return {
    said: await world.by(reporter, "clusters", "seal", [world.cluster, inOrder(keys)]),
  };
};

/** The chain that runs, or ran last. */
async function currentChain(world: World): Promise<WalkChain | undefined> {
  return world.chains.get((await world.network.clusters.clusterOf(world.cluster)).current);
}

/** A commit of those whose votes count, as calldata; of all where they are too few, which the contract then refuses. */
async function commitOf(world: World, { generation, blocks }: WalkChain, header: Header) {
  const statuses = await Promise.all(
    generation.workers.map(({ account }) => statusOf(world, account)),
  );
  const all = [...statuses.keys()];
  const bonded = all.filter((index) => statuses[index] === BigInt(workerStatus.bonded));
  const commit = blocks.votesFor(header, 3 * bonded.length > 2 * all.length ? bonded : all);
  return { commit, calldata: commitCalldata(header, commit, blocks.generation.validators) };
}

async function statusOf(world: World, account: string): Promise<bigint> {
  return (await world.network.clusters.workerOf(account)).status;
}

/** Height of the newest checkpoint, or of the chain's beginning where that is later. */
async function lastHeight(world: World, { generation }: WalkChain): Promise<bigint> {
  const count: bigint = await world.network.checkpoints.countOf(world.cluster);
  if (count === 0n) return generation.initialHeight;
  const { height } = await world.network.checkpoints.checkpointAt(world.cluster, count - 1n);
  return height > generation.initialHeight ? height : generation.initialHeight;
}

const checkpoint: Move = async (world) => {
  const chain = await currentChain(world);
  if (chain === undefined) return undefined;
  const height = ((await lastHeight(world, chain)) / 4n + 1n) * 4n;
  const manifest = world.manifestAt(chain.generation.id, height);
  if (manifest === undefined) return undefined;
  const { calldata } = await commitOf(world, chain, manifest.header);
  const args = [chain.generation.id, calldata];
  return { said: await world.by(reporter, "checkpoints", "submit", args) };
};

/** Hands over at one of the heights that the next checkpoint may have. */
const handOver: Move = async (world) => {
  const chain = await currentChain(world);
  const { network, cluster } = world;
  const { next } = await network.clusters.clusterOf(cluster);
  if (chain === undefined || (await network.clusters.generationOf(next)).sealedBlock === 0n) {
    return undefined;
  }
  const height = (await lastHeight(world, chain)) + BigInt(world.pick(1, 4));
  const following = await network.reader.generation(next);
  const at = chain.manifests.findIndex(({ header }) => header.height === height);
  if (following === undefined || at < 0) return undefined;
  const accounts = new Set(following.workers.map(({ account }) => account));
  const keys = world.keys.filter((key) => accounts.has(accountOfKey(key)));
  const { validators } = blocksOf(following, keys, chain.manifests[at].application).generation;
  const header = { ...chain.manifests[at].header, nextValidatorsHash: validatorsHash(validators) };
  const { calldata } = await commitOf(world, chain, header);
  const said = await world.by(reporter, "clusters", "handOver", [cluster, calldata]);
  // What would have come behind it was never signed.
  if (said === "done") {
    chain.manifests = [...chain.manifests.slice(0, at), { ...chain.manifests[at], header }];
  }
  return { said };
};

const recover: Move = async (world) => {
  const { network } = world;
  const { refutedHeight, status, haltedBlock } = await network.clusters.clusterOf(world.cluster);
  const isHalted = status === BigInt(clusterStatus.halted);
  // Seldom where it is refused.
  if (!isHalted && world.pick(0, 9) !== 0) return undefined;
  const left = Number(haltedBlock) + network.parameters.clusters.recoveryBlocks;
  const now = await network.provider.getBlockNumber();
  if (isHalted && now < left && world.pick(0, 1) === 0) await network.mine(left - now);
  const count = Number(await world.network.checkpoints.countOf(world.cluster));
  let position = MaxUint256;
  for (let at = 0; at < count; at++) {
    const { height } = await world.network.checkpoints.checkpointAt(world.cluster, at);
    if (height < refutedHeight) position = BigInt(at);
  }
  return { said: await world.by(reporter, "clusters", "recover", [world.cluster, position]) };
};

// --- Evidence ---

/** A worker of one of the chains, which may be over for long. */
function suspect(world: World) {
  const chain = world.one(world.chains.values());
  if (chain === undefined) return undefined;
  const index = world.pick(0, chain.generation.workers.length - 1);
  return { chain, index, worker: chain.generation.workers[index] };
}

const blockIdOf = (hash: Uint8Array) => ({ hash, parts: { total: 1, hash } });
const time = { seconds: 1_800_000_000n, nanos: 1 };

/** Reports, and what is lost by whom if that is taken. */
async function reported(
  world: World,
  accounts: readonly string[],
  send: () => Promise<string>,
): Promise<Answer> {
  const before = await Promise.all(accounts.map((account) => world.worker(account)));
  const said = await send();
  const flow = new Flow();
  if (said === "done") {
    const { deposit, rewardBps } = world.network.parameters.clusters;
    for (const { owner, isThere } of before) {
      if (isThere) flow.lose(owner, deposit, reporter, rewardBps);
    }
  }
  return { said, flow };
}

const sendReport = ({ network }: World, report: MisbehaviourReport | undefined) =>
  failure(
    send(network.misbehaviour, network.signers[reporter], report?.method ?? "", report?.args ?? []),
  );

const doubleVote: Move = async (world) => {
  const found = suspect(world);
  if (found === undefined || world.pick(0, 2) !== 0) return undefined;
  const { chain, index, worker } = found;
  const [one, other] = [1, 2].map((fill) => {
    const blockId = blockIdOf(new Uint8Array(32).fill(fill));
    return chain.blocks.voteOf(index, {
      type: voteTypes.precommit,
      height: 5n,
      round: 0,
      blockId,
      time,
    });
  });
  const report = reportOfVotes({ votes: [one, other] }, worker, chain.generation);
  return reported(world, [worker.account], () => sendReport(world, report));
};

const brokenHeader: Move = async (world) => {
  const found = suspect(world);
  if (found === undefined || world.pick(0, 2) !== 0) return undefined;
  const { chain, index, worker } = found;
  const { header } = chain.manifests[world.pick(0, chain.manifests.length - 1)];
  const broken = { ...header, validatorsHash: getBytes(id("others")) };
  const content = { type: voteTypes.precommit, height: broken.height, round: 0, time };
  const vote = chain.blocks.voteOf(index, { ...content, blockId: blockIdOf(headerHash(broken)) });
  const report = reportOfHeader(broken, undefined, vote, worker, chain.generation);
  return reported(world, [worker.account], () => sendReport(world, report));
};

const fork: Move = async (world) => {
  const found = suspect(world);
  if (found === undefined || world.pick(0, 3) !== 0) return undefined;
  const { chain } = found;
  const { header } = chain.manifests[world.pick(0, chain.manifests.length - 1)];
  const twin = { ...header, evidenceHash: headerHash(header) };
  const committed = async (each: Header) => ({
    header: each,
    commit: (await commitOf(world, chain, each)).commit,
  });
  const report = reportOfFork([await committed(header), await committed(twin)], chain.generation);
  return reported(world, [], () => sendReport(world, report));
};

/** A block that begins with no record, and the votes of two workers for it. */
const foreignBlock: Move = async (world) => {
  const found = suspect(world);
  if (found === undefined || world.pick(0, 3) !== 0) return undefined;
  const { network } = world;
  const { chain, index } = found;
  const first = Uint8Array.of(1);
  const at = world.pick(0, chain.manifests.length - 1);
  const header = { ...chain.manifests[at].header, dataHash: dataHash([first]) };
  const record = { transaction: first, siblings: [] };
  const shown = recordArguments({ generation: chain.generation.id, header, record });
  await failure(send(network.lists, network.signers[reporter], "reportRecord", shown));
  const indices = [index, (index + 1) % chain.generation.workers.length].sort();
  const votes = voterArguments(chain.generation, header, chain.blocks.votesFor(header, indices));
  const accounts = indices.map((each) => chain.generation.workers[each].account);
  return reported(world, accounts, () =>
    failure(send(network.lists, network.signers[reporter], "slash", votes)),
  );
};

/** Seldom, or nothing else happens. */
const byDeveloper = (method: string, seldom: number) =>
  plain((world) =>
    world.pick(0, seldom) === 0
      ? world.by(developer, "clusters", method, [world.cluster])
      : undefined,
  );

export const workerMoves: Readonly<Record<string, Move>> = {
  join,
  prepare,
  seal,
  checkpoint,
  handOver,
  recover,
  abandon: byOwner("abandon"),
  giveNotice: byOwner("giveNotice"),
  retire,
  withdrawWorker: byOwner("withdraw"),
  doubleVote,
  brokenHeader,
  fork,
  foreignBlock,
  halt: byDeveloper("halt", 4),
  close: byDeveloper("close", 30),
};
