/**
 * ABIs and bytecode of the contracts, from the generated file (scripts/contracts.ts writes it).
 *
 * Invariant: what is deployed from here is what `npm run build:contracts` compiles; a test compares them.
 */
import { Interface, type InterfaceAbi } from "ethers";
import artifacts from "../generated/artifacts.json" with { type: "json" };

/** What it takes to deploy and call a contract. */
export interface ContractArtifact {
  /** As ethers takes it. */
  readonly abi: InterfaceAbi;
  /** Creation bytecode, hex. */
  readonly bytecode: string;
}

const byName = artifacts as unknown as Readonly<Record<string, ContractArtifact>>;

/** ABI and bytecode of a contract by its Solidity name; a RangeError names those that exist. */
export function contractArtifact(name: string): ContractArtifact {
  const artifact = byName[name];
  if (artifact === undefined) {
    throw new RangeError(`expected one of ${Object.keys(byName).join(", ")}, got ${name}`);
  }
  return artifact;
}

let interfaces: readonly Interface[] | undefined;

/** ABIs of all contracts, for decoding whichever error comes up. */
export function contractInterfaces(): readonly Interface[] {
  interfaces ??= Object.values(byName).map(({ abi }) => new Interface(abi));
  return interfaces;
}

/** ABI of the Arbiter, for decoding its calls, events and errors. */
export const arbiterInterface = new Interface(contractArtifact("Arbiter").abi);
