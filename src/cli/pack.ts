/**
 * `pack`: a WASI program with its arguments, environment and files, as a folder of modules and a project file that every
 * other command reads (docs/wasi.md).
 *
 * Invariant: what is written depends on the files' names and bytes, and on the limits and the chain of the project file that
 * is there, not on when, where and by whom they were made.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, extname, isAbsolute, join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import type { PackedFile } from "../interpreter/wasi/image.ts";
import {
  PackError,
  type PackedModule,
  type PackOptions,
  pack,
} from "../interpreter/wasi/packProgram.ts";
import { programRoot } from "../merkle/index.ts";
import type { ProgramCache } from "../programCache.ts";
import { load } from "../verbs.ts";
import { cacheOf } from "./session/cacheOption.ts";
import { checkFolder, isSameFile, makeFolder, readBytes, writeFile } from "./session/files.ts";
import { loadModules } from "./session/linkedProgram.ts";
import { addJsonOption, cacheOption, collect, count, noCacheOption } from "./session/options.ts";
import { besides, type Project, projectFileName, readProject } from "./session/project.ts";
import { UsageError } from "./terminal/failure.ts";
import { fields, grouped, hex, show } from "./terminal/output.ts";
import { visible } from "./terminal/visible.ts";

interface Options {
  readonly dir: readonly string[];
  readonly arg: readonly string[];
  readonly env: readonly string[];
  readonly stdin: "input" | "none";
  readonly stderr: "output" | "none";
  readonly seed: bigint;
  readonly epoch?: number;
  readonly gateway?: string;
  readonly out?: string;
  readonly cache?: string | boolean;
  readonly json: boolean;
}

export function packCommand(): Command {
  const command = new Command("pack")
    .description(
      "Make a folder with a WASI preview 1 program, the adapter that gives it WASI, its arguments, environment and files as a module, a gateway, and a project file. A command (it exports _start) is a pure function: every call begins at genesis. A reactor keeps its state.",
    )
    .argument("<program>", "WebAssembly binary that imports wasi_snapshot_preview1")
    .option(
      "--dir <folder>",
      "pack a folder's files, found under the same path, or HOST::GUEST; repeat for several",
      collect,
      [],
    )
    .option(
      "--arg <text>",
      "an argument, after the program's name; repeat for several",
      collect,
      [],
    )
    .option("--env <name=value>", "a variable of the environment; repeat", collect, [])
    .addOption(
      new Option("--stdin <source>", "input: what a call is given; none: nothing")
        .choices(["input", "none"])
        .default("input"),
    )
    .addOption(
      new Option("--stderr <target>", "output: among what a call puts out; none: dropped")
        .choices(["output", "none"])
        .default("output"),
    )
    .addOption(new Option("--seed <number>", "seed of random_get").argParser(seed).default(0n, "0"))
    .option("--epoch <seconds>", "where the clock begins, since 1970 (default: in 2000)", count)
    .option("--gateway <name>", "a reactor's exported function that a call runs")
    .option("-o, --out <folder>", "where to write (default: the program's name with .packed)")
    .addOption(cacheOption())
    .addOption(noCacheOption())
    .action(packed);
  return addJsonOption(command);
}

function seed(text: string): bigint {
  if (/^(0x[\da-f]{1,16}|\d{1,20})$/i.test(text) && BigInt(text) < 1n << 64n) return BigInt(text);
  throw new InvalidArgumentError("expected a whole number from 0 to 2^64 - 1.");
}

function packed(path: string, options: Options): void {
  const name = basename(path, extname(path));
  const files = options.dir.flatMap(packedFolder);
  const modules = packedModules(path, {
    args: [name, ...options.arg],
    environment: options.env.map(variable),
    files,
    stdin: options.stdin,
    stderr: options.stderr,
    seed: options.seed,
    ...(options.epoch === undefined ? {} : { epochNs: BigInt(options.epoch) * 1_000_000_000n }),
    ...(options.gateway === undefined ? {} : { gateway: options.gateway }),
  });
  const folder = options.out ?? `${name}.packed`;
  const project = join(folder, projectFileName);
  checkFolder(folder);
  checkKept(path, folder, modules);
  const content = projectOf(project, modules, cacheOf(options));
  makeFolder(folder);
  for (const module of modules) writeFile(placeOf(folder, module), module.bytes);
  writeFile(project, `${JSON.stringify(content, null, 2)}\n`);
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
  show(options.json, { project, files: files.length, bytes, ...content }, () =>
    fields([
      ["written to", visible(project)],
      ["files", `${grouped(files.length)} (${grouped(bytes)} bytes)`],
      ["program root", content.programRoot],
    ]),
  );
}

function placeOf(folder: string, { name }: PackedModule): string {
  return join(folder, `${name}.wasm`);
}

/** The program is the only one of its kind; the modules of another pack can be made again. */
function checkKept(path: string, folder: string, modules: readonly PackedModule[]): void {
  if (modules.every((module) => !isSameFile(placeOf(folder, module), path))) return;
  throw new UsageError(`${path} would be written over`, "choose another folder with --out");
}

