/**
 * Loads a module once, with the memory beside it that it imports if there is one, through the cache in a folder or without one, and prints the root and the milliseconds that it took as
 * JSON: `loadOnce.ts FILE FOLDER`, the folder empty for none.
 *
 * Invariant: times are the main thread's processor time, so that other work on the machine counts little.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { programRoot } from "../../src/merkle/index.ts";
import { FolderProgramCache } from "../../src/node/programCache/folderProgramCache.ts";
import { load } from "../../src/verbs.ts";

export interface Loaded {
  readonly root: string;
  readonly processorMs: number;
}

const [file, folder] = process.argv.slice(2);
const key = new Uint8Array(32);

function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(path));

const start = processorMs();
const memory = join(dirname(file), "memory.wasm");
const modules = [
  ...(existsSync(memory) ? [{ name: "memory", bytes: bytesOf(memory) }] : []),
  { name: "main", bytes: bytesOf(file) },
];
const cache = folder === "" ? undefined : new FolderProgramCache(folder, key);
const root = programRoot(load(modules, { unknownImports: "trap" }, cache));
const loaded: Loaded = {
  root: Buffer.from(root).toString("hex"),
  processorMs: processorMs() - start,
};
process.stdout.write(`${JSON.stringify(loaded)}\n`);
