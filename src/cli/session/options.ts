/**
 * Options that many commands share, and how their texts become values.
 *
 * Invariant: a text that is no value of its kind is refused before anything is read or run.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { FeatureLevel } from "../../interpreter/isa/features.ts";
import { featureLevels } from "../../interpreter/isa/features.ts";
import { type ImportPolicy, limitCeilings } from "../../interpreter/program/linkOptions.ts";
import type { GrowthPolicy } from "../../interpreter/program/program.ts";

export type Executor = "auto" | "fast" | "step";

/** Which program: everything that the program root depends on besides the modules' bytes. */
export interface ProgramOptions {
  readonly gateway?: string;
  readonly growth: GrowthPolicy;
  readonly fuel?: number;
  readonly level: FeatureLevel;
  readonly unknownImports: ImportPolicy;
  readonly stackSlots?: number;
  readonly frames?: number;
  readonly memoryPages?: number;
  readonly tableEntries?: number;
  readonly inputBytes?: number;
  readonly outputBytes?: number;
  readonly chunkFuel?: number;
  /** Folder of the program cache; true for the user's, false for none. */
  readonly cache?: string | boolean;
  /** What the program must be; anything else is refused before it runs. */
  readonly programRoot?: string;
}

/** Which calls on it, and how they are executed. */
export interface CallOptions {
  readonly input: readonly string[];
  readonly inputHex: readonly string[];
  readonly from?: string;
  readonly executor: Executor;
}

/** A count, written as 1000, 1_000, 1,000, 0x3e8 or 1e3. */
export function count(text: string): number {
  const plain = text.replaceAll(/[_,](?=\d{3})/g, "");
  const value = /^(0x[\da-f]+|\d+|\d+e\d{1,2})$/i.test(plain) ? Number(plain) : Number.NaN;
  if (!Number.isSafeInteger(value)) {
    throw new InvalidArgumentError("expected a whole number from 0 to 2^53 - 1.");
  }
  return value;
}

/** A count that a limit's ceiling bounds. */
export const countUpTo =
  (ceiling: number) =>
  (text: string): number => {
    const value = count(text);
    if (value <= ceiling) return value;
    throw new InvalidArgumentError(`expected a whole number from 0 to ${ceiling}.`);
  };

/** For options that may be repeated. */
export const collect = (text: string, before: readonly string[] = []): string[] => [
  ...before,
  text,
];

export const modulesName = "modules";
/** Modules stand where a command has them last: after a transcript, after two recordings. */
export const modulesArgument = [
  `[${modulesName}...]`,
  "WebAssembly binaries, NAME=FILE, or adapter:NAME=FILE, each after those that it imports from, adapters after those that import from them (default: those of the project file)",
] as const;

/** Words of which the first are modules: what follows them is the command's own. */
export const wordsName = "words";

/** How modules were named before; still understood, no longer shown. */
export function moduleAlias(flags: string): Option {
  return new Option(flags).argParser(collect).default([]).hideHelp();
}

/** Leading words that name modules; an export or an argument ends in .wasm or holds `=` only by accident. */
export function leadingModules(words: readonly string[]): string[] {
  const end = words.findIndex((word) => !/\.wasm$/i.test(word) && !/^[^=]+=./.test(word));
  return words.slice(0, end < 0 ? words.length : end);
}

export function addProjectOptions(command: Command): Command {
  return command
    .option("--project <file>", "project file (default: wasm-arbiter.json, if it is there)")
    .option("--no-project", "read no project file");
}

/** Commands that a project file tells which chain to ask. */
export const chainCommands = new WeakSet<Command>();

export function addChainOptions(command: Command): Command {
  chainCommands.add(command);
  return command
    .option("--rpc <url>", "the chain")
    .option("--arbiter <address>", "the Arbiter on it")
    .option("--from-block <number>", "block of the Arbiter's creation", count, 0);
}

export function addProgramOptions(command: Command): Command {
  return addProjectOptions(command)
    .option("--program-root <hash>", "refuse any other program")
    .option("--gateway <name>", 'exported function that a call runs (default: "gateway")')
    .addOption(
      new Option("--growth <policy>", "declared: memories grow as the modules say; fixed: never")
        .choices(["declared", "fixed"])
        .default("declared"),
    )
    .option("--fuel <count>", "most fuel of one call", count)
    .addOption(
      new Option("--level <version>", "WebAssembly version to accept")
        .choices(Object.keys(featureLevels))
        .default("3.0"),
    )
    .addOption(
      new Option("--unknown-imports <policy>", "what an import that nothing gives becomes")
        .choices(["error", "trap"])
        .default("error"),
    )
    .option(
      "--stack-slots <count>",
      "limit: operand stack, in slots of 8 bytes",
      countUpTo(limitCeilings.stackSlots),
    )
    .option("--frames <count>", "limit: nested calls", countUpTo(limitCeilings.frames))
    .option(
      "--memory-pages <count>",
      "limit: pages of a memory that declares no maximum",
      countUpTo(limitCeilings.memoryPages),
    )
    .option(
      "--table-entries <count>",
      "limit: entries of a table",
      countUpTo(limitCeilings.tableEntries),
    )
    .option(
      "--input-bytes <count>",
      "limit: bytes of a call's input",
      countUpTo(limitCeilings.inputBytes),
    )
    .option(
      "--output-bytes <count>",
      "limit: bytes of a call's output",
      countUpTo(limitCeilings.outputBytes),
    )
    .option(
      "--chunk-fuel <count>",
      "fuel for making 4 KiB dirty, and for each leaf of a table that is written",
      countUpTo(0xffffffff),
    )
    .addOption(cacheOption())
    .addOption(noCacheOption());
}

export function cacheOption(): Option {
  const text = "keep what is derived from large modules here (docs/cache.md)";
  return new Option("--cache <folder>", text);
}

export function noCacheOption(): Option {
  return new Option("--no-cache", "keep nothing and look nothing up");
}

export function addCallOptions(command: Command): Command {
  return command
    .option("--input <file>", "input of a call, - for stdin; repeat for several calls", collect, [])
    .option("--input-hex <bytes>", "input of a call in hex, after those of --input", collect, [])
    .option("--from <state>", "start from a saved state instead of genesis")
    .addOption(executorOption());
}

export function executorOption(): Option {
  return new Option("--executor <kind>", "how instructions are executed")
    .choices(["auto", "fast", "step"])
    .default("auto");
}

export function addJsonOption(command: Command): Command {
  return command.option("--json", "print one JSON object on stdout", false);
}
