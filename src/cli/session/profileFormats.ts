/**
 * A profile in the formats that other tools read: folded stacks (flamegraph.pl, inferno), speedscope's JSON, and pprof.
 *
 * Invariant: every node of the tree with steps of its own is one stack, and the sums over all stacks are those of the tree; names are as
 * in the module but for what a format takes for its own separators.
 */
import {
  Line,
  Location,
  Function as PprofFunction,
  Profile,
  Sample,
  StringTable,
  ValueType,
} from "pprof-format";
import { demangled } from "./demangle.ts";
import type { ProfileNode } from "./profiler.ts";

/** A call path with what was spent at its end. */
export interface ProfileStack {
  /** Outermost first, the root left out. */
  readonly names: readonly string[];
  readonly steps: number;
  readonly fuel: number;
}

/** All call paths at whose end something was spent, callers before callees. */
export function* stacksOf(root: ProfileNode): Generator<ProfileStack> {
  const path: string[] = [];
  const open: { readonly node: ProfileNode; readonly level: number }[] = [];
  const enter = (node: ProfileNode, level: number) => {
    for (const callee of [...node.callees.values()].reverse()) open.push({ node: callee, level });
  };
  enter(root, 0);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, level } = next;
    path.length = level;
    path.push(demangled(node.function));
    if (node.steps > 0) yield { names: [...path], steps: node.steps, fuel: node.fuel };
    enter(node, level + 1);
  }
}

/** One line a stack, `caller;callee fuel`. */
export function foldedStacks(root: ProfileNode): string {
  const folded = (name: string) => name.replaceAll(/[;\r\n]/g, ":");
  const lines = Array.from(
    stacksOf(root),
    ({ names, fuel }) => `${names.map(folded).join(";")} ${fuel}\n`,
  );
  return lines.join("");
}

const speedscopeSchema = "https://www.speedscope.app/file-format-schema.json";

/** Two profiles over the same stacks: fuel and steps. */
export function speedscopeFile(root: ProfileNode, name: string): string {
  const frames: { name: string }[] = [];
  const numbers = new Map<string, number>();
  const frameOf = (frame: string) => {
    let number = numbers.get(frame);
    if (number === undefined) {
      number = frames.push({ name: frame }) - 1;
      numbers.set(frame, number);
    }
    return number;
  };
  const stacks = [...stacksOf(root)];
  const samples = stacks.map(({ names }) => names.map(frameOf));
  const profileOf = (unit: "fuel" | "steps") => {
    const weights = stacks.map((stack) => stack[unit]);
    const endValue = weights.reduce((sum, weight) => sum + weight, 0);
    return { type: "sampled", name: unit, unit: "none", startValue: 0, endValue, samples, weights };
  };
  return JSON.stringify({
    $schema: speedscopeSchema,
    shared: { frames },
    profiles: [profileOf("fuel"), profileOf("steps")],
    name,
    exporter: "wasm-arbiter",
    activeProfileIndex: 0,
  });
}

/** The protobuf of pprof, not compressed: sample types are steps and fuel. */
export function pprofFile(root: ProfileNode): Uint8Array {
  const stringTable = new StringTable();
  const functions: PprofFunction[] = [];
  const locations: Location[] = [];
  const ids = new Map<string, number>();
  const locationOf = (frame: string) => {
    let id = ids.get(frame);
    if (id === undefined) {
      id = ids.size + 1;
      ids.set(frame, id);
      const name = stringTable.dedup(frame);
      functions.push(new PprofFunction({ id, name, systemName: name }));
      locations.push(new Location({ id, line: [new Line({ functionId: id })] }));
    }
    return id;
  };
  const samples = Array.from(
    stacksOf(root),
    ({ names, steps, fuel }) =>
      // Innermost first, as pprof has it.
      new Sample({ locationId: names.map(locationOf).reverse(), value: [steps, fuel] }),
  );
  const valueType = (type: string) =>
    new ValueType({ type: stringTable.dedup(type), unit: stringTable.dedup("count") });
  const sampleType = [valueType("steps"), valueType("fuel")];
  const defaultSampleType = stringTable.dedup("fuel");
  const profile = { sampleType, sample: samples, location: locations, function: functions };
  return new Profile({ ...profile, stringTable, defaultSampleType }).encode();
}
