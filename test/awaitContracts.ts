/** Before every test file: one that needs the contracts waits until they are compiled (needsContracts.ts). */
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { needsContracts } from "./needsContracts.ts";

const { CONTRACTS_OUTCOME: outcome = "" } = process.env;
if (outcome !== "" && needsContracts(expect.getState().testPath ?? "")) {
  while (!existsSync(outcome)) await sleep(100);
  const said = readFileSync(outcome, "utf8");
  if (said !== "compiled") throw new Error(`the contracts do not compile: ${said}`);
}