/** The project file's content; limits and a chain that an earlier pack's file names stay (docs/wasi.md). */
function projectOf(
  path: string,
  modules: readonly PackedModule[],
  cache: ProgramCache | undefined,
) {
  const lines = modules.map(({ name, adapter }) => {
    return `${adapter ? "adapter:" : ""}${name}=${name}.wasm`;
  });
  const { limits, chain } = valuesBefore(path, lines);
  const options = { gateway: "gateway", growth: "declared", level: "3.0" } as const;
  // As whoever runs the project links it: so it is found then.
  const program = load(modules, { gateway: "gateway", ...(limits && { limits }) }, cache);
  return {
    modules: lines,
    options,
    ...(limits && { limits }),
    ...(chain && { chain }),
    programRoot: hex(programRoot(program)),
  };
}

/** What the project file that is there says; it must be that of an earlier pack. */
function valuesBefore(path: string, modules: readonly string[]): Partial<Project["values"]> {
  if (!existsSync(path)) return {};
  const before = readProject(path);
  const own = modules.map((module) => besides(path, module));
  if (String(before.modules) !== String(own)) {
    throw new UsageError(
      `${path} is the project of other modules`,
      "choose another folder with --out",
    );
  }
  const given = Object.entries(before.values).filter(([, group]) => Object.keys(group).length > 0);
  return Object.fromEntries(given);
}

function packedModules(path: string, options: PackOptions): PackedModule[] {
  const [{ module }] = loadModules([`program=${path}`], { level: "3.0" });
  try {
    return pack(module.bytes, options);
  } catch (error) {
    if (error instanceof PackError) {
      throw new UsageError(`${path}: ${error.message}`, "build it as a WASI command or reactor");
    }
    if (error instanceof RangeError) throw new UsageError(error.message, "correct what is packed");
    throw error;
  }
}

function variable(text: string): [name: string, value: string] {
  const split = text.indexOf("=");
  if (split > 0) return [text.slice(0, split), text.slice(split + 1)];
  throw new UsageError(`expected --env NAME=VALUE, got ${text}`, "write the value after a =");
}

/** The files of `HOST::GUEST`; without guest they lie where they lay, from the working folder. */
function packedFolder(option: string): PackedFile[] {
  const split = option.lastIndexOf("::");
  const host = split < 0 ? option : option.slice(0, split);
  const guest = split < 0 ? host : option.slice(split + 2);
  if (guest.split("/").includes("..")) {
    throw new UsageError(
      `--dir ${option} would lie above the packed root`,
      "say where the program finds it: --dir HOST::GUEST",
    );
  }
  if (!statOf(host).isDirectory()) {
    throw new UsageError(`--dir ${host} is no folder`, "name the folder that the file is in");
  }
  const found: PackedFile[] = [];
  collectFiles(host, isAbsolute(guest) ? guest : `/${guest}`, found);
  return found;
}

function collectFiles(host: string, guest: string, found: PackedFile[]): void {
  for (const name of readdirSync(host).sort()) {
    const path = join(host, name);
    const status = statOf(path);
    if (status.isDirectory()) collectFiles(path, `${guest}/${name}`, found);
    else if (status.isFile()) found.push({ path: `${guest}/${name}`, bytes: readBytes(path) });
    else {
      throw new UsageError(`${path} is neither a file nor a folder`, "leave it out of the folder");
    }
  }
}

/** Follows symbolic links: what is packed is what they lead to. */
function statOf(path: string) {
  try {
    return statSync(path);
  } catch {
    throw new UsageError(`cannot read ${path}`, "check the path");
  }
}
