/**
 * Answers demands for states on an adapter (docs/adapters.md section 1): whoever relies on a true state must show it in
 * time, or no call can begin on it.
 *
 * Invariant: a state is shown at most once, by whomever, and again should a reorganisation undo that; one that the party does
 * not know is left alone, and trouble with one keeps no other from being shown.
 */
import { Contract, type Provider, type Signer } from "ethers";
import { checkOptionNames } from "../../interpreter/optionNames.ts";
import { EventPages, finalityBlocks } from "../chain/eventPages.ts";
import { RefusedError, Sender, type SenderOptions, senderDefaults } from "../chain/sender.ts";
import type { Address, Hash } from "../claim/claim.ts";

const adapterAbi = [
  "event Demanded(bytes32 indexed state, uint256 place, uint256 lapsesAfter)",
  "function shownAt(bytes32 state) view returns (uint64)",
  "function show(bytes32 state, bytes witness)",
];

/** What a watch needs. */
export interface DemandWatchOptions {
  /** An OpStackStepper, a BoldOneStepProver or a DaveTransition. */
  readonly adapter: Address;
  readonly signer: Signer;
  /**
   * Begin witness of a state between two true calls, undefined for any other. `beginWitness` of a MachineExecution on the
   * state gives it, whatever its input.
   */
  readonly witnessOf: (state: Hash) => Promise<Uint8Array | undefined>;
  /** Block of the adapter's deployment; 0 unless given. */
  readonly fromBlock?: number;
  readonly sender?: Partial<SenderOptions>;
}

/** Watches one adapter. Call `tick` several times within the adapter's `responseSeconds`. */
export class DemandWatch {
  readonly #options: DemandWatchOptions;
  readonly #sender: Sender;
  readonly #adapter: Contract;
  readonly #pages: EventPages;
  /** Demanded states that were shown, with the block in which that was seen first. */
  readonly #shown = new Map<Hash, number>();
  readonly #provider: Provider;

  /** @throws TypeError if the signer has no provider. */
  constructor(options: DemandWatchOptions) {
    checkOptionNames("sender", options.sender ?? {}, Object.keys(senderDefaults));
    const { provider } = options.signer;
    if (provider === null) throw new TypeError("expected a signer with a provider");
    this.#options = options;
    this.#provider = provider;
    this.#sender = new Sender(options.signer, options.sender);
    this.#adapter = new Contract(options.adapter, adapterAbi, options.signer);
    this.#pages = new EventPages(this.#adapter, () => provider);
  }

  /** Shows every demanded state that the party knows. How many it has shown. Rejects with the first failure, behind all others. */
  async tick(): Promise<number> {
    const from = this.#options.fromBlock ?? 0;
    const block = await this.#provider.getBlockNumber();
    const events = await this.#pages.read(this.#adapter.filters.Demanded(), "demands", from);
    const failures: unknown[] = [];
    let count = 0;
    for (const state of new Set<Hash>(events.map(({ args }) => args.state))) {
      try {
        if (await this.#answer(state, block)) count++;
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return count;
  }

  /** Whether the state was shown now. */
  async #answer(state: Hash, block: number): Promise<boolean> {
    const seen = this.#shown.get(state);
    if (seen !== undefined) {
      if (block - seen > finalityBlocks || (await this.#isShown(state))) return false;
      this.#shown.delete(state);
    }
    const witness = await this.#options.witnessOf(state);
    if (witness === undefined) return false;
    const isSent = !(await this.#isShown(state)) && (await this.#show(state, witness));
    this.#shown.set(state, block);
    return isSent;
  }

  async #isShown(state: Hash): Promise<boolean> {
    return (await this.#adapter.getFunction("shownAt")(state)) !== 0n;
  }

  async #show(state: Hash, witness: Uint8Array): Promise<boolean> {
    try {
      await this.#sender.send(this.#adapter, "show", [state, witness]);
      return true;
    } catch (error) {
      // Somebody else may have come first.
      if (error instanceof RefusedError && (await this.#isShown(state))) return false;
      throw error;
    }
  }
}
