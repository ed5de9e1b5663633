/**
 * The order of test files. Compiling the contracts takes minutes and one processor, so it runs beside the files that do
 * without them, and those come first (globalSetup.ts starts it, awaitContracts.ts waits for it).
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { needsContracts } from "./needsContracts.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

/** Files that take longest, so that no worker begins one when the others are done. */
export const longFiles: readonly string[] = [
  "spec-tests/agreement.test.ts",
  "spec-tests/lockstep/altered.test.ts",
  "spec-tests/lockstep/lockstep.test.ts",
  "spec-tests/suite-fast.test.ts",
  "test/docs.test.ts",
  "test/examples/examples.test.ts",
  "test/examples/node.test.ts",
  "test/game/adapters/bold.test.ts",
  "test/game/dispute.test.ts",
  "test/game/machineExecution.test.ts",
  "test/hostile/linear.test.ts",
  "test/interpreter/compile/fuzz.test.ts",
  "test/merkle/witness/corpus.test.ts",
  "test/merkle/witness/mutation.test.ts",
  "test/node/killedValidator.test.ts",
  "test/node/real.test.ts",
  "test/node/validators.test.ts",
  "test/package/consumer.test.ts",
];

/** Files without contracts before those with them, in each group the long ones first. */
export class ContractsLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number =>
      (needsContracts(moduleId) ? 2 : 0) + (longFiles.includes(relative(root, moduleId)) ? 0 : 1);
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
