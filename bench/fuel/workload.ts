/**
 * What the search for underpriced programs (bench/fuel.ts) is made of: workloads, which are programs with a way to run
 * them, and families, which make workloads from parameters.
 *
 * Invariant: a workload is a function of its family and its parameters; every choice of a parameter is in `space`.
 */
import type { Code, ModuleText } from "../../spec-tests/corpus/assembler.ts";
import { op } from "../../spec-tests/corpus/assembler.ts";
import type { LinkOptions } from "../../src/interpreter/program/linkOptions.ts";
import type { MachineState } from "../../src/interpreter/state/machineState.ts";

/**
 * What is timed. `run`: a warm invocation of the export `work`, whose parameter is the number of turns. `hash`: the
 * same and the state hash that follows. `cold`: everything from a linked program's genesis to the end of the first
 * invocation. `fresh`: an invocation of a fresh state after one with a single turn, for what a state can do once. `calls`: gateway calls of the export `gateway`, with the state hash after each; `rollBack`: gateway
 * calls that are taken back if they trap.
 */
export type Mode = "run" | "hash" | "cold" | "fresh" | "calls" | "rollBack";

export interface Workload {
  readonly text: ModuleText;
  readonly mode?: Mode;
  readonly options?: Partial<LinkOptions>;
  /** Writes to a fresh state what an earlier call could have written, without spending its time. */
  readonly prepare?: (state: MachineState) => void;
  /** Turns of the invocation of a `cold` or `fresh` workload; bytes of input of gateway calls. */
  readonly amount?: number;
}

export type Parameters = Readonly<Record<string, number>>;

export interface Family {
  readonly name: string;
  /** Why no price can bring the ratio down (docs/fuel.md §4): such a family is listed apart. */
  readonly floor?: string;
  /** Choices of each parameter, in an order in which neighbours are alike. */
  readonly space: Readonly<Record<string, readonly number[]>>;
  /** The place that is tried first, where the dearest ones are likely to be; one at random unless given. */
  readonly start?: Parameters;
  /** Undefined where the parameters contradict one another. */
  build(parameters: Parameters): Workload | undefined;
}

/** Name of one member of a family: `family(parameter=value,…)`. */
export function nameOf({ name }: Family, parameters: Parameters): string {
  const list = Object.entries(parameters).map(([key, value]) => `${key}=${value}`);
  return list.length === 0 ? name : `${name}(${list.join(",")})`;
}

export const get = (local: number): Code => op("local.get", local);
export const set = (local: number): Code => op("local.set", local);
export const constant = (value: number): Code => op("i32.const", value);

/** Local of `work` that counts the turns down: its parameter. */
export const turns = 0;
/** First declared local of `work`. */
export const firstLocal = 1;

export const repeat = (count: number, code: readonly Code[]): Code[] =>
  Array.from({ length: count }, () => code).flat();

/** A loop that runs `body` as often as local `counter` says. */
export function loop(body: readonly Code[], counter = turns): Code[] {
  return [
    ...[op("loop", ""), ...body, get(counter), constant(1), op("i32.sub")],
    ...[op("local.tee", counter), op("br_if", 0), op("end")],
  ];
}

type Functions = NonNullable<ModuleText["functions"]>;

/** The exported function `work`, in front of other functions. */
export function working(
  body: readonly Code[],
  locals = "",
  others: Functions = [],
  before: readonly Code[] = [],
): Functions {
  const work = { signature: "i:", locals, export: "work", body: [...before, ...loop(body)] };
  return [work, ...others];
}

/** A loop that runs `body` so many times, counted down in a local. */
export const times = (count: number, body: readonly Code[], counter: number): Code[] => [
  ...[constant(count), set(counter)],
  ...loop(body, counter),
];

/** The exported function that gateway calls enter. */
export const gateway = (body: readonly Code[], locals = ""): Functions[number] => ({
  ...{ signature: ":", locals, export: "gateway", body },
});

/** A function that does nothing. */
export const nothing: Functions[number] = { signature: ":", body: [] };

/** A table of so many references. */
export const tableOf = (entries: number): NonNullable<ModuleText["tables"]>[number] => ({
  ...{ type: "r", limits: [entries, entries] },
});

/** Variables that are zero at first. */
export const zeros = (count: number, type: "i" | "I"): NonNullable<ModuleText["globals"]> =>
  Array.from({ length: count }, () => ({
    ...{ type, mutable: true, init: type === "i" ? constant(0) : op("i64.const", 0n) },
  }));

/** A step of a pseudo-random sequence in a local: 7 fuel. */
export const scramble = (local: number): Code[] => [
  ...[get(local), constant(1664525), op("i32.mul"), constant(1013904223), op("i32.add")],
  set(local),
];
