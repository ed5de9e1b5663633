/**
 * A fresh chain in this process (EDR), without Solidity stack traces: for those, Hardhat has every process read the
 * compiler's whole output, tens of megabytes of syntax trees, which takes longer than most files that need a chain.
 * What reverts names its error by its data (src/game/chain/revert.ts), so no test asks for the trace.
 *
 * Invariant: a run that counts gas or coverage has the output, since the counts go by the contracts' names and lines.
 */
import hre from "hardhat";

type Network = Parameters<typeof hre.network.create>[0];
export type Connection = Awaited<ReturnType<typeof hre.network.create>>;

const isCounted = ["HARDHAT_COVERAGE", "HARDHAT_GAS_STATS"].some(
  (name) => process.env[name] === "true",
);
if (!isCounted) hre.artifacts.getAllBuildInfoIds = async () => new Set();

/** A new chain, of the default network or of one that differs as given. */
export function freshChain(network?: Network): Promise<Connection> {
  return hre.network.create(network);
}
