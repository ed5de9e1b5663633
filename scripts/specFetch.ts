/**
 * `npm run spec:fetch`: gets the official test suite at its pinned commits from the public repositories, with
 * git, into spec-tests/testsuite/, in the layout that spec-tests/suite.ts reads, and the WASI test suite into
 * spec-tests/wasi-testsuite/.
 *
 * Invariant: only the pinned commits are accepted; a failed run leaves no half suite behind.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

interface Source {
  readonly level: string;
  readonly repository: string;
  readonly commit: string;
  /** Folder of the scripts in the repository. */
  readonly folder: string;
  /** Which of them are taken; all unless given. */
  readonly scripts?: readonly string[];
}

const sources: readonly Source[] = [
  {
    level: "1.0",
    repository: "https://github.com/WebAssembly/spec",
    commit: "977f97014c962f7bd1291fcc6d28b41a924882bf",
    folder: "test/core",
  },
  {
    level: "2.0",
    repository: "https://github.com/WebAssembly/spec",
    commit: "fffc6e12fa454e475455a7b58d3b5dc343980c10",
    folder: "test/core",
  },
  {
    level: "3.0",
    repository: "https://github.com/WebAssembly/testsuite",
    commit: "193e551ff22663995b1ac95dc62344133669e14b",
    folder: ".",
  },
  {
    level: "threads",
    repository: "https://github.com/WebAssembly/threads",
    commit: "979d0fcb994439423d63b2f0a8a7332d6285dd84",
    folder: "test/core/threads",
    scripts: ["atomic.wast"],
  },
];

/** Compiled programs for WASI preview 1 (branch prod/testsuite-all); test/wasi/suite.ts reads them. */
const wasi: Source = {
  level: "wasi",
  repository: "https://github.com/WebAssembly/wasi-testsuite",
  commit: "3db7f5d1bf71ef31024aa153807e2f243b2e6d24",
  folder: "tests",
};

const specTests = fileURLToPath(new URL("../spec-tests/", import.meta.url));
const target = join(specTests, "testsuite");
const wasiTarget = join(specTests, "wasi-testsuite");

function checkOut({ repository, commit, folder }: Source, into: string): string {
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", into, ...args], { stdio: ["ignore", "ignore", "inherit"] });
  execFileSync("git", ["init", "--quiet", into]);
  git("config", "gc.auto", "0");
  git("remote", "add", "origin", repository);
  // A partial clone: the checkout asks for the files of the one folder, nothing else is transferred.
  git("fetch", "--quiet", "--depth", "1", "--filter", "blob:none", "origin", commit);
  git("checkout", "--quiet", commit, "--", folder);
  return join(into, folder);
}

function copyScripts(from: string, to: string, scripts?: readonly string[]): number {
  cpSync(from, to, {
    recursive: true,
    filter: (path) =>
      (scripts === undefined || path === from || scripts.includes(basename(path))) &&
      !path.includes(`${from}/.git`) &&
      !/\/(proposals|legacy|custom|meta)$/.test(path),
  });
  return readdirSync(to).filter((name) => name.endsWith(".wast")).length;
}

// Beside the target, so that the last move stays on one file system.
const work = mkdtempSync(join(specTests, ".fetch-"));
try {
  const suite = join(work, "testsuite");
  for (const source of sources) {
    const scripts = copyScripts(
      checkOut(source, join(work, source.level)),
      join(suite, source.level),
      source.scripts,
    );
    if (scripts === 0) throw new Error(`expected scripts in ${source.repository} ${source.folder}`);
    console.error(
      `${source.level}: ${scripts} scripts from ${source.repository} at ${source.commit}`,
    );
  }
  const programs = checkOut(wasi, join(work, wasi.level));
  rmSync(wasiTarget, { recursive: true, force: true });
  mkdirSync(wasiTarget);
  renameSync(programs, join(wasiTarget, "tests"));
  console.error(`${wasi.level}: ${wasi.repository} at ${wasi.commit}`);
  rmSync(target, { recursive: true, force: true });
  renameSync(suite, target);
} finally {
  rmSync(work, { recursive: true, force: true });
}
