/**
 * `verify`: a step's witness checked without machine or program: here, and with --on-chain or --rpc by the judge.
 *
 * Invariant: exit 0 only if every check that was asked for held; what is shown comes from the verified witness.
 */
import { Command } from "commander";
import { replayStep, witnessOverview } from "../merkle/index.ts";
import { sameBytes } from "../merkle/tree/arrays.ts";
import { hashOption, readWitnessFile, type WitnessFile } from "./session/evidenceFiles.ts";
import { addJsonOption } from "./session/options.ts";
import { answered } from "./session/verification.ts";
import { NotProvenError, UsageError } from "./terminal/failure.ts";
import { colour, fields, grouped, hex, show } from "./terminal/output.ts";

interface Options {
  readonly state?: string;
  readonly programRoot?: string;
  readonly onChain?: boolean;
  readonly rpc?: string;
  readonly judge?: string;
  readonly json: boolean;
}

export function verifyCommand(): Command {
  const command = new Command("verify")
    .description(
      "Execute one step from its witness alone. With --on-chain the judge's contracts do it too, on an embedded chain; with --rpc and --judge on a real one.",
    )
    .argument("<witness>", "file that prove wrote")
    .option("--state <hash>", "state hash that the step must start from")
    .option("--program-root <hash>", "program root that the state must commit to")
    .option("--on-chain", "have an embedded chain judge the step (needs the package hardhat)")
    .option("--rpc <url>", "have a chain judge the step")
    .option("--judge <address>", "StepJudge contract on that chain")
    .action((path, options) => answered(options.json, () => verify(path, options)));
  return addJsonOption(command);
}

async function verify(path: string, options: Options): Promise<void> {
  if ((options.rpc === undefined) !== (options.judge === undefined)) {
    throw new UsageError("--rpc and --judge go together", "give both or neither");
  }
  const file = readWitnessFile(path);
  if (options.state !== undefined) {
    const wanted = hashOption("--state", options.state);
    expectEqual("pre-state", "state hash before the step", file.preState, wanted);
  }
  const postState = replayStep(file.preState, file.witness);
  expectEqual("post-state", "state hash after the step", postState, file.postState);
  const shown = overviewOf(file, options);
  const judged = await judgedState(file, options);
  if (judged !== undefined) {
    expectEqual("judge", "the judge's state hash", judged.postState, file.postState);
  }
  const result = {
    verified: true,
    ...shown,
    gas: judged === undefined ? null : Number(judged.gas),
  };
  show(options.json, result, () =>
    fields([
      ["verified", colour("green", judged === undefined ? "by replay" : "by replay and the judge")],
      ...(result.era === 0 ? [] : [["era", grouped(result.era)] as const]),
      ["step", grouped(result.step)],
      ["instruction", result.instruction ?? "none: the machine had halted"],
      ["shows leaves of", ["code", ...result.opened].join(", ")],
      ["program root", result.programRoot ?? "not shown by the witness of a halted state"],
      ["pre state", result.preState],
      ["post state", result.postState],
      ["witness", `${grouped(result.witnessBytes)} bytes`],
      ...(judged === undefined ? [] : [["judge's gas", grouped(judged.gas)] as const]),
    ]),
  );
}

function overviewOf(file: WitnessFile, options: Options) {
  const { registers, instruction } = witnessOverview(file.witness);
  if (instruction !== undefined) {
    expectEqual(
      "program-root",
      "program root of the file",
      instruction.programRoot,
      file.programRoot,
    );
  }
  if (options.programRoot !== undefined) {
    if (instruction === undefined) {
      throw new NotProvenError(
        "program-root",
        "not proven: the witness of a halted state does not show its program",
      );
    }
    const wanted = hashOption("--program-root", options.programRoot);
    expectEqual("program-root", "program root", instruction.programRoot, wanted);
  }
  return {
    era: registers.era,
    step: Number(registers.stepCounter),
    pc: instruction === undefined ? null : registers.pc,
    instruction: instruction?.mnemonic ?? null,
    opened: instruction?.opened ?? [],
    programRoot: instruction === undefined ? null : hex(instruction.programRoot),
    preState: hex(file.preState),
    postState: hex(file.postState),
    witnessBytes: file.witness.length,
  };
}

async function judgedState(file: WitnessFile, options: Options) {
  if (options.rpc === undefined && options.onChain !== true) return undefined;
  const { judgeStep } = await import("./session/judge.ts");
  const chain =
    options.rpc === undefined || options.judge === undefined
      ? undefined
      : { rpc: options.rpc, judge: options.judge };
  return judgeStep(chain, file.preState, file.witness);
}

function expectEqual(code: string, what: string, got: Uint8Array, expected: Uint8Array): void {
  if (sameBytes(got, expected)) return;
  throw new NotProvenError(code, `not proven: ${what} is ${hex(got)}, not ${hex(expected)}`);
}
