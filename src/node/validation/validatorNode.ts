/**
 * A batch validator (paper 6): keeps its place in the pool, watches for its turns, replays fragments side by side within a
 * memory bound, confirms what is right, disputes what is wrong, and answers for what it has confirmed.
 *
 * Invariant: what it knows is the chain's and its replays' own; killed at any moment and started again it goes on with
 * its turns and its disputes, and signs nothing that it has not executed.
 */
import { Contract, type Signer } from "ethers";
import {
  type Address,
  type Call,
  type Execution,
  type Hash,
  RefusedError,
  Sender,
} from "../../game/index.ts";
import {
  ancestorsInterface,
  BlockPlayer,
  CheckpointReader,
  ClusterReader,
  type Confirmation,
  ConfirmationPlayer,
  type Fragment,
  fragmentStatus,
  misbehaviourInterface,
  mismatchedTransactionsInterface,
  type Network,
  programMemoryInterface,
  type RpcSender,
  sampleHashes,
  ValidationReader,
  validatorStatus,
} from "../../history/index.ts";
import { NodeError } from "../nodeError.ts";
import {
  accuseAll,
  type Brought,
  type DisputeTable,
  disputeProofs,
} from "./confirmationDisputes.ts";
import { convictHeader } from "./convictedHeader.ts";
import { DeclaredMemory } from "./declaredMemory.ts";
import { Duties } from "./duties.ts";
import { downloadManifests } from "./fragmentData.ts";
import { replayTask, snapshotBehind } from "./fragmentJob.ts";
import { FragmentTasks, type ValidatedCluster } from "./fragmentTasks.ts";
import type { FragmentRules } from "./headerRules.ts";
import { inventedList } from "./laziness.ts";
import { convictMismatched } from "./mismatchedBlock.ts";
import { type OwedConfirmation, OwedConfirmations } from "./owedConfirmations.ts";
import type { ReplayStore } from "./replayStore.ts";

/** What a validator does not do, to try what becomes of it. */
export type Laziness = "copies" | "reuses";

/** The contracts that a validator uses. */
export type ValidatedNetwork = Pick<
  Network,
  | "validation"
  | "clusters"
  | "checkpoints"
  | "blockArbiter"
  | "mismatchedTransactions"
  | "misbehaviour"
  | "validationArbiter"
  | "ancestors"
  | "programMemory"
  | "fromBlock"
>;

/** What a validator is made of. */
export interface ValidatorOptions {
  readonly network: ValidatedNetwork;
  readonly signer: Signer;
  readonly rpc: RpcSender;
  readonly clusters: readonly ValidatedCluster[];
  readonly store: ReplayStore;
  /** Bytes that replays side by side may take together; one runs in any case. */
  readonly memoryBytes: number;
  readonly pollMs: number;
  /** Publishes a proof that it has not executed: for demonstrations and tests. */
  readonly laziness?: Laziness;
  readonly onEvent?: (event: ValidatorEvent) => void;
}

/** What a validator tells its owner. */
export type ValidatorEvent =
  /** It has entered the pool; it is out of it, by missed turns or by its owner's wish. */
  | { readonly kind: "registered" | "inactive" }
  | { readonly kind: "chosen"; readonly fragment: Fragment }
  /** A replay went on behind what was kept before the process was started. */
  | { readonly kind: "resumed"; readonly fragment: Fragment; readonly height: bigint }
  | { readonly kind: "confirmed"; readonly fragment: Fragment; readonly steps: bigint }
  /** A block was found wrong; `convicted` without a dispute, since its bytes show it. */
  | (Brought & {
      readonly kind: "accused" | "convicted";
      readonly fragment: Fragment;
      readonly height: bigint;
    })
  | {
      readonly kind: "disputed";
      readonly fragment: Fragment;
      readonly confirmations: readonly bigint[];
    }
  | { readonly kind: "failed"; readonly error: unknown };

/** Data that nobody has yet may come. */
const retryMs = 3000;

/** One validator. */
export class ValidatorNode {
  readonly validations: ValidationReader;
  readonly #options: ValidatorOptions;
  readonly #sender: Sender;
  readonly #duties: Duties;
  readonly #memory: DeclaredMemory;
  readonly #owed: OwedConfirmations;
  readonly #table: DisputeTable;
  readonly #tasks: FragmentTasks;
  readonly #checkpoints: CheckpointReader;
  readonly #atWork = new Map<
    Hash,
    { readonly memoryBytes: number; readonly work: Promise<void> }
  >();
  #isOut = false;
  /** Turns that were not confirmed and are done with, by seed. */
  readonly #done = new Set<Hash>();
  /** When a turn that is still there is looked at again, by seed: in `performance.now()`, since clocks are set. */
  readonly #retryAt = new Map<Hash, number>();

