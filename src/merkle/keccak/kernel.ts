/**
 * Keccak-256 as this project needs it: batches of leaves and nodes of Merkle arrays, and single short
 * preimages (docs/proof-format.md, table of tags). Three implementations behind one interface: WebAssembly with
 * SIMD, WebAssembly without, and plain JavaScript (@noble/hashes) where the host forbids WebAssembly.
 *
 * Invariant: all three give the same bytes; which one runs is a matter of speed alone.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { buildKernel, kernelMemory } from "./build.ts";

export const hashBytes = 32;

/** The byte that ends each kind of preimage. */
export const tags = { leaf: 0, node: 1, state: 2, program: 3, config: 4 } as const;
export type Tag = (typeof tags)[keyof typeof tags];

export interface Kernel {
  readonly name: "simd" | "scalar" | "javascript";
  /** Where a caller puts up to `capacity` bytes of preimages before `leaves`. */
  readonly input: Uint8Array;
  /** Hashes of the levels that `reduce` computed, one level after the other. */
  readonly output: Uint8Array;
  /**
   * Hashes `count` leaves of `input` and then `levels` levels of nodes above them; `output` then holds
   * count + count / 2 + … hashes. Returns the position in `output` of the last level. Zero leaf → 0, zero pair → 0.
   */
  reduce(count: number, levels: number): number;
  /** Hashes `count` pairs of hashes at the start of `input` to the start of `output`; zero pair → 0. */
  nodes(count: number): void;
  /** Keccak-256 of at most 135 bytes; no zero rule. */
  hash(preimage: Uint8Array): Uint8Array;
}

const leafStride = 128;
const nodeStride = 64;
const blockBytes = 136;
/** Most leaves in one batch: 64 chunks of 4 KiB. */
export const batchLeaves = 2048;

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
  block(source: number, target: number): void;
}

function wasmKernel(simd: boolean): Kernel {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(buildKernel(simd)));
  const { memory, batch, block } = instance.exports as unknown as KernelExports;
  const bytes = new Uint8Array(memory.buffer);
  const input = bytes.subarray(kernelMemory.input, kernelMemory.input + batchLeaves * leafStride);
  const output = bytes.subarray(
    kernelMemory.output,
    kernelMemory.output + 2 * batchLeaves * hashBytes,
  );
  const leafLane = BigInt(tags.leaf) | padStart | padEnd;
  const nodeLane = BigInt(tags.node) | padStart;
  return {
    name: simd ? "simd" : "scalar",
    input,
    output,
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

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

/** The fallback, and the oracle in tests. */
export function javascriptKernel(): Kernel {
  const input = new Uint8Array(batchLeaves * leafStride);
  const output = new Uint8Array(2 * batchLeaves * hashBytes);
  const preimage = {
    [leafStride]: new Uint8Array(leafStride + 1),
    [nodeStride]: new Uint8Array(nodeStride + 1),
  };
  const batch = (source: Uint8Array, target: Uint8Array, count: number, stride: 128 | 64) => {
    const buffer = preimage[stride];
    buffer[stride] = stride === leafStride ? tags.leaf : tags.node;
    for (let i = 0; i < count; i++) {
      const item = source.subarray(i * stride, (i + 1) * stride);
      const place = target.subarray(i * hashBytes, (i + 1) * hashBytes);
      if (isZero(item)) {
        place.fill(0);
      } else {
        buffer.set(item);
        place.set(keccak_256(buffer));
      }
    }
  };
  return {
    name: "javascript",
    input,
    output,
    reduce(count, levels) {
      let [from, to] = [0, count * hashBytes];
      batch(input, output, count, leafStride);
      for (let n = count / 2, level = 0; level < levels; level++, n /= 2) {
        batch(output.subarray(from, to), output.subarray(to), n, nodeStride);
        from = to;
        to += n * hashBytes;
      }
      return from;
    },
    nodes: (count) => batch(input, output, count, nodeStride),
    hash: keccak_256,
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
