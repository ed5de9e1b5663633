/**
 * Writes src/game/generated/artifacts.json from Hardhat's artifacts: ABI and creation bytecode of every contract
 * that a user deploys, so that neither the package nor `npm run dispute` needs a Solidity compiler.
 * `--check` only compares (exit code 1 if the file is not current).
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import hre from "hardhat";

const target = new URL("../src/game/generated/artifacts.json", import.meta.url);
const sources = new URL("../artifacts/contracts/src/", import.meta.url);

interface Artifact {
  readonly contractName: string;
  readonly abi: readonly unknown[];
  readonly bytecode: string;
}

const isFunction = (entry: unknown) => (entry as { type: string }).type === "function";

/** Contracts under contracts/src that have a constructor's code: neither interfaces nor internal libraries. */
function deployable(): Artifact[] {
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => /\.sol\/\w+\.json$/.test(file))
    .map((file) => JSON.parse(readFileSync(new URL(file, sources), "utf8")) as Artifact)
    .filter(({ bytecode, abi }) => bytecode !== "0x" && abi.some(isFunction))
    .sort((a, b) => (a.contractName < b.contractName ? -1 : 1));
}

// All of them at once: what is compiled again by itself has other remappings in its metadata, and another bytecode.
await hre.tasks.getTask("build").run({ quiet: true, noTests: true, force: true });
const contracts = deployable();
if (!contracts.some(({ contractName }) => contractName === "Arbiter")) {
  throw new Error("expected the artifact of Arbiter: run `npm run build:contracts`");
}
const entries = contracts.map(({ contractName, abi, bytecode }) => [
  contractName,
  { abi, bytecode },
]);
const text = `${JSON.stringify(Object.fromEntries(entries), null, 1)}\n`;

if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== text) {
    console.error(
      "src/game/generated/artifacts.json is not current: run `npm run generate:contracts`",
    );
    process.exitCode = 1;
  }
} else {
  writeFileSync(target, text);
  console.error(contracts.map(({ contractName }) => contractName).join(" "));
}
