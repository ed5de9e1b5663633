/**
 * The verbs of the game: connect, play. Apart from verbs.ts, so that a bundle that only runs and proves carries no
 * chain library.
 */
import type { ContractRunner } from "ethers";
import { ArbiterClient } from "./game/chain/arbiterClient.ts";
import type { Address } from "./game/claim/claim.ts";
import { Player, type PlayerOptions } from "./game/player/player.ts";

/**
 * An Arbiter on a chain, to read from or, with a signer, to send to.
 *
 * @param fromBlock Block of the contract's creation, where the search for events begins.
 */
export function connect(arbiter: Address, runner: ContractRunner, fromBlock = 0): ArbiterClient {
  return new ArbiterClient(arbiter, runner, fromBlock);
}

/**
 * Plays every dispute that names the signer's account, from its own executions, until the signal is given.
 *
 * @returns The player, and the promise of its end.
 */
export function play(
  options: PlayerOptions,
  signal: AbortSignal,
): { readonly player: Player; readonly done: Promise<void> } {
  const player = new Player(options);
  return { player, done: player.follow(signal) };
}
