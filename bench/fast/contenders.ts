/**
 * Ways to run one gateway call of an example, made alike for measuring: each takes an input, runs the call, and checks
 * the result against the manifest's known answer where the example's memory does not outlive calls.
 *
 * Invariant: peers run the same binary, with the same host functions.
 */
import binaryen from "binaryen";
import { WebAssembly as PolyWebAssembly } from "polywasm";
import type { Example } from "../../examples/manifest.ts";
import { wasmOf } from "../../examples/manifest.ts";
import { hostImports, nativeExample } from "../../examples/native.ts";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { run } from "../../src/interpreter/blocks/runSteps.ts";
import type { FastOptions } from "../../src/interpreter/compile/fastExecutor.ts";
import { FastExecutor } from "../../src/interpreter/compile/fastExecutor.ts";
import { link } from "../../src/interpreter/program/link.ts";
import { chunkBytes, type Program } from "../../src/interpreter/program/program.ts";
import { genesis } from "../../src/interpreter/state/genesis.ts";
import { touchAllGlobals } from "../../src/interpreter/state/globals.ts";
import { begin } from "../../src/interpreter/state/invocation.ts";
import type { MachineState } from "../../src/interpreter/state/machineState.ts";
import { statusCodes } from "../../src/interpreter/state/machineState.ts";
import { markStale } from "../../src/interpreter/state/memories.ts";

/**
 * Takes the state's memories and globals back to what they are now, after a call that grows nothing, so that every
 * measured run begins alike. Chunks that were put back count as changed.
 */
export function rewinding(state: MachineState): () => void {
  const contents = state.memories.map(({ bytes }) => bytes.slice());
  const globals = state.globals.slice();
  return () => {
    touchAllGlobals(state);
    state.globals.set(globals);
    state.memories.forEach((memory, index) => {
      const content = contents[index];
      if (memory.bytes.length !== content.length) throw new Error("expected no memory to grow");
      for (const chunk of memory.dirtyChunks) {
        const start = chunk * chunkBytes;
        memory.bytes.set(content.subarray(start, start + chunkBytes), start);
        markStale(memory, start, chunkBytes);
      }
    });
  };
}

/** Runs one gateway call. */
export type Contender = (input: Uint8Array) => void;

/** Fuel of a call: a long run may take more than the default, and thousands of calls come after one another. */
export const callFuel = 2 ** 43;

export function programOf(example: Example): Program {
  const module = decodeModule(wasmOf(example));
  const { name, gateway } = example;
  return link([{ name, module }], { gateway, limits: { callFuel } });
}

export async function nativeContender(example: Example): Promise<Contender> {
  const instance = await nativeExample(example);
  return (input) => void instance.call(input);
}

export interface MachineContender {
  readonly call: Contender;
  readonly state: MachineState;
  readonly executor: FastExecutor | undefined;
}

function checkReturned(state: MachineState): void {
  if (state.status !== statusCodes.returned) {
    throw new Error(`expected the call to return, got trap ${state.trap}`);
  }
}

export function fastContender(program: Program, options: FastOptions = {}): MachineContender {
  const state = genesis(program);
  const executor = new FastExecutor(state, options);
  executor.prepare();
  if (executor.refusal !== undefined) throw new Error(executor.refusal);
  const isWhole = options.omitted === undefined;
  const call = (input: Uint8Array) => {
    begin(state, input);
    executor.run();
    if (isWhole) checkReturned(state);
  };
  return { call, state, executor };
}

export function blockContender(program: Program): MachineContender {
  const state = genesis(program);
  const call = (input: Uint8Array) => {
    begin(state, input);
    run(state);
    checkReturned(state);
  };
  return { call, state, executor: undefined };
}

interface GatewayExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly [name: string]: unknown;
}

interface Input {
  bytes: Uint8Array;
}

/** Host functions over an input that changes from call to call. */
function imports(memory: () => ArrayBuffer, input: Input): WebAssembly.Imports {
  return hostImports(
    () => new Uint8Array(memory()),
    () => input.bytes,
  );
}

export function polywasmContender(example: Example): Contender {
  const input: Input = { bytes: new Uint8Array() };
  const module = new PolyWebAssembly.Module(wasmOf(example));
  const instance: { readonly exports: GatewayExports } = new PolyWebAssembly.Instance(
    module,
    imports(() => instance.exports.memory.buffer, input),
  ) as unknown as { readonly exports: GatewayExports };
  const gateway = instance.exports[example.gateway] as () => number;
  return (bytes) => {
    input.bytes = bytes;
    gateway();
  };
}

/** Binaryen's translation to JavaScript, optimised first, as its command line does. */
export function wasm2jsContender(example: Example): Contender {
  const module = binaryen.readBinary(wasmOf(example));
  module.setFeatures(binaryen.Features.All);
  module.optimize();
  const text = module
    .emitAsmjs()
    .replace(/^import \* as (\w+) from '\w+';$/gm, "const $1 = host;")
    .replace(/^export var (\w+) = /gm, "exported.$1 = ");
  module.dispose();
  const input: Input = { bytes: new Uint8Array() };
  const exported: { memory?: { buffer: ArrayBuffer }; [name: string]: unknown } = {};
  const { arbiter } = imports(() => exported.memory?.buffer as ArrayBuffer, input);
  new Function("host", "exported", text)(arbiter, exported);
  const gateway = exported[example.gateway] as () => number;
  return (bytes) => {
    input.bytes = bytes;
    gateway();
  };
}
