/**
 * Steps and fuel by call path: a tree whose nodes are functions, grown while a session runs.
 *
 * Invariant: with a period of 1 the sums are exact: steps and fuel over all nodes are those of the run. With a longer
 * period every sample stands for the steps and the fuel since the last one.
 */
import type { MachineState } from "../../interpreter/state/machineState.ts";
import { type FrameNames, FrameNaming, type ProfileUnit } from "./frameNames.ts";
import type { Session } from "./runSession.ts";

export interface ProfileNode {
  readonly function: string;
  /** In the function itself, callees not counted. */
  steps: number;
  fuel: number;
  readonly callees: Map<string, ProfileNode>;
}

export interface FunctionTotals {
  readonly function: string;
  readonly selfSteps: number;
  readonly selfFuel: number;
  /** Callees counted; once where the function is on the path more than once. */
  readonly totalSteps: number;
  readonly totalFuel: number;
}

export function newNode(name: string): ProfileNode {
  return { function: name, steps: 0, fuel: 0, callees: new Map() };
}

/** Runs the session to its end, or to `end`, and returns the root of the tree. */
export function profile(
  session: Session,
  {
    period,
    end,
    unit,
  }: { readonly period: number; readonly end: number; readonly unit: ProfileUnit },
): ProfileNode {
  const root = newNode("all");
  const naming = new FrameNaming(session, unit);
  const { machine } = session;
  let node = root;
  let names: FrameNames = [];
  let depth = -1;
  const isOneEra = end !== Number.MAX_SAFE_INTEGER;
  while (session.steps < end && session.beginNext(isOneEra)) {
    const { state } = machine;
    const here = naming.at(state.pc);
    if (state.depth !== depth || names !== here) {
      node = nodeOf(root, state, naming);
      depth = state.depth;
      names = here;
    }
    const { stepCounter, fuelCounter } = state;
    if (period === 1) machine.step();
    else machine.run({ steps: Math.min(period, end - stepCounter) });
    node.steps += machine.state.stepCounter - stepCounter;
    node.fuel += machine.state.fuelCounter - fuelCounter;
  }
  return root;
}

/** The node of the present call path. */
function nodeOf(root: ProfileNode, state: MachineState, naming: FrameNaming): ProfileNode {
  let node = root;
  for (let i = 0; i <= state.depth; i++) {
    const pc = i === state.depth ? state.pc : state.frames[2 * i] - 1;
    for (const name of naming.at(pc)) node = child(node, name);
  }
  return node;
}

function child(node: ProfileNode, name: string): ProfileNode {
  let found = node.callees.get(name);
  if (found === undefined) {
    found = newNode(name);
    node.callees.set(name, found);
  }
  return found;
}

/** Steps and fuel of a node with everything below it. */
export interface Total {
  readonly steps: number;
  readonly fuel: number;
}

/** Steps and fuel of every node at and below `root` with everything below it; paths may be thousands of calls deep. */
export function totalsOf(root: ProfileNode): ReadonlyMap<ProfileNode, Total> {
  const nodes = [root];
  const parents = [-1];
  for (let index = 0; index < nodes.length; index++) {
    for (const callee of nodes[index].callees.values()) {
      nodes.push(callee);
      parents.push(index);
    }
  }
  const sums = nodes.map(({ steps, fuel }) => ({ steps, fuel }));
  for (let index = nodes.length - 1; index > 0; index--) {
    sums[parents[index]].steps += sums[index].steps;
    sums[parents[index]].fuel += sums[index].fuel;
  }
  return new Map(nodes.map((node, index) => [node, sums[index]]));
}

/** Steps and fuel of a node with everything below it. */
export function totalOf(node: ProfileNode): Total {
  return totalsOf(node).get(node) as Total;
}

type Sum = { -readonly [K in keyof FunctionTotals]: FunctionTotals[K] };

function sumOf(sums: Map<string, Sum>, name: string): Sum {
  let sum = sums.get(name);
  if (sum === undefined) {
    sum = { function: name, selfSteps: 0, selfFuel: 0, totalSteps: 0, totalFuel: 0 };
    sums.set(name, sum);
  }
  return sum;
}

/** Sums by function, most fuel of their own first. */
export function totalsByFunction(root: ProfileNode): FunctionTotals[] {
  const sums = new Map<string, Sum>();
  const totals = totalsOf(root);
  /** How often each function is on the path to the node at hand. */
  const onPath = new Map<string, number>();
  const open: { readonly node: ProfileNode; readonly isLeft: boolean }[] = [];
  const enter = (node: ProfileNode) => {
    for (const callee of [...node.callees.values()].reverse()) {
      open.push({ node: callee, isLeft: true }, { node: callee, isLeft: false });
    }
  };
  enter(root);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, isLeft } = next;
    const times = onPath.get(node.function) ?? 0;
    onPath.set(node.function, isLeft ? times - 1 : times + 1);
    if (isLeft) continue;
    const sum = sumOf(sums, node.function);
    sum.selfSteps += node.steps;
    sum.selfFuel += node.fuel;
    if (times === 0) {
      const { steps, fuel } = totals.get(node) as Total;
      sum.totalSteps += steps;
      sum.totalFuel += fuel;
    }
    enter(node);
  }
  return [...sums.values()].sort((a, b) => b.selfFuel - a.selfFuel);
}
