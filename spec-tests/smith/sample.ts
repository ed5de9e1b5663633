/**
 * Writes the sample of wasm-smith's modules that is kept in the repository: `node spec-tests/smith/sample.ts`.
 * It takes the first seeds whose modules are small and have code to speak of.
 *
 * Invariant: the same bytes on every machine.
 */
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { samplePath, smithModules, writeModules } from "./modules.ts";

const seeds = 2000;
const modules = 250;
const fewestBytes = 250;
const mostBytes = 3000;

const kept = smithModules(1, seeds)
  .filter(({ bytes }) => bytes.length >= fewestBytes && bytes.length <= mostBytes)
  .slice(0, modules);
const zipped = gzipSync(writeModules(kept), { level: 9 });
writeFileSync(samplePath, zipped);
process.stdout.write(`${kept.length} modules, ${zipped.length} bytes\n`);
