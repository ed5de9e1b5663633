/**
 * The public WASI test suite (WebAssembly/wasi-testsuite, branch prod/testsuite-all: compiled programs with their
 * arguments, directories and expected output as JSON), found at $WASI_TESTSUITE or where `npm run spec:fetch` puts it.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { call, instantiate, load, type PackedFile, pack } from "../../src/index.ts";

const fetched = fileURLToPath(new URL("../../spec-tests/wasi-testsuite", import.meta.url));
const version = "wasm32-wasip1";

interface Specification {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Directories that are open at the beginning, beside the program. */
  readonly dirs?: readonly string[];
  readonly stdout?: string;
  readonly exit_code?: number;
}

export interface SuiteProgram {
  /** Language and name: `rust/path_open_missing`. */
  readonly name: string;
  readonly path: string;
}

/** Where the suite is; undefined if nowhere. */
export function suiteFolder(): string | undefined {
  return [process.env.WASI_TESTSUITE, fetched].find(
    (folder) => folder !== undefined && existsSync(join(folder, "tests")),
  );
}

export function suitePrograms(folder: string): SuiteProgram[] {
  return readdirSync(join(folder, "tests"))
    .sort()
    .flatMap((language) => {
      const programs = join(folder, "tests", language, "testsuite", version);
      if (!existsSync(programs)) return [];
      const files = readdirSync(programs).filter((file) => file.endsWith(".wasm"));
      return files.sort().map((file) => ({
        name: `${language}/${basename(file, ".wasm")}`,
        path: join(programs, file),
      }));
    });
}

function filesIn(host: string, guest: string): PackedFile[] {
  if (!existsSync(host)) return [];
  return readdirSync(host).flatMap((name) => {
    const path = join(host, name);
    if (statSync(path).isDirectory()) return filesIn(path, `${guest}/${name}`);
    return [{ path: `${guest}/${name}`, bytes: new Uint8Array(readFileSync(path)) }];
  });
}

/** Runs a program; undefined if it did what it should, else what it did. */
export function failureOfProgram({ path }: SuiteProgram): string | undefined {
  const folder = join(path, "..");
  const json = path.replace(/\.wasm$/, ".json");
  const wanted: Specification = existsSync(json) ? JSON.parse(readFileSync(json, "utf8")) : {};
  const dirs = wanted.dirs ?? [];
  const modules = pack(new Uint8Array(readFileSync(path)), {
    args: [basename(path), ...(wanted.args ?? [])],
    environment: Object.entries(wanted.env ?? {}),
    files: dirs.flatMap((dir) => filesIn(join(folder, dir), `/${dir}`)),
    preopens: dirs.map((dir) => ({ name: dir, path: `/${dir}` })),
    stdin: "none",
  });
  const { output, exitCode = 0, trap, trapReport } = call(instantiate(load(modules)));
  const text = new TextDecoder().decode(output);
  if (trap !== "none") return `${trap} in ${trapReport?.function}: ${text.slice(0, 300)}`;
  if (exitCode !== (wanted.exit_code ?? 0)) return `exit code ${exitCode}: ${text.slice(0, 300)}`;
  if (wanted.stdout !== undefined && text !== wanted.stdout) return `wrote ${text.slice(0, 300)}`;
  return undefined;
}
