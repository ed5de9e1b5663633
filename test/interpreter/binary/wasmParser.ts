/**
 * `@webassemblyjs/wasm-parser` as an independent decoder: its syntax tree brought into the form in which our own
 * decoder's output is compared with it. It reads 1.0 well; later instructions it reads past or not at all.
 *
 * Invariant: only names and shapes are translated here, by rules of the naming history, never contents.
 */
import { createRequire } from "node:module";

// The package has no types of its own; these are the parts of its tree that are read here.
interface Node {
  readonly type: string;
  readonly id?: string;
  readonly object?: string;
  readonly args?: readonly { readonly type: string; readonly value?: unknown }[];
  readonly namedArgs?: { readonly offset?: { readonly value: number } };
  readonly index?: { readonly value: number };
  readonly instr?: readonly Node[];
  readonly test?: readonly Node[];
  readonly consequent?: readonly Node[];
  readonly alternate?: readonly Node[];
}

// biome-ignore lint/suspicious/noExplicitAny: an untyped package's tree
export type Field = any;

const { decode } = createRequire(import.meta.url)("@webassemblyjs/wasm-parser") as {
  decode(bytes: Uint8Array, options: object): { body: [{ fields: Field[] }] };
};

/** The fields of a module, or undefined where the parser cannot read it. */
export function parse(bytes: Uint8Array): readonly Field[] | undefined {
  try {
    return decode(bytes, { ignoreCustomNameSection: true }).body[0].fields;
  } catch {
    return undefined;
  }
}

export interface PlainInstruction {
  readonly name: string;
  /** Indices, labels, integer constants, static offsets; empty where the tree does not carry them. */
  readonly numbers: readonly unknown[];
}

/** The instructions of a body in order, without `else`, `end` and declarations of locals. */
export function instructionsOf(nodes: readonly Node[]): PlainInstruction[] {
  return nodes.flatMap((node) => {
    const name = node.object === undefined ? String(node.id) : `${node.object}.${node.id}`;
    switch (node.type) {
      case "BlockInstruction":
      case "LoopInstruction":
        return [{ name, numbers: [] }, ...instructionsOf(node.instr ?? [])];
      case "IfInstruction": {
        const arms = [...(node.test ?? []), ...(node.consequent ?? []), ...(node.alternate ?? [])];
        return [{ name, numbers: [] }, ...instructionsOf(arms)];
      }
      case "CallInstruction":
        return [{ name, numbers: [node.index?.value] }];
      case "CallIndirectInstruction":
        return [{ name, numbers: [] }];
      default:
        if (name === "local" || name === "end") return [];
        return [{ name, numbers: numbersOf(node) }];
    }
  });
}

function numbersOf({ args = [], namedArgs }: Node): unknown[] {
  if (namedArgs?.offset !== undefined) return [namedArgs.offset.value];
  return args.filter(({ type }) => type === "NumberLiteral").map(({ value }) => value);
}

/** The name that this parser, older than the renaming of 2018, gives to a mnemonic. */
export function oldName(mnemonic: string): string {
  return mnemonic
    .replace(/^(local|global)\.(get|set|tee)$/, "$2_$1")
    .replace("memory.size", "current_memory")
    .replace("memory.grow", "grow_memory")
    .replace(/^i(32|64)\.(load|store)/, "u$1.$2")
    .replace(/^(\w+\.[a-z]+)_([if]\d\d)(_[su])?$/, "$1$3/$2");
}