  constructor(options: ValidatorOptions) {
    this.#options = options;
    const { network, signer, rpc, clusters, pollMs } = options;
    const { fromBlock } = network;
    this.#sender = new Sender(signer, { pollMs });
    this.validations = new ValidationReader(network.validation, signer, fromBlock);
    const reader = new ClusterReader(network.clusters, signer);
    const checkpoints = new CheckpointReader(network.checkpoints, signer);
    this.#checkpoints = checkpoints;
    const { validations } = this;
    const sender = this.#sender;
    const sourceOf = (id: Hash) => clusters.find((each) => each.id === id)?.source;
    const ids = clusters.map(({ id }) => id);
    this.#duties = new Duties({
      validations,
      checkpoints,
      reader,
      sender,
      account: () => this.address(),
      enterAgain: () => this.register(),
      rpc,
      sourceOf,
      clusters: ids,
      onFailure: (error) => this.#tell({ kind: "failed", error }),
    });
    this.#owed = new OwedConfirmations(validations.contract, sender);
    const memory = new Contract(network.programMemory, programMemoryInterface, signer);
    this.#memory = new DeclaredMemory(memory, reader, sender, clusters);
    const executions = new Map<string, Execution>();
    this.#tasks = new FragmentTasks(validations, clusters, executions);
    const execution = async (call: Call) => this.#tasks.executionOf(call, await this.address());
    const shared = { signer, sender, fromBlock, pollMs, execution };
    this.#table = {
      blocks: new BlockPlayer({ ...shared, arbiter: network.blockArbiter }),
      confirmations: new ConfirmationPlayer({
        ...shared,
        arbiter: network.validationArbiter,
        resultOf: (accused) => this.#tasks.resultOf(accused),
      }),
      ancestors: new Contract(network.ancestors, ancestorsInterface, signer),
      lists: new Contract(network.mismatchedTransactions, mismatchedTransactionsInterface, signer),
      misbehaviour: new Contract(network.misbehaviour, misbehaviourInterface, signer),
      clusters: reader,
      checkpoints,
      sender,
      executions,
    };
  }

  /** The account. */
  address(): Promise<Address> {
    return this.#options.signer.getAddress() as Promise<Address>;
  }

  /** Puts the deposit down and enters the pool, unless it is there. */
  async register(): Promise<void> {
    const { status, deposit } = await this.validations.validator(await this.address());
    if (status === validatorStatus.active) return;
    const { deposit: needed } = await this.validations.parameters();
    const { contract } = this.validations;
    await this.#sender.send(contract, "register", [], needed - deposit);
    this.#isOut = false;
    this.#tell({ kind: "registered" });
  }

  /** Works and plays until the signal is given. */
  async follow(signal: AbortSignal): Promise<void> {
    const { blocks, confirmations } = this.#table;
    const players = [blocks.follow(signal), confirmations.follow(signal)];
    while (!signal.aborted) {
      await this.tick().catch((error) => this.#tell({ kind: "failed", error }));
      await new Promise((done) => setTimeout(done, this.#options.pollMs));
    }
    await Promise.all([...players, ...[...this.#atWork.values()].map(({ work }) => work)]);
  }

  /** One look: does the duties, begins the turns that there is room for. */
  async tick(): Promise<void> {
    const me = await this.address();
    await this.#watchPlace(me);
    await this.#memory.show((error) => this.#tell({ kind: "failed", error }));
    const open = await this.#duties.round();
    this.#owed.forget((id) => this.#duties.isOver(id));
    for (const fragment of open) {
      const isMine = fragment.status === fragmentStatus.turn && fragment.chosen === me;
      if (!isMine || this.#atWork.has(fragment.id)) continue;
      if (this.#done.has(fragment.seed)) {
        await this.#endTurn(fragment).catch((error) => this.#tell({ kind: "failed", error }));
        continue;
      }
      if (performance.now() < (this.#retryAt.get(fragment.seed) ?? 0)) continue;
      const cluster = this.#options.clusters.find(({ id }) => id === fragment.cluster);
      if (cluster === undefined || !this.#hasRoom(cluster.memoryBytes)) continue;
      const owed = this.#owed.of(fragment);
      if (owed === undefined) this.#tell({ kind: "chosen", fragment });
      const work = (owed ? this.#confirm(fragment, owed, true) : this.#turn(fragment, cluster))
        .catch((error) => this.#tell({ kind: "failed", error }))
        .finally(() => {
          this.#retryAt.set(fragment.seed, performance.now() + retryMs);
          this.#atWork.delete(fragment.id);
        });
      this.#atWork.set(fragment.id, { memoryBytes: cluster.memoryBytes, work });
    }
  }

  /** Waits for the turns that are under way, and makes the moves that are due: for tests without `follow`. */
  async settle(): Promise<void> {
    await Promise.all([...this.#atWork.values()].map(({ work }) => work));
    await this.#table.blocks.tick();
    await this.#table.confirmations.tick();
  }

  async #watchPlace(me: Address): Promise<void> {
    const { status } = await this.validations.validator(me);
    const isOut = status === validatorStatus.inactive;
    if (isOut && !this.#isOut) this.#tell({ kind: "inactive" });
    this.#isOut = isOut;
  }

  #hasRoom(memoryBytes: number): boolean {
    const taken = [...this.#atWork.values()].reduce((sum, each) => sum + each.memoryBytes, 0);
    return this.#atWork.size === 0 || taken + memoryBytes <= this.#options.memoryBytes;
  }

  async #turn(fragment: Fragment, cluster: ValidatedCluster): Promise<void> {
    const { store } = this.#options;
    const { seed, period } = fragment;
    const earlier = await this.#standing(fragment);
    const task = await this.#tasks.of(fragment, cluster);
    if (this.#options.laziness !== undefined) {
      await this.#confirmUnseen(fragment, earlier);
      return;
    }
    const headers = await downloadManifests(task.source, fragment, await this.#rulesFor(fragment));
    if (headers.broken !== undefined) {
      const { manifests, broken } = headers;
      const brought = await convictHeader(this.#table, task, manifests, broken, earlier);
      this.#done.add(seed);
      this.#tell({ kind: "convicted", fragment, height: broken.height, ...brought });
      return;
    }
    const terms = [seed, ...earlier.map((each) => each.seed)].map((each) => ({
      seed: each,
      period,
    }));
    const replayed = await replayTask(task, terms, store, headers);
    const { wrong, data, from } = replayed;
    if (from > fragment.startHeight) this.#tell({ kind: "resumed", fragment, height: from });
    if (wrong !== undefined) {
      const brought = await accuseAll(this.#table, task, { data, wrong }, earlier);
      this.#done.add(seed);
      this.#tell({ kind: "accused", fragment, height: wrong.height, ...brought });
      return;
    }
    if (data.mismatch !== undefined) {
      const { mismatch } = data;
      const brought = await convictMismatched(this.#table, task, replayed, mismatch, earlier);
      this.#done.add(seed);
      this.#tell({ kind: "convicted", fragment, height: mismatch.height, ...brought });
      return;
    }
    const checked = earlier.map((confirmation, index) => ({ confirmation, walk: index + 1 }));
    const disputed = await disputeProofs(this.#table, task, replayed, checked);
    if (disputed.length > 0) this.#tell({ kind: "disputed", fragment, confirmations: disputed });
    const bytes = snapshotBehind(replayed);
    const snapshot = await task.source.keep(fragment.height, bytes);
    const samples = sampleHashes(replayed.replay.samples(0));
    await this.#confirm(fragment, { seed, samples, snapshot, steps: replayed.replay.steps });
  }

  /** What a fragment's headers must fit. */
  async #rulesFor(fragment: Fragment): Promise<FragmentRules> {
    const { cluster, position, generation: id } = fragment;
    const generation = await this.#table.clusters.generation(id);
    if (generation === undefined) throw new NodeError("chain-refused", "the fragment's generation");
    const before = position === 0 ? undefined : await this.#checkpoints.at(cluster, position - 1);
    const states = await this.validations.statesShown(fragment.id);
    return { generation, start: before?.generation === id ? before.headerHash : undefined, states };
  }

  /** Leaves a turn in which nothing is left to do, as what was refuted lets it without a fee. */
  async #endTurn({ id, cluster, height }: Fragment): Promise<void> {
    const refuted = (await this.#table.clusters.cluster(cluster))?.refutedHeight;
    if (refuted === undefined || height < refuted) return;
    try {
      await this.#sender.send(this.validations.contract, "miss", [id]);
    } catch (error) {
      // Somebody else was first.
      if (!(error instanceof RefusedError)) throw error;
    }
  }

  async #confirm(fragment: Fragment, owed: OwedConfirmation, isAgain = false): Promise<void> {
    const isTaken = await this.#owed.send(fragment, owed);
    // The chain had it, and its node lags behind.
    if (isAgain && !isTaken) return;
    this.#options.store.forget(fragment);
    this.#tell({ kind: "confirmed", fragment, steps: owed.steps });
  }

  /** What a lazy validator publishes: a walk over hashes that it has from nowhere, or from the proof before. */
  async #confirmUnseen(fragment: Fragment, earlier: readonly Confirmation[]): Promise<void> {
    const from = this.#options.laziness === "reuses" ? (earlier.at(-1)?.samples ?? []) : [];
    const samples = inventedList(fragment, from);
    const snapshot = earlier.at(-1)?.snapshot ?? { root: fragment.headerHash, length: 0 };
    await this.#confirm(fragment, { seed: fragment.seed, samples, snapshot, steps: 0n });
  }

  async #standing({ id }: Fragment): Promise<Confirmation[]> {
    const all = await this.validations.confirmations(id);
    const me = await this.address();
    return all.filter(({ isRefuted, validator }) => !isRefuted && validator !== me);
  }

  #tell(event: ValidatorEvent): void {
    this.#options.onEvent?.(event);
  }
}
