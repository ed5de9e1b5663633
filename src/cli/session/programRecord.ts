/**
 * The program that a transcript records: written from what a command linked, and read back so that a replay links the
 * same whatever the files are called.
 *
 * Invariant: modules are known by the Keccak-256 of their bytes; a replay takes the recorded names, order and options, and
 * refuses files and options that are others.
 */
import type { Command } from "commander";
import { keccak256 } from "ethers";
import type { RecordedProgram } from "../../game/transcript/disputeTranscript.ts";
import type { NamedModule } from "../../interpreter/program/link.ts";
import type { Program } from "../../interpreter/program/program.ts";
import { UsageError } from "../terminal/failure.ts";
import { visibleName } from "../terminal/visible.ts";
import type { ProgramOptions } from "./options.ts";
import { isSaid, projectKeys } from "./project.ts";

export function recordOf(program: Program, options: ProgramOptions): RecordedProgram {
  return {
    modules: program.modules.map(({ name, module, adapter }) => ({
      name,
      hash: keccak256(module.bytes),
      ...(adapter ? { adapter } : {}),
    })),
    options: {
      level: options.level,
      gateway: options.gateway ?? "gateway",
      growth: program.config.growth,
      unknownImports: options.unknownImports,
      chunkFuel: program.config.chunkFuel,
      limits: program.config.limits,
    },
  };
}

/** The options that the record says; UsageError where the command line says another. */
export function recordedOptions<O extends ProgramOptions>(
  { options: recorded }: RecordedProgram,
  options: O,
  command: Command,
): O {
  const { limits, ...others } = recorded;
  const values: Record<string, unknown> = {};
  for (const [key, value] of Object.entries({ ...others, ...limits })) {
    const attributes: Readonly<Record<string, string>> = {
      ...projectKeys.options,
      ...projectKeys.limits,
    };
    const attribute = attributes[key];
    const given = (options as Readonly<Record<string, unknown>>)[attribute];
    if (isSaid(command, attribute) && given !== value) {
      const flag = command.options.find((each) => each.attributeName() === attribute)?.long;
      throw new UsageError(
        `the disputed program was linked with ${flag} ${value}, not ${given}`,
        `leave ${flag} out: the transcript's options are used`,
      );
    }
    values[attribute] = value;
  }
  return { ...options, ...values };
}

/** The given modules as the record has them: same names, same order. */
export function recordedModules(
  { modules: recorded }: RecordedProgram,
  given: readonly NamedModule[],
): NamedModule[] {
  const left = given.map((module) => ({ ...module, hash: keccak256(module.module.bytes) }));
  const found = recorded.map(({ name, hash, adapter = false }) => {
    const at = left.findIndex((module) => module.hash === hash);
    if (at < 0) {
      throw new UsageError(
        `the disputed program has a module ${visibleName(name)} with Keccak-256 ${hash}, and no file of these bytes is named`,
        "name the file that the parties ran",
      );
    }
    const [{ module }] = left.splice(at, 1);
    return { name, module, adapter };
  });
  const [more] = left;
  if (more !== undefined) {
    throw new UsageError(
      `${visibleName(more.name)} (Keccak-256 ${more.hash}) is no module of the disputed program`,
      "leave it out",
    );
  }
  return found;
}
