/**
 * `npm run -s bench:wasi [-- WORD… --json]`: every module of bench/wasi/modules.ts that imports WASI preview 1 and nothing else is
 * packed, linked and run, and what it puts out and how it ends is compared with node:wasi. A word chooses packages by part of the name.
 *
 * Method: a command is started; of a reactor that itk-wasm made, `itk_wasm_delayed_start` is called, of another the first function
 * that takes nothing, or its initialisation alone. Exit code 1 unless all are equal.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { instantiate, load, type Machine, pack } from "../src/index.ts";
import { trapReport } from "../src/interpreter/inspect/trapReport.ts";
import { milliseconds } from "./fast/timing.ts";
import { packageFolder, packages, taskOf } from "./wasi/modules.ts";
import { underNode } from "./wasi/underNode.ts";

const wasi = "wasi_snapshot_preview1";
/** Steps that a run may take; none of these takes as many. */
const mostSteps = 2 ** 34;

interface Result {
  readonly package: string;
  readonly module: string;
  readonly bytes: number;
  readonly entry: string;
  readonly instructions: number;
  readonly linkMs: number;
  readonly steps: number;
  readonly runMs: number;
  readonly outputBytes: number;
  /** Undefined if output and end are those of node:wasi. */
  readonly difference: string | undefined;
}

function* modulesIn(folder: string): Generator<string> {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* modulesIn(path);
    else if (name.endsWith(".wasm")) yield path;
  }
}

/** What is called of a module; undefined if it imports anything but WASI, or has nothing that can be called without arguments. */
function entryOf(bytes: Uint8Array<ArrayBuffer>): string | undefined {
  if (!WebAssembly.validate(bytes)) return undefined;
  const module = new WebAssembly.Module(bytes);
  const imports = WebAssembly.Module.imports(module);
  if (imports.length === 0 || imports.some((item) => item.module !== wasi)) return undefined;
  const functions = WebAssembly.Module.exports(module).filter(({ kind }) => kind === "function");
  const names = functions.map(({ name }) => name);
  const wanted = ["_start", "itk_wasm_delayed_start"].find((name) => names.includes(name));
  if (wanted !== undefined) return wanted;
  const instance = new WebAssembly.Instance(module, { [wasi]: stubs(imports) });
  const plain = names.find(
    (name) => name !== "_initialize" && (instance.exports[name] as () => void).length === 0,
  );
  return plain ?? (names.includes("_initialize") ? "_initialize" : undefined);
}

const stubs = (imports: readonly WebAssembly.ModuleImportDescriptor[]) =>
  Object.fromEntries(imports.map(({ name }) => [name, () => 0]));

function endOf(machine: Machine): string {
  const report = trapReport(machine.state);
  if (report !== undefined) return report.trap;
  if (machine.isRunning) return `still running after ${mostSteps} steps`;
  return `ended with ${machine.exitCode ?? machine.results()[0] ?? 0}`;
}

function check(name: string, path: string, short: string): Result | undefined {
  const bytes = new Uint8Array(readFileSync(path));
  const entry = entryOf(bytes);
  if (entry === undefined) return undefined;
  const { args, input } = taskOf(path);
  const before = milliseconds();
  const options = { args: ["program", ...args], ...(entry === "_start" ? {} : { gateway: entry }) };
  const program = load(pack(bytes, options));
  const linked = milliseconds();
  const machine = instantiate(program);
  // A reactor's _initialize is the first call.
  if (machine.isRunning) machine.run({ steps: mostSteps });
  const started = new Uint8Array(machine.output);
  if (!machine.isRunning && machine.state.trap === 0 && entry !== "_initialize") {
    machine.begin(new TextEncoder().encode(input));
    machine.run({ steps: mostSteps });
  }
  const ran = milliseconds();
  const output = Buffer.concat(entry === "_initialize" ? [started] : [started, machine.output]);
  const node = underNode(path, entry, options.args, input);
  const end = endOf(machine);
  const isEqual = end === node.end && Buffer.compare(output, node.output) === 0;
  return {
    ...{ package: name, module: short, bytes: bytes.length, entry },
    instructions: program.code.length / 16,
    linkMs: Math.round(linked - before),
    steps: machine.state.stepCounter,
    runMs: Math.round(ran - linked),
    outputBytes: output.length,
    difference: isEqual
      ? undefined
      : `${end}, ${output.length} bytes; node:wasi ${node.end}, ${node.output.length} bytes`,
  };
}

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean", default: false } },
  allowPositionals: true,
});
const chosen = packages.filter(
  ([, name]) => positionals.length === 0 || positionals.some((word) => name.includes(word)),
);
const results: Result[] = [];
for (const each of chosen) {
  const folder = packageFolder(each);
  const name = `${each[1]} ${each[2]}`;
  if (typeof folder !== "string") {
    console.error(`NOT RUN: ${name}: ${folder.missing}`);
    process.exitCode = 1;
    continue;
  }
  for (const path of modulesIn(folder)) {
    const result = check(name, path, path.slice(folder.length + 1));
    if (result === undefined) continue;
    results.push(result);
    const { module, steps, difference } = result;
    console.error(
      `${name} ${module.split("/").at(-1)}: ${steps.toLocaleString("en-US")} steps, ${difference ?? "equal"}`,
    );
  }
}
const equal = results.filter(({ difference }) => difference === undefined).length;
console.error(`${results.length} modules of ${chosen.length} packages, ${equal} equal`);
if (values.json) console.log(JSON.stringify({ modules: results.length, equal, results }));
if (equal < results.length || results.length === 0) process.exitCode = 1;
