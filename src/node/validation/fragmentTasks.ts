/**
 * What it takes to replay a fragment, as the chain and the cluster's nodes have it, and by which executions a validator
 * answers for what it has confirmed.
 *
 * Invariant: an answer is an execution of one's own; a call that no confirmed fragment holds has none.
 */
import {
  type Address,
  type Call,
  type Execution,
  type Hash,
  MachineExecution,
} from "../../game/index.ts";
import {
  type AccusedEvent,
  type ApplicationState,
  contentOf,
  type Fragment,
  headerName,
  type ValidationReader,
} from "../../history/index.ts";
import type { Program } from "../../interpreter/index.ts";
import { callName } from "./confirmationDisputes.ts";
import type { FragmentSource } from "./fragmentData.ts";
import { type FragmentTask, replayTask, stateBeforeBlock } from "./fragmentJob.ts";

/** A cluster that a validator can validate. */
export interface ValidatedCluster {
  readonly id: Hash;
  readonly program: Program;
  readonly source: FragmentSource;
  /** Bytes that a replay of it may take. */
  readonly memoryBytes: number;
}

/** The fragments of the clusters that are validated. */
export class FragmentTasks {
  readonly #validations: ValidationReader;
  readonly #clusters: readonly ValidatedCluster[];
  readonly #executions: Map<string, Execution>;

  /** @param executions Those that are known, by the name of their call; those that are made are added. */
  constructor(
    validations: ValidationReader,
    clusters: readonly ValidatedCluster[],
    executions: Map<string, Execution>,
  ) {
    this.#validations = validations;
    this.#clusters = clusters;
    this.#executions = executions;
  }

  /** A fragment with where its data are. */
  async of(fragment: Fragment, cluster: ValidatedCluster): Promise<FragmentTask> {
    const { program, source } = cluster;
    const before = await this.#before(fragment);
    const confirmations =
      before === undefined ? [] : await this.#validations.confirmations(before.id);
    return {
      program,
      source,
      fragment,
      snapshots: confirmations.map(({ snapshot }) => snapshot).filter(({ length }) => length > 0),
      previous: async () => before && this.of(before, cluster),
    };
  }

  /** The execution of a call that a validator has brought or confirmed. */
  async executionOf(call: Call, validator: Address): Promise<Execution | undefined> {
    const known = this.#executions.get(callName(call));
    if (known !== undefined) return known;
    for (const id of await this.#validations.begun()) {
      const confirmations = await this.#validations.confirmations(id);
      if (!confirmations.some((each) => each.validator === validator)) continue;
      const fragment = await this.#validations.fragment(id);
      const cluster = this.#clusters.find((each) => each.id === fragment?.cluster);
      if (fragment === undefined || cluster === undefined) continue;
      const execution = await this.#executionIn(await this.of(fragment, cluster), call);
      if (execution === undefined) continue;
      this.#executions.set(callName(call), execution);
      return execution;
    }
    return undefined;
  }

  /** What the header carries for which a validator is accused. */
  async resultOf({ height, headerHash }: AccusedEvent): Promise<ApplicationState | undefined> {
    for (const { source } of this.#clusters) {
      const manifest = await source.manifest(height).catch(() => undefined);
      if (manifest && headerName(manifest.header) === headerHash) return manifest.application;
    }
    return undefined;
  }

  async #executionIn(task: FragmentTask, call: Call): Promise<Execution | undefined> {
    const { data } = await replayTask(task, []);
    // Several calls begin from one state where some did not return.
    const block = data.blocks.find(
      ({ input }, index) =>
        input !== undefined &&
        data.manifests[index].application.base === call.previousState &&
        contentOf(input).root === call.inputRoot,
    );
    if (block?.input === undefined) return undefined;
    const before = await stateBeforeBlock(task, data, block.height);
    return new MachineExecution(task.program, before, block.input);
  }

  /** The fragment before, which need not stand in the line any more. */
  async #before(fragment: Fragment): Promise<Fragment | undefined> {
    const { cluster, position, startHeight, generation } = fragment;
    const ids = await this.#validations.begunAt(cluster, position - 1);
    const found = await Promise.all(ids.map((id) => this.#validations.fragment(id)));
    const own = found.find((each) => each?.generation === generation);
    return own ?? found.findLast((each) => each !== undefined && each.height <= startHeight);
  }
}
