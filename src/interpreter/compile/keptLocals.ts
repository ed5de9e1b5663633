/**
 * Which locals of a function the host gets: its parameters, and the declared ones that its body names. Others are zero
 * for ever, so they take a place in the machine's frame and none on the host's stack or in spill records.
 *
 * Invariant: a function with few declared locals keeps all of them, and no body is read for it; otherwise there are no
 * more than its body has bytes.
 */
import { slotsOf } from "../binary/valueType.ts";
import { InstructionCursor } from "../isa/instructionCursor.ts";
import { codeOf } from "../isa/table.ts";
import type { FunctionDefinition } from "./functionSource.ts";
import type { HostType } from "./hostTypes.ts";
import { hostType } from "./hostTypes.ts";

/** Neighbouring slots of a frame: the first, and how many. */
export interface SlotRun {
  readonly slot: number;
  readonly slots: number;
}

export interface KeptLocals {
  /** Parameters and kept locals, in order: what stands at a *place*. */
  readonly locals: readonly HostType[];
  /** Index of a local → its place; undefined where they are the same. */
  readonly places: ReadonlyMap<number, number> | undefined;
  /** The slots that they take in the frame, ascending. */
  readonly runs: readonly SlotRun[];
  /** Slots that all locals take, kept or not. */
  readonly localSlots: number;
}

/** Declared locals that are kept whatever the body names, beside one for each so many bytes of it. */
const fewLocals = 8;
const bytesOfLocal = 4;

const LOCAL_GET = codeOf("local.get");
const LOCAL_SET = codeOf("local.set");
const LOCAL_TEE = codeOf("local.tee");

export function keepLocals(definition: FunctionDefinition): KeptLocals {
  const { type, body } = definition;
  const most = fewLocals + Math.floor((body.end - body.start) / bytesOfLocal);
  const layout = new Layout();
  for (const param of type.params) layout.keep(hostType(param));
  if (body.localCount <= most) {
    for (const { count, type: declared } of body.locals) {
      for (let left = count; left > 0; left--) layout.keep(hostType(declared));
    }
    return layout.finish(undefined);
  }
  const places = new Map(type.params.map((_, index) => [index, index]));
  const named = namedLocals(definition);
  let next = 0;
  let first = type.params.length;
  for (const { count, type: declared } of body.locals) {
    const host = hostType(declared);
    let index = first;
    first += count;
    for (; next < named.length && named[next] < first; next++) {
      layout.skip((named[next] - index) * slotsOf(host));
      places.set(named[next], places.size);
      layout.keep(host);
      index = named[next] + 1;
    }
    layout.skip((first - index) * slotsOf(host));
  }
  return layout.finish(places);
}

/** Place of a local that the body names. */
export function placeOf({ places }: KeptLocals, index: number): number {
  return places === undefined ? index : (places.get(index) as number);
}

/** Declared locals that the body names, ascending. */
function namedLocals({ type, module, body }: FunctionDefinition): number[] {
  const named = new Set<number>();
  const cursor = new InstructionCursor(module.bytes, module.features);
  cursor.open(body.start, body.end);
  while (cursor.next()) {
    const { code, index } = cursor;
    const isNaming = code === LOCAL_GET || code === LOCAL_SET || code === LOCAL_TEE;
    if (isNaming && index >= type.params.length) named.add(index);
  }
  return [...named].sort((a, b) => a - b);
}

/** Slots of a frame, from the first on. */
class Layout {
  private readonly locals: HostType[] = [];
  private readonly runs: { slot: number; slots: number }[] = [];
  private slots = 0;

  keep(type: HostType): void {
    const last = this.runs[this.runs.length - 1];
    if (last !== undefined && last.slot + last.slots === this.slots) last.slots += slotsOf(type);
    else this.runs.push({ slot: this.slots, slots: slotsOf(type) });
    this.locals.push(type);
    this.slots += slotsOf(type);
  }

  skip(slots: number): void {
    this.slots += slots;
  }

  finish(places: KeptLocals["places"]): KeptLocals {
    const { locals, runs, slots } = this;
    return { locals, places, runs, localSlots: slots };
  }
}
