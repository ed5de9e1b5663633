/**
 * Puts the contracts on a chain: the judge with its instruction families, and an Arbiter over it.
 */
import { ContractFactory, type Signer } from "ethers";
import { ArbiterClient, type Parameters } from "./arbiter.ts";
import type { Address } from "./claim.ts";
import { contractArtifact } from "./contracts.ts";

/** For real chains: about a day of clock at 12 s a block, and k = 32 (docs/game.md §3 gives the reasons). */
export const defaultParameters: Parameters = {
  k: 32,
  graceBlocks: 150,
  bankBlocks: 7200,
  coolingOffBlocks: 50_400,
  stake: 10n ** 18n,
  rewardBps: 5000,
};

/** Family contracts in the order of StepJudge's constructor argument. */
const families = {
  control: "ControlStep",
  parametric: "ParametricStep",
  integer: "IntegerStep",
  float: "FloatStep",
  conversion: "ConversionStep",
  memory_: "MemoryStep",
  bulk: "BulkStep",
  table: "TableStep",
} as const;

export interface Deployment {
  readonly address: Address;
  readonly gas: bigint;
  readonly blockNumber: number;
}

export async function deployContract(
  signer: Signer,
  name: string,
  args: readonly unknown[] = [],
): Promise<Deployment> {
  const { abi, bytecode } = contractArtifact(name);
  const deployed = await new ContractFactory(abi, bytecode, signer).deploy(...args);
  const receipt = await deployed.deploymentTransaction()?.wait();
  if (receipt == null) throw new Error(`${name}: the deployment was not mined`);
  const { gasUsed, blockNumber } = receipt;
  return { address: await deployed.getAddress(), gas: gasUsed, blockNumber };
}

export async function deployJudge(signer: Signer): Promise<Deployment> {
  const addresses: Record<string, Address> = {};
  let gas = 0n;
  for (const [family, name] of Object.entries(families)) {
    const deployment = await deployContract(signer, name);
    addresses[family] = deployment.address;
    gas += deployment.gas;
  }
  const judge = await deployContract(signer, "StepJudge", [addresses]);
  return { ...judge, gas: judge.gas + gas };
}

export async function deployArbiter(
  signer: Signer,
  judge: Address,
  parameters: Partial<Parameters> = {},
): Promise<ArbiterClient> {
  const arguments_ = [judge, { ...defaultParameters, ...parameters }];
  const { address, blockNumber } = await deployContract(signer, "Arbiter", arguments_);
  return new ArbiterClient(address, signer, blockNumber);
}
