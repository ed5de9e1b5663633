/** Blocks whose results are known or lied about, and players who accuse and answer: for the tests of BlockArbiter. */
import type { SigningKey } from "ethers";
import { type Claim, type Execution, honestMove, type Strategy } from "../../src/game/index.ts";
import {
  type Accusation,
  type ApplicationState,
  applicationHash,
  applicationStateAfter,
  BlockArbiterClient,
  BlockPlayer,
  blockRecordOf,
  type ClusterGeneration,
  type Header,
  headerHash,
  initialApplicationState,
  type Receipt,
} from "../../src/history/index.ts";
import { playOut } from "../game/play.ts";
import { type Fault, Simulation, toyGenesis, toyHash } from "../game/simulation.ts";
import { transactions } from "../history/chainMaker.ts";
import { accountOfKey, blocksOf, send, type TestNetwork, toy } from "./network.ts";

const text = (value: string) => new TextEncoder().encode(value);
const genesis = toyGenesis(toy);
export const toyBefore = initialApplicationState(toyHash(genesis));

/** The toy's execution of the first block's call, right or wrong. */
export function toyExecution(generation: ClusterGeneration, fault: Fault = {}): Simulation {
  const { chainId, initialHeight: height } = generation;
  const { inputRoot, inputLength } = blockRecordOf({ chainId, height }, transactions, []);
  return new Simulation(toy, genesis, inputRoot, fault, inputLength);
}

/** What the application is after a call that has returned. */
export function stateBehind(
  before: ApplicationState,
  claim: Claim,
  start = { steps: 0n, fuel: 0n },
): ApplicationState {
  const { state, steps, fuel } = claim;
  const outcome = {
    result: state,
    isReturned: true,
    fuel: fuel - start.fuel,
    steps: steps - start.steps,
  };
  return applicationStateAfter(before, outcome, before.receiptsHash);
}

/** What one block and its child say, and who voted for the child. */
export interface JudgedBlock {
  readonly generation: ClusterGeneration;
  readonly keys: readonly SigningKey[];
  readonly before: ApplicationState;
  readonly transactions?: readonly Uint8Array[];
  readonly receipts?: readonly Receipt[];
  /** Application hash in the child; that of `after` unless given. */
  readonly appHash?: Uint8Array;
  readonly after: ApplicationState;
  readonly round?: number;
  /** Changes the child before it is voted for. */
  readonly child?: (header: Header) => Header;
}

/** The accusation of each worker, by its position among the keys. */
export function accusationsOf(block: JudgedBlock): readonly Accusation[] {
  const { generation, keys, before, after, round = 1 } = block;
  const blocks = blocksOf(generation, keys, before);
  const [parent, child] = blocks.makeChain([
    {
      transactions: block.transactions ?? transactions,
      receipts: block.receipts ?? [],
      after: () => after,
    },
    {
      header: (header) =>
        (block.child ?? ((h) => h))({ ...header, appHash: block.appHash ?? header.appHash }),
    },
  ]);
  const everyone = keys.map((_, index) => index);
  const { blockId, signatures, round: voted } = blocks.votesFor(child.header, everyone, round);
  return keys.map((key) => {
    const account = accountOfKey(key);
    const worker = generation.workers.findIndex((each) => each.account === account);
    const { header, application, record } = parent;
    const precommit = { round: voted, blockId, ...signatures[worker] };
    return { parent: header, before: application, record, header: child.header, worker, precommit };
  });
}

/** Who plays how. */
export interface Who {
  /** Number of the account. */
  readonly signer: number;
  readonly execution: Execution;
  readonly strategy?: Strategy;
  readonly results?: readonly ApplicationState[];
  readonly stakes?: bigint;
  readonly party?: string;
}

/** A player before BlockArbiter, with a deposit. */
export async function blockPlayer(network: TestNetwork, who: Who): Promise<BlockPlayer> {
  const { signer, execution, strategy = honestMove, results = [], stakes = 0n } = who;
  const { disputes } = network.parameters;
  const player = new BlockPlayer({
    arbiter: network.addresses.blockArbiter,
    signer: network.signers[signer],
    execution: async () => execution,
    strategy,
    sender: { pollMs: 5 },
    resultOf: async ({ voted }) => results.find((each) => applicationHash(each) === voted.appHash),
    ...(who.party === undefined ? {} : { party: who.party }),
  });
  if (stakes > 0n) await player.deposit(stakes * disputes.stake);
  return player;
}

/** Plays a dispute to its end. */
export function verdictOf(network: TestNetwork, players: readonly BlockPlayer[], id: bigint) {
  const client = new BlockArbiterClient(network.addresses.blockArbiter, network.signers[7]);
  return playOut({ client, mine: network.mine }, players, id);
}

/** The invariants of Clusters and BlockArbiter, to the wei: what is there beyond what is owed. */
export async function gaps(network: TestNetwork): Promise<readonly [bigint, bigint]> {
  const { clusters, blockArbiter, provider, accounts } = network;
  const { deposit } = network.parameters.clusters;
  let owed: bigint = await clusters.burned();
  let staked: bigint = await blockArbiter.burned();
  for (const account of accounts.slice(0, 10)) {
    owed += await clusters.credits(account);
    const { free, staked: bound } = await blockArbiter.accounts(account);
    staked += free + bound;
  }
  const joined = await clusters.queryFilter(clusters.filters.Joined());
  for (const log of joined) {
    const { account } = (log as unknown as { args: { account: string } }).args;
    const { status } = await clusters.workerOf(account);
    if (status === 1n || status === 2n) owed += deposit;
  }
  return [
    (await provider.getBalance(await clusters.getAddress())) - owed,
    (await provider.getBalance(await blockArbiter.getAddress())) - staked,
  ];
}

export { headerHash, send, text };
