/**
 * Reading Validation and Rewards (docs/validation.md): fragments, turns, confirmations with their proofs.
 *
 * Invariant: what is told of a confirmation's samples is what the contract has checked: the list is taken from the event
 * of the confirmation, whose proof the contract keeps.
 */
import { Contract, type ContractRunner, type EventLog, type Provider, type Result } from "ethers";
import { EventPages } from "../../game/chain/eventPages.ts";
import type { Address, Hash } from "../../game/index.ts";
import type { ApplicationState } from "../applicationHash.ts";
import type { Content } from "../manifest.ts";
import { validationInterface } from "./networkInterfaces.ts";

/** What happens next to a fragment; the numbers are the contract's. */
export const fragmentStatus = {
  none: 0,
  drawing: 1,
  turn: 2,
  decided: 3,
  final: 4,
  void: 5,
} as const;

/** Where a validator stands; the numbers are the contract's. */
export const validatorStatus = {
  none: 0,
  active: 1,
  inactive: 2,
  slashed: 3,
  withdrawn: 4,
} as const;

/** The history between two checkpoints, as the contract has it. */
export interface Fragment {
  readonly id: Hash;
  readonly cluster: Hash;
  /** Of the checkpoint that ends it, in the cluster's line. */
  readonly position: number;
  readonly generation: bigint;
  /** Heights of its first header and of the checkpoint. */
  readonly startHeight: bigint;
  readonly height: bigint;
  readonly headerHash: Hash;
  /** Instructions of the application before it, and in it; fuel in it: as the workers have voted. */
  readonly startSteps: bigint;
  readonly steps: bigint;
  readonly fuel: bigint;
  /** P of its proofs, steps. */
  readonly period: bigint;
  readonly validationBps: number;
  readonly turnBlocks: number;
  readonly status: number;
  /** Turns of it that were missed. */
  readonly misses: number;
  /** Draws so far. */
  readonly attempts: number;
  /** EVM block of the pool in the next draw. */
  readonly requestBlock: number;
  /** Last EVM block of the turn, or of the challengers' time. */
  readonly deadline: number;
  /** Whose turn it is or was last, and λ of its proof. */
  readonly chosen: Address;
  readonly seed: Hash;
}

/** A confirmation with what was published of it. */
export interface Confirmation {
  readonly id: bigint;
  readonly fragment: Hash;
  readonly validator: Address;
  readonly isRefuted: boolean;
  readonly seed: Hash;
  readonly proof: Hash;
  /** Hashes of the sampled states. */
  readonly samples: readonly Hash[];
  /** Where the state behind the fragment can be had. */
  readonly snapshot: Content;
}

/** A validator as the contract has it. */
export interface KnownValidator {
  readonly status: number;
  readonly misses: number;
  readonly turns: number;
  readonly bound: number;
  /** Wei. */
  readonly deposit: bigint;
}

/** Constructor parameters of Validation (IValidation.Parameters). */
export interface ValidationParameters {
  readonly deposit: bigint;
  readonly missFee: bigint;
  readonly rewardBps: number;
  readonly leastBps: number;
  readonly leastValidations: number;
  readonly mostValidations: number;
  readonly mostMisses: number;
  readonly mostDeferrals: number;
  readonly mostUnconfirmed: number;
  readonly samples: number;
  readonly seedBlocks: number;
  readonly drawBlocks: number;
  readonly turnBlocks: number;
  readonly bytesPerBlock: bigint;
  readonly fuelPerBlock: bigint;
  readonly windowBlocks: number;
  readonly coolingOffBlocks: number;
  readonly longestBlocks: number;
}

/** A Validation contract on a chain, for reading. Methods reject with the error of ethers if the node fails. */
export class ValidationReader {
  readonly contract: Contract;
  readonly #events: EventPages;
  readonly #fromBlock: number;
  #parameters: ValidationParameters | undefined;

