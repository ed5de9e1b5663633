/**
 * Accusing a worker before BlockArbiter, and answering there (docs/network.md §5).
 *
 * Invariant: an accusation that `verifyAccusation` takes, by an execution of its call, is one that the contract takes.
 */
import { AbiCoder, type EventLog, keccak256, type Result } from "ethers";
import { EventPages } from "../../game/chain/eventPages.ts";
import {
  type Address,
  ArbiterClient,
  type Execution,
  type Hash,
  honestMove,
  Player,
  type PlayerOptions,
  phases,
  type Strategy,
} from "../../game/index.ts";
import { type Accusation, verifyAccusation } from "../accusation.ts";
import type { ApplicationState } from "../applicationHash.ts";
import { applicationCalldata, headerCalldata, hexOf, precommitCalldata } from "./calldata.ts";
import type { ClusterGeneration } from "./clusterReader.ts";
import { blockArbiterInterface } from "./networkInterfaces.ts";

/** What an accused worker has voted for, and what its result must follow from; `VotedResult` of the contract. */
export interface VotedResult {
  readonly appHash: Hash;
  readonly base: Hash;
  readonly fuel: bigint;
  readonly steps: bigint;
  readonly fuelCounter: bigint;
  readonly receiptsHash: Hash;
}

/** A worker is accused. */
export interface AccusedEvent {
  /** Number of the dispute. */
  readonly id: bigint;
  readonly generation: bigint;
  /** Account of the worker's consensus key. */
  readonly account: Address;
  /** Of the header that carries the result. */
  readonly height: bigint;
  readonly headerHash: Hash;
  readonly voted: VotedResult;
}

/** Key of the statement that a worker makes by voting for a header: what is refuted. */
export function statementKey(generation: bigint, headerHash: Hash, account: Address): Hash {
  const types = ["uint64", "bytes32", "address"];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, [generation, headerHash, account]));
}

/** `Accusation` of the contract. `execution` is the own one of the block's call. */
async function accusationCalldata(
  accusation: Accusation,
  generation: ClusterGeneration,
  execution: Execution,
) {
  const { parent, before, record, header, precommit, worker } = accusation;
  return {
    generation: generation.id,
    parent: headerCalldata(parent),
    before: applicationCalldata(before),
    record: hexOf(record.transaction),
    siblings: record.siblings.map(hexOf),
    header: headerCalldata(header),
    precommit: precommitCalldata(header, precommit, generation.workers[worker]),
    beginWitness: await execution.beginWitness(),
    originProof: await execution.registerProof(execution.startStep),
  };
}

/** BlockArbiter on a chain, for reading. */
export class BlockArbiterClient extends ArbiterClient {
  /** In pages: who cannot read what it is accused of loses by the clock. */
  readonly #accusations = new EventPages(this.contract, () => this.provider);

  constructor(...given: ConstructorParameters<typeof ArbiterClient>) {
    const [address, runner, fromBlock, abi = blockArbiterInterface] = given;
    super(address, runner, fromBlock, abi);
  }

  /** Who is accused of what in a dispute; undefined if there is no dispute of this number. */
  async accused(id: bigint): Promise<AccusedEvent | undefined> {
    const { contract, fromBlock } = this;
    const filter = contract.filters.Accused(id);
    const [log] = await this.#accusations.read(filter, `accused in ${id}`, fromBlock);
    return log && decodeAccused(log);
  }
}

function decodeAccused({ args }: EventLog): AccusedEvent {
  const { id, generation, account, height, headerHash } = args;
  const voted: Result = args.voted;
  const { appHash, base, fuel, steps, fuelCounter, receiptsHash } = voted;
  return {
    id,
    generation,
    account,
    height,
    headerHash,
    voted: { appHash, base, fuel, steps, fuelCounter, receiptsHash },
  };
}

/** Who plays before BlockArbiter. */
export interface BlockPlayerOptions extends PlayerOptions {
  /** Preimage of the application hash that one's own worker has voted for; undefined if it is not known. */
  readonly resultOf?: (accused: AccusedEvent) => Promise<ApplicationState | undefined>;
}

/**
 * A player before BlockArbiter: for a worker's owner or its delegate (`party`), for a validator, for anyone who has run
 * a block. Moves as at every Arbiter; an accused one first opens what it has voted for.
 */
export class BlockPlayer extends Player {
  /** What BlockArbiter says. */
  readonly blocks: BlockArbiterClient;

  constructor({ resultOf, abi = blockArbiterInterface, ...options }: BlockPlayerOptions) {
    const blocks = new BlockArbiterClient(options.arbiter, options.signer, options.fromBlock, abi);
    const { strategy = honestMove } = options;
    super({
      ...options,
      abi,
      strategy: answering(blocks, strategy, resultOf ?? (async () => undefined)),
    });
    this.blocks = blocks;
  }

  /**
   * Accuses a worker by the own execution of the block's call. With `result`, the preimage of what the worker has voted
   * for, the call is run only until its fuel passes the declared total (4.2). Returns the dispute's number. Throws a
   * HistoryError if the accusation does not hold, a RangeError if the fuel never passes the total, RefusedError if the
   * chain does not accept it.
   */
  async accuse(
    accusation: Accusation,
    generation: ClusterGeneration,
    execution: Execution,
    result?: ApplicationState,
  ): Promise<bigint> {
    const { headerHash } = verifyAccusation(accusation, generation);
    const brought = await accusationCalldata(accusation, generation, execution);
    const { account } = generation.workers[accusation.worker];
    const key = statementKey(generation.id, headerHash, account);
    if (result !== undefined) {
      const total = await fuelTotal(accusation.before, result, execution);
      const step = await execution.fuelStep(total);
      if (step === undefined) throw new RangeError("the call uses no more fuel than was voted for");
      const args = [brought, applicationCalldata(result), step];
      return this.arbiter.openedBy(await this.open("openFuelFromHeaders", args, key));
    }
    const claim = await execution.claim();
    const proof = await execution.registerProof(Number(claim.steps));
    const args = [brought, { ...claim, standing: 0 }, proof];
    return this.arbiter.openedBy(await this.open("openFromHeaders", args, key));
  }
}

/** Fuel counter of the machine that a voted total stands for. */
export async function fuelTotal(
  before: ApplicationState,
  { fuel }: ApplicationState,
  execution: Execution,
): Promise<bigint> {
  const spent = fuel > before.fuel ? fuel - before.fuel : 0n;
  return fuelCounterOf(await execution.registerProof(execution.startStep)) + spent;
}

/** The fuel counter in a register proof (docs/proof-format.md §2). */
function fuelCounterOf(proof: Uint8Array): bigint {
  return new DataView(proof.buffer, proof.byteOffset).getBigUint64(40);
}

/** A strategy whose first move as the accused opens the voted application hash. */
function answering(
  blocks: BlockArbiterClient,
  strategy: Strategy,
  resultOf: (accused: AccusedEvent) => Promise<ApplicationState | undefined>,
): Strategy {
  return async (situation, side, execution, k) => {
    const { dispute } = situation;
    if (dispute.phase !== phases.claims) return strategy(situation, side, execution, k);
    const accused = await blocks.accused(dispute.id);
    const result = accused && (await resultOf(accused));
    if (accused === undefined || result === undefined) return undefined;
    const claim = await execution.claim();
    const proof = await execution.registerProof(Number(claim.steps));
    return { method: "proveResult", args: [accused.voted, applicationCalldata(result), proof] };
  };
}
