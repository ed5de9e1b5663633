/**
 * `prove-memory` and `verify-memory`: bytes of a memory at a step, against the state hash alone.
 */
import { Command } from "commander";
import { maxProvenBytes, proveMemory, verifyMemory } from "../merkle/index.ts";
import { sameBytes } from "../merkle/tree/arrays.ts";
import { hashOption, memoryProofKind, readMemoryProofFile } from "./session/evidenceFiles.ts";
import { writeFile } from "./session/files.ts";
import {
  addCallOptions,
  addJsonOption,
  addProgramOptions,
  type CallOptions,
  count,
  modulesArgument,
  type ProgramOptions,
} from "./session/options.ts";
import { outputOption } from "./session/outputs.ts";
import { Session } from "./session/runSession.ts";
import { answered } from "./session/verification.ts";
import { NotProvenError, UsageError } from "./terminal/failure.ts";
import { colour, fields, grouped, hex, show } from "./terminal/output.ts";

interface ProveOptions extends ProgramOptions, CallOptions {
  readonly at?: number;
  readonly memory: number;
  readonly address: number;
  readonly length: number;
  readonly out?: string;
  readonly json: boolean;
}

export function proveMemoryCommand(): Command {
  const command = new Command("prove-memory")
    .description("Run to step N (or to the end) and prove bytes of memory against the state hash.")
    .argument(...modulesArgument)
    .option("--at <step>", "step, a value of the step counter (default: the end)", count)
    .option("--memory <index>", "program-wide number of the memory", count, 0)
    .requiredOption("--address <address>", "first byte", count)
    .requiredOption("--length <bytes>", `number of bytes, at most ${maxProvenBytes}`, count)
    .addOption(outputOption("--out <file>", "write the proof there, for verify-memory"))
    .action(prove);
  return addJsonOption(addCallOptions(addProgramOptions(command)));
}

function prove(files: readonly string[], options: ProveOptions): void {
  const session = Session.open(files, options);
  if (options.at === undefined) session.runToEnd();
  else session.runTo(options.at);
  const { memory, address, length } = options;
  const bytes = memoryOf(session, memory);
  if (length < 1 || length > maxProvenBytes || address + length > bytes.length) {
    throw new UsageError(
      `memory ${memory} has ${grouped(bytes.length)} bytes`,
      `choose 1 to ${maxProvenBytes} bytes within it`,
    );
  }
  const proof = proveMemory(session.tree, { memory, address, length });
  const file = {
    kind: memoryProofKind,
    version: 1,
    era: session.machine.state.era,
    step: session.steps,
    stateHash: hex(session.tree.stateHash()),
    memory,
    address,
    bytes: hex(bytes.subarray(address, address + length)),
    proof: hex(proof),
  };
  if (options.out !== undefined) writeFile(options.out, `${JSON.stringify(file, null, 2)}\n`);
  show(options.json, file, () =>
    fields([
      ["step", grouped(file.step)],
      ["state hash", file.stateHash],
      ["address", `0x${address.toString(16)} of memory ${memory}`],
      ["bytes", file.bytes],
      ["proof", `${grouped(proof.length)} bytes`],
      ["written to", options.out ?? "nowhere; use --out FILE"],
    ]),
  );
}

function memoryOf({ machine }: Session, index: number): Uint8Array {
  const { memories } = machine.state;
  const memory = memories[index];
  if (memory === undefined) {
    const last = memories.length - 1;
    throw new UsageError(
      `there is no memory ${index}`,
      last < 0 ? "the program has none" : `choose --memory from 0 to ${last}`,
    );
  }
  return memory.bytes;
}

interface VerifyOptions {
  readonly state?: string;
  readonly json: boolean;
}

export function verifyMemoryCommand(): Command {
  const command = new Command("verify-memory")
    .description("Check that a state hash commits to these bytes at this address.")
    .argument("<proof>", "file that prove-memory wrote")
    .option("--state <hash>", "state hash that the bytes must belong to")
    .action((path, options) => answered(options.json, () => verify(path, options)));
  return addJsonOption(command);
}

function verify(path: string, options: VerifyOptions): void {
  const { stateHash, memory, address, bytes, proof } = readMemoryProofFile(path);
  if (options.state !== undefined && !sameBytes(hashOption("--state", options.state), stateHash)) {
    throw new NotProvenError("state", `not proven: the proof is about state ${hex(stateHash)}`);
  }
  if (bytes.length === 0 || bytes.length > maxProvenBytes || address + bytes.length > 2 ** 32) {
    throw new UsageError(
      `${path} names no range of memory`,
      `it must hold 1 to ${maxProvenBytes} bytes below 2^32`,
    );
  }
  const proven = verifyMemory(stateHash, { memory, address, length: bytes.length }, proof);
  if (!sameBytes(proven, bytes)) {
    throw new NotProvenError(
      "bytes",
      `not proven: the state holds ${hex(proven)} there, not ${hex(bytes)}`,
    );
  }
  const result = { verified: true, stateHash: hex(stateHash), memory, address, bytes: hex(bytes) };
  show(options.json, result, () =>
    fields([
      ["verified", colour("green", "yes")],
      ["state hash", result.stateHash],
      ["address", `0x${address.toString(16)} of memory ${memory}`],
      ["bytes", result.bytes],
    ]),
  );
}
