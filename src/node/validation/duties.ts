/**
 * What anybody may do so that validation goes on (docs/validation.md §3 to §5): begin fragments, draw, end turns whose
 * time has passed, make final what was decided, and void what its cluster does not go on from. Validators and workers do
 * it, because their pay and deposits wait for it.
 *
 * Invariant: every one of these is refused by the contract where it is not due; who comes second loses nothing but a
 * simulation.
 */
import { type Hash, RefusedError, type Sender } from "../../game/index.ts";
import {
  applicationCalldata,
  type CheckpointReader,
  type ClusterReader,
  type Fragment,
  fragmentStatus,
  type RpcSender,
  seedHeader,
  type ValidationReader,
} from "../../history/index.ts";
import type { FragmentSource } from "./fragmentData.ts";

/** What the duties are done with. */
export interface DutyOptions {
  readonly validations: ValidationReader;
  readonly checkpoints: CheckpointReader;
  readonly reader: ClusterReader;
  readonly sender: Sender;
  /** Connection to the EVM node. */
  readonly rpc: RpcSender;
  /** Data of a cluster; undefined for one that is not watched. */
  readonly sourceOf: (cluster: Hash) => FragmentSource | undefined;
  /** Clusters whose checkpoints are begun. */
  readonly clusters: readonly Hash[];
}

/** Does what is due. */
export class Duties {
  readonly #options: DutyOptions;
  /** Fragments that are final or void: nothing happens to them any more. */
  readonly #over = new Set<Hash>();
  /** Newest checkpoint up to which a line is begun, by its header. */
  readonly #begun = new Map<Hash, Hash>();

  constructor(options: DutyOptions) {
    this.#options = options;
  }

  /** One look at the chain; the fragments that are not over. */
  async round(): Promise<Fragment[]> {
    for (const cluster of this.#options.clusters) await this.#beginNew(cluster);
    const { validations } = this.#options;
    const open: Fragment[] = [];
    for (const id of await validations.begun()) {
      if (this.#over.has(id)) continue;
      const fragment = await validations.fragment(id);
      if (fragment === undefined) continue;
      if (fragment.status >= fragmentStatus.final) {
        this.#over.add(id);
        continue;
      }
      if (!(await this.#isInLine(fragment))) {
        await this.#try("void", [id]);
        continue;
      }
      await this.#push(fragment);
      open.push(fragment);
    }
    return open;
  }

  async #beginNew(cluster: Hash): Promise<void> {
    const { checkpoints, validations, sourceOf, reader } = this.#options;
    const source = sourceOf(cluster);
    if (source === undefined) return;
    const count = await checkpoints.count(cluster);
    const newest = count === 0 ? undefined : await checkpoints.at(cluster, count - 1);
    if (newest === undefined || this.#begun.get(cluster) === newest.headerHash) return;
    for (let position = count - 1; position >= 0; position--) {
      const id: Hash = await validations.contract.fragmentAt(cluster, position);
      if ((await validations.fragment(id)) !== undefined) break;
      const end = await checkpoints.at(cluster, position);
      const before = position === 0 ? undefined : await checkpoints.at(cluster, position - 1);
      // A generation's first fragment begins with its first header.
      const isWithin = before !== undefined && before.generation === end.generation;
      const generation = isWithin ? undefined : await reader.generation(end.generation);
      const start = isWithin ? before.height : (generation?.initialHeight ?? 0n);
      const ends = await Promise.all([source.manifest(start), source.manifest(end.height)]).catch(
        () => undefined,
      );
      if (ends === undefined) return;
      const states = ends.map(({ application }) => applicationCalldata(application));
      if (!(await this.#try("begin", [cluster, position, ...states]))) return;
    }
    this.#begun.set(cluster, newest.headerHash);
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
