/**
 * Lowers the bodies of one module into a program under construction, or leaves gaps for them that are filled when they are
 * asked for (docs/machine.md §3).
 *
 * Invariant: a body is deferred only where nothing can be wrong with it: what passes a ceiling is lowered at once, and is
 * refused there.
 */
import type { FunctionBody, FunctionType, Module } from "../binary/module.ts";
import { typeSlots } from "../binary/valueType.ts";
import type { BodyContext } from "./bodyContext.ts";
import { CodeBuffer } from "./codeBuffer.ts";
import type { DeferredBody, DeferredLowering } from "./deferredBodies.ts";
import { entryCost } from "./fuelSchedule.ts";
import { programCeilings } from "./linkOptions.ts";
import { BodyLowering } from "./lower.ts";
import type { MutableFunctionEntry, ProgramBuilder } from "./programBuilder.ts";

export class ModuleLowering implements DeferredLowering {
  private readonly builder: ProgramBuilder;
  private readonly context: BodyContext;
  private readonly self: number;
  private readonly lowering: BodyLowering;
  private readonly defers: boolean;

  /** @param self the module's index in `builder.modules` */
  constructor(builder: ProgramBuilder, context: BodyContext, self: number) {
    this.builder = builder;
    this.context = context;
    this.self = self;
    this.lowering = new BodyLowering(context);
    this.defers = builder.defers && context.module.types.every(isCarried);
  }

  /** Gives all bodies of the module their places in the code. */
  append(): void {
    const { builder, context, self } = this;
    const { module, callees } = context;
    const firstDefined = callees.length - module.bodies.length;
    const nameOf = functionNames(module);
    module.bodies.forEach((body, position) => {
      const { index, type } = callees[firstDefined + position];
      const entry = builder.functions[index];
      if (!this.defer(type, body, entry)) {
        const { entryPc, frame } = this.lowering.lower(type, body, entry.locals);
        entry.entryPc = entryPc;
        entry.frame = frame;
        this.chargeEntry(entry);
      }
      const { entryPc } = entry;
      const name = nameOf(firstDefined + position);
      const offsets = () => instructionOffsets(context, type, body, entry.locals);
      builder.starts.push({ entryPc, module: self, function: index, name, offsets });
    });
    builder.resolveCalls(context.pendingCalls.splice(0), self);
  }

  /** Leaves a gap for a body; false where it has to be lowered at once. */
  private defer(type: FunctionType, body: FunctionBody, entry: MutableFunctionEntry): boolean {
    const { builder } = this;
    const { code } = builder;
    const frame = entry.locals + body.operands;
    if (!this.defers || !body.isCounted || frame > programCeilings.frameSlots) return false;
    const { instructions: entryPc, branchEntries: firstBranch } = code;
    if (!code.leave(body.lowered, body.branchEntries)) return false;
    entry.entryPc = entryPc;
    entry.frame = frame;
    builder.deferred.push({ type, body, entry, firstBranch, module: this });
    return true;
  }

  /** Throws RangeError where a body does not fill its gap, which is a fault of what validation has counted. */
  lower({ type, body, entry, firstBranch }: DeferredBody): void {
    const { builder, context } = this;
    const { code } = builder;
    code.goTo(entry.entryPc, firstBranch);
    const { frame } = this.lowering.lower(type, body, entry.locals);
    this.chargeEntry(entry);
    builder.resolveCalls(context.pendingCalls.splice(0), builder.modules.length);
    const isFilled =
      code.instructions === entry.entryPc + body.lowered &&
      code.branchEntries === firstBranch + body.branchEntries &&
      frame === entry.frame;
    if (!isFilled) {
      throw new RangeError(`expected ${body.lowered} instructions at pc ${entry.entryPc}`);
    }
  }

  private chargeEntry({ entryPc, locals, params }: MutableFunctionEntry): void {
    const { code, schedule } = this.context;
    code.changeCost(entryPc, (cost) => entryCost(cost, locals - params, schedule));
  }
}

/** Whether a branch, return or tail call may carry the values of a type, whichever of them. */
function isCarried(type: FunctionType): boolean {
  const { params, results } = typeSlots(type);
  return Math.max(params, results) <= programCeilings.carriedSlots;
}

/** Byte offset of each instruction of a body, which is lowered once more for them. */
function instructionOffsets(
  context: BodyContext,
  type: FunctionType,
  body: FunctionBody,
  locals: number,
): Int32Array {
  const code = new CodeBuffer();
  code.offsetOf = new Int32Array(body.lowered);
  code.reserve(body.lowered);
  new BodyLowering({ ...context, code, pendingCalls: [] }).lower(type, body, locals);
  return code.offsetOf.slice(0, code.instructions);
}

/** Name section, else export, else the index in the module's function space. */
function functionNames(module: Module): (index: number) => string {
  const exported = new Map<number, string>();
  for (const { kind, index, name } of module.exports) {
    if (kind === "function" && !exported.has(index)) exported.set(index, name);
  }
  return (index) =>
    module.names.functions.get(index) ?? exported.get(index) ?? `function[${index}]`;
}
