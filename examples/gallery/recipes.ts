/**
 * How programs of the gallery are built: compilers, and packages of npm and PyPI fetched by their clients into `cache/gallery/`.
 *
 * Invariant: a package has a version; what is fetched once is kept; nothing here fails but by saying what is missing.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Builds a binary at a path, or says why it cannot. */
export type Build = (output: string) => { readonly binary: string } | string;

const cache = fileURLToPath(new URL("../../cache/gallery", import.meta.url));

/** A file of this folder. */
export function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** Without npm's own tools on the path: clang would run their wasm-opt behind our back. */
const path = (process.env.PATH ?? "")
  .split(delimiter)
  .filter((folder) => !folder.includes("node_modules"))
  .join(delimiter);

interface Ran {
  readonly missing: string | undefined;
}

function ran(
  [tool, ...args]: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd: string,
): Ran {
  const { status, signal, stderr, error } = spawnSync(tool, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, PATH: path, ...environment },
  });
  if (status === 0) return { missing: undefined };
  const said = error?.message ?? stderr.trim();
  const lines = (said || `ended by ${signal ?? status}`).split("\n");
  return { missing: `${tool}: ${lines.slice(0, 2).join(" ")}` };
}

/** Runs a compiler that writes `output`, unless the same command on the same files wrote what is there. */
export function built(
  output: string,
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): { readonly binary: string } | string {
  const recipe = recipeOf(command);
  const known = `${output}.recipe`;
  const isBuilt = existsSync(output) && existsSync(known) && readFileSync(known, "utf8") === recipe;
  if (isBuilt) return { binary: output };
  const { missing } = ran(command, environment, join(output, ".."));
  if (missing !== undefined) return missing;
  writeFileSync(known, recipe);
  return { binary: output };
}

/** Digest of a command and of the files that it names. */
function recipeOf(command: readonly string[]): string {
  const hash = createHash("sha256").update(JSON.stringify(command));
  for (const path of command) {
    if (/\.(c|cpp|rs|go|zig|ts|wat|wasm)$/.test(path) && existsSync(path))
      hash.update(readFileSync(path));
  }
  return hash.digest("hex");
}

/** Runs Zig: from PyPI's `ziglang`, whose binary is its own. */
export function ziglang(
  output: string,
  args: readonly string[],
): { readonly binary: string } | string {
  const folder = pythonPackage("ziglang", "0.17.1", "wheel");
  if (typeof folder !== "string") return folder.missing;
  return built(output, [join(folder, "ziglang/zig"), ...args], {
    ZIG_GLOBAL_CACHE_DIR: join(cache, "zig"),
  });
}

/** The folder of a package of PyPI, as `pip download` gives it. */
export function pythonPackage(
  name: string,
  version: string,
  kind: "source" | "wheel",
): string | { readonly missing: string } {
  const only = kind === "source" ? ["--no-binary", ":all:"] : ["--only-binary", ":all:"];
  const command = [
    "pip",
    "download",
    "--quiet",
    "--no-deps",
    ...only,
    `${name}==${version}`,
    "--dest",
    ".",
  ];
  return fetched(`${name}-${version}`, command);
}

/** The folder of a package of npm, as `npm pack` gives it. */
export function npmPackage(name: string, version: string): string | { readonly missing: string } {
  return fetched(`${name}-${version}`, ["npm", "pack", "--silent", `${name}@${version}`]);
}

function fetched(name: string, command: readonly string[]): string | { readonly missing: string } {
  const folder = join(cache, name);
  if (!existsSync(folder)) {
    const draft = `${folder}.${process.pid}.tmp`;
    mkdirSync(draft, { recursive: true });
    const failure = fetchInto(draft, command);
    if (failure !== undefined) {
      rmSync(draft, { recursive: true });
      return { missing: failure };
    }
    renameSync(draft, folder);
  }
  // A source package has one folder with all of it.
  const inside = readdirSync(folder).filter((entry) => !/\.(whl|tgz|tar\.gz)$/.test(entry));
  return inside.length === 1 ? join(folder, inside[0]) : folder;
}

function fetchInto(folder: string, command: readonly string[]): string | undefined {
  const { missing } = ran(command, {}, folder);
  if (missing !== undefined) return missing;
  const archive = readdirSync(folder)[0];
  if (archive === undefined) return `${command[0]} fetched nothing`;
  const unpack = archive.endsWith(".whl")
    ? ["python3", "-m", "zipfile", "-e", archive, "."]
    : ["tar", "xzf", archive];
  const failure = ran(unpack, {}, folder).missing;
  if (failure !== undefined) return failure;
  // Wheels lose the mode of their programs.
  const zig = join(folder, "ziglang/zig");
  return existsSync(zig) ? ran(["chmod", "+x", zig], {}, folder).missing : undefined;
}
