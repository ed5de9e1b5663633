/**
 * The story of a validated cluster, for `npm run cluster -- --validators`: fragments become final one after the other, a
 * lazy validator is caught, and then the cluster lies to the validators.
 *
 * Invariant: what is reported was read from the contracts; nobody is told who lies or is lazy.
 */
import type { Hash } from "../../game/index.ts";
import {
  ClusterEvents,
  type ClusterReader,
  fragmentStatus,
  type Network,
  validatorStatus,
} from "../../history/index.ts";
import { GatewayClient } from "../client/gatewayClient.ts";
import type { ValidatorNode } from "../validation/validatorNode.ts";
import { counterTransaction, type Narrator, type RunningCluster } from "./demonstration.ts";
import { repeated } from "./repeated.ts";

/** Who takes part. */
export interface ValidatedCast {
  readonly cluster: Hash;
  readonly network: Network;
  readonly reader: ClusterReader;
  readonly validators: readonly ValidatorNode[];
  /** Positions among them of those that publish proofs of nothing. */
  readonly lazy: readonly number[];
  /** Brings the cluster's headers to the chain. */
  readonly checkpoint: () => Promise<unknown>;
}

/** What was observed of the validation. */
export interface ValidatedStory {
  /** Heights that were verified. */
  readonly final: readonly number[];
  /** Confirmations that were published. */
  readonly validations: number;
  readonly lazyConvicted: number;
}

/** What goes on beside the story: headers are brought, validators work. */
export interface Validation {
  /** Sends transactions until something holds, or the time is up; whether it holds. */
  until(holds: () => Promise<boolean>): Promise<boolean>;
  observed(): Promise<ValidatedStory>;
  stop(): Promise<void>;
}

const besideMs = 300;
const roundMs = 500;
const longestMs = 600_000;
const mostOpen = 2;
/** Transactions of the story's own that keep blocks coming. */
const firstTag = 5_000_000n;

/** Starts validating. */
export async function startValidating(
  running: RunningCluster,
  { cluster, network, reader, validators, lazy, checkpoint }: ValidatedCast,
): Promise<Validation> {
  const stopped = new AbortController();
  const working = validators.map(async (validator) => {
    await validator.register();
    await validator.follow(stopped.signal);
  });
  const stopCheckpoints = repeated(async () => void (await checkpoint()), besideMs);
  const client = new GatewayClient(running.gatewayUrl, running.known);
  const events = new ClusterEvents(reader, network.fromBlock);
  const { validations } = validators[0];
  let tag = firstTag;
  return {
    async until(holds) {
      const end = Date.now() + longestMs;
      while (Date.now() < end) {
        if (await holds()) return true;
        if ((await openFragments(validators[0])) < mostOpen) {
          await client.send(counterTransaction(9, 1n, tag++));
        }
        await new Promise((done) => setTimeout(done, roundMs));
      }
      return holds();
    },
    async observed() {
      const happened = await events.of(cluster);
      const final = happened.flatMap((event) =>
        event.kind === "final" ? [Number(event.height)] : [],
      );
      let made = 0;
      for (const id of await validations.begun()) {
        made += (await validations.confirmations(id)).length;
      }
      let lazyConvicted = 0;
      for (const index of lazy) {
        const { status } = await validations.validator(await validators[index].address());
        if (status === validatorStatus.slashed) lazyConvicted++;
      }
      return { final, validations: made, lazyConvicted };
    },
    async stop() {
      stopped.abort();
      await stopCheckpoints();
      await Promise.all(working);
    },
  };
}

/** Fragments that are being validated: more of them would only wait. */
async function openFragments({ validations }: ValidatorNode): Promise<number> {
  let open = 0;
  for (const id of await validations.begun()) {
    const fragment = await validations.fragment(id);
    if (fragment !== undefined && fragment.status < fragmentStatus.final) open++;
  }
  return open;
}

/** Fragments that are verified before the cluster lies, at least. */
const honestFragments = 2;

/** Honest fragments become final and whoever is lazy is caught. */
export async function tellOfValidation(
  validation: Validation,
  lazy: number,
  narrate: Narrator,
): Promise<void> {
  let said = "";
  await validation.until(async () => {
    const { final, validations, lazyConvicted } = await validation.observed();
    const line = `verified heights ${final.join(", ") || "none"}; ${validations} validations; ${lazyConvicted} of ${lazy} lazy validators convicted`;
    if (line !== said) narrate(line);
    said = line;
    return final.length >= honestFragments && lazyConvicted >= lazy;
  });
}
