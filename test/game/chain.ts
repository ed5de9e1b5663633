/**
 * A fresh in-process chain with an Arbiter over the simulated judge, funded accounts and their balances: the ground
 * of the game's tests.
 */
import { ContractFactory, JsonRpcSigner, type Signer, Wallet } from "ethers";
import hre from "hardhat";
import { InProcessProvider } from "../../src/cli/session/inProcessProvider.ts";
import { ArbiterClient, type Parameters } from "../../src/game/chain/arbiterClient.ts";
import { deployJudge } from "../../src/game/chain/deploy.ts";
import { evidenceDomain } from "../../src/game/claim/signedTransition.ts";
import { freshChain } from "../freshChain.ts";
import { type ToyProgram, toyGenesis, toyProof } from "./simulation.ts";

export const stake = 10n ** 18n;

export const testParameters: Parameters = {
  k: 4,
  graceBlocks: 20,
  bankBlocks: 100,
  coolingOffBlocks: 50,
  stake,
  rewardBps: 5000,
  windowBlocks: 200,
};

export type Chain = Awaited<ReturnType<typeof startChain>>;

/** Starts a chain and deploys. All accounts are Hardhat's funded ones. */
export async function startChain(
  parameters: Partial<Parameters> = {},
  judgeKind: "simulated" | "real" = "simulated",
) {
  const connection = await freshChain();
  const provider = new InProcessProvider(connection.provider, { pollingInterval: 20 });
  const funded = await connection.ethers.getSigners();
  const accounts = funded.slice(0, 8).map(({ address }) => address);
  const signers: Signer[] = accounts.map((account) => new JsonRpcSigner(provider, account));
  const judge =
    judgeKind === "real"
      ? (await deployJudge(signers[7])).address
      : await (await connection.ethers.deployContract("SimulatedJudge")).getAddress();
  // Hardhat's own artifact, which a coverage run instruments; contracts.test.ts holds the shipped one to it.
  const { abi, bytecode } = await hre.artifacts.readArtifact("Arbiter");
  const p = { ...testParameters, ...parameters };
  const factory = new ContractFactory(abi, bytecode, signers[7]);
  const deployed = await factory.deploy(judge, p);
  await deployed.waitForDeployment();
  const address = await deployed.getAddress();
  const { chainId } = await provider.getNetwork();
  const client = new ArbiterClient(address, signers[7]);
  return {
    connection,
    provider,
    signers,
    accounts,
    address,
    client,
    parameters: p,
    judge,
    domain: evidenceDomain(chainId, address),
    mine: (blocks: number) => provider.send("hardhat_mine", [`0x${blocks.toString(16)}`]),
  };
}

/** A wallet with its own key and a thousand ether. */
export async function freshWallet(chain: Chain): Promise<Wallet> {
  const wallet = new Wallet(Wallet.createRandom().privateKey, chain.provider);
  await chain.provider.send("hardhat_setBalance", [wallet.address, "0x3635c9adc5dea00000"]);
  return wallet;
}

export async function registerToy(chain: Chain, program: ToyProgram): Promise<void> {
  const genesis = toyGenesis(program);
  const proof = toyProof(genesis);
  await (await chain.client.contract.register(proof)).wait();
}

/** The invariant of Deposits.sol, to the wei. */
export async function ledgerGap(chain: Chain, parties: readonly string[]): Promise<bigint> {
  const { contract } = chain.client;
  let known: bigint = await contract.burned();
  for (const party of parties) {
    const account = await contract.accounts(party);
    known += account.free + account.staked;
  }
  return (await chain.provider.getBalance(chain.address)) - known;
}
