/**
 * Recorded answers of real CometBFT networks, read as the library reads them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { readSignedHeader, readValidators } from "../../src/history/index.ts";

const folder = new URL("vectors/", import.meta.url);

/** What another program computed for one vote. */
export interface ExpectedVote {
  readonly signBytes: string;
  readonly digest: string;
  readonly v: number;
  readonly r: string;
  readonly s: string;
  readonly address: string;
}

/** JSON of one recorded file, as `network/file`. */
export function recorded(path: string): unknown {
  return JSON.parse(readFileSync(new URL(`${path}.json`, folder), "utf8"));
}

/** Networks whose keys this library knows. */
export const networks = ["four-workers", "h1", "h2", "round1", "sixteen-workers"] as const;

/** Every folder of vectors, so that none is left out by a list. */
export function recordedNetworks(): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

/** Header, commit, validators and what is expected of them. */
export function network(name: string) {
  const expected = recorded(`${name}/evm-vectors`) as {
    readonly headerHash: string;
    readonly votes: readonly ExpectedVote[];
  };
  return {
    ...readSignedHeader(recorded(`${name}/commit0`)),
    validators: readValidators(recorded(`${name}/validators`)),
    expected,
  };
}
