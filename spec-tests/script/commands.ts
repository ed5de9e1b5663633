/**
 * The commands of a test script (interpreter/README.md §Scripts of the specification's repository), read from
 * its s-expressions: modules, actions, assertions.
 *
 * Invariant: every top-level node becomes exactly one command, or the reader throws; only scripts that are one
 * module written without its parentheses (`inline-module.wast`) become one command as a whole.
 */
import { bytesOf, type List, type Node, readScript, ScriptError, type Text } from "./sexpr.ts";

export type ModuleSource =
  /** A module in text form: the source verbatim, less the script's own keywords. */
  | { readonly form: "text"; readonly text: string }
  | { readonly form: "binary"; readonly bytes: Uint8Array }
  /** Text as bytes, which need not be UTF-8. */
  | { readonly form: "quote"; readonly bytes: Uint8Array };

export interface Action {
  readonly kind: "invoke" | "get";
  /** Identifier of the instance; undefined: the latest one. */
  readonly instance: string | undefined;
  readonly field: string;
  readonly args: readonly Node[];
}

export type Command = { readonly line: number } & (
  | { readonly kind: "module"; readonly id: string | undefined; readonly source: ModuleSource }
  | { readonly kind: "definition"; readonly id: string | undefined; readonly source: ModuleSource }
  | {
      readonly kind: "instance";
      readonly id: string | undefined;
      readonly definition: string | undefined;
    }
  | { readonly kind: "register"; readonly name: string; readonly instance: string | undefined }
  | { readonly kind: "action"; readonly action: Action }
  | { readonly kind: "return"; readonly action: Action; readonly expected: readonly Node[] }
  /** The NaN assertions of 1.0: the type of the result is the action's own. */
  | { readonly kind: "nan"; readonly action: Action; readonly nan: "canonical" | "arithmetic" }
  | { readonly kind: "trap" | "exhaustion"; readonly action: Action; readonly message: string }
  | { readonly kind: "exception"; readonly action: Action }
  | {
      readonly kind: "malformed" | "invalid" | "unlinkable" | "uninstantiable";
      readonly source: ModuleSource;
      readonly message: string;
    }
);

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf8 = (node: Text) => decoder.decode(bytesOf(node));

function headOf(node: Node | undefined): string | undefined {
  const head = node?.kind === "list" ? node.items[0] : undefined;
  return head?.kind === "atom" ? head.text : undefined;
}

const isIdentifier = (node: Node | undefined) => node?.kind === "atom" && node.text.startsWith("$");

