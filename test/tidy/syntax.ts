/**
 * Finds functions that are too long, and long strings, with the TypeScript parser. Tables in functions' clothing do not count: an
 * arrow function without a block is an expression.
 */
import ts from "typescript";

export interface LongFunction {
  readonly file: string;
  readonly name: string;
  readonly lines: number;
}

/** Functions of a file with more than `most` lines, signature and braces included. */
export function longFunctions(file: string, text: string, most: number): LongFunction[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: LongFunction[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      const line = (position: number) => source.getLineAndCharacterOfPosition(position).line;
      const lines = line(node.end) - line(node.getStart()) + 1;
      if (lines > most) found.push({ file, name: nameOf(node), lines });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** String literals of a file with at least `least` characters, module specifiers left out. */
export function longStrings(file: string, text: string, least: number): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isStringLiteralLike(node) && node.text.length >= least) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name !== undefined) return node.name.getText();
  const { parent } = node;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent))
    return parent.name.getText();
  return ts.isConstructorDeclaration(node) ? "constructor" : "(anonymous)";
}

/** Methods and functions that read a text, not only compare it with another. */
const readers =
  /^(includes|startsWith|endsWith|split|slice|substring|match|matchAll|replace|replaceAll|indexOf|lastIndexOf|charAt|charCodeAt|at|search)$/;
const testers = /^(test|exec)$/;

/** Places where code looks into the text of something that is called a mnemonic. */
export function readMnemonics(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const isMnemonic = (node: ts.Node): boolean =>
    (ts.isIdentifier(node) && node.text === "mnemonic") ||
    (ts.isPropertyAccessExpression(node) && node.name.text === "mnemonic") ||
    (ts.isParenthesizedExpression(node) && isMnemonic(node.expression)) ||
    (ts.isAsExpression(node) && isMnemonic(node.expression)) ||
    (ts.isNonNullExpression(node) && isMnemonic(node.expression));
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { expression, name } = node.expression;
      const reads = readers.test(name.text) && isMnemonic(expression);
      const tests = testers.test(name.text) && node.arguments.some(isMnemonic);
      if (reads || tests) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart());
        found.push(`${file}:${line + 1} ${node.getText()}`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
