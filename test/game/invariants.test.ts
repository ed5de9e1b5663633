import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

/**
 * contracts/test/game/Arbiter.t.sol: a stateful fuzzer against the Arbiter, in the EVM alone. 10^5 sequences of 60 actions
 * in deep runs (some hours), a sample otherwise; the honest party answers after each action.
 */
const runs = process.env.INVARIANT_RUNS ?? (process.env.DEEP === "true" ? "100000" : "100");
const root = join(import.meta.dirname, "../..");

describe("the Arbiter under a stateful fuzzer", () => {
  it(
    `balances its books, lets the honest lose nothing and makes nothing false final: ${runs} sequences`,
    async () => {
      const cli = join(root, "node_modules/hardhat/dist/src/cli.js");
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [cli, "test", "solidity", "contracts/test/game/Arbiter.t.sol"],
        {
          cwd: root,
          env: { ...process.env, INVARIANT_RUNS: runs, HARDHAT_DISABLE_TELEMETRY: "true" },
          maxBuffer: 2 ** 26,
        },
      );
      expect(stdout).toContain(`invariant_booksBalanceAndTheHonestWin() (runs: ${runs})`);
      expect(stdout).toMatch(/1 passing/);
    },
    24 * 3_600_000,
  );
});