function joined(nodes: readonly Node[]): Uint8Array {
  const parts = nodes.map((node) => {
    if (node.kind !== "string") throw new ScriptError(node.start, "expected a string");
    return bytesOf(node);
  });
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Reads one script; throws `ScriptError` for a command that it does not know. */
class CommandReader {
  readonly #source: string;
  readonly #lineStarts: number[] = [0];

  constructor(source: string) {
    this.#source = source;
    for (let at = source.indexOf("\n"); at >= 0; at = source.indexOf("\n", at + 1)) {
      this.#lineStarts.push(at + 1);
    }
  }

  read(): Command[] {
    const nodes = readScript(this.#source);
    const isModule =
      nodes.length > 0 && !/^(module|assert_.*|invoke|get|register)$/.test(headOf(nodes[0]) ?? "");
    if (isModule) {
      const text = `(module ${this.#source}\n)`;
      return [{ line: 1, kind: "module", id: undefined, source: { form: "text", text } }];
    }
    return nodes.map((node) => this.#command(node));
  }

  #lineOf(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#lineStarts[middle] <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  #command(node: Node): Command {
    const head = headOf(node);
    if (node.kind !== "list" || head === undefined) {
      throw new ScriptError(node.start, "expected a command");
    }
    const line = this.#lineOf(node.start);
    if (head === "module") return { line, ...this.#moduleCommand(node) };
    if (head === "invoke" || head === "get")
      return { line, kind: "action", action: this.#action(node) };
    if (head === "register") {
      return {
        line,
        kind: "register",
        name: this.#string(node, 1),
        instance: this.#identifier(node, 2),
      };
    }
    return { line, ...this.#assertion(node, head) };
  }

  #moduleCommand(node: List) {
    const keyword = node.items[1]?.kind === "atom" ? node.items[1].text : "";
    if (keyword === "instance") {
      const [id, definition] = [this.#identifier(node, 2), this.#identifier(node, 3)];
      return { kind: "instance", id, definition } as const;
    }
    const definition = keyword === "definition";
    const id = this.#identifier(node, definition ? 2 : 1);
    return {
      kind: definition ? "definition" : "module",
      id,
      source: this.#moduleSource(node),
    } as const;
  }

  #moduleSource(node: Node | undefined): ModuleSource {
    if (node?.kind !== "list" || headOf(node) !== "module") {
      throw new ScriptError(node?.start ?? 0, "expected a module");
    }
    const keyword = (at: number) =>
      node.items[at]?.kind === "atom" ? (node.items[at].text as string) : "";
    let at = 1;
    const definition = keyword(at) === "definition";
    if (definition) at += 1;
    if (isIdentifier(node.items[at])) at += 1;
    const form = keyword(at);
    const rest = node.items.slice(at + 1);
    if (form === "binary" || form === "quote") return { form, bytes: joined(rest) };
    const text = this.#source.slice(node.start, node.end);
    return { form: "text", text: definition ? text.replace("definition", "") : text };
  }

  #action(node: Node | undefined): Action {
    const kind = headOf(node);
    if (node?.kind !== "list" || (kind !== "invoke" && kind !== "get")) {
      throw new ScriptError(node?.start ?? 0, "expected an action");
    }
    const instance = this.#identifier(node, 1);
    const at = instance === undefined ? 1 : 2;
    return { kind, instance, field: this.#string(node, at), args: node.items.slice(at + 1) };
  }

  #assertion(node: List, head: string) {
    const subject = node.items[1];
    const message = () => this.#string(node, 2);
    switch (head) {
      case "assert_return":
        return {
          kind: "return",
          action: this.#action(subject),
          expected: node.items.slice(2),
        } as const;
      case "assert_return_canonical_nan":
        return { kind: "nan", action: this.#action(subject), nan: "canonical" } as const;
      case "assert_return_arithmetic_nan":
        return { kind: "nan", action: this.#action(subject), nan: "arithmetic" } as const;
      case "assert_trap":
        if (headOf(subject) === "module") {
          return {
            kind: "uninstantiable",
            source: this.#moduleSource(subject),
            message: message(),
          } as const;
        }
        return { kind: "trap", action: this.#action(subject), message: message() } as const;
      case "assert_exhaustion":
        return { kind: "exhaustion", action: this.#action(subject), message: message() } as const;
      case "assert_exception":
        return { kind: "exception", action: this.#action(subject) } as const;
      case "assert_malformed":
        return {
          kind: "malformed",
          source: this.#moduleSource(subject),
          message: message(),
        } as const;
      case "assert_invalid":
        return {
          kind: "invalid",
          source: this.#moduleSource(subject),
          message: message(),
        } as const;
      case "assert_unlinkable":
        return {
          kind: "unlinkable",
          source: this.#moduleSource(subject),
          message: message(),
        } as const;
      case "assert_uninstantiable":
        return {
          kind: "uninstantiable",
          source: this.#moduleSource(subject),
          message: message(),
        } as const;
      default:
        throw new ScriptError(node.start, `expected a known command, got ${head}`);
    }
  }

  #string(node: List, index: number): string {
    const item = node.items[index];
    if (item?.kind !== "string") throw new ScriptError(node.start, "expected a string");
    return utf8(item);
  }

  #identifier(node: List, index: number): string | undefined {
    const item = node.items[index];
    return item?.kind === "atom" && isIdentifier(item) ? item.text : undefined;
  }
}

export function readCommands(source: string): Command[] {
  return new CommandReader(source).read();
}

const assertions = new Set<Command["kind"]>([
  "return",
  "nan",
  "trap",
  "exhaustion",
  "exception",
  "malformed",
  "invalid",
  "unlinkable",
  "uninstantiable",
]);

/** Assertions that an engine has to meet: all but those about malformed *text*, which no engine reads. */
export function isEngineAssertion(command: Command): boolean {
  if (command.kind === "malformed" && command.source.form !== "binary") return false;
  return assertions.has(command.kind);
}
