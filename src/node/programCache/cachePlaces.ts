/**
 * Where a user's program cache lies, and the key that its entries are under (docs/cache.md). The key lies elsewhere, so
 * that a cache folder which somebody else has filled (a restored one of a build server) is no different from an
 * empty one.
 *
 * Invariant: once there is a key it stays; two processes that make it at once get the same one.
 */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, platform } from "node:os";
import { dirname, join } from "node:path";

const keyBytes = 32;
const project = "wasm-arbiter";

type Environment = Readonly<Record<string, string | undefined>>;

/** The folder of the user's cache: of the XDG base directories where the host has no place of its own for it. */
export function defaultCacheFolder(environment: Environment = process.env): string {
  return join(baseFolder(environment, "XDG_CACHE_HOME", ".cache", "Caches"), project, "programs");
}

/** The file with the user's key. */
export function defaultKeyFile(environment: Environment = process.env): string {
  const base = baseFolder(environment, "XDG_STATE_HOME", ".local/state", "Application Support");
  return join(base, project, "cache.key");
}

function baseFolder(environment: Environment, variable: string, xdg: string, mac: string): string {
  const named = environment[variable];
  if (named) return named;
  if (platform() === "win32" && environment.LOCALAPPDATA) return environment.LOCALAPPDATA;
  if (platform() === "darwin") return join(homedir(), "Library", mac);
  return join(homedir(), ...xdg.split("/"));
}

/** The key in a file, which is made if it is not there; undefined where that is not possible. */
export function cacheKey(file: string): Uint8Array | undefined {
  const known = readKey(file);
  if (known !== undefined) return known;
  const { randomBytes } = process.getBuiltinModule("node:crypto");
  const temporary = `${file}.${randomBytes(12).toString("hex")}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, randomBytes(keyBytes), { flag: "wx", mode: 0o600 });
    // Fails if another process was first: then its key counts.
    linkSync(temporary, file);
  } catch {
    // Read-only, or another process's.
  }
  try {
    rmSync(temporary, { force: true });
  } catch {
    // It was not made.
  }
  return readKey(file);
}

function readKey(file: string): Uint8Array | undefined {
  try {
    const key = readFileSync(file);
    return key.length === keyBytes ? key : undefined;
  } catch {
    return undefined;
  }
}
