/**
 * Deploys the judge: the contracts of the instruction families, then the StepJudge that is linked to them.
 *
 * Invariant: the judge keeps no state and has no owner, so one deployment serves every arbiter of a chain.
 */
import { ContractFactory, type Signer } from "ethers";
import type { ContractArtifact } from "./contracts.ts";

/** Contract of each family, by the name of the field in StepJudge's constructor argument. */
export const judgeFamilies = {
  control: "ControlStep",
  parametric: "ParametricStep",
  integer: "IntegerStep",
  float: "FloatStep",
  conversion: "ConversionStep",
  memory_: "MemoryStep",
  bulk: "BulkStep",
  table: "TableStep",
} as const;

export type JudgeContract = (typeof judgeFamilies)[keyof typeof judgeFamilies] | "StepJudge";

export interface DeployedJudge {
  /** Address of the StepJudge. */
  readonly address: string;
  /** Addresses of the family contracts, by contract name. */
  readonly families: Readonly<Record<string, string>>;
}

async function deploy(
  artifact: ContractArtifact,
  signer: Signer,
  ...args: readonly unknown[]
): Promise<string> {
  const factory = new ContractFactory(artifact.abi, artifact.bytecode, signer);
  const contract = await factory.deploy(...args);
  await contract.waitForDeployment();
  return contract.getAddress();
}

/** Deploys judge and families one after another; `artifactOf` gives ABI and bytecode by contract name. */
export async function deployJudge(
  artifactOf: (name: JudgeContract) => ContractArtifact,
  signer: Signer,
): Promise<DeployedJudge> {
  const families: Record<string, string> = {};
  const linked: Record<string, string> = {};
  for (const [field, name] of Object.entries(judgeFamilies)) {
    families[name] = await deploy(artifactOf(name), signer);
    linked[field] = families[name];
  }
  const address = await deploy(artifactOf("StepJudge"), signer, linked);
  return { address, families };
}
