/**
 * Lowers function bodies to flat instructions (docs/machine.md §2, §3): structure vanishes, branches carry
 * target, height and arity, calls carry entry, params, locals and frame.
 *
 * Invariant: the body is valid. Code that the validator knows to be unreachable gives no instruction; `height` is the
 * exact operand height, in slots relative to fp, before the instruction at hand.
 */
import type { FunctionBody } from "../binary/module.ts";
import { signatureParts } from "../isa/columns.ts";
import { InstructionCursor } from "../isa/instructionCursor.ts";
import type { InstructionRow, Mnemonic } from "../isa/table.ts";
import { codeOf, denseCode, instructionOf, instructions } from "../isa/table.ts";
import type { BodyContext, SegmentPlace } from "./bodyContext.ts";
import { failAtCeiling } from "./codeBuffer.ts";
import type { HostMnemonic } from "./externals.ts";
import { callCost, globalSetCost } from "./fuelSchedule.ts";
import { hostFields } from "./hostList.ts";
import { programCeilings } from "./linkOptions.ts";
import type { BlockKind, Label } from "./loweringLabels.ts";
import {
  arityOf,
  closeLabel,
  openLabel,
  targetEntry,
  targetInstruction,
} from "./loweringLabels.ts";

const rows: readonly InstructionRow[] = instructions;
const globalSet = instructionOf(codeOf("global.set"));

/** A row with the effect that its signature gives; both 0 where it has none. */
interface Plain {
  readonly row: InstructionRow;
  readonly pops: number;
  readonly pushes: number;
}

function plainOf(row: InstructionRow): Plain {
  const { params, results } = signatureParts(row.signature);
  return { row, pops: params.length, pushes: results.length };
}

const byName = new Map<string, Plain>(rows.map((row) => [row.mnemonic, plainOf(row)]));
/** By the cursor's dense number. */
const byDense: Plain[] = [];
for (const row of rows)
  if (row.feature !== "host") byDense[denseCode(row.code)] = byName.get(row.mnemonic) as Plain;

const ELSE = codeOf("else");
const END = codeOf("end");
/** Codes above this open no block. */
const lastOpener = codeOf("if");
const opens: Readonly<Record<number, BlockKind>> = {
  [codeOf("block")]: "block",
  [codeOf("loop")]: "loop",
  [lastOpener]: "if",
};

/** Slots of a body's frame at most, and where its instructions begin. */
export interface LoweredBody {
  readonly entryPc: number;
  readonly frame: number;
}

/** Lowers one body after another of one module. */
export class BodyLowering {
  private readonly context: BodyContext;
  private readonly cursor: InstructionCursor;
  private labels: Label[] = [];
  private height = 0;
  private frame = 0;
  private reachable = true;
  /** Blocks opened inside unreachable code. */
  private deadBlocks = 0;
  private results = 0;

  constructor(context: BodyContext) {
    this.context = context;
    this.cursor = new InstructionCursor(context.module.bytes, context.module.features);
  }

  /** `locals` counts parameters and declared locals. */
  lower(body: FunctionBody, locals: number, results: number): LoweredBody {
    const { code } = this.context;
    const entryPc = code.instructions;
    if (results > programCeilings.carriedSlots) failAtCarried();
    this.labels = [openLabel("function", locals, 0, results, entryPc)];
    this.height = locals;
    this.frame = locals;
    this.reachable = true;
    this.deadBlocks = 0;
    this.results = results;
    this.cursor.open(body.start, body.end);
    while (this.cursor.next()) this.instruction();
    this.reserve(this.frame);
    return { entryPc, frame: this.frame };
  }

  private instruction(): void {
    const { code } = this.cursor;
    if (code === END) {
      if (this.deadBlocks > 0) this.deadBlocks--;
      else this.end();
    } else if (code === ELSE) {
      if (this.deadBlocks === 0) this.elseBranch();
    } else if (!this.reachable) {
      if (code <= lastOpener && opens[code] !== undefined) this.deadBlocks++;
    } else {
      const kind = code <= lastOpener ? opens[code] : undefined;
      if (kind !== undefined) this.open(kind);
      else this.plain(byDense[this.cursor.dense]);
    }
  }

  private open(kind: BlockKind): void {
    const { index } = this.cursor;
    const type = index >= 0 ? this.context.module.types[index] : undefined;
    const params = type?.params.length ?? 0;
    const results = type?.results.length ?? (index === emptyBlockType ? 0 : 1);
    const pendingIf = kind === "if" ? this.emit("if", 0, 0, 0, 1) : -1;
    const label = openLabel(
      kind,
      this.height - params,
      params,
      results,
      this.context.code.instructions,
    );
    label.pendingIf = pendingIf;
    this.labels.push(label);
  }

