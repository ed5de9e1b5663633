/** Buffers that overlap their own list, or the place of a result, and writes of nothing: programs put out what they do under node:wasi. */
import { writeFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { assemble, type Code, type ModuleText, op } from "../../spec-tests/corpus/assembler.ts";
import { call, instantiate, load, pack } from "../../src/index.ts";
import { temporaryFolder } from "../cli/commandLine.ts";
import { runUnderNode, type Surroundings } from "./toolchains.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());

const utf8 = (text: string) => [...new TextEncoder().encode(text)];
const word = (value: number) => [value & 255, (value >> 8) & 255, 0, 0];
const i32 = (value: number): Code => op("i32.const", value);
const wasi = "wasi_snapshot_preview1";
const imports: ModuleText["imports"] = [
  { module: wasi, name: "fd_write", func: "iiii:i" },
  { module: wasi, name: "fd_read", func: "iiii:i" },
  { module: wasi, name: "path_open", func: "iiiiiIIii:i" },
];
const [write, read, open] = [0, 1, 2];
const called = (index: number, ...args: Code[]): Code[] => [...args, op("call", index), op("drop")];
const stream = (index: number, ...args: number[]): Code[] => called(index, ...args.map(i32));

interface Case {
  readonly name: string;
  /** At address 0. */
  readonly memory: readonly number[];
  readonly body: readonly Code[];
  readonly input?: readonly number[];
  readonly output: string;
}

const hello = [...word(16), ...word(6), ...word(0), ...word(0), ...utf8("hello\n")];
const appending = 1;
const readsAndWrites = 2n | 64n;

const cases: readonly Case[] = [
  {
    name: "the count of what was written goes over the list",
    memory: hello,
    body: stream(write, 1, 0, 1, 0),
    output: "hello\n",
  },
  {
    name: "the count of what was written goes into the buffer",
    memory: hello,
    body: stream(write, 1, 0, 1, 16),
    output: "hello\n",
  },
  {
    name: "what is read goes over the list",
    memory: [...word(8), ...word(8), ...word(64), ...word(4), ...word(64), ...word(4)],
    input: [...word(128), ...word(4), ...utf8("read")],
    body: [...stream(read, 0, 0, 2, 32), ...stream(write, 1, 16, 1, 32)],
    output: "read",
  },
  {
    name: "what is read over the list is no list",
    memory: [...word(8), ...word(8), ...word(64), ...word(4), ...word(64), ...word(4)],
    input: utf8("no list!read"),
    body: [...stream(read, 0, 0, 2, 32), ...stream(write, 1, 16, 1, 32)],
    output: "read",
  },
  {
    name: "nothing is appended: the descriptor stays where it is",
    memory: [...word(64), ...word(4), ...utf8("file")],
    body: [
      ...called(
        open,
        ...[i32(3), i32(0), i32(8), i32(4), i32(0)],
        ...[op("i64.const", readsAndWrites), op("i64.const", 0n), i32(appending), i32(32)],
      ),
      ...stream(write, 4, 0, 0, 36),
      ...stream(read, 4, 0, 1, 36),
      ...stream(write, 1, 0, 1, 36),
    ],
    output: "text",
  },
];

describe("as under node:wasi", () => {
  for (const { name, memory, body, input = [], output } of cases) {
    test(name, () => {
      const program = assemble({
        imports,
        memories: [[1, 1]],
        data: [{ at: { offset: i32(0) }, bytes: [...memory] }],
        exports: [{ name: "memory", kind: "memory", index: 0 }],
        functions: [{ signature: ":", body: [...body], export: "_start" }],
      });
      const { input: bytes, ...options }: Surroundings = {
        args: ["buffers"],
        environment: [],
        files: [{ path: "/file", bytes: Uint8Array.from(utf8("text")) }],
        input: Uint8Array.from(input),
      };
      const binary = folder.file("buffers.wasm");
      writeFileSync(binary, program);
      expect(runUnderNode(binary, { ...options, input: bytes }).output).toBe(output);
      const outcome = call(instantiate(load(pack(program, options))), bytes);
      expect([outcome.trap, new TextDecoder().decode(outcome.output)]).toEqual(["none", output]);
    });
  }
});
