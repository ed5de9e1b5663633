/**
 * Appends one module to a program under construction: maps its index spaces to program-wide indices, makes stubs
 * for host functions that something refers to, places its segments and bodies (docs/machine.md §3).
 *
 * Invariant: imports are resolved before (program/externals.ts), so from here on only a ceiling can stop it.
 */
import type { DataSegment, ElementSegment, Module } from "../binary/module.ts";
import { slotsOf } from "../binary/valueType.ts";
import type { BodyContext, CallTarget, SegmentPlace } from "./bodyContext.ts";
import { failAtCeiling } from "./codeBuffer.ts";
import type { ConstantScope } from "./constantExpressions.ts";
import { evaluateConstant, referencedFunctions } from "./constantExpressions.ts";
import type { External } from "./externals.ts";
import { programCeilings } from "./linkOptions.ts";
import { ModuleLowering } from "./moduleLowering.ts";
import type { LinkedModule } from "./program.ts";
import { localsOf, type ProgramBuilder } from "./programBuilder.ts";
import { emitStub } from "./stub.ts";

/**
 * Appends `module` under `name`; returns its index in `builder.modules`.
 *
 * @param reserved Index of the first function that it defines, where they have been given before (adapters).
 */
export function appendModule(
  builder: ProgramBuilder,
  name: string,
  module: Module,
  imports: readonly External[],
  reserved?: number,
): number {
  return new Appending(builder, name, module).append(imports, reserved);
}

/** A module may have a hundred thousand: the view of each one's bytes is made when it is asked for. */
class ActiveData {
  readonly kind = "data";
  readonly memory: number;
  readonly offset: number;
  readonly length: number;
  private readonly module: Uint8Array;
  private readonly start: number;

  constructor(memory: number, offset: number, module: Uint8Array, { start, end }: DataSegment) {
    this.memory = memory;
    this.offset = offset;
    this.length = end - start;
    this.module = module;
    this.start = start;
  }

  get bytes(): Uint8Array {
    return this.module.subarray(this.start, this.start + this.length);
  }
}

class Appending {
  private readonly builder: ProgramBuilder;
  private readonly name: string;
  private readonly module: Module;
  private readonly self: number;
  private readonly callees: CallTarget[] = [];
  private readonly tables: number[] = [];
  private readonly memories: number[] = [];
  private readonly globals: number[] = [];
  private readonly scope: ConstantScope;

  constructor(builder: ProgramBuilder, name: string, module: Module) {
    this.builder = builder;
    this.name = name;
    this.module = module;
    this.self = builder.modules.length;
    this.scope = {
      global: (index) => builder.globalValue(this.globals[index]),
      function: (index) => this.callees[index].index,
    };
  }

  append(imports: readonly External[], reserved: number | undefined): number {
    const { builder, module } = this;
    const types = module.types.map((type) => builder.typeId(type));
    this.importMemories(imports);
    this.importRest(imports);
    this.defineFunctions(reserved);
    this.defineRest();
    const elementSegments: SegmentPlace[] = [];
    const dataSegments = this.placeSegments(elementSegments);
    this.lowerBodies(types, dataSegments, elementSegments);
    const linked: LinkedModule = {
      name: this.name,
      module,
      adapter: reserved !== undefined,
      functions: this.callees.map((callee) => callee.index),
      tables: this.tables,
      memories: this.memories,
      globals: this.globals,
      dataSegments: dataSegments.map((place) => place.segment),
      elementSegments: elementSegments.map((place) => place.segment),
      types,
    };
    return builder.modules.push(linked) - 1;
  }

  /** Before the stubs, because `input_read` names memory 0 of the module. */
  private importMemories(imports: readonly External[]): void {
    for (const found of imports) if (found.kind === "memory") this.memories.push(found.index);
    for (const type of this.module.memories) this.memories.push(this.builder.addMemory(type));
  }

  private importRest(imports: readonly External[]): void {
    const needed = referencedIndices(this.module);
    for (const found of imports) {
      switch (found.kind) {
        case "function":
          this.callees.push({ index: found.index, host: undefined, type: found.type });
          break;
        case "host": {
          const isNeeded = needed.has(this.callees.length);
          const index = isNeeded ? emitStub(this.builder, found, this.memories[0]) : -1;
          this.callees.push({ index, host: found.mnemonic, type: found.type });
          break;
        }
        case "table":
          this.tables.push(found.index);
          break;
        case "global":
          this.globals.push(found.index);
          break;
        default:
      }
    }
  }

