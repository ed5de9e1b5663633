/**
 * `node commandOnly.ts FROM TO`: the module without the exports of the library that was merged into it, since a command exports
 * `_start` and its memory alone.
 */
import { readFileSync, writeFileSync } from "node:fs";
import binaryen from "binaryen";

const [from, to] = process.argv.slice(2);
const module = binaryen.readBinary(readFileSync(from));
const names = Array.from({ length: module.getNumExports() }, (_, index) => {
  const { name } = binaryen.getExportInfo(module.getExportByIndex(index));
  return name;
});
for (const name of names) {
  if (name !== "_start" && name !== "memory") module.removeExport(name);
}
writeFileSync(to, module.emitBinary());
