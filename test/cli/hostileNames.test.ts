/**
 * Names that strangers wrote: whatever stands in a module is shown escaped by every command, the flame graph is XML, and
 * JSON has the names as they are.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { SaxesParser } from "saxes";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { demangled, withMostPages } from "../../src/cli/session/demangle.ts";
import { guarded, visible, visibleName } from "../../src/cli/terminal/visible.ts";
import { binaryOf } from "../merkle/program.ts";
import { runCommandLine, runJson, temporaryFolder } from "./commandLine.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());

/** ESC with a colour, BEL, line feed, carriage return, C1, right-to-left override, zero width, markup, a tag's end. */
const hostile = '\u001b[31mred\u0007\nforged line\r\u009b2J\u202eabc\u200b<b>&"\u2066;)\ufffe';
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}]/u;

/** As a string of WebAssembly text. */
const quoted = (name: string) =>
  `"${Array.from(new TextEncoder().encode(name), (byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("")}"`;

const text = `(module (import ${quoted(`m${hostile}`)} ${quoted(`i${hostile}`)} (func $unknown))
  (memory (export ${quoted(`memory${hostile}`)}) 1)
  (func $inner (export ${quoted(`f${hostile}`)}) (i32.store (i32.const 8) (i32.const 1)))
  (func (export "gateway") (call $inner) (call $inner) (drop (i32.const 0))))`;
const module = folder.file("hostile\u001b[32m\u0007.wasm");
const options = ["--unknown-imports", "trap"];
const trapping = folder.file("trapping\n.wasm");

beforeAll(() => {
  writeFileSync(module, binaryOf(text));
  writeFileSync(trapping, binaryOf(text.replace("(drop (i32.const 0))", "(call $unknown)")));
});

/** Runs a command; what it wrote may hold no unseen character but line feeds. */
async function clean(...args: string[]) {
  const run = await runCommandLine(...args);
  const written = `${run.stdout}${run.stderr}`;
  expect(written.replaceAll("\n", ""), args[0]).not.toMatch(unseen);
  expect(written, args[0]).not.toMatch(/^forged line/m);
  return { ...run, written };
}