  private defineFunctions(reserved: number | undefined): void {
    const { builder, module } = this;
    module.functions.forEach((typeIndex, position) => {
      const type = module.types[typeIndex];
      const locals = localsOf(type, module.bodies[position]);
      const index =
        reserved === undefined
          ? builder.addFunction(type, locals, this.self, this.callees.length)
          : reserved + position;
      this.callees.push({ index, host: undefined, type });
    });
  }

  private defineRest(): void {
    const { builder, module, scope } = this;
    for (const { type, init } of module.globals) {
      this.globals.push(builder.addGlobal(type, evaluateConstant(module, init, scope)));
    }
    for (const table of module.tables) {
      const value = table.init === undefined ? 0n : evaluateConstant(module, table.init, scope);
      this.tables.push(builder.addTable(table, Number(value)));
    }
  }

  /** Numbers data before elements; active segments are applied in the other order (docs/machine.md §3, §10). */
  private placeSegments(elementSegments: SegmentPlace[]): SegmentPlace[] {
    const { builder, module } = this;
    const dataSegments = module.data.map(({ mode, start, end }) => {
      const segment = builder.addSegment(mode === "active");
      if (mode === "active") return { segment, start: 0, length: 0 };
      const place = { segment, start: builder.dataLength, length: end - start };
      builder.data.push(module.bytes.subarray(start, end));
      builder.dataLength += place.length;
      if (builder.dataLength > programCeilings.dataBytes) {
        failAtCeiling("bytes of passive data segments", programCeilings.dataBytes);
      }
      return place;
    });
    for (const element of module.elements) elementSegments.push(this.placeElements(element));
    for (const data of module.data) {
      if (data.offset === undefined) continue;
      const offset = Number(evaluateConstant(module, data.offset, this.scope));
      builder.activeSegments.push(
        new ActiveData(this.memories[data.memory], offset, module.bytes, data),
      );
    }
    return dataSegments;
  }

  private placeElements(element: ElementSegment): SegmentPlace {
    const { builder, module } = this;
    const segment = builder.addSegment(element.mode !== "passive");
    if (element.mode === "declarative") return { segment, start: 0, length: 0 };
    const references = this.references(element);
    if (element.offset === undefined) {
      const place = { segment, start: builder.elements.length, length: references.length };
      if (place.start + place.length > programCeilings.elements) {
        failAtCeiling("entries of passive element segments", programCeilings.elements);
      }
      for (const reference of references) builder.elements.push(reference);
      return place;
    }
    builder.activeSegments.push({
      kind: "elements",
      table: this.tables[element.table],
      offset: Number(evaluateConstant(module, element.offset, this.scope)),
      references,
    });
    return { segment, start: 0, length: 0 };
  }

  private references(element: ElementSegment): Uint32Array {
    const { module, scope } = this;
    if (element.functionIndices !== undefined) {
      return Uint32Array.from(element.functionIndices, (index) => this.callees[index].index + 1);
    }
    const expressions = element.expressions ?? [];
    return Uint32Array.from(expressions, (init) => Number(evaluateConstant(module, init, scope)));
  }

  private lowerBodies(
    typeIds: readonly number[],
    dataSegments: readonly SegmentPlace[],
    elementSegments: readonly SegmentPlace[],
  ): void {
    const { builder, module, callees } = this;
    const context: BodyContext = {
      module,
      code: builder.code,
      constants: builder.constants,
      schedule: builder.options.schedule,
      callees,
      tables: this.tables,
      memories: this.memories,
      globals: this.globals,
      outputBytes: builder.options.limits.outputBytes,
      globalWidth: (slot) => slotsOf(builder.globals[slot].type.type),
      typeIds,
      dataSegments,
      elementSegments,
      memoryKind: (memory) => builder.memories[memory],
      tableAddresses: (table) => builder.tables[table].addressType,
      memoryMaximum: (memory) => builder.memoryMaximum(memory),
      tableMaximum: (table) => builder.tables[table].maxSize,
      pendingCalls: [],
    };
    new ModuleLowering(builder, context, this.self).append();
  }
}

/** Indices of functions that a table, an export, a global or the start section refers to. */
function referencedIndices(module: Module): Set<number> {
  const indices = new Set<number>();
  for (const { kind, index } of module.exports) if (kind === "function") indices.add(index);
  if (module.start !== undefined) indices.add(module.start);
  const expressions = [
    ...module.globals.map((global) => global.init),
    ...module.tables.flatMap((table) => table.init ?? []),
  ];
  for (const element of module.elements) {
    for (const index of element.functionIndices ?? []) indices.add(index);
    for (const expression of element.expressions ?? []) expressions.push(expression);
  }
  for (const expression of expressions) {
    for (const index of referencedFunctions(module, expression)) indices.add(index);
  }
  return indices;
}
