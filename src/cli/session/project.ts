/**
 * The project file: modules, options, limits and program root once, for every command (docs/project-file.md).
 *
 * Invariant: a file is refused unless every key in it is known and every value is one that the option of the same meaning
 * takes; what the command line says comes before what the file says. Paths in it are relative to its folder.
 */
import { existsSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { type Command, InvalidArgumentError, type Option } from "commander";
import { closest, distance } from "fastest-levenshtein";
import { UsageError } from "../terminal/failure.ts";
import { readJson } from "./files.ts";

export const projectFileName = "wasm-arbiter.json";

/** Keys of the file, with the options of the command line that they stand for, as commander names them. */
export const projectKeys = {
  options: {
    gateway: "gateway",
    growth: "growth",
    level: "level",
    unknownImports: "unknownImports",
    chunkFuel: "chunkFuel",
  },
  limits: {
    callFuel: "fuel",
    stackSlots: "stackSlots",
    frames: "frames",
    memoryPages: "memoryPages",
    tableEntries: "tableEntries",
    inputBytes: "inputBytes",
    outputBytes: "outputBytes",
  },
  chain: { rpc: "rpc", arbiter: "arbiter", fromBlock: "fromBlock" },
} as const;

type Group = keyof typeof projectKeys;
const groups = Object.keys(projectKeys) as Group[];
/** Options that make a program another one. */
export const programAttributes: readonly string[] = [
  ...Object.values(projectKeys.options),
  ...Object.values(projectKeys.limits),
];

export interface Project {
  readonly path: string;
  /** As a command takes them, paths resolved; empty if the file names none. */
  readonly modules: readonly string[];
  readonly programRoot: string | undefined;
  /** By group and key, not yet checked against the options. */
  readonly values: Readonly<Record<Group, Readonly<Record<string, unknown>>>>;
}

/** The file that a command reads: the one that it is told, else that of the current folder if it is there. */
export function findProject(
  asked: string | false | undefined,
  mayBeMissing: boolean,
): Project | undefined {
  if (asked === false) return undefined;
  const path = asked ?? projectFileName;
  if ((asked === undefined || mayBeMissing) && !existsSync(path)) return undefined;
  return readProject(path);
}

export function readProject(path: string): Project {
  const value = readJson(path, "give a project file, as wasm-arbiter init writes it");
  checkKeys(path, "", value, ["modules", "programRoot", ...groups]);
  const { modules = [], programRoot } = value;
  if (!Array.isArray(modules) || !modules.every((item) => typeof item === "string")) {
    throw wrong(path, "modules", "a list of paths", modules);
  }
  if (programRoot !== undefined && !/^0x[\da-f]{64}$/i.test(String(programRoot))) {
    throw wrong(path, "programRoot", "a hash, 0x and 64 hex digits", programRoot);
  }
  const group = (name: Group) => {
    const values = value[name] ?? {};
    if (typeof values !== "object" || values === null || Array.isArray(values)) {
      throw wrong(path, name, "an object", values);
    }
    checkKeys(path, `${name}.`, values, Object.keys(projectKeys[name]));
    return values as Readonly<Record<string, unknown>>;
  };
  return {
    path,
    modules: modules.map((module) => besides(path, module)),
    programRoot: programRoot as string | undefined,
    values: { options: group("options"), limits: group("limits"), chain: group("chain") },
  };
}

/** Gives a command's options the file's values where the command line is silent; each is checked by its option. */
export function applyProject(command: Command, project: Project, isOnChain: boolean): void {
  for (const group of groups) {
    if (group === "chain" && !isOnChain) continue;
    for (const [key, value] of Object.entries(project.values[group])) {
      const attributes: Readonly<Record<string, string>> = projectKeys[group];
      const option = command.options.find((each) => each.attributeName() === attributes[key]);
      if (option === undefined) continue;
      const parsed = parse(project.path, `${group}.${key}`, option, value);
      if (isSaid(command, option.attributeName())) continue;
      command.setOptionValueWithSource(option.attributeName(), parsed, "config");
    }
  }
}

/** Whether the command line itself gives an option. */
export function isSaid(command: Command, attribute: string): boolean {
  return command.getOptionValueSource(attribute) === "cli";
}

/** A value of the file as the option takes it; numbers are numbers there, words are strings. */
function parse(path: string, key: string, option: Option, value: unknown): unknown {
  const choices = option.argChoices;
  if (choices !== undefined) {
    if (choices.includes(value as string)) return value;
    throw wrong(path, key, choices.map((choice) => JSON.stringify(choice)).join(" or "), value);
  }
  const isCount = option.parseArg !== undefined;
  if (isCount ? typeof value !== "number" : typeof value !== "string") {
    throw wrong(path, key, isCount ? "a whole number" : "a string", value);
  }
  try {
    return option.parseArg?.(String(value), undefined) ?? value;
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw wrong(path, key, "a whole number from 0 to 2^53 - 1", value);
  }
}

/** A module of a project file, its path from where the command runs. */
export function besides(path: string, module: string): string {
  const split = Math.max(module.indexOf("="), module.startsWith("adapter:") ? 7 : -1);
  const file = module.slice(split + 1);
  const resolved = isAbsolute(file) ? file : join(dirname(path), file);
  return `${module.slice(0, split + 1)}${resolved}`;
}

function checkKeys(path: string, place: string, value: object, known: readonly string[]): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new UsageError(
    `${path}: there is no ${place}${unknown} in a project file`,
    adviceFor(place, unknown, known),
  );
}

/** The key that was meant: here, or by its exact name in another group. */
function adviceFor(place: string, unknown: string, known: readonly string[]): string {
  const elsewhere = groups.find((group) => Object.hasOwn(projectKeys[group], unknown));
  if (elsewhere !== undefined && `${elsewhere}.` !== place) {
    return `it belongs into "${elsewhere}"`;
  }
  const nearest = closest(unknown, [...known]);
  if (distance(unknown.toLowerCase(), nearest.toLowerCase()) <= Math.max(2, unknown.length / 3)) {
    return `did you mean ${place}${nearest}?`;
  }
  return `choose from ${known.join(", ")}`;
}

function wrong(path: string, key: string, expected: string, value: unknown): UsageError {
  const text = JSON.stringify(value) ?? "nothing";
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return new UsageError(
    `${path}: expected ${key} to be ${expected}, got ${shown}`,
    "correct the file, or leave the key out",
  );
}
