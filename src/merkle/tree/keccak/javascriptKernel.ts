/**
 * The kernel in plain JavaScript (@noble/hashes), for hosts that forbid WebAssembly, and the oracle in tests.
 *
 * Invariant: it divides its memory as the WebAssembly kernels do, and leaves the same bytes in it.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { areasOf, type Kernel, tags } from "./areas.ts";
import { hashBytes, kernelMemory, leafStride, nodeStride } from "./kernelLayout.ts";
import { memoUpdate } from "./memos.ts";

const pageBytes = 65536;

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

export function javascriptKernel(): Kernel {
  const memory = new Uint8Array(kernelMemory.pages * pageBytes);
  const { input, output, memos, list } = areasOf(memory.buffer);
  const preimages = {
    [leafStride]: new Uint8Array(leafStride + 1).fill(tags.leaf, leafStride),
    [nodeStride]: new Uint8Array(nodeStride + 1).fill(tags.node, nodeStride),
  };
  const hashItem = (source: number, target: number, stride: 128 | 64) => {
    const item = memory.subarray(source, source + stride);
    if (isZero(item)) {
      memory.fill(0, target, target + hashBytes);
    } else {
      preimages[stride].set(item);
      memory.set(keccak_256(preimages[stride]), target);
    }
  };
  const batch = (source: number, target: number, count: number, stride: 128 | 64) => {
    for (let i = 0; i < count; i++) hashItem(source + i * stride, target + i * hashBytes, stride);
  };
  const listed = (count: number, stride: 128 | 64) => {
    for (let i = 0; i < count; i++) hashItem(list[2 * i], list[2 * i + 1], stride);
  };
  const take = (fresh: number, kept: number, leaves: number) => {
    let changed = 0;
    for (let leaf = 0; leaf < leaves; leaf++) {
      const at = leaf * leafStride;
      const item = memory.subarray(fresh + at, fresh + at + leafStride);
      if (item.every((byte, i) => byte === memory[kept + at + i])) continue;
      memory.set(item, kept + at);
      changed |= 1 << leaf;
    }
    return changed;
  };
  return {
    name: "javascript",
    input,
    output,
    memos,
    update: memoUpdate({
      list,
      take,
      hashLeaves: (count) => listed(count, leafStride),
      hashNodes: (count) => listed(count, nodeStride),
    }),
    reduce(count, levels) {
      let from: number = kernelMemory.output;
      let to = from + count * hashBytes;
      batch(kernelMemory.input, from, count, leafStride);
      for (let n = count / 2, level = 0; level < levels; level++, n /= 2) {
        batch(from, to, n, nodeStride);
        from = to;
        to += n * hashBytes;
      }
      return from - kernelMemory.output;
    },
    nodes: (count) => batch(kernelMemory.input, kernelMemory.output, count, nodeStride),
    hash: keccak_256,
  };
}