  /** @param fromBlock Block of the contract's creation. */
  constructor(address: Address, runner: ContractRunner, fromBlock: number) {
    this.contract = new Contract(address, validationInterface, runner);
    this.#fromBlock = fromBlock;
    this.#events = new EventPages(this.contract, () => {
      const provider: Provider | null | undefined = runner.provider;
      if (!provider) throw new TypeError("expected a runner with a provider");
      return provider;
    });
  }

  /** What the contract was deployed with; asked once. */
  async parameters(): Promise<ValidationParameters> {
    if (this.#parameters === undefined) {
      const known: Result = await this.contract.parameters();
      const fields: Record<string, unknown> = known.toObject();
      const wide = new Set(["deposit", "missFee", "bytesPerBlock", "fuelPerBlock"]);
      this.#parameters = Object.fromEntries(
        Object.entries(fields).map(([name, value]) => [
          name,
          wide.has(name) ? value : Number(value),
        ]),
      ) as unknown as ValidationParameters;
    }
    return this.#parameters;
  }

  /** A fragment; undefined if it was not begun. */
  async fragment(id: Hash): Promise<Fragment | undefined> {
    const known: Result = await this.contract.fragmentOf(id);
    if (Number(known.status) === fragmentStatus.none) return undefined;
    return {
      id,
      cluster: known.cluster,
      position: Number(known.position),
      generation: known.generation,
      startHeight: known.startHeight,
      height: known.height,
      headerHash: known.headerHash,
      startSteps: known.startSteps,
      steps: known.steps,
      fuel: known.fuel,
      period: known.period,
      validationBps: Number(known.validationBps),
      turnBlocks: Number(known.turnBlocks),
      status: Number(known.status),
      misses: Number(known.misses),
      attempts: Number(known.attempts),
      requestBlock: Number(known.requestBlock),
      deadline: Number(known.deadline),
      chosen: known.chosen,
      seed: known.seed,
    };
  }

  /** All fragments that were begun, in order. */
  async begun(): Promise<Hash[]> {
    const logs = await this.#events.read(this.contract.filters.Begun(), "begun", this.#fromBlock);
    return logs.map(({ args }) => args.fragment);
  }

  /** The fragments that were begun at a position of a cluster's line: several where a recovery has cut it. */
  async begunAt(cluster: Hash, position: number): Promise<Hash[]> {
    const logs = await this.#events.read(this.contract.filters.Begun(), "begun", this.#fromBlock);
    return logs
      .filter(({ args }) => args.cluster === cluster && Number(args.position) === position)
      .map(({ args }) => args.fragment);
  }

  /**
   * The states before and behind a fragment, as whoever began it has shown them; none where that was not done by a transaction
   * to the contract itself.
   */
  async statesShown(fragment: Hash): Promise<readonly ApplicationState[]> {
    const logs = await this.#events.read(this.contract.filters.Begun(), "begun", this.#fromBlock);
    const begun = logs.find(({ args }) => args.fragment === fragment);
    const sent = await begun?.getTransaction();
    const call = sent && validationInterface.parseTransaction(sent);
    if (call?.name !== "begin") return [];
    return [call.args.before, call.args.behind].map((shown: Result) => {
      const { result, base, fuel, steps, receiptsHash } = shown;
      return { result, base, fuel, steps, receiptsHash };
    });
  }

  /** The confirmations of a fragment so far, in order. */
  async confirmations(fragment: Hash): Promise<Confirmation[]> {
    const filter = this.contract.filters.Confirmed(fragment);
    const logs = await this.#events.read(filter, `confirmed ${fragment}`, this.#fromBlock);
    return Promise.all(logs.map((log) => this.#confirmation(log)));
  }

  /** How many turns of a fragment were missed. */
  async missed(fragment: Hash): Promise<number> {
    const filter = this.contract.filters.Missed(fragment);
    return (await this.#events.read(filter, `missed ${fragment}`, this.#fromBlock)).length;
  }

  /** Standing, missed turns and deposit (wei) of a validator. */
  async validator(account: Address): Promise<KnownValidator> {
    const { status, misses, turns, bound, deposit }: Result =
      await this.contract.validatorOf(account);
    return {
      status: Number(status),
      misses: Number(misses),
      turns: Number(turns),
      bound: Number(bound),
      deposit,
    };
  }

  async #confirmation({ args }: EventLog): Promise<Confirmation> {
    const { confirmation: id, fragment, validator, proof, samples, snapshot } = args;
    const { isRefuted, seed }: Result = await this.contract.confirmationOf(id);
    return {
      id,
      fragment,
      validator,
      isRefuted,
      seed,
      proof,
      samples: [...samples],
      snapshot: { root: snapshot.root, length: Number(snapshot.getValue("length")) },
    };
  }
}
