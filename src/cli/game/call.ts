/**
 * The call that a dispute is about, from file names: program, state before it, input. Without modules: the ledger
 * example and its block.
 */
import { fileURLToPath } from "node:url";
import { MachineExecution } from "../../game/trace/machineExecution.ts";
import type { RecordedProgram } from "../../game/transcript/disputeTranscript.ts";
import { Machine, type Program } from "../../interpreter/index.ts";
import { readBytes } from "../session/files.ts";
import { linkProgram, loadModules, openProgram } from "../session/linkedProgram.ts";
import type { ProgramOptions } from "../session/options.ts";
import { recordedModules } from "../session/programRecord.ts";
import { checkInputs, noGateway } from "../session/runSession.ts";
import { readState } from "../session/savedState.ts";
import { UsageError } from "../terminal/failure.ts";

export interface CallFiles extends ProgramOptions {
  readonly input?: string;
  /** A saved state before the call. */
  readonly from?: string;
}

const example = (path: string) =>
  fileURLToPath(new URL(`../../../examples/${path}`, import.meta.url));

/** A program with a gateway; as `record` has it where that is given. Without files: the ledger example. */
export function gatewayProgram(
  files: readonly string[],
  options: ProgramOptions,
  record?: RecordedProgram,
): Program {
  const named = files.length > 0 ? files : [example("wasm/ledger.wasm")];
  const program =
    record === undefined
      ? openProgram(named, options)
      : linkProgram(recordedModules(record, loadModules(named, options)), options);
  if (program.config.gateway === undefined) {
    throw noGateway(program, "to call");
  }
  return program;
}

/** The state at genesis; start functions are a call of their own, which has been made. */
export function machineAtGenesis(program: Program): Machine {
  const machine = new Machine(program);
  if (machine.isRunning) machine.run();
  return machine;
}

export function callExecution(
  files: readonly string[],
  options: CallFiles,
  record?: RecordedProgram,
): MachineExecution {
  const program = gatewayProgram(files, options, record);
  const ledgerBlock = files.length === 0 ? example("ledger/block.bin") : undefined;
  const path = options.input ?? ledgerBlock;
  const input = path === undefined ? new Uint8Array() : readBytes(path);
  checkInputs([input], program.config.limits.inputBytes);
  const machine =
    options.from === undefined
      ? machineAtGenesis(program)
      : new Machine(program, readState(options.from, program));
  if (machine.isRunning) {
    throw new UsageError("the state is in the middle of a call", "save one between calls");
  }
  return new MachineExecution(program, machine.snapshot(), input);
}
