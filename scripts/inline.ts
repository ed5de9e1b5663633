/**
 * Puts typed functions into one another by their syntax trees: what scripts/blockLoop.ts makes the block loop of.
 * `l.name` becomes the variable `name`, a parameter its argument, a call of a function that is given its body.
 *
 * Invariant: an argument is evaluated once, before the body that it goes into, unless the parameter is used once; nothing
 * is found or changed by its text, only by its place in the tree.
 */
import ts from "typescript";
import {
  declaredIn,
  declaredName,
  isSimple,
  operand,
  placed,
  returnedBy,
  type SourceFunction,
  uses,
} from "./sourceFunction.ts";

/** What stands for a parameter. */
export type Binding =
  | { readonly kind: "text"; readonly text: string; readonly names: ReadonlySet<string> }
  | { readonly kind: "function"; readonly of: SourceFunction }
  /** A call by this name; parameters that begin with `_` get 0. */
  | { readonly kind: "call"; readonly name: string; readonly params: readonly string[] }
  /** The truth of what a function returns, or its contrary. */
  | { readonly kind: "test"; readonly of: Binding; readonly negate: boolean }
  | { readonly kind: "absent" };

export const textBinding = (text: string): Binding => ({ kind: "text", text, names: new Set() });
export const absent: Binding = { kind: "absent" };

type Bindings = ReadonlyMap<string, Binding>;

/** The loop object's name in every operation. */
const loopName = "l";

/** Ends of operations (blocks/loop/loopVariables.ts) as the loop's jumps. */
const jumps: Readonly<Record<string, string>> = {
  operation: "continue;",
  block: "break;",
  leave: "break running;",
};

/** A text with the names that it reads. */
interface Fragment {
  readonly text: string;
  readonly names: ReadonlySet<string>;
}

/** One function being put in. */
interface Scope {
  readonly of: SourceFunction;
  readonly bindings: Bindings;
  readonly names: Set<string>;
}

export class Inliner {
  /** Names that bodies declare: variables of the whole loop. */
  readonly variables = new Set<string>();
  /** Functions that are called, not put in. */
  readonly called = new Set<string>();

  /** Statements of a function with its parameters bound; the loop itself is its first. */
  expand(of: SourceFunction, bindings: Bindings): string {
    return this.body({ of, bindings, names: new Set() }).text;
  }

  private body(scope: Scope): Fragment {
    const fragments = scope.of.body.statements.map((statement) => {
      const own: Scope = { ...scope, names: new Set() };
      return { statement, text: this.node(statement, own), names: own.names };
    });
    const isRead = (name: string, from: number) =>
      fragments.slice(from).some(({ names }) => names.has(name));
    const kept = fragments.filter(({ statement, text }, index) => {
      if (text === "") return false;
      const name = declaredName(statement);
      return name === undefined || isRead(name, index + 1);
    });
    for (const { names } of kept) for (const name of names) scope.names.add(name);
    for (const { statement } of kept) this.noteVariable(statement);
    return { text: kept.map(({ text }) => text).join("\n"), names: scope.names };
  }

  private noteVariable(statement: ts.Statement): void {
    const name = declaredName(statement);
    if (name !== undefined) this.variables.add(name);
  }

  private node(node: ts.Node, scope: Scope): string {
    return this.special(node, scope) ?? this.copied(node, scope);
  }

  /** The node's own text with its children's texts in it. */
  private copied(node: ts.Node, scope: Scope): string {
    const { source } = scope.of;
    let text = "";
    let at = node.getStart(source);
    ts.forEachChild(node, (child) => {
      text += source.text.slice(at, child.getStart(source)) + this.node(child, scope);
      at = child.end;
    });
    return text + source.text.slice(at, node.end);
  }

