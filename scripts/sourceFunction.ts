/**
 * Functions of source files as syntax trees, and texts as expressions: what scripts/inline.ts looks at.
 *
 * Invariant: nothing is found by its text alone, only by its place in a tree; a text that becomes an operand stands in
 * parentheses unless it binds as tightly as a name.
 */
import { readFileSync } from "node:fs";
import ts from "typescript";

/** A function of a source file. */
export interface SourceFunction {
  readonly name: string;
  readonly params: readonly string[];
  readonly body: ts.Block;
  readonly source: ts.SourceFile;
}

const sources = new Map<string, ts.SourceFile>();

function sourceFile(url: URL): ts.SourceFile {
  let source = sources.get(url.href);
  if (source === undefined) {
    const text = readFileSync(url, "utf8");
    source = ts.createSourceFile(url.pathname, text, ts.ScriptTarget.Latest, true);
    sources.set(url.href, source);
  }
  return source;
}

/** The function of this name that the file declares. */
export function functionOf(url: URL, name: string): SourceFunction {
  return declaredIn(sourceFile(url), name) ?? missing(`${name} in ${url.pathname}`);
}

function missing(what: string): never {
  throw new Error(`expected ${what}`);
}

/** The function of this name at the top of a file; undefined if there is none with a body. */
export function declaredIn(source: ts.SourceFile, name: string): SourceFunction | undefined {
  for (const statement of source.statements) {
    if (!ts.isFunctionDeclaration(statement) || statement.name?.text !== name) continue;
    if (statement.body === undefined) return undefined;
    const params = statement.parameters.map((param) => param.name.getText());
    return { name, params, body: statement.body, source };
  }
  return undefined;
}

/** The one expression that a function consists of. */
export function returnedBy({ body, name }: SourceFunction): ts.Expression {
  const [statement] = body.statements;
  if (body.statements.length === 1 && ts.isReturnStatement(statement) && statement.expression) {
    return statement.expression;
  }
  return missing(`${name} to be one expression`);
}

/** The name that a statement gives a value, if it is a number: anything else has its type written beside it. */
export function declaredName(statement: ts.Statement): string | undefined {
  if (!ts.isVariableStatement(statement)) return undefined;
  const [declaration] = statement.declarationList.declarations;
  return declaration.type === undefined ? declaration.name.getText() : undefined;
}

/** How often a name stands in a tree. */
export function uses(node: ts.Node, name: string): number {
  if (ts.isIdentifier(node)) return node.text === name ? 1 : 0;
  let count = 0;
  ts.forEachChild(node, (child) => {
    count += uses(child, name);
  });
  return count;
}

function expressionIn(text: string): ts.Expression | undefined {
  const [statement] = ts.createSourceFile("", text, ts.ScriptTarget.Latest).statements;
  return ts.isExpressionStatement(statement) ? statement.expression : undefined;
}

/** Whether a text is a name or a number: it may stand wherever the parameter stood. */
export function isSimple(text: string): boolean {
  const expression = expressionIn(text);
  return (
    expression !== undefined && (ts.isIdentifier(expression) || ts.isNumericLiteral(expression))
  );
}

/** The text as an operand: in parentheses if it has operators of its own. */
export function operand(text: string): string {
  const expression = expressionIn(text);
  const isCompound =
    expression === undefined ||
    ts.isBinaryExpression(expression) ||
    ts.isConditionalExpression(expression) ||
    ts.isPrefixUnaryExpression(expression);
  return isCompound ? `(${text})` : text;
}

/** The text in the place of a node: an operand, unless the node stands alone there. */
export function placed(node: ts.Node, text: string): string {
  const { parent } = node;
  const standsAlone =
    ts.isVariableDeclaration(parent) ||
    ts.isReturnStatement(parent) ||
    ts.isParenthesizedExpression(parent) ||
    (ts.isElementAccessExpression(parent) && parent.argumentExpression === node) ||
    (ts.isCallExpression(parent) && parent.expression !== node) ||
    (ts.isBinaryExpression(parent) &&
      parent.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
      parent.right === node);
  return standsAlone ? text : operand(text);
}
