/**
 * The counterpart's signed transitions, compared with the own results; a dispute is opened about each that is wrong.
 *
 * Invariant: what the counterpart has written is not trusted. A claim that cannot be read or disputed is remarked upon,
 * and holds up neither the other claims nor the disputes that are open; one that the chain refuses is tried again.
 */
import { hexlify } from "ethers";
import { pause, RefusedError } from "../../game/chain/sender.ts";
import type { Address, SignedTransition } from "../../game/claim/claim.ts";
import { claimOf, sameCall, sameClaim } from "../../game/claim/claim.ts";
import { resultKey } from "../../game/claim/keys.ts";
import { evidenceDomain, signerOf } from "../../game/claim/signedTransition.ts";
import type { Player } from "../../game/player/player.ts";
import { failureOf } from "../terminal/failureLine.ts";
import { remark } from "../terminal/output.ts";
import type { KnownCall } from "./callBook.ts";

/** Refusals that no waiting changes: the claim has lost, is disputed, is the player's own or binds nobody any more. */
const finalRefusals: readonly string[] = [
  "AlreadyRefuted",
  "AlreadyOpen",
  "SameParty",
  "StaleEpoch",
  "InvalidSignature",
];

interface Watched {
  /** As it stands in the file, from 1. */
  readonly number: number;
  readonly claim: unknown;
  /** What was remarked last, so that trying again and again says it once. */
  last: string;
}

export class ClaimWatch {
  readonly #player: Player;
  readonly #calls: readonly KnownCall[];
  #left: Watched[];

  constructor(player: Player, calls: readonly KnownCall[], claims: readonly unknown[]) {
    this.#player = player;
    this.#calls = calls;
    this.#left = claims.map((claim, index) => ({ number: index + 1, claim, last: "" }));
  }

  /** Looks at every claim until it is settled what to do about it, or the signal is given. */
  async follow(signal: AbortSignal, pollMs: number): Promise<void> {
    while (this.#left.length > 0 && !signal.aborted) {
      const left: Watched[] = [];
      for (const watched of this.#left) {
        if (signal.aborted) return;
        if (!(await this.#consider(watched))) left.push(watched);
      }
      this.#left = left;
      if (left.length > 0) await pause(pollMs);
    }
  }

  /** Whether nothing is left to do about it. */
  async #consider(watched: Watched): Promise<boolean> {
    let claim: SignedTransition;
    try {
      claim = signedTransition(watched.claim);
    } catch (error) {
      this.#say(watched, `cannot be read: ${failureOf(error).line}`);
      return true;
    }
    const known = this.#calls.find(({ call }) => sameCall(call, claim.transition));
    if (known === undefined) {
      this.#say(watched, "is about a call that this player does not know");
      return true;
    }
    try {
      return await this.#compare(watched, claim, known);
    } catch (error) {
      this.#say(watched, failureOf(error).line);
      return error instanceof RefusedError && finalRefusals.includes(error.reason);
    }
  }

  async #compare(watched: Watched, claim: SignedTransition, own: KnownCall): Promise<boolean> {
    const accused = await this.#signerOf(watched, claim);
    if (accused === undefined) return true;
    if (sameClaim(claimOf(claim.transition), await own.claim())) {
      this.#say(watched, `by ${accused} is right`);
      return true;
    }
    const { arbiter } = this.#player;
    const backing = resultKey(accused, claim.transition, claimOf(claim.transition));
    const known = await arbiter.disputesOf(await this.#player.address());
    // A result alone names no claim: two calls may end alike.
    const same = known.find(
      ({ accused: party, dispute }) => party === accused && dispute.backings[0] === backing,
    );
    if (same !== undefined) {
      await this.#player.watchOpening(claim, same.blockNumber);
      this.#say(watched, `by ${accused} is wrong: dispute ${same.id}`);
      return true;
    }
    if (watched.last === "") this.#say(watched, `by ${accused} is wrong: opening a dispute`);
    await this.#player.challenge(claim);
    return true;
  }

  async #signerOf(watched: Watched, claim: SignedTransition): Promise<Address | undefined> {
    const { arbiter } = this.#player;
    const { chainId } = await arbiter.provider.getNetwork();
    try {
      return signerOf(claim, evidenceDomain(chainId, arbiter.address));
    } catch (error) {
      this.#say(watched, `has no valid signature: ${failureOf(error).line}`);
      return undefined;
    }
  }

  #say(watched: Watched, text: string): void {
    if (watched.last === text) return;
    watched.last = text;
    remark(`claim ${watched.number} ${text}`);
  }
}

/** A claim as JSON has it: counters are decimal strings, hashes hex of any case. */
function signedTransition(value: unknown): SignedTransition {
  const { transition, signature } = value as {
    transition: Record<string, string>;
    signature: string;
  };
  const { program, previousState, inputRoot, nextState, steps, fuel, inputLength } = transition;
  const { epoch = "0" } = transition;
  return {
    transition: {
      program: hexlify(program),
      previousState: hexlify(previousState),
      inputRoot: hexlify(inputRoot),
      nextState: hexlify(nextState),
      inputLength: Number(inputLength),
      steps: BigInt(steps),
      fuel: BigInt(fuel),
      epoch: BigInt(epoch),
    },
    signature: hexlify(signature),
  };
}