  private elseBranch(): void {
    const label = this.labels[this.labels.length - 1];
    if (this.reachable) label.instructions.push(this.emit("else"));
    this.context.code.setTarget(label.pendingIf, this.context.code.instructions);
    label.pendingIf = -1;
    label.kind = "else";
    this.height = label.height + label.params;
    this.reachable = true;
  }

  private end(): void {
    const label = this.labels.pop() as Label;
    closeLabel(this.context.code, label, this.context.code.instructions);
    this.reachable = true;
    this.height = label.height;
    this.push(label.results);
    if (this.labels.length === 0) this.emit("return", this.results);
  }

  private plain(plain: Plain): void {
    const special = specials.get(plain.row);
    if (special !== undefined) {
      special(this);
    } else {
      this.writeInstruction(plain.row, plain.pops);
      this.push(plain.pushes);
    }
  }

  /** Emits an instruction of the body, its fields by its immediates. */
  private writeInstruction(row: InstructionRow, pops: number): void {
    const [a, b, c] = this.operands(row);
    this.emitRow(row, a, b, c, pops);
  }

  /** Fields of an instruction without rules of its own, by its kind of immediates. */
  private operands(row: InstructionRow): readonly [number, number, number] {
    const { cursor, context } = this;
    switch (row.immediates) {
      case "i32":
      case "f32":
        return [0, 0, cursor.low];
      case "i64":
      case "f64":
        return [0, cursor.high, cursor.low];
      case "local":
        return [cursor.index, 0, 0];
      case "global":
        return [context.globals[cursor.index], 0, 0];
      case "memarg":
        return [cursor.low, context.memories[cursor.index], 0];
      case "memory":
        return [context.memories[cursor.index], 0, 0];
      case "memoryMemory":
        return [context.memories[cursor.index], context.memories[cursor.second], 0];
      case "table":
        return [context.tables[cursor.index], 0, 0];
      case "tableTable":
        return [context.tables[cursor.index], context.tables[cursor.second], 0];
      case "dataMemory":
        return segmentOperands(context.memories[cursor.second], context.dataSegments[cursor.index]);
      case "elementTable":
        return segmentOperands(
          context.tables[cursor.second],
          context.elementSegments[cursor.index],
        );
      case "data":
        return [context.dataSegments[cursor.index].segment, 0, 0];
      case "element":
        return [context.elementSegments[cursor.index].segment, 0, 0];
      default:
        return [0, 0, 0];
    }
  }

  /** Emits an instruction at the current height, then pops `pops` operands. */
  emit(mnemonic: Mnemonic, a = 0, b = 0, c = 0, pops = 0): number {
    return this.emitRow((byName.get(mnemonic) as Plain).row, a, b, c, pops);
  }

  private emitRow(row: InstructionRow, a: number, b: number, c: number, pops: number): number {
    const { schedule } = this.context;
    const ofClass = row.fuel === "none" ? 0 : schedule[row.fuel];
    const cost = row === globalSet ? globalSetCost(ofClass, a, schedule) : ofClass;
    const pc = this.context.code.emit(
      row.op as number,
      cost,
      this.height,
      this.cursor.offset,
      a,
      b,
      c,
    );
    this.height -= pops;
    return pc;
  }

  push(count: number): void {
    this.height += count;
    if (this.height > this.frame) this.reserve(this.height);
  }

  private reserve(slots: number): void {
    if (slots > programCeilings.frameSlots)
      failAtCeiling("slots a frame", programCeilings.frameSlots);
    this.frame = slots;
  }

  /** What follows, up to the end of the block, is never reached. */
  leave(): void {
    this.reachable = false;
  }

  label(depth: number): Label {
    return this.labels[this.labels.length - 1 - depth];
  }

  branch(mnemonic: "br" | "br_if"): void {
    const label = this.label(this.cursor.index);
    const arity = arityOf(label);
    if (arity > programCeilings.carriedSlots) failAtCarried();
    const pc = this.emit(mnemonic, 0, label.height, arity, mnemonic === "br_if" ? 1 : 0);
    targetInstruction(this.context.code, label, pc);
    if (mnemonic === "br") this.leave();
  }

  branchTable(): void {
    const { code } = this.context;
    const { labels, labelCount } = this.cursor;
    this.emit("br_table", code.branchEntries, labelCount, 0, 1);
    for (let index = 0; index <= labelCount; index++) {
      const label = this.label(labels[index]);
      const arity = arityOf(label);
      if (arity > programCeilings.carriedSlots) failAtCarried();
      targetEntry(code, label, code.emitBranch(label.height, arity));
    }
    this.leave();
  }

  returnInstruction(): void {
    this.emit("return", this.results);
    this.leave();
  }

