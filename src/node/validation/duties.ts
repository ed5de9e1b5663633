/**
 * What anybody may do so that validation goes on (docs/validation.md §3 to §5): begin fragments, draw, end turns whose
 * time has passed, make final what was decided, and void what its cluster does not go on from. Validators and workers do
 * it, because their pay and deposits wait for it.
 *
 * Invariant: every one of these is refused by the contract where it is not due; who comes second loses nothing but a
 * simulation. What goes wrong with one cluster or fragment keeps no other one's duties from being done. Nothing counts as
 * done for good before no reorganisation can undo it.
 */
import { finalityBlocks } from "../../game/chain/eventPages.ts";
import { type Address, type Hash, RefusedError, type Sender } from "../../game/index.ts";
import {
  type ApplicationState,
  applicationCalldata,
  type CheckpointReader,
  type ClusterReader,
  type Fragment,
  fragmentStatus,
  initialApplicationState,
  type RpcSender,
  seedHeader,
  type ValidationReader,
  validatorStatus,
} from "../../history/index.ts";
import type { FragmentSource } from "./fragmentData.ts";

/** What the duties are done with. */
export interface DutyOptions {
  readonly validations: ValidationReader;
  readonly checkpoints: CheckpointReader;
  readonly reader: ClusterReader;
  readonly sender: Sender;
  /** Whom it sends from. */
  readonly account: () => Promise<Address>;
  /** Enters the pool again, where turns that could not be done have cost the place. */
  readonly enterAgain: () => Promise<void>;
  /** Connection to the EVM node. */
  readonly rpc: RpcSender;
  /** Data of a cluster; undefined for one that is not watched. */
  readonly sourceOf: (cluster: Hash) => FragmentSource | undefined;
  /** Clusters whose checkpoints are begun. */
  readonly clusters: readonly Hash[];
  /** Told of what has kept a duty from being done, beside a refusal; it is tried again with the next round. */
  readonly onFailure: (error: unknown) => void;
}

/** A fragment that was seen final or void. */
interface Ended {
  /** EVM block at that time. */
  readonly since: number;
  /** Whether this process has seen it open: then it has ended of late, and is looked at until that is deep. */
  readonly wasOpen: boolean;
}

/** Does what is due. */
export class Duties {
  readonly #options: DutyOptions;
  /** Fragments that were seen open. */
  readonly #seen = new Set<Hash>();
  /** Fragments that are final or void, as long as the chain may take that back. */
  readonly #ended = new Map<Hash, Ended>();
  /** Those to which nothing happens any more. */
  readonly #over = new Set<Hash>();
  /** Newest checkpoint up to which a line is begun, by its header, and the EVM block at that time. */
  readonly #begun = new Map<Hash, { readonly headerHash: Hash; readonly since: number }>();

  constructor(options: DutyOptions) {
    this.#options = options;
  }

  /** One look at the chain; the fragments that are not over. Rejects where the chain does not even say which there are. */
  async round(): Promise<Fragment[]> {
    const { clusters, rpc } = this.#options;
    const block = Number(BigInt((await rpc.send("eth_blockNumber", [])) as string));
    for (const cluster of clusters) await this.#apart(() => this.#beginNew(cluster, block));
    const open: Fragment[] = [];
    for (const id of await this.#options.validations.begun()) {
      const fragment = await this.#apart(() => this.#openFragment(id, block));
      if (fragment === undefined) continue;
      open.push(fragment);
      await this.#apart(() => this.#push(fragment));
    }
    return open;
  }

  /** Whether a fragment is final or void, and stays so. */
  isOver(id: Hash): boolean {
    return this.#over.has(id);
  }

