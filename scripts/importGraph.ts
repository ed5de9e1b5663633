/**
 * Which files of src/ import which others for their values, and the circles among them. A circle works only as long as
 * nobody uses at load what the other side has not yet defined, so there is none.
 *
 * Invariant: imports of types do not count; they are gone when the code runs.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import ts from "typescript";

/** Files below a folder with one of the endings, relative to `root`. */
export function filesBelow(root: string, folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file))
    .sort();
}

function isValueImport(
  statement: ts.Statement,
): statement is ts.ImportDeclaration | ts.ExportDeclaration {
  if (ts.isImportDeclaration(statement)) {
    const clause = statement.importClause;
    if (clause === undefined) return true;
    if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return false;
    const bindings = clause.namedBindings;
    if (clause.name !== undefined || bindings === undefined || ts.isNamespaceImport(bindings)) {
      return true;
    }
    return bindings.elements.some(({ isTypeOnly }) => !isTypeOnly);
  }
  if (!ts.isExportDeclaration(statement) || statement.isTypeOnly) return false;
  const clause = statement.exportClause;
  if (statement.moduleSpecifier === undefined) return false;
  if (clause === undefined || ts.isNamespaceExport(clause)) return true;
  return clause.elements.some(({ isTypeOnly }) => !isTypeOnly);
}

/** Files that a file imports values from. */
export function valueImports(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  return source.statements.filter(isValueImport).flatMap(({ moduleSpecifier }) => {
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return [];
    if (!moduleSpecifier.text.startsWith(".")) return [];
    return [normalize(join(dirname(file), moduleSpecifier.text))];
  });
}

/** Groups of files that import one another in a circle, each sorted. */
export function importCircles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const numbers = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): number => {
    const number = numbers.size;
    numbers.set(file, number);
    stack.push(file);
    let low = number;
    for (const next of imports.get(file) ?? []) {
      if (!imports.has(next)) continue;
      if (!numbers.has(next)) low = Math.min(low, visit(next));
      else if (stack.includes(next)) low = Math.min(low, numbers.get(next) ?? low);
    }
    lowest.set(file, low);
    if (low === number) {
      const members = stack.splice(stack.indexOf(file));
      if (members.length > 1) circles.push(members.sort());
    }
    return low;
  };
  for (const file of imports.keys()) if (!numbers.has(file)) visit(file);
  return circles;
}

/** The circles in src/. */
export function circlesOf(root: string): string[][] {
  const files = filesBelow(root, "src", ".ts");
  return importCircles(
    new Map(
      files.map((file) => [file, valueImports(file, readFileSync(join(root, file), "utf8"))]),
    ),
  );
}
