/**
 * Real modules to hold the decoder against: every .wasm file that the installed packages bring with them.
 *
 * Invariant: the list is not empty, or the caller fails.
 */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface RealModule {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Modules (not components) of the installed packages and of the examples, each content once, smallest first. */
export function realModules(): RealModule[] {
  const paths = globSync(["node_modules/**/*.wasm", "examples/**/*.wasm"], { cwd: root });
  const seen = new Set<string>();
  const modules: RealModule[] = [];
  for (const path of paths.sort()) {
    const bytes = new Uint8Array(readFileSync(new URL(path, `file://${root}`)));
    const key = `${bytes.length} ${bytes.subarray(-64).join()}`;
    // The second half of the version tells a component from a module.
    if (bytes[6] !== 0 || seen.has(key)) continue;
    seen.add(key);
    modules.push({ path, bytes });
  }
  if (modules.length === 0) throw new Error("expected .wasm files among the installed packages");
  return modules.sort((left, right) => left.bytes.length - right.bytes.length);
}
