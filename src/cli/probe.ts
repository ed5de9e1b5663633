/**
 * `probe`: all replicas of a cluster hash the same bytes of memory after the same step of a block's call; who differs is
 * named.
 *
 * Invariant: exit code 1 if a replica differs, so that a script can watch.
 */
import { Command } from "commander";
import { nodePart } from "./session/nodePackages.ts";
import { addJsonOption, collect, count } from "./session/options.ts";
import { UsageError } from "./terminal/failure.ts";
import { fields, setExit, show } from "./terminal/output.ts";

interface Options {
  readonly node: readonly string[];
  readonly height: number;
  readonly step?: number;
  readonly steps?: number;
  readonly memory: number;
  readonly address: number;
  readonly length: number;
  readonly json: boolean;
}

export function probeCommand(): Command {
  const command = new Command("probe")
    .description(
      "Ask the workers behind several CometBFT nodes for the hash of a range of memory after a step of a block's call, and name those that differ. With --steps: find the first step after which they do.",
    )
    .option("--node <url>", "RPC of a CometBFT node; repeat", collect, [])
    .requiredOption("--height <height>", "block whose call is looked into", count)
    .option("--step <count>", "steps of the call", count)
    .option("--steps <count>", "steps of the whole call: find where they part", count)
    .option("--memory <number>", "memory of the program", count, 0)
    .option("--address <address>", "first byte", count, 0)
    .option("--length <bytes>", "number of bytes", count, 65_536)
    .action(probe);
  return addJsonOption(command);
}

async function probe(options: Options): Promise<void> {
  const { node: urls, step, steps, json } = options;
  if (urls.length < 2) {
    throw new UsageError(
      `expected several nodes, got ${urls.length}`,
      "give --node for each of them",
    );
  }
  if ((step === undefined) === (steps === undefined)) {
    throw new UsageError("expected --step or --steps", "give one of them");
  }
  const { CometNode } = await nodePart(() => import("../node/cometbft/cometbftNode.ts"));
  const { firstDifference, probeReplicas } = await import("../node/disputes/replicaProbe.ts");
  const { memory, address, length } = options;
  const asked = { height: BigInt(options.height), range: { memory, address, length } };
  const replicas = urls.map((url) => new CometNode(url));
  const named = (positions: readonly number[]) => positions.map((position) => urls[position]);
  if (steps !== undefined) {
    const found = await firstDifference(replicas, asked, steps);
    const result = { step: found?.step ?? null, odd: named(found?.odd ?? []) };
    if (found !== undefined) setExit("refused");
    show(json, result, () =>
      found === undefined
        ? "all replicas agree"
        : fields([
            ["first difference after step", String(result.step)],
            ["odd", result.odd.join(", ")],
          ]),
    );
    return;
  }
  const found = await probeReplicas(replicas, { ...asked, step: step ?? 0 });
  const result = { hash: found.hash ?? null, odd: named(found.odd), silent: named(found.silent) };
  if (found.odd.length > 0) setExit("refused");
  show(json, result, () =>
    fields([
      ["hash", result.hash ?? "no hash has a majority"],
      ["odd", result.odd.join(", ") || "nobody"],
      ["silent", result.silent.join(", ") || "nobody"],
    ]),
  );
}
