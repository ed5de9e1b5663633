/**
 * Makes a program known to an Arbiter (docs/game.md §1): the contract takes disputes only about programs whose
 * root and genesis it has seen.
 */
import { hexlify, type Signer } from "ethers";
import type { Program } from "../../interpreter/index.ts";
import { checkOptionNames } from "../../interpreter/optionNames.ts";
import { genesisWitness, programRoot } from "../../merkle/index.ts";
import type { ArbiterClient } from "../chain/arbiterClient.ts";
import { Sender, type SenderOptions, senderDefaults } from "../chain/sender.ts";

/** Whether an Arbiter knows a program: by its root, which holds its genesis and its options. */
export async function isRegistered(
  { contract }: ArbiterClient,
  program: Program,
): Promise<boolean> {
  return contract.isRegistered(hexlify(programRoot(program)));
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
  if (await isRegistered(client, program)) return false;
  if (contract.runner?.sendTransaction === undefined) {
    throw new TypeError("expected a client whose runner can sign");
  }
  const sender = new Sender(contract.runner as Signer, options);
  try {
    await sender.send(contract, "register", [genesisWitness(program)]);
    return true;
  } catch (error) {
    // Another's, or the own one of before a crash, may have come first.
    if (await isRegistered(client, program)) return false;
    throw error;
  }
}