  call(mnemonic: "call" | "return_call"): void {
    const callee = this.context.callees[this.cursor.index];
    const params = callee.type.params.length;
    if (callee.host !== undefined) {
      this.hostInstruction(callee.host, params);
    } else {
      const pc = this.emit(mnemonic, 0, 0, 0, params);
      if (mnemonic === "call") this.chargeWaiting(pc);
      this.context.pendingCalls.push({ pc, callee: callee.index });
    }
    this.finishCall(mnemonic === "return_call", params, callee.type.results.length);
    if (mnemonic === "call") return;
    if (callee.host === undefined) this.leave();
    else this.returnInstruction();
  }

  /** docs/machine.md §8 */
  private hostInstruction(mnemonic: HostMnemonic, params: number): void {
    const { memories, outputBytes } = this.context;
    const { a, b, c } = hostFields(mnemonic, memories[0], outputBytes);
    this.emit(mnemonic, a, b, c, params);
  }

  callIndirect(mnemonic: "call_indirect" | "return_call_indirect"): void {
    const { cursor, context } = this;
    const type = context.module.types[cursor.index];
    const params = type.params.length;
    const table = context.tables[cursor.second];
    const pc = this.emit(mnemonic, table, context.typeIds[cursor.index], params, params + 1);
    if (mnemonic === "call_indirect") this.chargeWaiting(pc);
    this.finishCall(mnemonic === "return_call_indirect", params, type.results.length);
    if (mnemonic === "return_call_indirect") this.leave();
  }

  /** Operands that wait under a call whose arguments have been popped. */
  private chargeWaiting(pc: number): void {
    const { code, schedule } = this.context;
    const waiting = this.height - this.labels[0].height;
    code.changeCost(pc, (cost) => callCost(cost, waiting, schedule));
  }

  private finishCall(isTail: boolean, params: number, results: number): void {
    if (isTail && params > programCeilings.carriedSlots) failAtCarried();
    this.push(results);
  }

  functionReference(): void {
    this.emit("ref.func", this.context.callees[this.cursor.index].index + 1);
    this.push(1);
  }

  grow(mnemonic: "memory.grow" | "table.grow"): void {
    const { cursor, context } = this;
    if (mnemonic === "memory.grow") {
      const memory = context.memories[cursor.index];
      this.emit(mnemonic, memory, context.memoryMaximum(memory), 0, 1);
    } else {
      const table = context.tables[cursor.index];
      this.emit(mnemonic, table, context.tableMaximum(table), 0, 2);
    }
    this.push(1);
  }

  /** An instruction by rule: its fields by immediates, its effect on the height given here. */
  byRule(mnemonic: Mnemonic, pops: number, pushes: number): void {
    this.writeInstruction((byName.get(mnemonic) as Plain).row, pops);
    this.push(pushes);
  }
}

/** `blockType` gives minus the byte of the empty type (binary/valueType.ts). */
const emptyBlockType = -0x40;

function segmentOperands(target: number, place: SegmentPlace): readonly [number, number, number] {
  return [((target << 24) | place.segment) >>> 0, place.start, place.length];
}

function failAtCarried(): never {
  failAtCeiling("slots carried by a branch, return or tail call", programCeilings.carriedSlots);
}

/** Instructions whose effect on the height depends on more than their signature. */
const rules: Partial<Record<Mnemonic | "select_t", (body: BodyLowering) => void>> = {
  unreachable: (body) => {
    body.emit("unreachable");
    body.leave();
  },
  br: (body) => body.branch("br"),
  br_if: (body) => body.branch("br_if"),
  br_table: (body) => body.branchTable(),
  return: (body) => body.returnInstruction(),
  call: (body) => body.call("call"),
  return_call: (body) => body.call("return_call"),
  call_indirect: (body) => body.callIndirect("call_indirect"),
  return_call_indirect: (body) => body.callIndirect("return_call_indirect"),
  drop: (body) => body.byRule("drop", 1, 0),
  select: (body) => body.byRule("select", 3, 1),
  select_t: (body) => body.byRule("select", 3, 1),
  "local.get": (body) => body.byRule("local.get", 0, 1),
  "local.set": (body) => body.byRule("local.set", 1, 0),
  "local.tee": (body) => body.byRule("local.tee", 1, 1),
  "global.get": (body) => body.byRule("global.get", 0, 1),
  "global.set": (body) => body.byRule("global.set", 1, 0),
  "table.get": (body) => body.byRule("table.get", 1, 1),
  "table.set": (body) => body.byRule("table.set", 2, 0),
  "table.fill": (body) => body.byRule("table.fill", 3, 0),
  "table.grow": (body) => body.grow("table.grow"),
  "memory.grow": (body) => body.grow("memory.grow"),
  "ref.null": (body) => body.byRule("ref.null", 0, 1),
  "ref.is_null": (body) => body.byRule("ref.is_null", 1, 1),
  "ref.func": (body) => body.functionReference(),
};

const specials = new Map(
  rows.flatMap((row) => {
    const rule = rules[row.mnemonic as Mnemonic];
    return rule === undefined ? [] : [[row, rule] as const];
  }),
);
