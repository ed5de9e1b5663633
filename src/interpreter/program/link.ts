/**
 * Links several modules into one flat program (docs/machine.md §3, §8, §9, §10; spec 2.0 §4.5.4).
 * A module's imports are resolved among the modules before it in the list, by name, the adapters after it
 * (program/importAdapters.ts), and the closed host list.
 *
 * Invariant: a pure function of its arguments: same modules and options, same program, byte for byte.
 */
import type { Module } from "../binary/module.ts";
import { LinkError } from "../errors.ts";
import { appendModule } from "./appendModule.ts";
import { failAtCeiling } from "./codeBuffer.ts";
import { resolveImports } from "./externals.ts";
import { hostModule } from "./hostList.ts";
import { Adapters, servedModule } from "./importAdapters.ts";
import type { LinkOptions } from "./linkOptions.ts";
import { resolveOptions } from "./linkOptions.ts";
import { missingImports, unknownImports } from "./missingImports.ts";
import type { FunctionEntry, Program } from "./program.ts";
import { pageBytes } from "./program.ts";
import { ProgramBuilder } from "./programBuilder.ts";
import { emitBoot } from "./stub.ts";

/** A decoded module and the name under which it is linked. */
export interface NamedModule {
  /** Name by which later modules import from this one. */
  readonly name: string;
  /** As `decodeModule` returns it. */
  readonly module: Module;
  /**
   * Whether it is an import adapter: the one module before it that imports from it gets functions that it defines,
   * and it imports from that module under the name `program` (docs/machine.md §8).
   */
  readonly adapter?: boolean;
}

/**
 * Links modules, in order, into a program. Throws LinkError where they do not fit together, RangeError for an
 * option out of its range.
 */
export function link(modules: readonly NamedModule[], options: Partial<LinkOptions> = {}): Program {
  const builder = new ProgramBuilder(resolveOptions(options), true);
  const unknown = unknownImports(missingImports(modules), builder.options.unknownImports);
  if (unknown !== undefined) throw unknown;
  const adapters = new Adapters(modules);
  adapters.reserve(builder);
  builder.reserveCode(modules.map(({ module }) => module));
  const byName = new Map<string, number>();
  const starts: number[] = [];
  for (const [position, { name, module, adapter = false }] of modules.entries()) {
    if (name === hostModule || byName.has(name)) {
      throw new LinkError(
        "duplicate-module",
        -1,
        `expected a module name of its own, got "${name}"`,
      );
    }
    const lookup = (from: string, item: string) => {
      const isServed = adapter && from === servedModule;
      const index = isServed ? adapters.served(position) : byName.get(from);
      if (index !== undefined) return builder.exported(index, item);
      return isServed ? undefined : adapters.function(position, from, item);
    };
    const imports = resolveImports(module, lookup, builder.options.unknownImports);
    const reserved = adapters.reserved(position);
    const index = appendModule(builder, name, module, imports, reserved);
    byName.set(name, index);
    if (module.start !== undefined) starts.push(builder.modules[index].functions[module.start]);
  }
  builder.resolveForwardCalls();
  checkSegments(builder);
  const gateway =
    options.gateway === undefined ? undefined : gatewayEntry(builder, options.gateway);
  const boot = starts.length === 0 ? undefined : emitBoot(builder, starts);
  return builder.finish(gateway, boot);
}

function gatewayEntry(builder: ProgramBuilder, name: string): FunctionEntry {
  const last = builder.modules.length - 1;
  const found = last < 0 ? undefined : builder.exported(last, name);
  if (found?.kind !== "function") {
    throw new LinkError(
      "unknown-gateway",
      -1,
      `expected the last module to export a function named "${name}"; ${gatewaysText(builder, last)}`,
    );
  }
  const entry = builder.functions[found.index];
  if (entry.params !== 0) {
    throw new LinkError(
      "gateway-type",
      -1,
      `expected gateway "${name}" to take no parameters, got ${entry.params}; ${gatewaysText(builder, last)}`,
    );
  }
  const { stackSlots } = builder.options.limits;
  if (entry.frame > stackSlots)
    failAtCeiling("slots in the gateway's frame", stackSlots, "stackSlots");
  return { ...entry };
}

/** Functions that a long list of exports shows. */
const shownExports = 20;

/** Which exports could be the gateway. */
function gatewaysText(builder: ProgramBuilder, module: number): string {
  const names = (builder.modules[module]?.module.exports ?? []).flatMap(({ name, kind }) => {
    const found = kind === "function" ? builder.exported(module, name) : undefined;
    if (found?.kind !== "function" || found.type.params.length > 0) return [];
    return [name];
  });
  if (names.length === 0) return "it exports no function without parameters";
  const shown = names.slice(0, shownExports).join(", ");
  const rest = names.length > shownExports ? ", …" : "";
  return `its exported functions without parameters are ${shown}${rest}`;
}

/** Memories and tables have their first sizes when genesis applies the segments, so bounds are known here. */
function checkSegments(builder: ProgramBuilder): void {
  for (const segment of builder.activeSegments) {
    const isData = segment.kind === "data";
    const length = isData ? segment.length : segment.references.length;
    const size = isData
      ? builder.memories[segment.memory].pages * pageBytes
      : builder.tables[segment.table].size;
    if (segment.offset + length > size) {
      const where = isData ? "memory" : "table";
      throw new LinkError(
        isData ? "data-out-of-bounds" : "elements-out-of-bounds",
        -1,
        `out of bounds ${where} access: expected an active segment within ${size}, got [${segment.offset}, ${segment.offset + length})`,
      );
    }
  }
}
