/** Text → binary: the work-arounds for what the converters refuse, and the cache, which must not be able to lie. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { readCommands } from "./commands.ts";
import { convertScript, convertText } from "./convert.ts";

const bytesOf = async (text: string) => {
  const binary = await convertText(text);
  if ("refused" in binary) throw new Error(binary.refused);
  return binary.bytes;
};

describe("convertText", () => {
  it("accepts names that look like other names", async () => {
    const bytes = await bytesOf('(module (func (export "a\u202eb")))');
    const [{ name }] = WebAssembly.Module.exports(new WebAssembly.Module(bytes as BufferSource));
    expect(name).toBe("a\u202eb");
  });

  it("accepts several segments under the identifier of their memory, as 1.0 had it", async () => {
    const text = '(module (memory $m 1) (data $m (i32.const 0) "a") (data $m (i32.const 1) "b"))';
    expect(WebAssembly.validate((await bytesOf(text)) as BufferSource)).toBe(true);
  });

  it("does not validate", async () => {
    const bytes = await bytesOf("(module (func (result i32)))");
    expect(WebAssembly.validate(bytes as BufferSource)).toBe(false);
  });

  it("says what it refuses", async () => {
    expect(await convertText("(module (fun))")).toMatchObject({ refused: expect.any(String) });
  });
});

describe("convertScript", () => {
  it("gives each command its own binary, cached or not", async () => {
    const script = `(module (func (export "f")))
      (assert_malformed (module quote "(") "not converted")
      (module binary "\\00asm\\01\\00\\00\\00")
      (assert_invalid (module (func (result i64))) "type mismatch")
      (module quote "(memory 1)")
      (assert_unlinkable (module (import "x" "y" (fun))) "refused")`;
    const folder = pathToFileURL(`${mkdtempSync(join(tmpdir(), "convert-"))}/`);
    const convert = async () => {
      const commands = readCommands(script);
      const binaries = await convertScript(script, commands, folder);
      return commands.map((command) => binaries.get(command));
    };
    const cold = await convert();
    expect(await convert()).toEqual(cold);
    const [file] = readdirSync(folder);
    writeFileSync(new URL(file, folder), "[{");
    expect(await convert()).toEqual(cold);
    rmSync(folder, { recursive: true });
    const kinds = cold.map((binary) => (binary === undefined ? "none" : Object.keys(binary)[0]));
    expect(kinds).toEqual(["bytes", "none", "bytes", "bytes", "bytes", "refused"]);
  });
});
