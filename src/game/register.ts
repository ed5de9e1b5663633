/**
 * Makes a program known to an Arbiter (docs/game.md §1): the contract takes disputes only about programs of which it
 * has seen the genesis proven.
 */
import { hexlify, type Signer } from "ethers";
import { genesis, type Program } from "../interpreter/index.ts";
import { checkOptionNames } from "../interpreter/optionNames.ts";
import { StateTree } from "../merkle/index.ts";
import type { ArbiterClient } from "./arbiter.ts";
import { Sender, type SenderOptions, senderDefaults } from "./sender.ts";

/** Whether an Arbiter knows a program: by its genesis, so by its root, its data and its options. */
export async function isRegistered(
  { contract }: ArbiterClient,
  program: Program,
): Promise<boolean> {
  const state = hexlify(new StateTree(genesis(program)).stateHash());
  return BigInt(await contract.programOf(state)) !== 0n;
}

/**
 * Registers a program by its genesis, unless the Arbiter knows it. Anyone may do it, once for all parties; the client's
 * runner pays the gas and must be a signer. The promise is fulfilled once the transaction is mined.
 *
 * @returns whether a transaction was sent.
 * @throws TypeError for a runner that cannot sign, RefusedError if the Arbiter refuses, NotMinedError as `Sender` does.
 */
export async function registerProgram(
  client: ArbiterClient,
  program: Program,
  options: Partial<SenderOptions> = {},
): Promise<boolean> {
  checkOptionNames("registerProgram", options, Object.keys(senderDefaults));
  const { contract } = client;
  const tree = new StateTree(genesis(program));
  const state = hexlify(tree.stateHash());
  const isKnown = async () => BigInt(await contract.programOf(state)) !== 0n;
  if (await isKnown()) return false;
  if (contract.runner?.sendTransaction === undefined) {
    throw new TypeError("expected a client whose runner can sign");
  }
  const sender = new Sender(contract.runner as Signer, options);
  try {
    await sender.send(contract, "register", [state, tree.beginWitness(), tree.registerProof()]);
    return true;
  } catch (error) {
    // Another's, or the own one of before a crash, may have come first.
    if (await isKnown()) return false;
    throw error;
  }
}
