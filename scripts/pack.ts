/**
 * What `npm pack` and `npm publish` do to package.json, before (`node scripts/pack.ts before`) and after.
 * The development package pins its own Node through optional dependencies, and has scripts and development
 * dependencies; users of the library must get none of that (docs/decisions/0006-published-package.md).
 *
 * Invariant: the original lies beside its place until it is back; a run that finds one there puts it back first.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

const manifest = new URL("../package.json", import.meta.url);
const original = new URL("../package.json.original", import.meta.url);

function putBack(): void {
  if (existsSync(original)) renameSync(original, manifest);
}

function strip(): void {
  const text = readFileSync(manifest, "utf8");
  const { optionalDependencies, devDependencies, overrides, scripts, ...published } =
    JSON.parse(text);
  if ([optionalDependencies, devDependencies, overrides, scripts].includes(undefined)) {
    throw new Error("expected the development manifest");
  }
  writeFileSync(original, text);
  writeFileSync(manifest, `${JSON.stringify(published, null, 2)}\n`);
}

putBack();
if (process.argv[2] === "before") strip();
