import { createRequire } from "node:module";
import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import typechain from "@nomicfoundation/hardhat-typechain";
import { defineConfig } from "hardhat/config";

// Without `path` Hardhat downloads solc from binaries.soliditylang.org.
// The npm package `solc` ships the WebAssembly build of the compiler.
const require = createRequire(import.meta.url);
const compiler = {
  version: "0.8.37", // must equal the version of the `solc` package
  path: require.resolve("solc/soljson.js"),
  settings: {
    evmVersion: "osaka",
    viaIR: true,
    optimizer: { enabled: true, runs: 200 },
  },
};

export default defineConfig({
  plugins: [hardhatEthers, typechain],
  // Both profiles are spelled out: an implied `production` keeps version and path but drops settings.
  solidity: { profiles: { default: compiler, production: { ...compiler, isolated: true } } },
  paths: {
    sources: ["./contracts/src", "./contracts/test"],
    tests: { solidity: "./contracts/test" },
  },
  networks: {
    default: { type: "edr-simulated", chainType: "l1", hardfork: "osaka" },
  },
});
