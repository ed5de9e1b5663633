/**
 * Settings of a process that runs for long: a flag, else an environment variable, else the settings file (TOML), else
 * the default.
 *
 * Invariant: the file has the flags' long names; a name that is no flag's is refused, and a value goes through the
 * flag's own parser.
 */
import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import { UsageError } from "../terminal/failure.ts";
import { nodePart } from "./nodePackages.ts";

const prefix = "WASM_ARBITER";

/** Gives a command `--settings`, and every option of its own an environment variable that its help names. */
export function addSettings(command: Command): Command {
  for (const option of command.options) {
    const isOwn = option.long !== undefined && option.envVar === undefined && !option.negate;
    if (isOwn) option.env(`${prefix}_${option.long?.slice(2).replaceAll("-", "_").toUpperCase()}`);
  }
  return command.addOption(new Option("--settings <file>", "TOML file with these options"));
}

/** Fills in from the settings file what neither flags nor environment say. */
export async function applySettings(command: Command): Promise<void> {
  const path = command.getOptionValue("settings") as string | undefined;
  if (path === undefined) return;
  const { parse } = await nodePart(() => import("smol-toml"));
  let values: Record<string, unknown>;
  try {
    values = parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${(error as Error).message}`, "write TOML");
  }
  for (const [name, value] of Object.entries(values)) {
    const option = command.options.find(({ long }) => long === `--${name}`);
    if (option === undefined || name === "settings") {
      throw new UsageError(`${path}: there is no setting ${name}`, "see --help for their names");
    }
    const attribute = option.attributeName();
    const source = command.getOptionValueSource(attribute);
    if (source !== undefined && source !== "default") continue;
    command.setOptionValueWithSource(
      attribute,
      parsedValue(option, value, `${path}: ${name}`),
      "config",
    );
  }
}

function parsedValue(option: Option, value: unknown, where: string): unknown {
  if (option.isBoolean()) {
    if (typeof value === "boolean") return value;
    throw new UsageError(`${where} is no truth value`, "write true or false");
  }
  const texts = (Array.isArray(value) ? value : [value]).map(String);
  try {
    return texts.reduce<unknown>(
      (before, text) => (option.parseArg === undefined ? text : option.parseArg(text, before)),
      undefined,
    );
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new UsageError(`${where}: ${error.message}`, "correct the settings file");
  }
}
