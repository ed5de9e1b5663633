/**
 * `diff`: two states of one program: the first component that differs, its address, the function that owns it.
 *
 * Invariant: exit 0 if the states are equal (equal state hashes), 1 if they differ.
 */
import { Command } from "commander";
import { stateDifference } from "../game/transcript/stateDifference.ts";
import { Machine } from "../interpreter/machine.ts";
import { type MachineState, registerNames } from "../interpreter/state/machineState.ts";
import { restore, snapshot } from "../interpreter/state/snapshot.ts";
import { StateTree } from "../merkle/index.ts";
import { nameText } from "./session/names.ts";
import {
  addCallOptions,
  addJsonOption,
  addProgramOptions,
  type CallOptions,
  count,
  modulesArgument,
  type ProgramOptions,
} from "./session/options.ts";
import { Session } from "./session/runSession.ts";
import { readState } from "./session/savedState.ts";
import { framesOf } from "./session/view.ts";
import { colour, hex, setExit, show, table } from "./terminal/output.ts";

interface Options extends ProgramOptions, CallOptions {
  readonly left: string;
  readonly right: string;
  readonly most: number;
  readonly json: boolean;
}

export function diffCommand(): Command {
  const command = new Command("diff")
    .description(
      "Compare two states: saved ones (files of run --save or state --save), or those at two steps of the run that --input describes.",
    )
    .argument(...modulesArgument)
    .requiredOption("--left <state>", "a saved state's file, or a step")
    .requiredOption("--right <state>", "a saved state's file, or a step")
    .option("--most <count>", "differences to show", count, 40)
    .action(diff);
  return addJsonOption(addCallOptions(addProgramOptions(command)));
}

function diff(files: readonly string[], options: Options): void {
  const session = Session.open(files, options);
  const left = stateOf(session, options.left, files, options);
  const right = stateOf(session, options.right, files, options);
  const hashes = [left, right].map((state) => hex(new StateTree(state).stateHash()));
  const all = stateDifference(left, right, options.most + 1);
  const complete = all.length <= options.most;
  const differences = all.slice(0, options.most).map(({ where, before, after }) => ({
    where,
    left: before,
    right: after,
    owner: ownerOf(where, left, right),
  }));
  const equal = hashes[0] === hashes[1];
  if (!equal) setExit("refused");
  const writer = lastWriter(files, options, differences);
  const [leftState, rightState] = hashes;
  const result = { equal, leftState, rightState, differences, complete, writer };
  show(options.json, result, () => (equal ? `the states are equal: ${leftState}` : text(result)));
}

interface Result {
  readonly leftState: string;
  readonly rightState: string;
  readonly differences: readonly ShownDifference[];
  /** Whether there are no others. */
  readonly complete: boolean;
  readonly writer: Writer | null;
}

interface ShownDifference {
  /** As in `stateDifference`. */
  readonly where: string;
  readonly left: string;
  readonly right: string;
  readonly owner: string | undefined;
}

function text({ leftState, rightState, differences, complete, writer }: Result): string {
  const lines = [`left   ${leftState}`, `right  ${rightState}`];
  const [first] = differences;
  if (first !== undefined) {
    const owner = first.owner === undefined ? "" : ` (${nameText(first.owner)})`;
    lines.push(colour("bold", `first difference: ${first.where}${owner}`));
  }
  if (writer !== null) {
    lines.push(
      `${writer.where}: last written at step ${writer.step} by ${nameText(writer.function)}`,
    );
  }
  const rows = differences.map((d) => [d.where, d.left, d.right, nameText(d.owner ?? "")]);
  if (rows.length > 0) lines.push("", table(["where", "left", "right", "owner"], rows));
  if (!complete) lines.push("… and more; raise --most");
  return lines.join("\n");
}

/** The state that a file holds, or the one at a step; `session` is run on where it can be. */
function stateOf(
  session: Session,
  text: string,
  files: readonly string[],
  options: Options,
): MachineState {
  if (!isStep(text)) return readState(text, session.program);
  const step = count(text);
  const here = step >= session.steps ? session : Session.open(files, options);
  here.runTo(step);
  const { state } = new Machine(session.program, here.machine.state);
  return restore(session.program, snapshot(state));
}

/** Steps that are worth executing one by one to find a writer. */
const mostWatchedSteps = 20_000_000;

/**
 * Who last changed the first memory that differs, between two steps of one run; null if that is not what was asked,
 * or too far apart.
 */
function lastWriter(
  files: readonly string[],
  options: Options,
  differences: readonly ShownDifference[],
): Writer | null {
  const steps = [options.left, options.right];
  const place = differences
    .map(({ where }) => /^memory (\d+) at 0x([\da-f]+)$/.exec(where))
    .find((match) => match !== null);
  if (place === undefined || !steps.every(isStep)) return null;
  const [from, to] = steps.map(count).sort((a, b) => a - b);
  if (to - from > mostWatchedSteps) return null;
  const session = Session.open(files, options);
  session.runTo(from);
  const { state } = session.machine;
  const address = Number.parseInt(place[2], 16);
  const row = () => {
    const { bytes } = state.memories[Number(place[1])];
    return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(address);
  };
  let writer: Writer | null = null;
  for (let before = row(); session.steps < to && session.beginNext(); ) {
    const { stepCounter, pc } = state;
    session.machine.step();
    const after = row();
    if (after === before) continue;
    before = after;
    writer = {
      where: place[0],
      step: stepCounter,
      function: session.program.locate(pc).functionName,
    };
  }
  return writer;
}

interface Writer {
  readonly where: string;
  readonly step: number;
  readonly function: string;
}

const isStep = (text: string): boolean => /^[\d_,]+$/.test(text);

/** Function that owns the component: of the frame for a stack slot, the running one for a register. */
function ownerOf(where: string, left: MachineState, right: MachineState): string | undefined {
  const slot = /^stack slot (\d+)$/.exec(where)?.[1];
  if (slot === undefined && !registerNames.some((name) => name === where)) return undefined;
  for (const state of [left, right]) {
    const frames = framesOf(state);
    const owner = slot === undefined ? frames[0] : frames.find((frame) => frame.fp <= Number(slot));
    if (owner !== undefined) return owner.function;
  }
  return undefined;
}
