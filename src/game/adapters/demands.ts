/**
 * Answers demands for states on an adapter (docs/adapters.md section 1): whoever relies on a true state must show it in
 * time, or no call can begin on it.
 *
 * Invariant: a state is shown at most once, by whomever; one that the party does not know is left alone.
 */
import { Contract, type Signer } from "ethers";
import { checkOptionNames } from "../../interpreter/optionNames.ts";
import { EventPages } from "../chain/eventPages.ts";
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
  readonly #settled = new Set<Hash>();

  /** @throws TypeError if the signer has no provider. */
  constructor(options: DemandWatchOptions) {
    checkOptionNames("sender", options.sender ?? {}, Object.keys(senderDefaults));
    const { provider } = options.signer;
    if (provider === null) throw new TypeError("expected a signer with a provider");
    this.#options = options;
    this.#sender = new Sender(options.signer, options.sender);
    this.#adapter = new Contract(options.adapter, adapterAbi, options.signer);
    this.#pages = new EventPages(this.#adapter, () => provider);
  }

  /** Shows every demanded state that the party knows. How many it has shown. */
  async tick(): Promise<number> {
    const from = this.#options.fromBlock ?? 0;
    const events = await this.#pages.read(this.#adapter.filters.Demanded(), "demands", from);
    let count = 0;
    for (const { args } of events) {
      const state: Hash = args.state;
      if (this.#settled.has(state)) continue;
      const witness = await this.#options.witnessOf(state);
      if (witness === undefined) continue;
      if (await this.#show(state, witness)) count++;
      this.#settled.add(state);
    }
    return count;
  }

  async #show(state: Hash, witness: Uint8Array): Promise<boolean> {
    const isShown = async () => (await this.#adapter.getFunction("shownAt")(state)) !== 0n;
    if (await isShown()) return false;
    try {
      await this.#sender.send(this.#adapter, "show", [state, witness]);
      return true;
    } catch (error) {
      // Somebody else may have come first.
      if (error instanceof RefusedError && (await isShown())) return false;
      throw error;
    }
  }
}
