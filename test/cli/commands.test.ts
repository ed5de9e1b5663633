/**
 * What the commands answer on the examples, held against the manifest's known answers.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { inputOf, loadExamples } from "../../examples/manifest.ts";
import { instantiate, load, stateHash } from "../../src/verbs.ts";
import { binaryOf } from "../merkle/program.ts";
import { examplePath, runCommandLine, runJson, temporaryFolder } from "./commandLine.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());

const abc = ["--input-hex", "00000000616263"];
const sha256 = examplePath("sha256");

describe("run", () => {
  for (const example of loadExamples()) {
    test(`${example.name} › has the manifest's result, and the same hashes every time`, async () => {
      const input = folder.file(`${example.name}.input`);
      writeFileSync(input, inputOf(example.runs.small));
      const path = examplePath(example.name);
      const { value, exitCode } = await runJson("run", path, "--input", input);
      expect(exitCode).toBe(0);
      expect(value).toMatchObject({ status: "returned", trap: null, types: ["i32"] });
      expect(Number(value.results[0]) >>> 0).toBe(example.runs.small.result);
      expect(value.stateHash).toMatch(/^0x[\da-f]{64}$/);
      const stepped = await runJson("run", path, "--input", input, "--executor", "step");
      expect(stepped.value).toEqual(value);
    });
  }

  test("several inputs › are several calls, and a saved state goes on where it was", async () => {
    const ledger = examplePath("ledger");
    const state = folder.file("one.state");
    const block = `--input-hex=${"01000000070000000000000000000000e803000000000000"}`;
    const both = await runJson("run", ledger, block, block);
    await runJson("run", ledger, block, "--save", state);
    const second = await runJson("run", ledger, block, "--from", state);
    expect(second.value).toEqual({ ...both.value, calls: expect.any(Array) });
    expect(second.value.calls).toEqual([{ ...both.value.calls[1], call: "input 1" }]);
    expect(both.value.results).toEqual(["0"]);
  });

  test("out of fuel › exit 1, one line on stderr", async () => {
    const { value, exitCode, stderr } = await runJson("run", sha256, ...abc, "--fuel", "30000");
    expect(exitCode).toBe(1);
    expect(value).toMatchObject({ status: "trapped", trap: "outOfFuel", results: [] });
    expect(stderr).toMatch(/^wasm-arbiter: the call trapped: outOfFuel in gateway \(sha256, .*\n$/);
  });

  test("options that the program root depends on › change it", async () => {
    const roots = new Set<string>();
    for (const extra of [[], ["--growth", "fixed"], ["--fuel", "1e9"], ["--frames", "9"]]) {
      roots.add((await runJson("run", sha256, ...abc, ...extra)).value.programRoot);
    }
    expect(roots.size).toBe(4);
  });
});

describe("invoke", () => {
  test("ledger › the balance after a saved block is read by hand", async () => {
    const { value } = await runJson("invoke", examplePath("ledger"), "balanceOf", "7");
    expect(value).toMatchObject({ status: "returned", trap: null, results: ["0"], types: ["i64"] });
    expect(value.steps).toBeGreaterThan(5);
    expect(value.fuel).toBeGreaterThanOrEqual(value.steps);
  });

  test("negative arguments › are arguments", async () => {
    const { value } = await runJson("invoke", examplePath("ledger"), "nonceOf", "-1");
    expect(value.results).toEqual(["0"]);
  });
});

describe("inspect", () => {
  test("lists imports, exports and every instruction with its text", async () => {
    const { value } = await runJson("inspect", sha256);
    expect(value.instructions).toBe(value.listing.length);
    expect(value.modules[0].imports[0]).toMatchObject({ module: "arbiter", type: "(result i32)" });
    expect(value.modules[0].exports.map((item: { name: string }) => item.name)).toContain(
      "gateway",
    );
    expect(value.listing[0]).toMatchObject({ pc: 0, module: "sha256" });
    for (const { text, cost } of value.listing) {
      expect(text).not.toBe("");
      expect(cost).toBeGreaterThan(0);
    }
  });

  test("the genesis hash › is the state hash at step 0, and tells data apart", async () => {
    const genesisOf = async (data: string) => {
      const path = folder.file(`data-${data}.wasm`);
      const text = `(module (memory 1) (data (i32.const 0) "${data}") (func (export "gateway")))`;
      writeFileSync(path, binaryOf(text));
      const { genesisHash, programRoot } = (await runJson("inspect", path, "--no-listing")).value;
      const { stdout } = await runCommandLine("inspect", path, "--no-listing");
      expect(stdout).toContain(`program root  ${programRoot}\ngenesis       ${genesisHash}\n`);
      const program = load([{ name: `data-${data}`, bytes: readFileSync(path) }]);
      await runJson("run", path, "--save", folder.file(`data-${data}.state`));
      expect(genesisHash).toBe(`0x${Buffer.from(stateHash(instantiate(program))).toString("hex")}`);
      return genesisHash;
    };
    expect(await genesisOf("a")).not.toBe(await genesisOf("b"));
    // One's state is not taken for the other's, though their code is the same.
    const others = ["--from", folder.file("data-a.state")];
    expect((await runJson("run", folder.file("data-a.wasm"), ...others)).exitCode).toBe(0);
    const { stderr, exitCode } = await runCommandLine("run", folder.file("data-b.wasm"), ...others);
    expect(stderr).toMatch(/another program.*snapshot-program/);
    expect(exitCode).toBe(2);
  });

  test("--function › lists that function only", async () => {
    const { stdout } = await runCommandLine(
      "inspect",
      examplePath("calls"),
      "--function",
      "fibonacci",
    );
    expect(stdout).toContain("fibonacci");
    expect(stdout).not.toContain("ackermann  (");
  });
});

describe("state, prove, verify", () => {
  const witness = folder.file("witness.json");

  test("state › the hash at N is the pre state of the witness at N", async () => {
    const state = await runJson("state", sha256, ...abc, "--at", "1234");
    const proof = await runJson("prove", sha256, ...abc, "--at", "1234", "--out", witness);
    expect(state.value.stateHash).toBe(proof.value.preState);
    expect(state.value).toMatchObject({ step: 1234, status: "running" });
    expect(state.value.instruction).toBe(proof.value.instruction);
    const next = await runJson("state", sha256, ...abc, "--at", "1235");
    expect(next.value.stateHash).toBe(proof.value.postState);
  });

  test("verify › accepts it, here and by the judge", async () => {
    const replayed = await runJson("verify", witness);
    expect(replayed.value).toMatchObject({ verified: true, step: 1234, gas: null });
    const judged = await runJson("verify", witness, "--on-chain");
    expect(judged.value.verified).toBe(true);
    expect(Number(judged.value.gas)).toBeGreaterThan(21_000);
  });

  test("verify › every hash that the user names must fit", async () => {
    const { programRoot, preState } = JSON.parse(readFileSync(witness, "utf8"));
    const fits = ["--program-root", programRoot, "--state", preState];
    expect((await runCommandLine("verify", witness, ...fits)).exitCode).toBe(0);
    for (const option of ["--program-root", "--state"]) {
      const other = `0x${"11".repeat(32)}`;
      const { exitCode, stderr } = await runCommandLine("verify", witness, option, other);
      expect(exitCode).toBe(1);
      expect(stderr).toContain("not proven");
    }
  });

  test("verify › a changed witness or claim is refused with exit 1", async () => {
    const file = JSON.parse(readFileSync(witness, "utf8"));
    const changed = folder.file("changed.json");
    const flip = (text: string, at: number) =>
      text.slice(0, at) + (text[at] === "0" ? "1" : "0") + text.slice(at + 1);
    const cases = [
      { ...file, postState: flip(file.postState, 20) },
      { ...file, preState: flip(file.preState, 20) },
      { ...file, programRoot: flip(file.programRoot, 20) },
      { ...file, witness: flip(file.witness, 200) },
      { ...file, witness: file.witness.slice(0, -2) },
      { ...file, witness: `${file.witness}00` },
      { ...file, witness: "0x" },
    ];
    for (const value of cases) {
      writeFileSync(changed, JSON.stringify(value));
      const { exitCode, stderr, stdout } = await runCommandLine("verify", changed);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/^wasm-arbiter: not proven: [^\n]+\n$/);
      expect(stdout).toBe("");
    }
  });

  test("prove-memory › proves the digest against the state hash", async () => {
    const proof = folder.file("memory.json");
    const { value } = await runJson("run", sha256, ...abc);
    const listed = await runJson("inspect", sha256);
    expect(listed.value.modules[0].exports.map((e: { name: string }) => e.name)).toContain(
      "output",
    );
    const address = String(digestAddress());
    const args = ["--address", address, "--length", "32", "--out", proof];
    const proven = await runJson("prove-memory", sha256, ...abc, ...args);
    expect(proven.value.stateHash).toBe(value.stateHash);
    expect(proven.value.bytes).toBe(
      "0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    const verified = await runJson("verify-memory", proof, "--state", value.stateHash);
    expect(verified.value).toMatchObject({ verified: true, bytes: proven.value.bytes });
    const file = JSON.parse(readFileSync(proof, "utf8"));
    writeFileSync(proof, JSON.stringify({ ...file, bytes: file.bytes.replace("ba", "bb") }));
    expect((await runCommandLine("verify-memory", proof)).exitCode).toBe(1);
  });
});

/** Value of the exported global `output`, as the host's engine sees it. */
function digestAddress(): number {
  const module = new WebAssembly.Module(new Uint8Array(readFileSync(sha256)));
  const arbiter = { input_size: () => 0, input_read: () => {}, time_ms: () => 0n };
  const { output } = new WebAssembly.Instance(module, { arbiter }).exports;
  return (output as WebAssembly.Global<"i32">).value;
}
