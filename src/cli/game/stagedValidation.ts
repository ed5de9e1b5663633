/**
 * Batch validators for the stage: each with an account, a store of its own, and nothing but the network to learn from.
 *
 * Invariant: a validator reads what a gateway and a storage node show to anybody; which of them is lazy nobody is told.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { CheckpointReader, ClusterReader } from "../../history/index.ts";
import type { Beside, RunningCluster } from "../../node/cluster/demonstration.ts";
import type { ValidatedStory } from "../../node/cluster/validatedStory.ts";
import type { ValidatorEvent, ValidatorNode } from "../../node/validation/validatorNode.ts";
import { nodePart } from "../session/nodePackages.ts";
import { remark } from "../terminal/output.ts";
import type { Staged } from "./stagedCluster.ts";

/** Validators at work. */
export interface StagedValidation {
  /** How many of them are lazy. */
  readonly lazy: number;
  readonly beside: Beside;
  observed(): Promise<ValidatedStory>;
  /** An HTML page that draws what they did. */
  page(): Promise<string>;
  stop(): Promise<void>;
}

/** Whom they validate, and how many they are. */
export interface ValidationSetting extends Staged {
  readonly running: RunningCluster;
  readonly count: number;
}

const pollMs = 200;
/** Below this many nobody is lazy: without it nobody would be left to go on. */
const leastWithLazy = 3;
const memoryBytes = 2 ** 28;

/** Starts validators, the first of three or more a lazy one. */
export async function stageValidation(setting: ValidationSetting): Promise<StagedValidation> {
  const { startValidating, tellOfValidation } = await nodePart(
    () => import("../../node/cluster/validatedStory.ts"),
  );
  const { Checkpointer } = await import("../../node/validation/checkpointer.ts");
  const { Sender } = await import("../../game/index.ts");
  const { stage, running, count } = setting;
  const lazy = count >= leastWithLazy ? [0] : [];
  const validators = await validatorsOf(setting, lazy);
  const reader = new ClusterReader(stage.addresses.clusters, stage.checkpointer);
  const checkpoints = new CheckpointReader(stage.addresses.checkpoints, stage.checkpointer);
  const sender = new Sender(stage.checkpointer, { pollMs: 20 });
  const checkpointer = new Checkpointer(running.nodes[0], stage.generation, checkpoints, sender);
  const validation = await startValidating(running, {
    cluster: stage.cluster,
    network: stage.addresses,
    reader,
    validators,
    lazy,
    checkpoint: () => checkpointer.round(),
  });
  return {
    lazy: lazy.length,
    beside: {
      interlude: () => tellOfValidation(validation, lazy.length, remark),
      accusationMs: 600_000,
      pauseMs: 1000,
    },
    observed: () => validation.observed(),
    async page() {
      const { validationPage } = await import("./validationPage.ts");
      const accounts = await Promise.all(validators.map((each) => each.address()));
      return validationPage(validators[0].validations, reader, accounts, stage.cluster);
    },
    stop: () => validation.stop(),
  };
}

async function validatorsOf(
  { stage, running, count, program, folder, storage }: ValidationSetting,
  lazy: readonly number[],
): Promise<ValidatorNode[]> {
  const { ValidatorNode } = await nodePart(() => import("../../node/validation/validatorNode.ts"));
  const { NetworkSource, gatewayBlocks } = await import("../../node/validation/networkSource.ts");
  const { ReplayStore } = await import("../../node/validation/replayStore.ts");
  mkdirSync(folder, { recursive: true });
  const source = new NetworkSource({
    blocks: gatewayBlocks(running.gatewayUrl),
    storages: new Map([[storage.address, running.storage]]),
  });
  return stage.validators.slice(0, count).map(
    (signer, index) =>
      new ValidatorNode({
        network: stage.addresses,
        signer,
        rpc: stage.rpc,
        clusters: [{ id: stage.cluster, program, source, memoryBytes: 2 ** 20 }],
        store: new ReplayStore(join(folder, `validator${index}.sqlite`)),
        memoryBytes,
        pollMs,
        ...(lazy.includes(index) ? { laziness: "copies" as const } : {}),
        onEvent: (event) => tell(index, event),
      }),
  );
}

function tell(index: number, event: ValidatorEvent): void {
  const text = textOf(event);
  if (text !== undefined) remark(`validator ${index} ${text}`);
}

function textOf(event: ValidatorEvent): string | undefined {
  switch (event.kind) {
    case "confirmed":
      return `confirms up to height ${event.fragment.height}, ${event.steps} instructions`;
    case "accused":
      return `finds block ${event.height} wrong: accuses workers ${event.workers.join(", ") || "none"}, and ${event.confirmations.length} confirmations`;
    case "disputed":
      return `disputes the proofs of confirmations ${event.confirmations.join(", ")}`;
    case "failed":
      return `waits: ${event.error instanceof Error ? event.error.message.split("\n")[0] : String(event.error)}`;
    default:
      return undefined;
  }
}
