/**
 * The application of one worker, whatever engine orders its blocks (docs/cluster.md §2): checks transactions, proposes
 * and judges blocks by executing them, and carries the state from one decided block to the next.
 *
 * Invariant: the application hash is a function of the genesis and the decided blocks. `finalize` does no input or
 * output; what it made is on the disk when `commit` returns; whatever happens in between, the last committed state is
 * found again.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Hash } from "../../game/index.ts";
import {
  type ApplicationState,
  applicationHash,
  applicationStateAfter,
  type BlockHead,
  type BlockRecord,
  initialApplicationState,
  looksLikeHandover,
  receiptsHashAfter,
  type Validator,
} from "../../history/index.ts";
import type { MachineState, Program } from "../../interpreter/index.ts";
import { programRoot } from "../../merkle/index.ts";
import { NodeError } from "../nodeError.ts";
import { type AdmissionTerms, admissible, areAdmitted, refusalOf } from "./admission.ts";
import { BlockMachine } from "./blockMachine.ts";
import { BlockFramer, type FramedBlockCall } from "./framedBlocks.ts";
import type { BlockJournal, KeptBlock } from "./journal.ts";
import { choose, type Fate, fateOf, fitting, Pace, PoisonList } from "./proposal.ts";
import { ReceiptBook } from "./receiptBook.ts";
import { recover, type WorkerFolder } from "./recovery.ts";
import {
  encodeSnapshot,
  readSnapshot,
  type SnapshotFolder,
  type WorkerSnapshot,
} from "./snapshots.ts";
import { Succession } from "./succession.ts";
import { type Checked, type TransactionRules, transactionRefusals } from "./transactionRules.ts";
import {
  type ClusterGenesis,
  checkBeginning,
  encodeGenesis,
  readGenesis,
} from "./workerGenesis.ts";
import { rulesOf } from "./wrapperRules.ts";

/** What a worker is made of. */
export interface WorkerOptions extends WorkerFolder {
  /** Blocks from one snapshot to the next, 100 unless given. */
  readonly snapshotBlocks?: number;
  /** Time in which a proposal is searched for, 500 ms unless given. */
  readonly proposalMs?: number;
  /** Those of the SDK's wrapper if the program has it, otherwise none, unless given. */
  readonly rules?: TransactionRules;
  /** Spoils the machine after the call of a block: for demonstrations and tests of liars. */
  readonly spoil?: (state: MachineState, height: bigint) => void;
}

/** A decided block that waits for its commit. */
interface Pending {
  readonly height: bigint;
  /** An empty block has nothing of this. */
  readonly key?: string;
  readonly block?: KeptBlock;
  readonly record?: BlockRecord;
  /** The next generation, if the block names it. */
  readonly successors?: readonly Validator[] | undefined;
}

/** One worker of a cluster. */
export class Worker {
  readonly program: Program;
  readonly journal: BlockJournal;
  readonly snapshots: SnapshotFolder | undefined;
  machine: BlockMachine;
  readonly #options: WorkerOptions;
  readonly #rules: TransactionRules | undefined;
  /** Codes of the transactions of the block finalized last, its record's first. */
  codes: readonly number[] = [];
  /** The consensus key's signature under the next generation's keys, for whoever asks. */
  handoverVote: string | undefined;
  readonly #poison = new PoisonList();
  readonly #pace = new Pace();
  readonly #framer = new BlockFramer();
  #genesis: ClusterGenesis | undefined;
  #application: ApplicationState;
  #receipts: ReceiptBook | undefined;
  /** The generation's workers, and who follows them. */
  succession: Succession;
  #pending: Pending | undefined;
  readonly #waiting: (() => void)[] = [];
  /** Told of every committed height. */
  readonly onCommit: ((height: bigint) => void)[] = [];

