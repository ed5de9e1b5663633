/**
 * Puts the contracts on a chain: the judge with its instruction families, and an Arbiter over it.
 */
import { Contract, ContractFactory, type ContractRunner, hexlify, type Signer } from "ethers";
import { decodeModule, link, Machine } from "../../interpreter/index.ts";
import { checkOptionNames } from "../../interpreter/optionNames.ts";
import { StateTree } from "../../merkle/index.ts";
import type { Address } from "../claim/claim.ts";
import { ArbiterClient, type Parameters } from "./arbiterClient.ts";
import { contractArtifact } from "./contracts.ts";

/** For real chains: about a day of clock at 12 s a block, two of window, and k = 32 (docs/game.md §3 gives the reasons). */
export const defaultParameters: Parameters = {
  k: 32,
  graceBlocks: 150,
  bankBlocks: 7200,
  coolingOffBlocks: 50_400,
  stake: 10n ** 18n,
  rewardBps: 5000,
  windowBlocks: 14_400,
};

/** Contract of each instruction family, by the name of the field in StepJudge's constructor argument. */
export const judgeFamilies = {
  control: "ControlStep",
  parametric: "ParametricStep",
  integer: "IntegerStep",
  float: "FloatStep",
  conversion: "ConversionStep",
  memory_: "MemoryStep",
  bulk: "BulkStep",
  table: "TableStep",
  vectorMemory: "VectorMemoryStep",
  vectorLane: "VectorLaneStep",
  vectorInteger: "VectorIntegerStep",
  vectorConversion: "VectorConversionStep",
  vectorFloat: "VectorFloatStep",
  atomic: "AtomicStep",
} as const;

/** A contract that was deployed. */
export interface Deployment {
  /** Where it is. */
  readonly address: Address;
  /** Gas of the deployment; for a judge that of its families too. */
  readonly gas: bigint;
  /** Block that holds it. */
  readonly blockNumber: number;
}

/**
 * Deploys one of the package's contracts by its Solidity name and waits until it is mined.
 *
 * @throws RangeError for a name that does not exist; what ethers throws if the node refuses.
 */
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

/**
 * Deploys the judge: eight family contracts and a StepJudge over them, nine transactions. One judge serves any
 * number of Arbiters.
 *
 * @throws UnfitChainError if the chain cannot execute it; what ethers throws if the node refuses.
 */
export async function deployJudge(signer: Signer): Promise<Deployment> {
  const addresses: Record<string, Address> = {};
  let gas = 0n;
  for (const [family, name] of Object.entries(judgeFamilies)) {
    const deployment = await deployContract(signer, name);
    addresses[family] = deployment.address;
    gas += deployment.gas;
  }
  const judge = await deployContract(signer, "StepJudge", [addresses]);
  await checkJudge(judge.address, signer);
  return { ...judge, gas: judge.gas + gas };
}

/** `gateway` returns 0 without more ado. */
const oneStep = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7f, 0x03, 0x02, 0x01, 0x00],
  ...[0x07, 0x0b, 0x01, 0x07, ...new TextEncoder().encode("gateway"), 0x00, 0x00],
  ...[0x0a, 0x06, 0x01, 0x04, 0x00, 0x41, 0x00, 0x0b],
]);

/**
 * Has one step judged. A chain older than Osaka takes the contracts and even begins calls, but lacks CLZ (EIP-7939),
 * so that no step could ever be judged and every dispute would end by the clock, with both stakes burned.
 * Throws UnfitChainError then, or where there is no judge at the address.
 */
export async function checkJudge(judge: Address, runner: ContractRunner): Promise<void> {
  const program = link([{ name: "m", module: decodeModule(oneStep) }], { gateway: "gateway" });
  const machine = new Machine(program);
  machine.begin(new Uint8Array(0));
  const tree = new StateTree(machine.state);
  const before = hexlify(tree.stateHash());
  const witness = hexlify(tree.witness());
  machine.step();
  const contract = new Contract(judge, contractArtifact("StepJudge").abi, runner);
  const judged: unknown = await contract
    .getFunction("step")
    .staticCall(before, witness)
    .catch((error: unknown) => {
      if ((error as { code?: string }).code === "CALL_EXCEPTION") return undefined;
      if ((error as { code?: string }).code === "BAD_DATA") return undefined;
      throw error;
    });
  if (judged !== hexlify(tree.stateHash())) throw new UnfitChainError(judge);
}

/**
 * Checks that a contract is an Arbiter as this package deploys it: that its code is what creating one with its judge and
 * its parameters gives, and that the judge judges. Any contract may answer `parameters()`; a deposit is safe only here.
 * Throws NotAnArbiterError, or UnfitChainError for the judge.
 */
export async function checkArbiter(client: ArbiterClient): Promise<void> {
  const { provider, contract, address } = client;
  let judge: Address;
  try {
    judge = await contract.judge();
    const { abi, bytecode } = contractArtifact("Arbiter");
    const arguments_ = [judge, await client.parameters()];
    const { data } = await new ContractFactory(abi, bytecode).getDeployTransaction(...arguments_);
    // A simulated creation answers with the code that it would leave.
    const expected = await provider.call({ data });
    if (expected !== (await provider.getCode(address))) throw new NotAnArbiterError(address);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "CALL_EXCEPTION" || code === "BAD_DATA") throw new NotAnArbiterError(address);
    throw error;
  }
  await checkJudge(judge, provider);
}

/** There is no Arbiter of this version at the address. */
export class NotAnArbiterError extends Error {
  readonly code = "not-an-arbiter";

  constructor(address: Address) {
    super(`the contract at ${address} is no Arbiter of this version of wasm-arbiter`);
    this.name = "NotAnArbiterError";
  }
}

/** The chain cannot execute the judge, or there is none. */
export class UnfitChainError extends Error {
  readonly code = "unfit-chain";

  constructor(judge: Address) {
    super(`no working judge at ${judge}: the chain must know CLZ (EIP-7939, hard fork Osaka)`);
    this.name = "UnfitChainError";
  }
}

/**
 * Deploys an Arbiter over a judge. Parameters that are not given are those of `defaultParameters`; none can be
 * changed later.
 *
 * @returns a client that knows the block of the contract's creation.
 * @throws what ethers throws if the node refuses, or the contract, as it does parameters out of range.
 */
export async function deployArbiter(
  signer: Signer,
  judge: Address,
  parameters: Partial<Parameters> = {},
): Promise<ArbiterClient> {
  checkOptionNames("deployArbiter", parameters, Object.keys(defaultParameters));
  const arguments_ = [judge, { ...defaultParameters, ...parameters }];
  const { address, blockNumber } = await deployContract(signer, "Arbiter", arguments_);
  return new ArbiterClient(address, signer, blockNumber);
}
