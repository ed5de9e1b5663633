/**
 * From file names and options to a linked program.
 *
 * Invariant: the same files and options give the same program, hence the same program root, on every machine; a
 * module's name for imports is its file's name without folder and extension, or what stands before `=`.
 */
import { basename, extname } from "node:path";
import { decodeModule } from "../../interpreter/binary/decode.ts";
import type { Module } from "../../interpreter/binary/module.ts";
import { InvalidError, MalformedError } from "../../interpreter/errors.ts";
import { type FeatureLevel, featureLevels } from "../../interpreter/isa/features.ts";
import { link, type NamedModule } from "../../interpreter/program/link.ts";
import type { LinkOptions } from "../../interpreter/program/linkOptions.ts";
import type { Program, ProgramLimits } from "../../interpreter/program/program.ts";
import { programRoot } from "../../merkle/index.ts";
import { linkThrough } from "../../programCache.ts";
import { UsageError } from "../terminal/failure.ts";
import { hex } from "../terminal/output.ts";
import { RefusedFileError } from "../terminal/refusal.ts";
import { cacheOf } from "./cacheOption.ts";
import { hashOption } from "./evidenceFiles.ts";
import { readBytes } from "./files.ts";
import type { ProgramOptions } from "./options.ts";

const paths = new WeakMap<Module, string>();

/** The file that a module was read from; undefined of one that was not read from a file. */
export function pathOfModule(module: Module): string | undefined {
  return paths.get(module);
}

/** Before a module's name: it is an import adapter (docs/machine.md §8). */
const adapterPrefix = "adapter:";

/** A file that the command line names. */
interface ReadModule {
  readonly path: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly adapter: boolean;
}

export function loadModules(
  files: readonly string[],
  options: Pick<ProgramOptions, "level">,
): NamedModule[] {
  return readModules(files).map(({ path, name, bytes, adapter }) => {
    return { name, module: decoded(path, bytes, options.level), adapter };
  });
}

/**
 * The program of the files, through the cache that the options name.
 *
 * @param look sees the modules before they are linked, and may refuse to by throwing
 */
export function openProgram(
  files: readonly string[],
  options: ProgramOptions,
  look?: (modules: readonly NamedModule[]) => void,
): Program {
  const read = readModules(files);
  const program = linkThrough(
    cacheOf(options),
    read,
    options.level,
    linkOptions(options),
    (index, known) => decoded(read[index].path, read[index].bytes, options.level, known),
    (modules) => {
      look?.(modules);
      return withGateway(modules, options);
    },
  );
  return checkedRoot(program, options);
}

function readModules(files: readonly string[]): ReadModule[] {
  if (files.length === 0) {
    throw new UsageError(
      "no modules are named",
      "list .wasm files, or name them in a project file: wasm-arbiter init",
    );
  }
  return files.map((argument) => {
    const adapter = argument.startsWith(adapterPrefix);
    const plain = adapter ? argument.slice(adapterPrefix.length) : argument;
    const split = plain.indexOf("=");
    const path = plain.slice(split + 1);
    if (path === "") throw new UsageError(`${argument} names no file`, "write NAME=FILE");
    const name = split > 0 ? plain.slice(0, split) : basename(path, extname(path));
    const bytes = readBytes(path);
    checkLooksBinary(path, bytes);
    return { path, name, bytes, adapter };
  });
}

function decoded(
  path: string,
  bytes: Uint8Array,
  level: FeatureLevel,
  known?: Uint32Array,
): Module {
  try {
    const module = decodeModule(bytes, featureLevels[level], known);
    paths.set(module, path);
    return module;
  } catch (error) {
    if (!(error instanceof MalformedError) && !(error instanceof InvalidError)) throw error;
    throw new RefusedFileError(path, error, levelThatAccepts(bytes, level));
  }
}

/** The first later level at which the bytes are a module: advice that is true, because it was tried. */
function levelThatAccepts(bytes: Uint8Array, level: FeatureLevel): FeatureLevel | undefined {
  const levels = Object.keys(featureLevels) as FeatureLevel[];
  return levels.slice(levels.indexOf(level) + 1).find((later) => {
    try {
      decodeModule(bytes, featureLevels[later]);
      return true;
    } catch {
      return false;
    }
  });
}

/** Text and other formats are the commonest mistakes; they deserve a better word than "magic header". */
function checkLooksBinary(path: string, bytes: Uint8Array): void {
  if (bytes.length === 0) throw new UsageError(`${path} is empty`, "give a .wasm file");
  const start = new TextDecoder().decode(bytes.subarray(0, 64)).trimStart();
  if (start.startsWith("(module") || start.startsWith(";;")) {
    throw new UsageError(
      `${path} is WebAssembly text`,
      "translate it to a binary first, for example with wat2wasm",
    );
  }
}

export function linkProgram(modules: readonly NamedModule[], options: ProgramOptions): Program {
  return checkedRoot(link(modules, withGateway(modules, options)), options);
}

/** What options say besides the gateway that modules have by default. */
function linkOptions(options: ProgramOptions): Partial<LinkOptions> {
  const limits = definedOnly({
    stackSlots: options.stackSlots,
    frames: options.frames,
    memoryPages: options.memoryPages,
    tableEntries: options.tableEntries,
    inputBytes: options.inputBytes,
    outputBytes: options.outputBytes,
    callFuel: options.fuel,
  }) as Partial<ProgramLimits>;
  return {
    growth: options.growth,
    limits,
    unknownImports: options.unknownImports,
    ...(options.gateway === undefined ? {} : { gateway: options.gateway }),
    ...(options.chunkFuel === undefined ? {} : { chunkFuel: options.chunkFuel }),
  };
}

function withGateway(
  modules: readonly NamedModule[],
  options: ProgramOptions,
): Partial<LinkOptions> {
  const gateway = options.gateway ?? defaultGateway(modules.at(-1)?.module);
  return { ...linkOptions(options), ...(gateway === undefined ? {} : { gateway }) };
}

function checkedRoot(program: Program, options: ProgramOptions): Program {
  if (options.programRoot !== undefined) checkRoot(program, options.programRoot);
  return program;
}

function checkRoot(program: Program, expected: string): void {
  const wanted = hex(hashOption("the program root", expected));
  const root = hex(programRoot(program));
  if (root === wanted) return;
  throw new UsageError(
    `these modules and options make program ${root}, not ${wanted}`,
    "name those that it was linked with, or correct the program root that is expected",
  );
}

/** The export `gateway`, if it can be one. */
function defaultGateway(module: Module | undefined): string | undefined {
  const found = module?.exports.find((item) => item.kind === "function" && item.name === "gateway");
  return found?.name;
}

function definedOnly(values: Readonly<Record<string, number | undefined>>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
