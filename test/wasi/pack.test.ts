/** Packing: commands are pure functions, reactors keep their state, start functions, what is refused, the command line. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { assemble, type Code, type ModuleText, op } from "../../spec-tests/corpus/assembler.ts";
import { recordedModules, recordOf } from "../../src/cli/session/programRecord.ts";
import { call, instantiate, LinkError, load, PackError, pack } from "../../src/index.ts";
import { decodeModule, link } from "../../src/interpreter/index.ts";
import { imageBytes } from "../../src/interpreter/wasi/image.ts";
import { programRoot } from "../../src/merkle/index.ts";
import { runCommandLine, runJson, temporaryFolder } from "../cli/commandLine.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());

const i32 = (value: number): Code => op("i32.const", value);
const wasi = "wasi_snapshot_preview1";
/** Address 16 holds one buffer: 4 bytes at 0. */
const vector = { at: { offset: i32(16) }, bytes: [0, 0, 0, 0, 4, 0, 0, 0] };
const imports: ModuleText["imports"] = [
  { module: wasi, name: "fd_write", func: "iiii:i" },
  { module: wasi, name: "proc_exit", func: "i:" },
  { module: wasi, name: "random_get", func: "ii:i" },
];
const write: Code[] = [i32(1), i32(16), i32(1), i32(24), op("call", 0), op("drop")];
const count: Code[] = [
  i32(0),
  i32(0),
  op("i32.load", 0),
  i32(1),
  op("i32.add"),
  op("i32.store", 0),
];
const memory: Pick<ModuleText, "memories" | "data"> = { memories: [[1, 1]], data: [vector] };
const exports: ModuleText["exports"] = [{ name: "memory", kind: "memory", index: 0 }];

const command = assemble({
  ...memory,
  imports,
  exports,
  functions: [
    { signature: ":", body: [...count, ...write, i32(7), op("call", 1)], export: "_start" },
    { signature: ":", body: count },
  ],
  start: 4,
});
const reactor = assemble({
  ...memory,
  imports,
  exports,
  functions: [
    { signature: ":", body: [i32(0), i32(100), op("i32.store", 0)], export: "_initialize" },
    { signature: ":i", body: [...count, ...write, i32(0), op("i32.load", 0)], export: "gateway" },
  ],
});

describe("commands", () => {
  test("the start function runs before _start, in the same call; proc_exit is the call's exit", () => {
    const outcome = call(instantiate(load(pack(command))));
    expect([outcome.exitCode, [...outcome.output]]).toEqual([7, [2, 0, 0, 0]]);
  });

  test("a second call on the state that one leaves traps; from genesis all are alike", () => {
    const machine = instantiate(load(pack(command)));
    call(machine);
    expect(call(machine).trap).toBe("unreachable");
  });
});

describe("reactors", () => {
  test("are initialised once, and keep their state from call to call", () => {
    const machine = instantiate(load(pack(reactor)));
    machine.run();
    const results = [1, 2, 3].map(() => call(machine).results[0]);
    expect(results).toEqual([101n, 102n, 103n]);
    expect([...call(machine).output]).toEqual([104, 0, 0, 0]);
  });

  test("every call reads an input of its own from the first byte on", () => {
    const reading = assemble({
      ...memory,
      exports,
      imports: [{ module: wasi, name: "fd_read", func: "iiii:i" }],
      functions: [
        {
          signature: ":i",
          body: [
            i32(0),
            i32(16),
            i32(1),
            i32(24),
            op("call", 0),
            op("drop"),
            i32(0),
            op("i32.load", 0),
          ],
          export: "gateway",
        },
      ],
    });
    const machine = instantiate(load(pack(reading)));
    const results = [1, 2].map((byte) => call(machine, Uint8Array.of(byte, 0, 0, 0)).results[0]);
    expect(results).toEqual([1n, 2n]);
    const none = instantiate(load(pack(reading, { stdin: "none" })));
    expect(call(none, Uint8Array.of(9, 0, 0, 0)).results).toEqual([0n]);
  });

  test("another export can be the gateway", () => {
    const machine = instantiate(load(pack(reactor, { gateway: "_initialize" })));
    machine.run();
    expect(call(machine).returned).toBe(true);
    expect(() => pack(reactor, { gateway: "other" })).toThrow(PackError);
  });
});

