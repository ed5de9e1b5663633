/**
 * Source lines for commands: places of instructions from the modules' debugging data, and the text of the lines where
 * `--sources` says where the files are.
 *
 * Invariant: a file is read only below a folder that the command line names, or beside the module that names it as its map;
 * paths in debugging data come from strangers and lead nowhere else. Notes about the data are told once, on stderr.
 */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import type { Command } from "commander";
import { pathParts } from "../../debug/dwarf/path.ts";
import { ProgramLines } from "../../debug/programLines.ts";
import type { SourceFrame, SourcePlace } from "../../debug/sourcePlace.ts";
import type { ReportedSource } from "../../game/index.ts";
import type { Module, Program } from "../../interpreter/index.ts";
import type { CodePlace, TrapReport } from "../../interpreter/inspect/trapReport.ts";
import { UsageError } from "../terminal/failure.ts";
import { remark } from "../terminal/output.ts";
import { visibleName } from "../terminal/visible.ts";
import { pathOfModule } from "./linkedProgram.ts";
import { nameText } from "./names.ts";
import { collect } from "./options.ts";

export interface SourceOptions {
  readonly sources?: readonly string[];
}

export function addSourceOptions(command: Command): Command {
  return command.option(
    "--sources <folder>",
    "where source files are: FOLDER, or PREFIX=FOLDER for paths that begin with PREFIX; repeat for more",
    collect,
    [],
  );
}

/** Larger files are no sources. */
const mostSourceBytes = 16 * 2 ** 20;
const mostMapBytes = 256 * 2 ** 20;
/** Frames that a line has room for. */
const shownFrames = 4;
/** Lines before and after the judged one. */
const reportedLines = 6;

/** Where the sources of paths with a prefix are; of all paths if it is empty. */
interface SourceFolder {
  readonly prefix: string;
  readonly folder: string;
}

/** A line around the one that is asked for. */
export interface ContextLine {
  readonly number: number;
  readonly text: string;
  readonly isCurrent: boolean;
}

export class Sources {
  readonly #lines: ProgramLines;
  readonly #folders: readonly SourceFolder[];
  readonly #files = new Map<string, readonly string[] | undefined>();
  readonly #told = new Set<string>();

  constructor(program: Program, options: SourceOptions = {}) {
    this.#folders = (options.sources ?? []).map(folderOf);
    this.#lines = new ProgramLines(program, {
      sourceMapOf: (module, url) => this.#sourceMap(module, url),
    });
  }

  /** Where the instruction at a pc comes from; null if nothing is known. */
  at(pc: number): SourcePlace | null {
    const place = this.#lines.at(pc) ?? null;
    for (const { module, note } of this.#lines.notes) this.#tell(`${visibleName(module)}: ${note}`);
    return place;
  }

  /** Text of a frame's line, if its file is found. */
  lineText(pc: number, { file, line }: SourceFrame): string | undefined {
    return line === 0 ? undefined : this.#fileOf(pc, file)?.[line - 1];
  }

  /** The lines around a frame's, if its file is found. */
  context(pc: number, { file, line }: SourceFrame, around: number): readonly ContextLine[] {
    const lines = this.#fileOf(pc, file) ?? [];
    if (line === 0 || line > lines.length) return [];
    const first = Math.max(1, line - around);
    return lines.slice(first - 1, line + around).map((text, i) => ({
      number: first + i,
      text,
      isCurrent: first + i === line,
    }));
  }

  /** A place and the lines around it, for the report of a dispute. */
  reported(pc: number): ReportedSource | undefined {
    const place = this.at(pc);
    if (place === null) return undefined;
    return { place: placeText(place), lines: this.context(pc, place, reportedLines) };
  }

  /** A report with the places that its pcs have in the source. */
  located<R extends TrapReport>(report: R): R {
    const { refusedGrow: grow } = report;
    return {
      ...this.#locatedPlace(report),
      calledBy: report.calledBy.map((place) => this.#locatedPlace(place)),
      refusedGrow: grow === undefined ? undefined : this.#locatedPlace(grow),
    };
  }

  #locatedPlace<P extends CodePlace>(place: P): P {
    const found = this.at(place.pc);
    return found === null || found.line === 0 ? place : { ...place, source: frameText(found) };
  }

  /** Lines of a file: below the folders that are named, or from the debugging data themselves. */
  #fileOf(pc: number, file: string): readonly string[] | undefined {
    if (!this.#files.has(file)) {
      const text = this.#read(file) ?? this.#lines.sourceText(pc, file);
      this.#files.set(file, text?.split(/\r\n|\n|\r/));
    }
    return this.#files.get(file);
  }

  #read(file: string): string | undefined {
    for (const { prefix, folder } of this.#folders) {
      if (!file.startsWith(prefix)) continue;
      const parts = pathParts(file.slice(prefix.length));
      // With a prefix the rest is the path; without one, the longest end of it that is there.
      const most = prefix === "" ? parts.length : 1;
      for (let first = 0; first < most; first++) {
        const text = textBelow(folder, parts.slice(first), mostSourceBytes);
        if (text !== undefined) return text;
      }
    }
    return undefined;
  }

  /** Beside the module's file, as its URL says, else by its name below the folders of sources. */
  #sourceMap(module: Module, url: string): string | undefined {
    if (/^[a-z][\w+.-]*:/i.test(url)) return undefined;
    const path = pathOfModule(module);
    const parts = pathParts(url);
    const beside = path && textBelow(dirname(path), parts, mostMapBytes);
    if (beside) return beside;
    const name = basename(parts.at(-1) ?? "");
    for (const { folder } of this.#folders) {
      const text = textBelow(folder, [name], mostMapBytes);
      if (text !== undefined) return text;
    }
    return undefined;
  }

  #tell(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    remark(`wasm-arbiter: ${visibleName(text)}`);
  }
}

function folderOf(text: string): SourceFolder {
  const split = text.lastIndexOf("=");
  const folder = text.slice(split + 1);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new UsageError(`${folder} is no folder`, "give --sources FOLDER or PREFIX=FOLDER");
  }
  return { prefix: text.slice(0, Math.max(split, 0)), folder: realpathSync(folder) };
}

/** Text of a file below a folder, links followed only to where they stay below it. */
function textBelow(
  folder: string,
  parts: readonly string[],
  mostBytes: number,
): string | undefined {
  if (parts.length === 0 || parts.some((part) => part.includes("\0"))) return undefined;
  try {
    const root = realpathSync(folder);
    const path = realpathSync(join(root, ...parts));
    const { size } = statSync(path);
    const isBelow = path.startsWith(root.endsWith(sep) ? root : root + sep);
    if (!isBelow || size > mostBytes || !statSync(path).isFile()) return undefined;
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** `file:line:column`, as far as it is known; for people. */
export function frameText({ file, line, column }: SourceFrame): string {
  const name = visibleName(file) || "?";
  if (line === 0) return name;
  return column === 0 ? `${name}:${line}` : `${name}:${line}:${column}`;
}

/** `square (a.c:7:12), inlined into gateway (a.c:14:9)`. */
export function placeText(place: SourcePlace): string {
  const frames = [place, ...place.inlinedInto];
  const texts = frames
    .slice(0, shownFrames)
    .map((frame) => `${frameText(frame)}${frame.function ? ` ${nameText(frame.function)}` : ""}`);
  if (frames.length > shownFrames) texts.push("…");
  return texts.join(", inlined into ");
}
