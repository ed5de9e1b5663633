import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

/**
 * contracts/test/game/Arbiter.t.sol: sequences of 60 arbitrary actions against the Arbiter, in the EVM alone, with an honest
 * party that looks twice a grace. 10^5 sequences in deep runs, from number SEQUENCES_FROM on, a sample otherwise; a failing
 * one is named by its number.
 */
const isDeep = process.env.DEEP === "true";
const total = Number(process.env.SEQUENCES ?? (isDeep ? 100_000 : 100));
const from = Number(process.env.SEQUENCES_FROM ?? 0);
/** Sequences of one process: so that a long run tells how far it has come. */
const most = 2_000;
const root = join(import.meta.dirname, "../..");

async function run(first: number, count: number, ...options: string[]): Promise<string> {
  const cli = join(root, "node_modules/hardhat/dist/src/cli.js");
  const file = "contracts/test/game/Arbiter.t.sol";
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [cli, "test", "solidity", file, ...options],
    {
      cwd: root,
      env: {
        ...process.env,
        SEQUENCES: String(count),
        SEQUENCES_FROM: String(first),
        HARDHAT_DISABLE_TELEMETRY: "true",
      },
      maxBuffer: 2 ** 26,
    },
  );
  return stdout;
}

describe("the Arbiter under a stateful fuzzer", () => {
  it(
    `balances its books, gives back every deposit, lets the honest lose nothing and makes nothing false final: ${total} sequences, and two deliberate faults are found`,
    async () => {
      let done = Math.min(most, total);
      // With a window of no blocks, and with clocks of none, in the Arbiter's code.
      expect(await run(from, done)).toMatch(/3 passing/);
      while (done < total) {
        const count = Math.min(most, total - done);
        const output = await run(from + done, count, "--grep", "test_sequences");
        expect(output).toMatch(/1 passing/);
        done += count;
        console.log(`${done} sequences, 0 violations`);
      }
    },
    24 * 3_600_000,
  );
});
