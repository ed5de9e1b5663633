/**
 * `inspect`: what a program is made of: imports, exports, limits, and its listing with pc, fuel cost and text.
 */
import { Command } from "commander";
import type { ExternalKind, Module } from "../interpreter/binary/module.ts";
import { valueTypeName } from "../interpreter/binary/valueType.ts";
import { typeText } from "../interpreter/inspect/disassemble.ts";
import type { NamedModule } from "../interpreter/program/link.ts";
import type { ImportPolicy } from "../interpreter/program/linkOptions.ts";
import {
  importAdvice,
  type MissingImport,
  missingImports,
  missingText,
} from "../interpreter/program/missingImports.ts";
import type { Program } from "../interpreter/program/program.ts";
import { genesis } from "../interpreter/state/genesis.ts";
import { programRoot as programRootOf, StateTree } from "../merkle/index.ts";
import { demangled } from "./session/demangle.ts";
import { linkProgram, openProgram } from "./session/linkedProgram.ts";
import { instructionLine, nameText } from "./session/names.ts";
import {
  addJsonOption,
  addProgramOptions,
  modulesArgument,
  type ProgramOptions,
} from "./session/options.ts";
import {
  type DecodedInstruction,
  instructionAt,
  instructionCount,
  shownName,
} from "./session/programFunctions.ts";
import { UsageError } from "./terminal/failure.ts";
import { colour, counted, fields, grouped, hex, show } from "./terminal/output.ts";
import { visible, visibleName } from "./terminal/visible.ts";

interface Options extends ProgramOptions {
  readonly json: boolean;
  readonly listing: boolean;
  readonly function?: string;
}

export function inspectCommand(): Command {
  const command = new Command("inspect")
    .description("Show what a program is made of, and the listing of its instructions.")
    .argument(...modulesArgument)
    .option("--no-listing", "leave the listing out")
    .option("--function <name>", "list this function only, by name or program-wide index")
    .action(inspect);
  return addJsonOption(addProgramOptions(command));
}

function inspect(files: readonly string[], options: Options): void {
  const { modules, missing, program, programRoot, genesisHash } = linkedAsFarAsPossible(
    files,
    options,
  );
  const listing = program && options.listing ? listed(program, options.function) : [];
  const overview: Overview = {
    programRoot,
    genesisHash,
    missing,
    modules: modules.map(({ name, module }) => moduleOverview(name, module)),
    ...(program === undefined ? undefined : programOverview(program)),
  };
  show(options.json, { ...overview, listing }, () =>
    [
      overviewText(overview, options.unknownImports),
      ...(program === undefined ? [] : listingText(program, listing)),
    ].join("\n"),
  );
}

interface Linked {
  readonly modules: readonly NamedModule[];
  readonly missing: readonly MissingImport[];
  readonly program: Program | undefined;
  /** Null where imports are missing, like the next. */
  readonly programRoot: string | null;
  /** State hash at genesis: what the program's memories, tables and globals begin with is in it. */
  readonly genesisHash: string | null;
}

/**
 * A program that lacks functions is shown with traps in their place, but it is not that program, and has no root; one that
 * lacks anything else cannot be linked.
 */
function linkedAsFarAsPossible(files: readonly string[], options: Options): Linked {
  let modules: readonly NamedModule[] = [];
  let missing: readonly MissingImport[] = [];
  try {
    const program = openProgram(files, options, (seen) => {
      modules = seen;
      missing = missingImports(modules);
      if (missing.length > 0 && options.unknownImports !== "trap") throw new LacksImports();
    });
    const genesisHash = hex(new StateTree(genesis(program)).stateHash());
    return { modules, missing, program, programRoot: hex(programRootOf(program)), genesisHash };
  } catch (error) {
    if (!(error instanceof LacksImports)) throw error;
  }
  const linkable = missing.every(({ kind }) => kind === "function");
  const { programRoot: _, ...rest } = options;
  const program = linkable ? linkProgram(modules, { ...rest, unknownImports: "trap" }) : undefined;
  return { modules, missing, program, programRoot: null, genesisHash: null };
}

/** Nothing is linked, since imports are missing. */
class LacksImports extends Error {}

function programOverview(program: Program) {
  const { growth, limits, chunkFuel } = program.config;
  return {
    growth,
    limits,
    chunkFuel,
    instructions: instructionCount(program),
    functions: program.functions.length,
    memories: program.memories,
    tables: program.tables,
  };
}

function moduleOverview(name: string, module: Module) {
  return {
    name,
    bytes: module.bytes.length,
    imports: module.imports.map((item) => ({
      module: item.module,
      name: item.name,
      kind: item.kind,
      type: importType(module, item),
    })),
    exports: module.exports.map((item) => ({ ...item, type: exportType(module, item) })),
  };
}

type ImportItem = Module["imports"][number];

function importType(module: Module, item: ImportItem): string {
  switch (item.kind) {
    case "function":
      return typeText(module.types[item.typeIndex]);
    case "memory":
      return limitsText(item.type);
    case "table":
      return `${limitsText(item.type.limits)} ${valueTypeName(item.type.element)}`;
    case "global":
      return `${item.type.mutable ? "mut " : ""}${valueTypeName(item.type.type)}`;
  }
}