  private special(node: ts.Node, scope: Scope): string | undefined {
    if (ts.isIfStatement(node)) return this.whereBound(node, scope);
    if (ts.isReturnStatement(node)) return this.returned(node, scope);
    if (ts.isVariableStatement(node)) return this.variable(node, scope);
    if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) {
      return this.statementCall(node.expression, scope);
    }
    if (ts.isCallExpression(node)) return this.valueCall(node, scope);
    if (ts.isPropertyAccessExpression(node)) return this.property(node, scope);
    if (ts.isIdentifier(node)) return this.identifier(node, scope);
    return undefined;
  }

  /** What happens only if a parameter is there, as itself; undefined for any other choice. */
  private whereBound(
    { expression, thenStatement }: ts.IfStatement,
    scope: Scope,
  ): string | undefined {
    if (!ts.isBinaryExpression(expression) || !ts.isIdentifier(expression.left)) return undefined;
    const binding = scope.bindings.get(expression.left.text);
    if (binding === undefined || expression.right.getText() !== "undefined") return undefined;
    if (binding.kind === "absent" || !ts.isBlock(thenStatement)) return "";
    return thenStatement.statements.map((statement) => this.node(statement, scope)).join("\n");
  }

  private returned({ expression }: ts.ReturnStatement, scope: Scope): string | undefined {
    if (expression === undefined) return undefined;
    if (ts.isIdentifier(expression)) return jumps[expression.text];
    if (!ts.isCallExpression(expression) || !ts.isIdentifier(expression.expression))
      return undefined;
    const of = declaredIn(scope.of.source, expression.expression.text);
    return of === undefined ? undefined : this.put(of, expression.arguments, scope);
  }

  private variable(node: ts.VariableStatement, scope: Scope): string | undefined {
    const [declaration] = node.declarationList.declarations;
    const { initializer, name } = declaration;
    if (declaredName(node) === undefined || initializer === undefined) return undefined;
    return `${name.getText()} = ${this.node(initializer, scope)};`;
  }

  private statementCall(node: ts.CallExpression, scope: Scope): string | undefined {
    const binding = this.calleeOf(node, scope);
    if (binding?.kind === "function") return this.put(binding.of, node.arguments, scope);
    return binding?.kind === "call" ? `${this.callText(binding, node, scope)};` : undefined;
  }

  private calleeOf({ expression }: ts.CallExpression, scope: Scope): Binding | undefined {
    return ts.isIdentifier(expression) ? scope.bindings.get(expression.text) : undefined;
  }

  /** Statements of a function in the place of its call. */
  private put(of: SourceFunction, args: readonly ts.Expression[], scope: Scope): string {
    const bindings = new Map<string, Binding>();
    const before: string[] = [];
    of.params.forEach((param, index) => {
      const fragment = this.fragment(args[index], scope);
      if (isSimple(fragment.text) || uses(of.body, param) <= 1) {
        bindings.set(param, { kind: "text", ...fragment });
        return;
      }
      before.push(`${param} = ${fragment.text};`);
      this.variables.add(param);
      for (const name of fragment.names) scope.names.add(name);
    });
    const body = this.body({ of, bindings, names: new Set() });
    for (const name of body.names) scope.names.add(name);
    return [...before, body.text].join("\n");
  }

  private fragment(node: ts.Expression, scope: Scope): Fragment {
    const own: Scope = { ...scope, names: new Set() };
    return { text: this.node(node, own), names: own.names };
  }

  private valueCall(node: ts.CallExpression, scope: Scope): string | undefined {
    const binding = this.calleeOf(node, scope);
    switch (binding?.kind) {
      case "function":
        return placed(node, this.value(binding.of, node.arguments, scope));
      case "call":
        return this.callText(binding, node, scope);
      case "test":
        return this.test(binding.of, binding.negate, node, scope);
      default:
        return undefined;
    }
  }

  private callText(
    { name, params }: Extract<Binding, { kind: "call" }>,
    node: ts.CallExpression,
    scope: Scope,
  ): string {
    this.called.add(name);
    const args = params.map((param, index) =>
      param.startsWith("_") ? "0" : this.node(node.arguments[index], scope),
    );
    return `${name}(${args.join(", ")})`;
  }

  /** The expression that a function returns. */
  private value(of: SourceFunction, args: readonly ts.Expression[], scope: Scope): string {
    return this.inScopeOf(of, args, scope, returnedBy(of));
  }

  private inScopeOf(
    of: SourceFunction,
    args: readonly ts.Expression[],
    scope: Scope,
    expression: ts.Expression,
  ): string {
    const bindings = new Map<string, Binding>(
      of.params.map((param, index) => [
        param,
        { kind: "text", ...this.fragment(args[index], scope) },
      ]),
    );
    const text = this.node(expression, { of, bindings, names: scope.names });
    return text;
  }

  private test(
    of: Binding,
    negate: boolean,
    node: ts.CallExpression,
    scope: Scope,
  ): string | undefined {
    let text: string;
    if (of.kind === "call") {
      text = `${this.callText(of, node, scope)} !== 0`;
    } else if (of.kind === "function") {
      const expression = returnedBy(of.of);
      const isTruth =
        ts.isConditionalExpression(expression) &&
        expression.whenTrue.getText() === "1" &&
        expression.whenFalse.getText() === "0";
      text = isTruth
        ? this.inScopeOf(of.of, node.arguments, scope, expression.condition)
        : `${operand(this.value(of.of, node.arguments, scope))} !== 0`;
    } else {
      return undefined;
    }
    return negate ? `!(${text})` : text;
  }

  private property(node: ts.PropertyAccessExpression, scope: Scope): string {
    const { expression } = node;
    if (ts.isIdentifier(expression) && expression.text === loopName) return node.name.text;
    return `${this.node(node.expression, scope)}.${node.name.text}`;
  }

  private identifier(node: ts.Identifier, scope: Scope): string | undefined {
    const binding = scope.bindings.get(node.text);
    if (binding?.kind !== "text") {
      scope.names.add(node.text);
      return undefined;
    }
    for (const name of binding.names) scope.names.add(name);
    return placed(node, binding.text);
  }
}
