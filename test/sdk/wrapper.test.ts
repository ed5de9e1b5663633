/** The wrapper's binary: what it gives, what it asks of an application, and inputs that are no block. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frameTransactions } from "../../src/history/index.ts";
import { decodeModule, trapCodes } from "../../src/interpreter/index.ts";
import {
  SdkError,
  sdkErrorCodes,
  transactionCount,
  transactionStatuses,
  wrapApplication,
  wrapperBytes,
  wrapperLayout,
  wrapperMemory,
} from "../../src/sdk/index.ts";
import { call, load } from "../../src/verbs.ts";
import { binaryOf } from "../merkle/program.ts";
import { Application, answerOf, chainId, countingApplication, sessionOf } from "./application.ts";

const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => from + index);
const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

describe("the wrapper", () => {
  test("the committed binary is the one that the library has", () => {
    expect(Buffer.compare(readFileSync(path("sdk/wrapper.wasm")), wrapperBytes())).toBe(0);
  });

  test("imports an application and the input, and nothing else", () => {
    const module = decodeModule(wrapperBytes());
    expect(module.imports.map((item) => `${item.module}.${item.name}`).sort()).toEqual([
      "application.handle",
      "application.memory",
      "application.request_buffer",
      "arbiter.input_read",
      "arbiter.input_size",
    ]);
  });

  test("statuses have the numbers of the source", () => {
    const source = readFileSync(path("sdk/wrapper/src/status.rs"), "utf8");
    const numbers = [...source.matchAll(/^ {4}(\w+) = (\d+),$/gm)];
    const names = numbers.map(([, name]) => name.replaceAll(/\B[A-Z]/g, "-$&").toLowerCase());
    expect(names).toEqual([...transactionStatuses]);
    expect(numbers.map(([, , number]) => Number(number))).toEqual(names.map((_, index) => index));
  });

  test("every error is documented", () => {
    const document = readFileSync(path("docs/errors.md"), "utf8");
    const section = document.split("## SDK (`SdkError`)\n")[1]?.split("\n## ")[0] ?? "";
    const documented = [...section.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code);
    expect(documented).toEqual(Object.keys(sdkErrorCodes));
  });
});

describe("an application", () => {
  const exports = {
    memory: '(memory (export "memory") 4)',
    buffer: '(func (export "request_buffer") (result i32) (i32.const 0))',
    handle: '(func (export "handle") (param i32 i32) (result i64) (i64.const 0))',
  };
  const codeOf = (...parts: string[]) => {
    try {
      wrapApplication(binaryOf(`(module ${parts.join("\n")})`));
    } catch (error) {
      if (error instanceof SdkError) return error.code;
      throw error;
    }
    return undefined;
  };

  test("has memory, buffer and handle", () => {
    const { memory, buffer, handle } = exports;
    expect(codeOf(memory, buffer, handle)).toBeUndefined();
    expect(codeOf(buffer, handle)).toBe("application-memory");
    expect(codeOf(memory, handle)).toBe("application-buffer");
    expect(codeOf(memory, buffer)).toBe("application-handle");
    const other = handle.replace("(result i64) (i64.const 0)", "(result i32) (i32.const 0)");
    expect(codeOf(memory, buffer, other)).toBe("application-handle");
    expect(
      codeOf(
        memory,
        buffer
          .replace("func ", "func (param i32) ")
          .replace(
            '(param i32) (export "request_buffer")',
            '(export "request_buffer") (param i32)',
          ),
        handle,
      ),
    ).toBe("application-buffer");
  });

  test("may import a function and have another memory", () => {
    const list = wrapApplication(
      binaryOf(`(module (import "arbiter" "time_ms" (func (result i64)))
        ${exports.memory} (memory 1) ${exports.buffer} ${exports.handle})`),
    );
    const program = load(list);
    expect(wrapperMemory(program)).toBe(2);
    expect(() => wrapperMemory(load(countingApplication))).toThrow(SdkError);
  });

  test("that traps takes its block with it, and the next block finds nothing of it", () => {
    const application = new Application(countingApplication);
    const own = sessionOf(0);
    const good = own.sign(answerOf(4), 20n);
    const poison = own.sign(Uint8Array.of(1), 20n);
    const input = frameTransactions({ chainId, height: 10n }, [good, poison]);
    expect(application.machine.call(input, { rollBackOnTrap: true })).toBe(trapCodes.unreachable);
    expect(transactionCount(application.memory)).toBe(0n);
    expect(application.statuses(11n, [good])).toEqual(["executed"]);
  });
});

describe("inputs that are no block", () => {
  const application = new Application(countingApplication);
  const good = sessionOf(0).sign(answerOf(4), 20n);
  const input = frameTransactions({ chainId, height: 10n }, [good, good.subarray(9), good]);
  const run = (bytes: Uint8Array) => call(application.machine, bytes);

  test("change nothing, and trap nowhere: every changed byte of head and offsets", () => {
    const before = Uint8Array.from(
      application.memory.subarray(wrapperLayout.counters, wrapperLayout.counters + 16),
    );
    // Another offset between first and last is the framing of another list.
    for (const at of [...range(40, 48), ...range(56, 60)]) {
      for (const bit of [1, 0x80]) {
        const changed = Uint8Array.from(input);
        changed[at] ^= bit;
        const { returned, results } = run(changed);
        expect(returned).toBe(true);
        expect(results).toEqual([0xffffffffn]);
      }
    }
    for (let length = 0; length < 64; length++) {
      expect(run(input.subarray(0, length)).results).toEqual([0xffffffffn]);
    }
    expect(run(Uint8Array.of(...input, 0)).results).toEqual([0xffffffffn]);
    const after = application.memory.subarray(wrapperLayout.counters, wrapperLayout.counters + 16);
    expect([...after]).toEqual([...before]);
    expect(run(frameTransactions({ chainId, height: 10n }, [])).results).toEqual([0n]);
  });

  test("random bytes, and random transactions, never trap", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(run(bytes).returned).toBe(true);
      }),
      { seed: 15, numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 150 }), { maxLength: 5 }), (list) => {
        const block = list.map((bytes) => (bytes.length > 0 ? Uint8Array.of(1, ...bytes) : bytes));
        expect(run(frameTransactions({ chainId, height: 10n }, block)).results).toEqual([0n]);
      }),
      { seed: 15, numRuns: 200 },
    );
  });
});
