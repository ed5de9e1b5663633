/**
 * A module under node:wasi: what it puts out on both streams, in the order of writing, and how it ends.
 *
 * Invariant: it has one empty directory, `/`, and no variables, as the packed module has.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const script = `
import { WASI } from "node:wasi";
import { openSync, readFileSync, writeFileSync } from "node:fs";
const { path, entry, args } = JSON.parse(process.argv[1]);
const [stdin, out] = [openSync("input", "r"), openSync("output", "a")];
const wasi = new WASI({ version: "preview1", args, env: {}, preopens: { "/": "root" }, stdin, stdout: out, stderr: out, returnOnExit: true });
const imports = wasi.getImportObject();
// Of a reactor, node:wasi forgets the code.
if (entry !== "_start") imports.wasi_snapshot_preview1.proc_exit = (code) => { throw { code }; };
const { instance } = await WebAssembly.instantiate(readFileSync(path), imports);
let end;
try {
  if (entry === "_start") end = wasi.start(instance);
  else {
    wasi.initialize(instance);
    end = entry === "_initialize" ? 0 : instance.exports[entry]();
  }
  end = "ended with " + (typeof end === "number" ? end >>> 0 : (end ?? 0));
} catch (error) {
  end = error.code === undefined ? String(error.message) : "ended with " + (error.code >>> 0);
}
writeFileSync("end", end);
process.exit(0);
`;

export interface NodeEnd {
  readonly output: Buffer;
  readonly end: string;
}

/** @param args with the program's name first. */
export function underNode(
  path: string,
  entry: string,
  args: readonly string[],
  input: string,
): NodeEnd {
  const folder = mkdtempSync(join(tmpdir(), "wasm-arbiter-wasi-"));
  try {
    mkdirSync(join(folder, "root"));
    writeFileSync(join(folder, "input"), input);
    writeFileSync(join(folder, "output"), "");
    const flags = ["--no-warnings", "--input-type=module", "-e", script];
    const given = JSON.stringify({ path, entry, args });
    const { stderr } = spawnSync(process.execPath, [...flags, given], {
      cwd: folder,
      encoding: "utf8",
    });
    const read = (name: string) => readFileSync(join(folder, name));
    try {
      return { output: read("output"), end: String(read("end")) };
    } catch {
      return { output: read("output"), end: `no end: ${stderr}` };
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
