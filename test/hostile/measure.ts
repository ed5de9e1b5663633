/**
 * What a module costs on its way into an executor: the stages before its first instruction, each with its time, and
 * what they keep in memory.
 *
 * Invariant: time is that of this thread's processor, so that a loaded machine does not count; garbage is collected
 * before memory is read.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { BlockCode } from "../../src/interpreter/blocks/blockCode.ts";
import { translateFunction } from "../../src/interpreter/blocks/translateFunction.ts";
import { buildMainModule } from "../../src/interpreter/compile/hostModule.ts";
import { HostRefusal } from "../../src/interpreter/compile/hostRefusal.ts";
import { planProgram } from "../../src/interpreter/compile/programPlan.ts";
import { plainEmission } from "../../src/interpreter/compile/safepoints.ts";
import { link, type NamedModule } from "../../src/interpreter/program/link.ts";
import { genesis } from "../../src/interpreter/state/genesis.ts";
import { ProgramTree } from "../../src/merkle/commitment/programTree.ts";
import { StateTree } from "../../src/merkle/commitment/stateTree.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

export const stages = ["decode", "link", "commit", "translate", "emit"] as const;
export type Stage = (typeof stages)[number];

export interface Measurement {
  /** CPU milliseconds of each stage. */
  readonly times: Readonly<Record<Stage, number>>;
  /** Bytes that are kept after all of them. */
  readonly kept: number;
}

function now(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function bytesInUse(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Takes the modules, given as names and bytes, through all stages. */
export function measure(
  binaries: readonly (readonly [name: string, bytes: Uint8Array])[],
): Measurement {
  const before = bytesInUse();
  const times = { decode: 0, link: 0, commit: 0, translate: 0, emit: 0 };
  const kept: unknown[] = [];
  const timed = <T>(stage: Stage, action: () => T): T => {
    const start = now();
    const result = action();
    times[stage] = now() - start;
    kept.push(result);
    return result;
  };
  const modules = timed("decode", () =>
    binaries.map(([name, bytes]): NamedModule => ({ name, module: decodeModule(bytes) })),
  );
  const options = { gateway: "gateway", unknownImports: "trap" } as const;
  const program = timed("link", () => link(modules, options));
  timed("commit", () => {
    const tree = new StateTree(genesis(program));
    return [new ProgramTree(program), tree, tree.stateHash()];
  });
  timed("translate", () => {
    const blocks = new BlockCode(program);
    for (const { entryPc } of program.functions) translateFunction(blocks, entryPc);
    return blocks;
  });
  timed("emit", () => {
    try {
      return buildMainModule(planProgram(program), plainEmission);
    } catch (error) {
      if (error instanceof HostRefusal && error.code === "hostLimit") return undefined;
      throw error;
    }
  });
  const inUse = bytesInUse() - before;
  // Named once more, so that nothing of it is garbage yet.
  if (kept.length !== stages.length) throw new RangeError("expected a result of every stage");
  return { times, kept: Math.max(inUse, 0) };
}