  /** Opens a worker in the state that its folder holds. Throws `state-corrupt`. */
  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#rules = options.rules ?? rulesOf(options.program);
    this.program = options.program;
    this.journal = options.journal;
    this.snapshots = options.snapshots;
    ({ machine: this.machine, application: this.#application } = recover(options));
    this.succession = new Succession(this.journal);
    const text = this.journal.fact("genesis");
    if (text !== undefined) this.#adopt(readGenesis(new TextEncoder().encode(text)));
  }

  /** Height of the last committed block; 0 before the first. */
  get height(): bigint {
    return this.journal.height;
  }

  /** State after the last committed block. */
  get application(): ApplicationState {
    return this.#application;
  }

  /** Height of the last committed block of this worker's own chain; 0 before the first. */
  get chainHeight(): bigint {
    return this.height > BigInt(this.journal.fact("inheritedAt") ?? 0) ? this.height : 0n;
  }

  /** What the engine is told of the validators after the block finalized last: a power of 0 goes. */
  get validatorUpdates(): readonly Validator[] {
    return this.succession.updates(this.#pending?.successors);
  }

  /** What the generation agreed on; undefined before `initChain`. */
  get genesis(): ClusterGenesis | undefined {
    return this.#genesis;
  }

  /** Receipts; undefined before `initChain`. */
  get receipts(): ReceiptBook | undefined {
    return this.#receipts;
  }

  /**
   * A chain begins. Returns its first application hash. Throws `genesis-mismatch` for another package's genesis, and for
   * one that goes on from another state than this worker's.
   */
  initChain(
    chainId: string,
    initialHeight: bigint,
    appState: Uint8Array,
    validators: readonly Validator[] = [],
  ): Hash {
    const genesis = readGenesis(appState);
    checkBeginning(genesis, initialHeight, {
      program: `0x${bytesToHex(programRoot(this.program))}`,
      height: this.height,
      chainHeight: this.chainHeight,
      applicationHash: applicationHash(this.#application),
    });
    this.journal.keepFacts({
      genesis: encodeGenesis(genesis),
      chainId,
      initialHeight: initialHeight.toString(),
      genesisState: this.machine.base(),
      ...Succession.facts(validators),
    });
    this.#adopt(genesis);
    return applicationHash(this.#application);
  }

  /**
   * Takes over the state with which the generation before has ended, as one of its workers has written it; the genesis
   * says which it must be. Throws `state-corrupt`, `genesis-mismatch` if this worker has a chain already.
   */
  inherit(bytes: Uint8Array): void {
    if (this.height !== 0n) throw new NodeError("genesis-mismatch", "this worker has blocks");
    const { height, application, state } = readSnapshot(this.program, bytes);
    this.snapshots?.write(height, bytes);
    this.journal.inherit(height, application);
    this.machine = new BlockMachine(this.program, state);
    this.#application = application;
  }

  /** Whether a client's transaction is taken; never more than a block would. */
  check(transaction: Uint8Array, isRechecked = false): Checked {
    const code = refusalOf(transaction, this.#terms);
    if (code !== undefined) return { code, reason: transactionRefusals[code] };
    if (looksLikeHandover(transaction)) return { code: 0, reason: "" };
    const found = this.#rules?.check(transaction, isRechecked);
    return found === undefined ? { code: 0, reason: "" } : { code: found.code, reason: found.name };
  }

  /** The transactions of a block to propose, its record first; none if nothing can be put into one. */
  propose(height: bigint, waiting: readonly Uint8Array[], bytes: number): Uint8Array[] {
    const receipts = this.#receipts?.forBlock(height) ?? [];
    const build = (list: readonly Uint8Array[]) =>
      this.#framer.build(this.#head(height), list, receipts);
    const end = performance.now() + (this.#options.proposalMs ?? 500);
    // A record's length depends on its receipts alone.
    const room = { ...this.#terms, blockBytes: bytes, record: build([]).transactions[0] };
    const chosen = choose(fitting(this.#head(height), admissible(waiting, this.#terms), room), {
      fate: (list) => this.#try(build(list)),
      poison: this.#poison,
      pace: this.#pace,
      isLate: () => performance.now() > end,
    });
    return chosen.length === 0 ? [] : [...build(chosen).transactions];
  }

  /** Whether a proposed block is one that this worker votes for: executed, returned, within its fuel. */
  isValid(height: bigint, transactions: readonly Uint8Array[]): boolean {
    if (transactions.length === 0) return true;
    const block = this.#framer.read(this.#head(height), transactions);
    const { record } = block;
    const { inputBytes } = this.program.config.limits;
    if (record === undefined || record.inputLength > inputBytes) return false;
    if (!areAdmitted(transactions.slice(1), this.#terms)) return false;
    if (!(this.#receipts?.areValid(height, record.receipts) ?? false)) return false;
    return this.#try(block).verdict === "returns";
  }

  /**
   * A block was decided: runs its call, if that was not done yet, and returns the application hash. Throws
   * `height-mismatch`; `block-not-of-cluster` for a block that no honest worker has voted for.
   */
  finalize(height: bigint, transactions: readonly Uint8Array[]): Hash {
    const next = this.#nextHeight;
    if (height !== next) throw new NodeError("height-mismatch", `${height}, not ${next}`);
    if (transactions.length === 0) {
      this.#pending = { height };
      this.codes = [];
      return applicationHash(this.#application);
    }
    const own = transactions.slice(1);
    const { record, input, key } = this.#framer.read(this.#head(height), transactions);
    if (record === undefined) throw new NodeError("block-not-of-cluster", `height ${height}`);
    const outcome = this.machine.run(key, input, undefined, this.#spoilAt(height));
    if (outcome === "over-fuel") throw new TypeError("expected a call without a bound to end");
    const before = this.#application;
    const receiptsHash = receiptsHashAfter(before.receiptsHash, record.receipts);
    const application = applicationStateAfter(before, outcome, receiptsHash);
    const block = { height, record: transactions[0], input, application };
    // What a call that did not return says of its transactions is taken back.
    const codes = outcome.isReturned && this.#rules?.codes(this.machine.state, own.length);
    this.codes = [0, ...(codes || own.map(() => 0))];
    const successors = this.succession.inBlock(own);
    this.#pending = { height, key, block, record, successors };
    return applicationHash(application);
  }

  /** The decided block's state becomes the worker's, its block is in the journal; if that fails nothing has changed. */
  commit(): void {
    const pending = this.#pending;
    if (pending === undefined) throw new NodeError("height-mismatch", "nothing was finalized");
    const { height, key, block, record, successors } = pending;
    const isLast = this.succession.successors !== undefined;
    const facts = successors && Succession.namedFacts(successors);
    this.machine.keep(key, () => this.journal.append(height, block, facts));
    if (successors !== undefined) this.succession.follow(successors);
    if (block !== undefined) this.#application = block.application;
    if (record !== undefined) this.#receipts?.agree(record);
    this.#pending = undefined;
    this.#resetRules();
    for (const wake of this.#waiting.splice(0)) wake();
    for (const tell of this.onCommit) tell(height);
    // The last block's state is what the next generation begins from; without another one the journal is replayed.
    const isDue = height % BigInt(this.#options.snapshotBlocks ?? 100) === 0n;
    if (isLast || isDue) this.takeSnapshot(height, isLast ? "write" : "writeBeside");
  }

  /** Writes the state after the last committed block into the folder of snapshots. */
  takeSnapshot(height = this.height, write: "write" | "writeBeside" = "write"): void {
    const base = this.machine.baseTree();
    this.snapshots?.[write](height, encodeSnapshot(height, this.#application, base));
  }

  /** Becomes what a checked snapshot says, once the disk has it: a worker that joins by state sync. */
  adoptSnapshot(
    snapshot: WorkerSnapshot,
    genesis: ClusterGenesis,
    chainId: string,
    validators: readonly Validator[],
  ): void {
    const { height, application, state } = snapshot;
    const machine = new BlockMachine(this.program, state);
    this.snapshots?.write(height, encodeSnapshot(height, application, machine.baseTree()));
    this.journal.keepFacts({
      genesis: encodeGenesis(genesis),
      chainId,
      height: height.toString(),
      syncedAt: height.toString(),
      initialHeight: "1",
      ...Succession.facts(validators),
    });
    [this.machine, this.#application] = [machine, application];
    this.#pending = undefined;
    this.#adopt(genesis);
  }

  /** Resolves when no decided block waits for its commit, and at best no try is open. */
  async quiet(patienceMs: number): Promise<void> {
    if (this.machine.isTrying && this.#pending === undefined) {
      await Promise.race([this.#committed(), new Promise((done) => setTimeout(done, patienceMs))]);
    }
    while (this.#pending !== undefined) await this.#committed();
  }

  #committed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #adopt(genesis: ClusterGenesis): void {
    this.#genesis = genesis;
    this.#receipts = new ReceiptBook(this.journal, genesis);
    this.succession = new Succession(this.journal);
    if (this.height === 0n) this.#application = initialApplicationState(this.machine.base());
    this.#resetRules();
  }

  get #nextHeight(): bigint {
    if (this.height > 0n) return this.height + 1n;
    return BigInt(this.journal.fact("initialHeight") ?? 1);
  }

  #resetRules(): void {
    this.#rules?.reset(this.journal.fact("chainId") ?? "", this.#nextHeight, this.machine.state);
  }

  get #terms(): AdmissionTerms {
    const transactionBytes = () => this.#agreed().transactionBytes;
    const { inputBytes } = this.program.config.limits;
    return { succession: this.succession, poison: this.#poison, transactionBytes, inputBytes };
  }

  /** What a block's framing says of its header. */
  #head(height: bigint): BlockHead {
    return { chainId: this.journal.fact("chainId") ?? "", height };
  }

  #agreed(): ClusterGenesis {
    if (this.#genesis === undefined) throw new NodeError("genesis-mismatch", "no chain has begun");
    return this.#genesis;
  }

  #try({ key, height, input }: FramedBlockCall): Fate {
    const { blockFuel } = this.#agreed();
    return fateOf(this.machine.run(key, input, blockFuel, this.#spoilAt(height)), blockFuel);
  }

  #spoilAt(height: bigint): ((state: MachineState) => void) | undefined {
    const { spoil } = this.#options;
    return spoil && ((state) => spoil(state, height));
  }
}