function exportType(
  module: Module,
  { kind, index }: { readonly kind: ExternalKind; readonly index: number },
): string {
  const imported = module.imports.filter((item) => item.kind === kind);
  if (index < imported.length) return importType(module, imported[index]);
  const own = index - imported.length;
  switch (kind) {
    case "function":
      return typeText(module.types[module.functions[own]]);
    case "memory":
      return limitsText(module.memories[own]);
    case "table":
      return `${limitsText(module.tables[own].limits)} ${valueTypeName(module.tables[own].element)}`;
    case "global": {
      const { mutable, type } = module.globals[own].type;
      return `${mutable ? "mut " : ""}${valueTypeName(type)}`;
    }
  }
}

function limitsText({ min, max }: { readonly min: number; readonly max: number | undefined }) {
  return `${min}..${max ?? ""}`;
}

/** Instructions of the whole program, or of one function. */
function listed(program: Program, wanted: string | undefined): DecodedInstruction[] {
  const instructions = Array.from({ length: instructionCount(program) }, (_, pc) =>
    instructionAt(program, pc),
  );
  if (wanted === undefined) return instructions;
  const indices = new Set(
    program.functions.flatMap((_, i) =>
      [shownName(program, i), demangled(shownName(program, i)), String(i)].includes(wanted)
        ? [i]
        : [],
    ),
  );
  if (indices.size === 0) {
    throw new UsageError(
      `the program has no function ${visibleName(wanted)}`,
      "run inspect without --function to see their names",
    );
  }
  return instructions.filter(({ pc }) => indices.has(program.locate(pc).function));
}

type Overview = {
  readonly programRoot: Linked["programRoot"];
  readonly genesisHash: Linked["genesisHash"];
  readonly missing: readonly MissingImport[];
  readonly modules: readonly ReturnType<typeof moduleOverview>[];
} & Partial<ReturnType<typeof programOverview>>;

function programFields(overview: Overview): (readonly [string, string])[] {
  const { limits, instructions, functions, growth, memories, tables, chunkFuel } = overview;
  if (limits === undefined) return [];
  return [
    ["instructions", `${grouped(instructions ?? 0)} in ${counted(functions ?? 0, "function")}`],
    ["growth", growth ?? ""],
    ["memories", memories?.map((m) => `${m.pages}..${m.maxPages} pages`).join(", ") || "none"],
    ["tables", tables?.map((t) => `${t.size}..${t.maxSize} entries`).join(", ") || "none"],
    ["call fuel", grouped(limits.callFuel)],
    ["chunk fuel", grouped(chunkFuel ?? 0)],
    ["stack", `${grouped(limits.stackSlots)} slots, ${grouped(limits.frames)} frames`],
    ["input", `at most ${grouped(limits.inputBytes)} bytes`],
    ["output", `at most ${grouped(limits.outputBytes)} bytes`],
  ];
}

function overviewText(overview: Overview, policy: ImportPolicy): string {
  const { programRoot: root, genesisHash, missing } = overview;
  const lines = [
    fields([
      ["program root", root ?? "none, for imports are missing"],
      ...(genesisHash === null ? [] : [["genesis", genesisHash] as const]),
      ...programFields(overview),
      ...(missing.length > 0 ? [["missing", visible(missingText(missing))] as const] : []),
    ]),
  ];
  if (missing.length > 0) {
    const advice = importAdvice(missing, "--unknown-imports trap");
    lines.push(policy === "trap" ? "A call of what is missing traps." : `To link it: ${advice}.`);
  }
  for (const module of overview.modules) {
    lines.push("", colour("bold", `module ${visibleName(module.name)}`));
    for (const item of module.imports) {
      lines.push(
        `  import ${item.kind} ${visibleName(item.module)}.${visibleName(item.name)} ${item.type}`.trimEnd(),
      );
    }
    for (const item of module.exports) {
      lines.push(`  export ${item.kind} ${visibleName(item.name)} ${item.type}`.trimEnd());
    }
  }
  return lines.join("\n");
}

/** With the index that --function takes; the listing's `call N` counts within the module, as its binary does. */
function headingOf({ function: name, module }: DecodedInstruction, index: number): string {
  const place = [visibleName(module), index < 0 ? "" : `function ${index}`].filter(Boolean);
  return colour("bold", place.length === 0 ? name : `${nameText(name)}  (${place.join(", ")})`);
}

function listingText(program: Program, listing: readonly DecodedInstruction[]): string[] {
  const lines: string[] = [];
  let owner = -2;
  for (const instruction of listing) {
    const at = program.locate(instruction.pc).function;
    if (at !== owner) lines.push("", headingOf(instruction, at));
    owner = at;
    const pc = String(instruction.pc).padStart(7);
    lines.push(
      `${colour("dim", pc)}  ${String(instruction.cost).padStart(5)}  ${instructionLine(instruction.text)}`,
    );
  }
  if (lines.length > 0) lines.unshift("", "     pc   fuel  instruction");
  return lines;
}