describe("what is packed", () => {
  test("decides the program root; the order in which files are given does not", () => {
    const root = (options: Parameters<typeof pack>[1]) =>
      Buffer.from(programRoot(load(pack(command, options)))).toString("hex");
    const bytes = Uint8Array.of(1, 2, 3);
    const files = ["/b", "/a/x", "/a/y"].map((path) => ({ path, bytes }));
    const genesis = (options: Parameters<typeof pack>[1]) => pack(command, options)[1].bytes;
    expect(genesis({ files })).toEqual(genesis({ files: files.toReversed() }));
    expect(root({ files })).toBe(root({ files: files.toReversed() }));
    const others = [{ args: ["x"] }, { seed: 1n }, { stdin: "none" as const }, { epochNs: 5n }];
    const images = others.map((options) => Buffer.from(genesis(options)).toString("hex"));
    expect(new Set(images).size).toBe(others.length);
  });

  test("what cannot be a path, an argument or a variable is refused", () => {
    const contents = {
      args: [],
      environment: [],
      files: [],
      preopens: [],
      stdin: "none",
      stderr: "none",
      seed: 0n,
      epochNs: 0n,
    } as const;
    const bytes = new Uint8Array(1);
    const refused = [
      { files: [{ path: "/a/../b", bytes }] },
      { files: [{ path: "/", bytes }] },
      { files: ["/a", "/a"].map((path) => ({ path, bytes })) },
      { files: ["/a", "/a/b"].map((path) => ({ path, bytes })) },
      { files: [{ path: "x".repeat(256), bytes }] },
      { files: [{ path: "/\ud800", bytes }] },
      { args: ["a\0b"] },
      { args: ["\udc00"] },
      { environment: [["A=B", "c"]] as const },
      { environment: [["A", "\ud800c"]] as const },
    ];
    for (const options of refused) {
      expect(() => imageBytes({ ...contents, ...options }), JSON.stringify(options)).toThrow(
        RangeError,
      );
    }
    expect(imageBytes(contents).length).toBeGreaterThan(63);
  });

  test("a module without memory or entry is refused; an unknown option too", () => {
    const bare = assemble({ functions: [{ signature: ":", body: [], export: "_start" }] });
    expect(() => pack(bare)).toThrow(/memory/);
    expect(() => pack(assemble({ memories: [[1, 1]], exports }))).toThrow(/_start/);
    expect(() => pack(command, { argv: [] } as never)).toThrow(TypeError);
  });

  test("the link error for a WASI program names the command", () => {
    expect(() => load(command)).toThrow(LinkError);
    expect(() => load(command)).toThrow(/wasm-arbiter pack/);
  });
});

test("a transcript's program has the adapter as one, whatever the files are called", () => {
  const named = pack(command).map(({ name, bytes, adapter = false }) => ({
    name,
    module: decodeModule(bytes),
    adapter,
  }));
  const program = link(named, { gateway: "gateway" });
  const options = { level: "3.0", growth: "declared", unknownImports: "error" } as const;
  const record = JSON.parse(JSON.stringify(recordOf(program, options)));
  const given = named.toReversed().map(({ module }, index) => ({ name: `file${index}`, module }));
  const again = link(recordedModules(record, given), { gateway: "gateway" });
  expect(programRoot(again)).toEqual(programRoot(program));
});

describe("pack on the command line", () => {
  test("writes modules and a project file that the other commands read", async () => {
    const program = folder.file("app.wasm");
    const out = folder.file("app.packed");
    mkdirSync(folder.file("lib"), { recursive: true });
    writeFileSync(`${folder.file("lib")}/text`, "contents");
    writeFileSync(program, command);
    const dir = `${folder.file("lib")}::/lib`;
    const packing = await runJson("pack", program, "--dir", dir, "--env", "A=b", "-o", out);
    expect(packing.value).toMatchObject({ files: 1, bytes: 8 });
    const project = `${out}/wasm-arbiter.json`;
    expect(JSON.parse(readFileSync(project, "utf8")).programRoot).toBe(packing.value.programRoot);
    const { value } = await runJson("run", "--project", project);
    expect(value).toMatchObject({ exitCode: 7, programRoot: packing.value.programRoot });
    const twice = await runCommandLine("run", "--project", project, "--input-hex=", "--input-hex=");
    expect([twice.exitCode, twice.stdout]).toEqual([2, ""]);
    expect(twice.stderr).toContain("one run takes one input");
    const again = await runJson("pack", program, "--dir", dir, "--env", "A=b", "-o", out);
    expect(again.value.programRoot).toBe(packing.value.programRoot);
    const dispute = await runCommandLine("prove", "--project", project, "--at", "3");
    expect(dispute.exitCode, dispute.stderr).toBe(0);
  });

  test("again › keeps limits and chain; never a project of others, nor the program", async () => {
    const program = folder.file("again.wasm");
    const out = folder.file("again.packed");
    const project = `${out}/wasm-arbiter.json`;
    writeFileSync(program, command);
    const { programRoot: first, ...content } = (await runJson("pack", program, "-o", out)).value;
    const limits = { callFuel: 5_000_000_000 };
    const chain = { rpc: "http://127.0.0.1:8545" };
    const { modules, options } = content;
    writeFileSync(project, JSON.stringify({ modules, options, limits, chain, programRoot: first }));
    const again = (await runJson("pack", program, "-o", out)).value;
    expect(JSON.parse(readFileSync(project, "utf8"))).toMatchObject({ limits, chain });
    expect(again.programRoot).not.toBe(first);
    expect((await runJson("run", "--project", project)).value.programRoot).toBe(again.programRoot);

    writeFileSync(project, JSON.stringify({ modules: ["other.wasm"] }));
    const other = await runCommandLine("pack", program, "-o", out);
    expect(other.stderr).toMatch(/is the project of other modules; choose another folder/);
    const own = folder.file("own");
    mkdirSync(own);
    writeFileSync(`${own}/program.wasm`, command);
    const over = await runCommandLine("pack", `${own}/program.wasm`, "-o", own);
    expect(over.stderr).toMatch(/program.wasm would be written over; choose another folder/);
    expect(readdirSync(own)).toEqual(["program.wasm"]);
  });
});
