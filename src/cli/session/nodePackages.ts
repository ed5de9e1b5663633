/**
 * The parts of a cluster's processes, loaded when a command needs them: they stand on packages that users of the machine
 * alone need not install (optional peers of this package).
 *
 * Invariant: a missing package is told in one line, with the command that installs it.
 */
import { UsageError } from "../terminal/failure.ts";

const packages = "cosmjs-types pino prom-client smol-toml blockstore-fs multiformats";

/** What an IPFS node in the own process stands on. */
export const heliaPackages =
  "helia @helia/bitswap @helia/libp2p libp2p @libp2p/tcp @libp2p/identify @chainsafe/libp2p-noise @chainsafe/libp2p-yamux @multiformats/multiaddr blockstore-fs datastore-fs multiformats";

/** Loads a part of the node that stands on `needed`. Throws a UsageError where a package is missing. */
export async function nodePart<T>(load: () => Promise<T>, needed = packages): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new UsageError(
      "this command needs packages that are not installed",
      `npm install ${needed}`,
    );
  }
}