describe("commands", () => {
  const commands = (): readonly (readonly [command: string[], shows: RegExp])[] => [
    [["inspect"], /\(call|call 1 \(;f\\u\{1b\}\[31mred\\u\{7\}\\nforged line/],
    [["inspect", "--no-listing"], /genesis +0x/],
    [["inspect", "--unknown-imports", "error"], /missing .*m\\u\{1b\}/],
    [["inspect", "--function", hostile], /no function \\u\{1b\}/],
    [["run"], /state hash/],
    [["state", "--at", "2"], /at +f\\u\{1b\}/],
    [["trace"], /^f\\u\{1b\}\[31mred\\u\{7\}\\nforged line\\r\\u\{9b\}2J\\u\{202e\}abc/m],
    [["profile"], /^f\\u\{1b\}\[31mred/m],
    [["diff", "--left", "2", "--right", "4"], /owner/],
    [["prove", "--at", "2"], /function +f\\u/],
    [["record", "--every", "1", "--out", folder.file("recording.json")], /states/],
    [["invoke-none"], /unknown command/],
  ];

  test("each › shows what it is told to, and nothing that a terminal obeys", async () => {
    for (const [[command, ...rest], shows] of commands()) {
      const { written } = await clean(command, module, ...options, ...rest);
      expect(written, command).toMatch(shows);
    }
  });

  test("an export that is not there › the names are told escaped", async () => {
    const { stderr } = await clean("invoke", module, "nix\u0007", ...options);
    expect(stderr).toMatch(/exports no function nix\\u\{7\}; choose one of f\\u\{1b\}/);
  });

  test("mangled names › an export is named as it is typed; a listing takes either name", async () => {
    const mangled = folder.file("mangled.wasm");
    writeFileSync(
      mangled,
      binaryOf(`(module (func (export "_ZN3foo3barEv")) (func (export "gateway")))`),
    );
    const { stderr } = await clean("invoke", mangled, "nix");
    expect(stderr).toContain("choose one of _ZN3foo3barEv, gateway");
    for (const name of ["_ZN3foo3barEv", "foo::bar()", "0"]) {
      const { stdout } = await clean("inspect", mangled, "--function", name);
      expect(stdout).toContain("foo::bar()  (mangled, function 0)");
      expect(stdout).not.toContain("gateway  (");
    }
  });

  test("a module that does not link › the import is told escaped", async () => {
    const { stderr, exitCode } = await clean("run", module);
    expect(exitCode).toBe(2);
    expect(stderr.split("\n").length).toBe(2);
  });

  test("a trap › its place, its callers and the missing import are told escaped", async () => {
    for (const args of [["run"], ["invoke"], ["trace"], ["profile"], ["state", "--at", "11"]]) {
      const [command, ...rest] = args;
      const call = command === "invoke" ? ["gateway"] : rest;
      const { written } = await clean(command, trapping, ...call, ...options);
      expect(written, command).toMatch(/unknownHostFunction/);
    }
    const { stderr } = await clean("run", trapping, ...options);
    expect(stderr).toMatch(/nothing gives the import m\\u\{1b\}/);
  });

  test("JSON › the names themselves, in escapes", async () => {
    const { stdout } = await clean("inspect", module, ...options, "--json");
    const names = JSON.parse(stdout).modules[0].exports.map(({ name }: { name: string }) => name);
    expect(names).toEqual([`memory${hostile}`, `f${hostile}`, "gateway"]);
    const { value } = await runJson("profile", module, ...options);
    const functions = value.functions.map((row: { function: string }) => row.function);
    expect(functions).toContain(`f${hostile}`);
  });
});

describe("the flame graph", () => {
  test("is well-formed XML whose texts are the escaped names", async () => {
    for (const kind of ["svg", "html"]) {
      const path = folder.file(`flame.${kind}`);
      await runCommandLine("profile", module, ...options, "--flame-graph", path);
      const picture = readFileSync(path, "utf8");
      const svg = picture.slice(picture.indexOf("<svg"), picture.indexOf("</svg>") + 6);
      const texts: string[] = [];
      const parser = new SaxesParser({ xmlns: true });
      parser.on("text", (part) => void texts.push(part));
      parser.on("error", (error) => {
        throw error;
      });
      parser.write(svg).close();
      expect(texts.join("\n")).toContain('\\u{202e}abc\\u{200b}<b>&"');
      expect(picture.replaceAll("\n", "")).not.toMatch(unseen);
    }
  });
});

describe("escapes", () => {
  test("every control, format and separator of Unicode › none is left", () => {
    for (let point = 0; point < 0x11_0000; point++) {
      const character = String.fromCodePoint(point);
      const isUnseen = unseen.test(character);
      if (visible(character) === character && isUnseen) expect.fail(point.toString(16));
      if (!isUnseen && visible(character) !== character) expect.fail(point.toString(16));
    }
    expect(visible("é 漢 🙂 −")).toBe("é 漢 🙂 −");
  });

  test("a command's own lines › keep line feeds and colours, no other sequence", () => {
    const own = "\u001b[1mbold\u001b[22m\nnext";
    expect(guarded(own)).toBe(own);
    expect(guarded("\u001b[2J\u001b]0;title\u0007")).toBe("\\u{1b}[2J\\u{1b}]0;title\\u{7}");
  });

  test("a name of a million characters › is cut", () => {
    expect(visibleName("x".repeat(1e6)).length).toBe(401);
  });
});

describe("demangling", () => {
  test("names of C++ and Rust › as in the source; others as they are", () => {
    const names = {
      _ZN3art10ArenaStack19AllocWithMemoryToolEjNS_14ArenaAllocKindE:
        "art::ArenaStack::AllocWithMemoryTool(unsigned int, art::ArenaAllocKind)",
      _ZN4core3fmt9Formatter9write_str17h0123456789abcdefE: "core::fmt::Formatter::write_str",
      _RNvCskwGfYPst2Cb_3foo16example_function: "foo::example_function",
      _ZNSt3__16vectorIiNS_9allocatorIiEEE9push_backEOi:
        "std::__1::vector<int, std::__1::allocator<int> >::push_back(int&&)",
      gateway: "gateway",
      __wasm_call_ctors: "__wasm_call_ctors",
      _Z: "_Z",
      _Zebra: "_Zebra",
      "": "",
    };
    for (const [name, expected] of Object.entries(names)) expect(demangled(name)).toBe(expected);
  });

  test("a name that stands for a text of exponential length › costs its bound, and stays", () => {
    const index = (n: number) => (n === 0 ? "S_" : `S${(n - 1).toString(36).toUpperCase()}_`);
    const doubling = (times: number) =>
      `_Z1f1PI1aS0_E${Array.from({ length: times }, (_, i) => `S_I${index(i + 2)}${index(i + 2)}E`).join("")}`;
    expect(demangled(doubling(4)).length).toBeGreaterThan(300);
    for (const times of [30, 40, 60]) expect(demangled(doubling(times))).toBe(doubling(times));
    // What it knows it keeps; it is asked nothing more.
    expect(demangled("_ZN3foo6unseenEv")).toBe("_ZN3foo6unseenEv");
    expect(demangled("_RNvCskwGfYPst2Cb_3foo16example_function")).toBe("foo::example_function");
  });

  test("the bound › is written into a binary with one plain memory, or refused", () => {
    const bounded = withMostPages(binaryOf("(module (memory 2) (func))"), 5);
    expect(bounded).toEqual(binaryOf("(module (memory 2 5) (func))"));
    expect(() => withMostPages(binaryOf("(module (func))"), 5)).toThrow(RangeError);
    expect(() => withMostPages(binaryOf("(module (memory 9))"), 5)).toThrow(RangeError);
  });
});
