import { defineConfig } from "vitest/config";

const reports = process.env.HARDHAT_COVERAGE === "true" || process.env.HARDHAT_GAS_STATS === "true";
const deep = process.env.DEEP === "true";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "spec-tests/**/*.test.ts", "contracts/test/**/*.test.ts"],
    exclude: deep ? [] : ["**/*.deep.test.ts"],
    globalSetup: ["test/globalSetup.ts"],
    setupFiles: reports ? ["test/setupWorker.ts"] : [],
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
