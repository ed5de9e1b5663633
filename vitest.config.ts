import { defineConfig } from "vitest/config";
import { ContractsLast } from "./test/contractsLast.ts";

const reports = process.env.HARDHAT_COVERAGE === "true" || process.env.HARDHAT_GAS_STATS === "true";
const deep = process.env.DEEP === "true";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "spec-tests/**/*.test.ts", "contracts/test/**/*.test.ts"],
    exclude: deep ? [] : ["**/*.deep.test.ts"],
    globalSetup: ["test/globalSetup.ts"],
    setupFiles: ["test/awaitContracts.ts", ...(reports ? ["test/setupWorker.ts"] : [])],
    sequence: { sequencer: ContractsLast },
    testTimeout: deep ? 3_600_000 : 120_000,
    hookTimeout: deep ? 600_000 : 120_000,
    maxWorkers: 2,
    coverage: {
      include: ["src/**/*.ts"],
      exclude: ["**/generated/**"],
      reporter: ["text-summary", "html"],
      reportsDirectory: "coverage/typescript",
    },
  },
});
