/**
 * A generation's contracts on an EVM chain (docs/network.md), as a node uses them: Clusters says who the workers are and
 * what they have at stake, BlockArbiter takes accusations and is where a worker answers them.
 *
 * Invariant: an accusation is brought with the accuser's own execution, and played to its end by that alone; the
 * accuser's one stake serves all that it accuses about one call.
 */
import type { JsonRpcApiProvider, Signer } from "ethers";
import type { Address, Call, Execution, Hash, PlayerEvent } from "../../game/index.ts";
import {
  type Accusation,
  type AccusedEvent,
  type ApplicationState,
  BlockPlayer,
  type ClusterGeneration,
  ClusterReader,
  type Commit,
  commitCalldata,
  type Header,
  proveStakes,
  type StorageProof,
  type Validator,
  workerStatus,
} from "../../history/index.ts";
import type { GenerationText } from "../client/generationText.ts";
import { NodeError } from "../nodeError.ts";
import type { ClusterChain, Deposits } from "./clusterChain.ts";

/** Where the contracts are, and who the node is there. */
export interface ContractChainOptions {
  readonly clusters: Address;
  readonly blockArbiter: Address;
  /** Block of the contracts' creation. */
  readonly fromBlock: number;
  /** Number that Clusters gives the generation. */
  readonly generation: bigint;
  /** Account that accuses and answers. */
  readonly signer: Signer;
  /** Milliseconds between looks at the chain. */
  readonly pollMs: number;
  /** For a worker that is accused: its execution of a call, and the preimage of what it has voted for. */
  readonly answers?: {
    readonly execution: (call: Call) => Promise<Execution | undefined>;
    readonly resultOf: (accused: AccusedEvent) => Promise<ApplicationState | undefined>;
  };
  readonly onEvent?: (event: PlayerEvent) => void;
  /** EVM blocks behind a seal before it is believed, 64 unless given: so deep a reorganisation never reaches. */
  readonly confirmBlocks?: number;
}

const defaultConfirmBlocks = 64;
const callName = ({ previousState, inputRoot }: Call): string => `${previousState} ${inputRoot}`;

/** One account before a generation's contracts. */
export class ContractChain implements ClusterChain {
  readonly generation: ClusterGeneration;
  readonly #reader: ClusterReader;
  readonly #player: BlockPlayer;
  readonly #executions: Map<string, Execution>;
  readonly #fromBlock: number;
  readonly #confirmBlocks: number;

  private constructor(
    generation: ClusterGeneration,
    reader: ClusterReader,
    player: BlockPlayer,
    executions: Map<string, Execution>,
    { fromBlock, confirmBlocks = defaultConfirmBlocks }: ContractChainOptions,
  ) {
    this.#fromBlock = fromBlock;
    this.#confirmBlocks = confirmBlocks;
    this.generation = generation;
    this.#reader = reader;
    this.#player = player;
    this.#executions = executions;
  }

  /** Reads the generation. Throws `chain-refused` if there is none. */
  static async connect(options: ContractChainOptions): Promise<ContractChain> {
    const { signer, answers, pollMs, blockArbiter, fromBlock, onEvent } = options;
    const reader = new ClusterReader(options.clusters, signer);
    const generation = await reader.generation(options.generation);
    if (generation === undefined) {
      throw new NodeError("chain-refused", `Clusters knows no generation ${options.generation}`);
    }
    const executions = new Map<string, Execution>();
    const player = new BlockPlayer({
      arbiter: blockArbiter,
      fromBlock,
      signer,
      pollMs,
      sender: { pollMs },
      execution: async (call) => executions.get(callName(call)) ?? answers?.execution(call),
      ...(answers === undefined ? {} : { resultOf: answers.resultOf }),
      ...(onEvent === undefined ? {} : { onEvent }),
    });
    return new ContractChain(generation, reader, player, executions, options);
  }

  async deposits(): Promise<Deposits> {
    const { deposit: least } = await this.#reader.contract.parameters();
    const states = await this.#statuses();
    const ofWorkers = states.map((status) => (status === workerStatus.bonded ? least : 0n));
    return { ofWorkers, least };
  }

  async contract(): Promise<GenerationText["contract"]> {
    const { contract } = this.#reader;
    const { deposit } = await contract.parameters();
    const network = await contract.runner?.provider?.getNetwork();
    return {
      evmChainId: String(network?.chainId),
      clusters: (await contract.getAddress()) as Address,
      generation: String(this.generation.id),
      deposit: String(deposit),
    };
  }

  async stakes(blockHash: Hash): Promise<StorageProof | undefined> {
    const provider = this.#reader.contract.runner?.provider as JsonRpcApiProvider;
    const block = await provider.getBlock(blockHash);
    if (block === null) return undefined;
    const clusters = (await this.#reader.contract.getAddress()) as Address;
    const { id, validators } = this.generation;
    return proveStakes(provider, clusters, id, validators, block.number);
  }

  async accuse(accusation: Accusation, execution: Execution): Promise<void> {
    this.#executions.set(callName(execution.call), execution);
    const { contract } = this.#player.arbiter;
    const { free, staked } = await contract.accounts(await this.#player.address());
    const { stake } = await this.#player.arbiter.parameters();
    if (free + staked < stake) await this.#player.deposit(stake);
    await this.#player.accuse(accusation, this.generation, execution);
  }

  /** What stands as sealed deep enough in the chain, once Clusters would take the handover. */
  async successors(): Promise<readonly Validator[] | undefined> {
    const { contract } = this.#reader;
    const newest = (await contract.runner?.provider?.getBlockNumber()) ?? 0;
    const { coolingOffBlocks } = await contract.parameters();
    const { startBlock, endBlock } = await contract.generationOf(this.generation.id);
    const isDue = newest >= Number(startBlock + coolingOffBlocks) && endBlock === 0n;
    const seen = newest - this.#confirmBlocks;
    if (!isDue || seen < this.#fromBlock) return undefined;
    const cluster = await this.#reader.cluster(this.generation.cluster);
    const next = await this.#reader.generation(cluster?.next ?? 0n, seen);
    return next?.isSealed === true ? next.validators : undefined;
  }

  /** Somebody else may have brought it already. */
  async handOver(header: Header, commit: Commit): Promise<boolean> {
    const { cluster, id, validators } = this.generation;
    const known = await this.#reader.cluster(cluster);
    if (known?.current === id) {
      const calldata = commitCalldata(header, commit, validators);
      await this.#player.sender.send(this.#reader.contract, "handOver", [cluster, calldata]);
    }
    const newest = (await this.#reader.contract.runner?.provider?.getBlockNumber()) ?? 0;
    const seen = newest - this.#confirmBlocks;
    if (seen < this.#fromBlock) return false;
    const before = await this.#reader.cluster(cluster, seen);
    return before !== undefined && before.current !== id;
  }

  /** Plays all disputes that name the account, until the signal is given. */
  follow(signal: AbortSignal): Promise<void> {
    return this.#player.follow(signal);
  }

  async convicted(): Promise<readonly number[]> {
    const states = await this.#statuses();
    return states.flatMap((status, index) => (status === workerStatus.slashed ? [index] : []));
  }

  async close(): Promise<void> {}

  /** Where each worker of the generation stands now, in its order. */
  async #statuses(): Promise<readonly (number | undefined)[]> {
    const { workers } = this.generation;
    const now = await Promise.all(workers.map(({ account }) => this.#reader.worker(account)));
    return now.map((worker) => worker?.status);
  }
}
