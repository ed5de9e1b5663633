/**
 * A chain with the OP Stack's own contracts, unmodified (factory, anchor registry, delayed WETH and configuration behind
 * their proxies), whose games run our machine: the ground of the adapter's tests and of the bench.
 */
import { Contract, ContractFactory, Interface, type JsonRpcSigner, toBeHex } from "ethers";
import { InProcessProvider } from "../../../src/cli/session/inProcessProvider.ts";
import { absolutePrestate } from "../../../src/game/adapters/opStack/opStackTrace.ts";
import { deployContract, deployJudge } from "../../../src/game/chain/deploy.ts";
import type { Hash } from "../../../src/game/claim/claim.ts";
import { freshChain } from "../../freshChain.ts";
import type { PeerArtifact } from "./peers.ts";

export const gameType = 7;
export const clockSeconds = 100_000;
export const responseSeconds = 20_000;
/** Delay of the vault that holds the bonds. */
export const vaultSeconds = 100;

/** A provider without a cache, and funded accounts. */
export async function peerChain() {
  const connection = await freshChain();
  const provider = new InProcessProvider(connection.provider, { pollingInterval: 10 });
  const accounts = (await connection.ethers.getSigners()).map(({ address }) => address);
  const signers = await Promise.all(accounts.slice(0, 6).map((a) => provider.getSigner(a)));
  // The games' bonds are hard-coded, and high.
  for (const { address } of signers) {
    await provider.send("hardhat_setBalance", [address, `0x${(10n ** 24n).toString(16)}`]);
  }
  const pass = async (seconds: number) => {
    await provider.send("evm_increaseTime", [seconds]);
    await provider.send("evm_mine", []);
  };
  return { connection, provider, signers, pass };
}

export type PeerChain = Awaited<ReturnType<typeof peerChain>>;

export async function deployPeer(
  signer: JsonRpcSigner,
  { abi, bytecode }: PeerArtifact,
  args: readonly unknown[] = [],
): Promise<Contract> {
  const deployed = await new ContractFactory(abi, bytecode, signer).deploy(...args);
  await deployed.waitForDeployment();
  return new Contract(await deployed.getAddress(), abi, signer);
}

export async function mined(sent: Promise<{ wait(): Promise<unknown> }>): Promise<unknown> {
  return (await sent).wait();
}

export type OpStackChain = Awaited<ReturnType<typeof opStackChain>>;

/** Deploys everything. Games go from `anchor`, the state before the first call, over the given inputs. */
export async function opStackChain(
  artifacts: Record<string, PeerArtifact>,
  anchor: Hash,
  inputs: readonly Uint8Array[],
  { maxDepth, splitDepth = 1, judge }: { maxDepth: number; splitDepth?: number; judge?: string },
  chain?: PeerChain,
) {
  const ground = chain ?? (await peerChain());
  const admin = ground.signers[0];
  const owner = admin.address;
  const at = async (name: string, args: readonly unknown[] = []) =>
    deployPeer(admin, artifacts[name], args);
  const proxied = async (name: string, args: readonly unknown[], initial: readonly unknown[]) => {
    const implementation = await at(name, args);
    const proxy = await at("Proxy", [owner]);
    const call = new Interface(artifacts[name].abi).encodeFunctionData("initialize", initial);
    await mined(proxy.upgradeToAndCall(implementation.target, call));
    return new Contract(proxy.target, artifacts[name].abi, admin);
  };
  const inbox = await deployContract(admin, "CallInbox", [2 ** 20]);
  const judgeAddress = judge ?? (await deployJudge(admin)).address;
  const stepperArguments = [judgeAddress, inbox.address, responseSeconds];
  const stepper = await deployContract(admin, "OpStackStepper", stepperArguments);
  const inboxContract = await contractAt("CallInbox", inbox.address, admin);
  for (const input of inputs) await mined(inboxContract.add(input));
  const factory = await proxied("DisputeGameFactory", [], [owner]);
  const config = await at("SuperchainConfig");
  const weth = await proxied("DelayedWETH", [vaultSeconds], [owner, config.target]);
  const registry = await proxied(
    "AnchorStateRegistry",
    [factory.target],
    [[{ gameType, outputRoot: { root: anchor, l2BlockNumber: 0 } }]],
  );
  const implementation = await at("FaultDisputeGame", [
    gameType,
    absolutePrestate,
    maxDepth,
    splitDepth,
    10,
    clockSeconds,
    stepper.address,
    weth.target,
    registry.target,
    31337,
  ]);
  await mined(factory.setImplementation(gameType, implementation.target));
  /** Creates a game; its address. */
  const propose = async (root: Hash, calls: number, by: JsonRpcSigner): Promise<string> => {
    const extra = toBeHex(calls, 32);
    await mined((factory.connect(by) as Contract).create(gameType, root, extra));
    const [address] = await factory.games(gameType, root, extra);
    return address;
  };
  return {
    ...ground,
    judge: judgeAddress,
    inbox: inboxContract,
    stepper: await contractAt("OpStackStepper", stepper.address, admin),
    registry,
    propose,
  };
}

/** One of our contracts at an address. */
export async function contractAt(
  name: string,
  address: string,
  signer: JsonRpcSigner,
): Promise<Contract> {
  const { contractArtifact } = await import("../../../src/game/chain/contracts.ts");
  return new Contract(address, contractArtifact(name).abi, signer);
}
