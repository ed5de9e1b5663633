/** Applications on a machine of their own, and clients with keys that are the same in every run. */
import { readFileSync } from "node:fs";
import { frameTransactions } from "../../src/history/index.ts";
import type { Machine } from "../../src/interpreter/index.ts";
import {
  ClientKey,
  ClientSession,
  lastResults,
  type ResultEntry,
  resultBytes,
  wrapApplication,
  wrapperMemory,
} from "../../src/sdk/index.ts";
import { instantiate, load } from "../../src/verbs.ts";
import { binaryOf } from "../merkle/program.ts";

export const chainId = "0x0123456789abcdef0123456789abcdef0123456789abcdef";

export const languages = ["as", "rs", "c"] as const;

export function ledgerBytes(language: (typeof languages)[number]): Uint8Array {
  return readFileSync(new URL(`../../examples/sdk/ledger.${language}.wasm`, import.meta.url));
}

/**
 * Answers with `length` bytes from its address 0, the length being the payload's first four bytes, and counts its
 * calls at address 8; a payload of one byte traps.
 */
export const countingApplication = binaryOf(`(module (memory (export "memory") 4)
  (func (export "request_buffer") (result i32) (i32.const 65536))
  (func (export "handle") (param i32 i32) (result i64)
    (if (i32.eq (local.get 1) (i32.const 49)) (then unreachable))
    (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
    (i64.shl (i64.extend_i32_u (i32.load (i32.add (local.get 0) (i32.const 48)))) (i64.const 32))))`);

/** A payload of the counting application. */
export function answerOf(length: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(length).buffer);
}

export function keyOf(index: number): ClientKey {
  return new ClientKey(new Uint8Array(32).fill(index + 1));
}

/** A session with a number of its own. */
export function sessionOf(index: number, session = 0n): ClientSession {
  return new ClientSession(keyOf(index), chainId, session);
}

/** An application that runs blocks. */
export class Application {
  readonly machine: Machine;
  readonly memoryNumber: number;

  constructor(application: Uint8Array) {
    const program = load(wrapApplication(application));
    this.machine = instantiate(program);
    this.memoryNumber = wrapperMemory(program);
  }

  /** The wrapper's memory. */
  get memory(): Uint8Array {
    return this.machine.state.memories[this.memoryNumber].bytes;
  }

  /** Runs a block; returns what the gateway returned and the entries of its transactions. */
  block(height: bigint, transactions: readonly Uint8Array[], chain = chainId) {
    const { machine } = this;
    const before = machine.state.fuelCounter;
    // From its first step on, since a transaction takes millions.
    machine.call(frameTransactions({ chainId: chain, height }, transactions), { executor: "fast" });
    if (machine.state.trap !== 0) throw new Error("the block's call trapped");
    const entries = lastResults(this.memory, transactions.length);
    const executed = Number(machine.results()[0]);
    return { executed, entries, fuel: machine.state.fuelCounter - before };
  }

  /** Runs a block; returns the statuses of its transactions. */
  statuses(height: bigint, transactions: readonly Uint8Array[], chain = chainId): string[] {
    return this.block(height, transactions, chain).entries.map(({ status }) => status);
  }

  /** An executed transaction's result. */
  answer(entry: ResultEntry): Uint8Array {
    const bytes = resultBytes(this.memory, entry);
    if (bytes === undefined) throw new Error("the result was written over");
    return bytes;
  }
}
