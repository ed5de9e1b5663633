/** Acting as a contract that others obey: for states that take a whole dispute, or evidence, to reach. */
import { JsonRpcSigner, type Signer } from "ethers";
import type { TestNetwork } from "./network.ts";

/** A signer of an account whose key nobody has. */
export async function asAccount(
  { provider }: Pick<TestNetwork, "provider">,
  account: string,
): Promise<Signer> {
  await provider.send("hardhat_impersonateAccount", [account]);
  await provider.send("hardhat_setBalance", [account, "0x56bc75e2d63100000"]);
  // Not among the node's own accounts, where `getSigner` would look for it.
  return new JsonRpcSigner(provider, account);
}
