/** Loads a module many times through a cache folder beside other processes, and prints its root (folderProgramCache.test.ts). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { programRoot } from "../src/merkle/index.ts";
import { cacheKey } from "../src/node/programCache/cachePlaces.ts";
import { FolderProgramCache } from "../src/node/programCache/folderProgramCache.ts";
import { load } from "../src/verbs.ts";

const [path, folder] = process.argv.slice(2);
const key = cacheKey(join(folder, "key"));
if (key === undefined) throw new Error("expected a key");
const bytes = new Uint8Array(readFileSync(path));
const roots = new Set<string>();
for (let turn = 0; turn < 10; turn++) {
  const cache = new FolderProgramCache(join(folder, "programs"), key);
  const program =
    turn % 2 === 0
      ? load(bytes, {}, cache)
      : load(bytes, {}, { get: () => undefined, put: (...entry) => cache.put(...entry) });
  roots.add(Buffer.from(programRoot(program)).toString("hex"));
}
process.stdout.write(`${[...roots].join(" ")}\n`);
