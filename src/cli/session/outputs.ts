/**
 * Options that name a file to write, and what is asked of it before a command begins: that it can be written, that no
 * other option writes it, and that the command does not read it.
 *
 * Invariant: work is never done for a file that cannot be written, and nothing that a command reads is written over, but
 * a saved state by the one that follows from it.
 */
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { UsageError } from "../terminal/failure.ts";
import { checkWritable, isSameFile } from "./files.ts";

const outputs = new WeakSet<Option>();

/** An option whose value is a file that the command writes. */
export function outputOption(flags: string, text: string): Option {
  const option = new Option(flags, text);
  outputs.add(option);
  return option;
}

/** Options whose values are files that commands read. */
const inputAttributes = ["input", "from", "claims", "module", "with", "left", "right"];

interface NamedFile {
  readonly attribute: string;
  readonly path: string;
}

/** Throws a UsageError for a file that must not be written; `project` is the project file that the command reads. */
export function checkOutputs(command: Command, project: string | undefined): void {
  const written = command.options
    .filter((option) => outputs.has(option))
    .flatMap((option) => valuesOf(command, option.attributeName()));
  const read = filesRead(command, project);
  for (const [index, output] of written.entries()) {
    const { attribute, path } = output;
    if (path === "-") {
      throw new UsageError("- names no file to write", "name one; --json prints on stdout");
    }
    if (written.slice(0, index).some((other) => resolve(other.path) === resolve(path))) {
      throw new UsageError(`${path} would be written twice`, "name a file for each option");
    }
    const source = read.find((file) => isSameFile(file.path, path));
    const isContinued = attribute === "save" && source?.attribute === "from";
    if (source !== undefined && !isContinued) {
      throw new UsageError(`${path} is read, and would be written over`, "name another file");
    }
    checkWritable(path);
  }
}

function filesRead(command: Command, project: string | undefined): NamedFile[] {
  const words = command.processedArgs.flat().filter((word) => typeof word === "string");
  return [
    ...words.map((word) => ({ attribute: "", path: fileOf(word) })),
    ...inputAttributes.flatMap((attribute) => valuesOf(command, attribute)),
    ...(project === undefined ? [] : [{ attribute: "project", path: project }]),
  ];
}

/** Of a module as NAME=FILE or adapter:FILE its file; a dispute's number is no file's name. */
function fileOf(word: string): string {
  return word.replace(/^adapter:/, "").replace(/^[^=]*=/, "");
}

function valuesOf(command: Command, attribute: string): NamedFile[] {
  const paths: unknown[] = [command.getOptionValue(attribute) ?? []].flat();
  return paths
    .filter((path) => typeof path === "string")
    .map((path) => ({
      attribute,
      path: ["module", "with"].includes(attribute) ? fileOf(path) : path,
    }));
}
