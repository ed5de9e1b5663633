/**
 * The program's commitment Ψ (docs/proof-format.md §5): its Merkle arrays and the configuration leaf.
 *
 * Invariant: equal committed bytes and equal configuration give the same root on every host; a tree is built once
 * for a program and serves every state of it. With kept hashes no instruction is lowered before a leaf of them is opened.
 */
import type { Program } from "../../interpreter/program/program.ts";
import {
  branchBytes,
  chunkBytes,
  functionBytes,
  instructionBytes,
  noEntry,
} from "../../interpreter/program/program.ts";
import { withGaps } from "../../interpreter/program/programOnDemand.ts";
import {
  arrayDepths,
  type ProgramArray,
  type RestName,
  restShape,
  type Shape,
  zeroHash,
} from "../tree/arrays.ts";
import { concatenate } from "../tree/byteReader.ts";
import { hashPair, kernel, tags } from "../tree/keccak/kernel.ts";
import { arrayOfBytes, arrayOfHashes, type MerkleArray } from "../tree/merkleArray.ts";
import type { Multiproof } from "../tree/multiproof.ts";
import { hashShape, PartialTree } from "../tree/partialTree.ts";
import { genesisCold } from "./genesisCommitment.ts";

export const configBytes = 128;
const formatVersion = 2;

/** The configuration leaf C. */
export function encodeConfig(program: Program): Uint8Array {
  const { growth, gateway, limits, chunkFuel } = program.config;
  const { boot } = program;
  const { code } = withGaps(program);
  const bytes = new Uint8Array(configBytes);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, formatVersion);
  view.setUint8(2, growth === "declared" ? 1 : 0);
  view.setUint32(4, gateway?.entryPc ?? noEntry);
  view.setUint32(8, gateway?.locals ?? 0);
  view.setUint32(12, gateway?.frame ?? 0);
  view.setBigUint64(16, BigInt(limits.callFuel));
  const words = [
    ...[limits.stackSlots, limits.frames, chunkFuel, limits.inputBytes],
    ...[limits.memoryPages, limits.tableEntries],
    ...[code.length / instructionBytes, program.functionEntries.length / functionBytes],
    ...[program.memories.length, program.tables.length, program.segments, program.globals],
    ...[boot?.entryPc ?? noEntry, boot?.locals ?? 0, limits.outputBytes],
  ];
  words.forEach((word, i) => {
    view.setUint32(24 + 4 * i, word);
  });
  bytes.set(genesisCold(program), configBytes - zeroHash.length);
  return bytes;
}

export function configHash(config: Uint8Array): Uint8Array {
  return kernel.hash(concatenate([config, Uint8Array.of(tags.config)]));
}

/** p(l, r): an inner node of the program tree. */
export function programNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hashPair(left, right, tags.program);
}

/** Arrays that no instruction of this version reads are empty. */
const unused = new Uint8Array(0);

/** The arrays of a program, of which the first two may have gaps. */
const committedBytes = (program: Program): Readonly<Record<ProgramArray, Uint8Array>> => ({
  code: program.code,
  branches: program.branches,
  functions: program.functionEntries,
  data: program.data,
  elements: program.elements,
  constants: program.constants,
  types: unused,
  tryOf: unused,
  tries: unused,
  clauses: unused,
  stackMaps: unused,
});

/** Branch entries and function entries of a program must be whole. */
function checkWhole(program: Program): void {
  const { code, branches, functionEntries } = withGaps(program);
  const whole =
    code.length % instructionBytes === 0 &&
    branches.length % branchBytes === 0 &&
    functionEntries.length % functionBytes === 0;
  if (!whole) throw new RangeError("expected whole instructions in the program's committed bytes");
}

/** What is kept of a program's tree, so that its long arrays need not be hashed again. */
export interface KeptHashes {
  /** Ψ: 32 bytes. */
  readonly root: Uint8Array;
  /** Hashes of whole chunks of 4 KiB, 32 bytes each. */
  readonly code: Uint8Array;
  readonly branches: Uint8Array;
}

export class ProgramTree {
  readonly #program: Program;
  readonly #bytes: Readonly<Record<ProgramArray, Uint8Array>>;
  readonly #kept: KeptHashes | undefined;
  /** Those that were asked for. */
  readonly #arrays: Partial<Record<ProgramArray, MerkleArray>> = {};
  #config: Uint8Array | undefined;
  #rest: Uint8Array | undefined;
  #root: Uint8Array | undefined;

