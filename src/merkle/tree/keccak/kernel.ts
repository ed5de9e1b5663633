/**
 * Keccak-256 as this project needs it: batches of leaves and nodes of Merkle arrays, and single short
 * preimages (docs/proof-format.md, table of tags). Three implementations behind one interface: WebAssembly with
 * SIMD, WebAssembly without, and plain JavaScript (@noble/hashes) where the host forbids WebAssembly.
 *
 * Invariant: all three give the same bytes; which one runs is a matter of speed alone.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { areasOf, type Kernel, type Tag, tags } from "./areas.ts";
import { buildKernel } from "./buildKernel.ts";
import { javascriptKernel } from "./javascriptKernel.ts";
import { hashBytes, kernelMemory, leafStride, nodeStride } from "./kernelLayout.ts";
import { type MemoOperations, memoUpdate } from "./memos.ts";

export { type Kernel, type Tag, tags } from "./areas.ts";
export { batchLeaves, hashBytes } from "./kernelLayout.ts";

const blockBytes = 136;

/** Padding of a one-block preimage (Keccak, not SHA-3: 0x01 … 0x80), as lanes with the tag in front. */
const padStart = 0x100n;
const padEnd = 1n << 63n;

interface KernelExports {
  readonly memory: WebAssembly.Memory;
  batch(
    source: number,
    target: number,
    count: number,
    stride: number,
    lane8: bigint,
    lane16: bigint,
  ): void;
  listed(list: number, count: number, stride: number, lane8: bigint, lane16: bigint): void;
  take(fresh: number, kept: number, leaves: number): number;
  block(source: number, target: number): void;
}

function wasmKernel(simd: boolean): Kernel {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(buildKernel(simd)));
  const { memory, batch, listed, take, block } = instance.exports as unknown as KernelExports;
  const { input, output, memos, list } = areasOf(memory.buffer);
  const leafLane = BigInt(tags.leaf) | padStart | padEnd;
  const nodeLane = BigInt(tags.node) | padStart;
  const operations: MemoOperations = {
    list,
    take,
    hashLeaves: (count) => listed(kernelMemory.list, count, leafStride, 0n, leafLane),
    hashNodes: (count) => listed(kernelMemory.list, count, nodeStride, nodeLane, padEnd),
  };
  return {
    name: simd ? "simd" : "scalar",
    input,
    output,
    memos,
    update: memoUpdate(operations),
    reduce(count, levels) {
      let from: number = kernelMemory.output;
      let to = from + count * hashBytes;
      batch(kernelMemory.input, from, count, leafStride, 0n, leafLane);
      for (let n = count / 2, level = 0; level < levels; level++, n /= 2) {
        batch(from, to, n, nodeStride, nodeLane, padEnd);
        from = to;
        to += n * hashBytes;
      }
      return from - kernelMemory.output;
    },
    nodes(count) {
      batch(kernelMemory.input, kernelMemory.output, count, nodeStride, nodeLane, padEnd);
    },
    hash(preimage) {
      if (preimage.length >= blockBytes) return keccak_256(preimage);
      input.set(preimage);
      input.fill(0, preimage.length, blockBytes);
      input[preimage.length] = 1;
      input[blockBytes - 1] |= 0x80;
      block(kernelMemory.input, kernelMemory.output);
      return output.slice(0, hashBytes);
    },
  };
}

/** The kernel of a kind, or undefined where the host cannot compile it. */
export function wasmKernelOrUndefined(simd: boolean): Kernel | undefined {
  try {
    return wasmKernel(simd);
  } catch {
    return undefined;
  }
}

/** The fastest kernel that this host runs. One instance serves the whole process: every call leaves nothing behind. */
export const kernel: Kernel =
  wasmKernelOrUndefined(true) ?? wasmKernelOrUndefined(false) ?? javascriptKernel();

const pairPreimage = new Uint8Array(nodeStride + 1);

/** keccak(left ‖ right ‖ tag): a node of the state tree or the program tree. No zero rule. */
export function hashPair(left: Uint8Array, right: Uint8Array, tag: Tag): Uint8Array {
  pairPreimage.set(left);
  pairPreimage.set(right, hashBytes);
  pairPreimage[nodeStride] = tag;
  return kernel.hash(pairPreimage);
}

/** The hash of one 128-byte leaf of a Merkle array. */
export function hashLeaf(leaf: Uint8Array): Uint8Array {
  kernel.input.set(leaf);
  kernel.reduce(1, 0);
  return kernel.output.slice(0, hashBytes);
}

/** The hash of an inner node of a Merkle array. */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  kernel.input.set(left);
  kernel.input.set(right, hashBytes);
  kernel.nodes(1);
  return kernel.output.slice(0, hashBytes);
}
