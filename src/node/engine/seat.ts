/**
 * A worker's place in the embedded network: its vote, and whether it still takes part.
 *
 * Invariant: an application that throws is asked nothing more until it is started again, as CometBFT's node ends with its
 * application; what it threw is kept, and no other worker is the worse for it.
 */
import { getBytes, type SigningKey } from "ethers";
import { applicationHash, type Block, type Validator } from "../../history/index.ts";
import { sameBytes } from "../bytes.ts";
import type { Worker } from "../worker/blockWorker.ts";

/** A worker of the network. */
export interface EngineMember {
  readonly worker: Worker;
  readonly key: SigningKey;
  readonly power: bigint;
  /** Precommits its own version of a block that follows from another state than its own: a liar. */
  readonly precommitsAlone?: boolean;
}

/** One place in the validator set. */
export class Seat implements Validator {
  readonly member: EngineMember;
  readonly publicKey: Uint8Array;
  readonly power: bigint;
  /** Position in the validator set. */
  index = 0;
  /** What the worker's application said after the last block. */
  appHash: Uint8Array = new Uint8Array();
  isDown = false;
  /** Whether two thirds decided what it holds for wrong. */
  isHalted = false;
  /** What its application has thrown. */
  failure: unknown;

  constructor(member: EngineMember) {
    this.member = member;
    this.publicKey = getBytes(member.key.compressedPublicKey);
    this.power = member.power;
  }

  /** Its chain begins. Throws what the application throws: a network of other packages never starts. */
  beginChain(...genesis: Parameters<Worker["initChain"]>): void {
    this.appHash = getBytes(this.member.worker.initChain(...genesis));
  }

  /** Whether it has not failed and is reached by the others. */
  get isUp(): boolean {
    return !this.isDown && this.failure === undefined;
  }

  /** Whether it takes part in rounds. */
  get isAwake(): boolean {
    return this.isUp && !this.isHalted;
  }

  /** Asks the worker; undefined if it throws. */
  asks<T>(question: (worker: Worker) => T): T | undefined {
    try {
      return question(this.member.worker);
    } catch (error) {
      this.failure = error ?? new TypeError("expected an error to be thrown");
      return undefined;
    }
  }

  /** Executes a decided block and commits it. What the engine is told of the validators. */
  execute({ header, transactions }: Block): readonly Validator[] {
    const done = this.asks((worker) => {
      const appHash = getBytes(worker.finalize(header.height, transactions));
      const updates = worker.validatorUpdates;
      worker.commit();
      this.appHash = appHash;
      return updates;
    });
    return done ?? [];
  }

  /**
   * It is started again, in the state that it committed last, and executes the chain's blocks that it has missed, as
   * CometBFT's replay and block sync do; halts where they follow from another state than its own. Updates of validators.
   */
  catchUp(blocks: readonly Block[]): (readonly Validator[])[] {
    const { worker } = this.member;
    this.failure = undefined;
    this.appHash = getBytes(applicationHash(worker.application));
    const updates: (readonly Validator[])[] = [];
    for (const block of blocks) {
      if (block.header.height <= worker.height) continue;
      if (!sameBytes(block.header.appHash, this.appHash)) this.isHalted = true;
      if (!this.isAwake) break;
      updates.push(this.execute(block));
    }
    return updates;
  }
}