  /** A fragment that is not over, and does not become so now. */
  async #openFragment(id: Hash, block: number): Promise<Fragment | undefined> {
    if (this.#over.has(id)) return undefined;
    const ended = this.#ended.get(id);
    // What was over when the process began is looked at twice, not in every round.
    const isDeep = ended !== undefined && block - ended.since > finalityBlocks;
    if (ended?.wasOpen === false && !isDeep) return undefined;
    const fragment = await this.#options.validations.fragment(id);
    if (fragment === undefined) return undefined;
    if (fragment.status >= fragmentStatus.final) {
      if (fragment.status === fragmentStatus.void) await this.#reclaim(id);
      if (isDeep) this.#bury(id);
      else if (ended === undefined) {
        this.#ended.set(id, { since: block, wasOpen: this.#seen.has(id) });
      }
      return undefined;
    }
    this.#ended.delete(id);
    this.#seen.add(id);
    // What a halted cluster does not go on from is void when it recovers, or never does.
    const isCut = !(await this.#isInLine(fragment));
    const isVoid = (isCut || (await this.#isRefuted(fragment))) && (await this.#try("void", [id]));
    return isCut || isVoid ? undefined : fragment;
  }

  #bury(id: Hash): void {
    this.#over.add(id);
    this.#ended.delete(id);
    this.#seen.delete(id);
  }

  async #apart<T>(duty: () => Promise<T>): Promise<T | undefined> {
    try {
      return await duty();
    } catch (error) {
      this.#options.onFailure(error);
      return undefined;
    }
  }

  async #beginNew(cluster: Hash, block: number): Promise<void> {
    const { checkpoints, sourceOf } = this.#options;
    const source = sourceOf(cluster);
    if (source === undefined) return;
    const count = await checkpoints.count(cluster);
    const newest = count === 0 ? undefined : await checkpoints.at(cluster, count - 1);
    if (newest === undefined) return;
    const begun = this.#begun.get(cluster);
    const isKnown = begun?.headerHash === newest.headerHash;
    if (isKnown && block - begun.since > finalityBlocks) return;
    let position = count;
    while (position > 0 && (await this.#fragmentAt(cluster, position - 1)) === undefined)
      position--;
    const isBegunNow = position < count;
    for (; position < count; position++) {
      const { height } = await checkpoints.at(cluster, position);
      const before = await this.#stateBefore(cluster, position, source);
      const end = await source.manifest(height).catch(() => undefined);
      if (before === undefined || end === undefined) return;
      const states = [before, end.application].map(applicationCalldata);
      if (!(await this.#try("begin", [cluster, position, ...states]))) return;
    }
    if (isBegunNow || !isKnown) {
      this.#begun.set(cluster, { headerHash: newest.headerHash, since: block });
    }
  }

  async #fragmentAt(cluster: Hash, position: number): Promise<Fragment | undefined> {
    const { validations } = this.#options;
    return validations.fragment(await validations.contract.fragmentAt(cluster, position));
  }

  /**
   * The state that a fragment must begin with: the genesis, or what has been shown to be behind the fragment before; what its
   * own first header carries may be a lie.
   */
  async #stateBefore(
    cluster: Hash,
    position: number,
    source: FragmentSource,
  ): Promise<ApplicationState | undefined> {
    const { checkpoints, validations, reader } = this.#options;
    if (position === 0) {
      const known = await reader.cluster(cluster);
      return known && initialApplicationState(known.genesis);
    }
    const before = await this.#fragmentAt(cluster, position - 1);
    const [, behind] = before === undefined ? [] : await validations.statesShown(before.id);
    if (behind !== undefined) return behind;
    const { height } = await checkpoints.at(cluster, position - 1);
    return (await source.manifest(height).catch(() => undefined))?.application;
  }

  async #push({ id, status, deadline, requestBlock }: Fragment): Promise<void> {
    const { validations, rpc } = this.#options;
    const block = Number(BigInt((await rpc.send("eth_blockNumber", [])) as string));
    const { seedBlocks, drawBlocks } = await validations.parameters();
    const seedBlock = requestBlock + seedBlocks;
    if (status === fragmentStatus.drawing) {
      if (block <= seedBlock) return;
      if (block > seedBlock + drawBlocks) await this.#try("redraw", [id]);
      else await this.#try("draw", [id, await seedHeader(rpc, seedBlock)]);
    } else if (status === fragmentStatus.turn && block > deadline) {
      await this.#try("miss", [id]);
    } else if (status === fragmentStatus.decided && block > deadline) {
      await this.#try("finish", [id]);
    }
  }

  /** Whether the cluster's line still holds the fragment's checkpoint: a recovery cuts what was refuted. */
  async #isInLine({ cluster, position, headerHash }: Fragment): Promise<boolean> {
    const { checkpoints } = this.#options;
    if (position >= (await checkpoints.count(cluster))) return false;
    return (await checkpoints.at(cluster, position)).headerHash === headerHash;
  }

  /** Whether what a fragment stands on was refuted. */
  async #isRefuted({ cluster, height }: Fragment): Promise<boolean> {
    const refuted = (await this.#options.reader.cluster(cluster))?.refutedHeight;
    return refuted !== undefined && height >= refuted;
  }

  /** Takes back what missed turns of a fragment have cost of which nothing could be confirmed. */
  async #reclaim(id: Hash): Promise<void> {
    const { validations, account, enterAgain } = this.#options;
    const me = await account();
    if ((await validations.contract.feesOf(id, me)) === 0n) return;
    if (!(await this.#try("reclaim", [id]))) return;
    const { status, misses, deposit } = await validations.validator(me);
    const { mostMisses, missFee, deposit: whole } = await validations.parameters();
    // Who has left by its own wish stays out.
    const isPutOut = misses >= mostMisses || whole - deposit > missFee * BigInt(mostMisses);
    if (status === validatorStatus.inactive && isPutOut) await enterAgain();
  }

  async #try(method: string, args: readonly unknown[]): Promise<boolean> {
    try {
      await this.#options.sender.send(this.#options.validations.contract, method, args);
      return true;
    } catch (error) {
      // Somebody else was first, or it is not due yet.
      if (error instanceof RefusedError) return false;
      throw error;
    }
  }
}