  /** `kept`: what `keptHashes` gave for the same program; then its bytes are not hashed again. */
  constructor(program: Program, kept?: KeptHashes) {
    checkWhole(program);
    this.#program = program;
    this.#bytes = committedBytes(withGaps(program));
    this.#kept = kept;
    this.#root = kept?.root;
  }

  /** The tree of a program; built when first asked for. */
  static of(program: Program): ProgramTree {
    const known = trees.get(program);
    if (known?.commits(program) === true) return known;
    const tree = new ProgramTree(program, keptOf.get(program));
    trees.set(program, tree);
    return tree;
  }

  /** Takes kept hashes for those of a program from now on. */
  static restore(program: Program, kept: KeptHashes): void {
    keptOf.set(program, kept);
  }

  /** Calls `told` with the hashes of a program once its root has been made. */
  static whenHashed(program: Program, told: (hashes: KeptHashes) => void): void {
    waiting.set(program, told);
  }

  /** The configuration leaf C. */
  get config(): Uint8Array {
    this.#config ??= encodeConfig(this.#program);
    return this.#config;
  }

  /** The root, and the hashes of the chunks of the arrays that lowering makes, which are the long ones. */
  keptHashes(): KeptHashes {
    const hashes = (name: ProgramArray) =>
      this.#array(name).chunkHashes(Math.ceil(this.#bytes[name].length / chunkBytes));
    return { root: this.root(), code: hashes("code"), branches: hashes("branches") };
  }

  /** Ψ */
  root(): Uint8Array {
    if (this.#root === undefined) {
      this.#root = programNode(this.arrayRoot("code"), this.rest());
      const told = waiting.get(this.#program);
      waiting.delete(this.#program);
      told?.(this.keptHashes());
    }
    return this.#root;
  }

  rest(): Uint8Array {
    this.#rest ??= hashShape(restShape, this.#restRoot, tags.program);
    return this.#rest;
  }

  arrayRoot(name: ProgramArray): Uint8Array {
    return this.#array(name).root();
  }

  open(name: ProgramArray, leaves: readonly number[]): Multiproof {
    return this.#array(name).open(leaves);
  }

  #array(name: ProgramArray): MerkleArray {
    let array = this.#arrays[name];
    if (array === undefined) {
      array = this.#makeArray(name);
      this.#arrays[name] = array;
    }
    return array;
  }

  #makeArray(name: ProgramArray): MerkleArray {
    const depth = arrayDepths[name];
    if (name !== "code" && name !== "branches") return arrayOfBytes(depth, this.#bytes[name]);
    // The program's own arrays have no gaps.
    const kept = this.#kept?.[name];
    if (kept === undefined) return arrayOfBytes(depth, this.#program[name]);
    return arrayOfHashes(depth, kept, () => this.#program[name]);
  }

  /** Everything below codeRoot's sibling, with the roots that `named` holds in the clear. */
  partialRest(named: ReadonlySet<string>): PartialTree<RestName> {
    return new PartialTree(restShape, named, tags.program, (part) => this.restNode(part));
  }

  /** Hash of a subtree of the rest. */
  restNode(part: Shape<RestName>): Uint8Array {
    return part === restShape ? this.rest() : hashShape(part, this.#restRoot, tags.program);
  }

  readonly #restRoot = (name: RestName): Uint8Array =>
    name === "config" ? configHash(this.config) : this.arrayRoot(name);

  /** Whether the program still has the bytes that this tree was built from: a linker may append to it. */
  commits(program: Program): boolean {
    const now = committedBytes(withGaps(program));
    const names = Object.keys(now) as ProgramArray[];
    return names.every((name) => now[name] === this.#bytes[name]);
  }
}

const trees = new WeakMap<Program, ProgramTree>();
const keptOf = new WeakMap<Program, KeptHashes>();
/** Of programs whose roots have not been made. */
const waiting = new WeakMap<Program, (hashes: KeptHashes) => void>();

/** H_Ψ: what two parties must agree on before anything else. */
export function programRoot(program: Program): Uint8Array {
  return ProgramTree.of(program).root();
}
