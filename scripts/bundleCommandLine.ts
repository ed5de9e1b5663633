/**
 * The command line of the published package in few files: what Node needs to find and read hundreds of modules is half of a
 * command's start. Libraries stay as they are, for those who import them.
 *
 * Invariant: a module that asks where it lies is told its place in dist/, as if it had not been bundled.
 */
import { readFileSync, renameSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { build, type Plugin } from "esbuild";

/** Puts dist/cli/main.js and what it reads later in the place of dist/cli. */
export async function bundleCommandLine(dist: string): Promise<void> {
  const folder = join(dist, "cli");
  // Beside the folder that it replaces: paths from both are the same.
  const outdir = join(dist, "bundled");
  await build({
    entryPoints: [join(folder, "main.js")],
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22.18",
    packages: "external",
    logLevel: "warning",
    plugins: [placesOf(outdir), jsonOf(outdir)],
  });
  rmSync(folder, { recursive: true });
  renameSync(outdir, folder);
}

function placesOf(outdir: string): Plugin {
  return {
    name: "places of modules",
    setup({ onLoad }) {
      onLoad({ filter: /\.js$/ }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        const place = `new URL(${JSON.stringify(relative(outdir, path))}, import.meta.url).href`;
        return { contents: text.replaceAll("import.meta.url", place), loader: "js" };
      });
    },
  };
}

/** JSON is read where it lies. */
function jsonOf(outdir: string): Plugin {
  return {
    name: "places of data",
    setup({ onResolve }) {
      onResolve({ filter: /\.json$/ }, ({ path, resolveDir }) => {
        return { path: relative(outdir, join(resolveDir, path)), external: true };
      });
    },
  };
}
