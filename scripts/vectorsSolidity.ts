/**
 * Texts of the judge's vector families in contracts/src/judge/generated/: for each a contract that finds the library
 * function of an op and the shapes of its operands, and `F64x2.sol` from `F32x4.sol`.
 *
 * Invariant: a pure function of the instruction table; a row without a function of its name does not compile.
 */
import { signatureParts } from "../src/interpreter/isa/columns.ts";
import type { Family, InstructionRow } from "../src/interpreter/isa/table.ts";
import {
  capitalName,
  constantName,
  dispatchLines,
  type ExecutedRow,
  executedRows,
  functionName,
  handlerName,
  notice,
} from "./emission.ts";
import { f64x2Solidity } from "./f64Solidity.ts";

const conversions: ReadonlySet<string | undefined> = new Set([
  "convert",
  "convertLow",
  "convertZero",
]);

/** The library that has a row's function: that of the lanes of its result, or of all conversions between shapes. */
function libraryOf({ form, lanes }: InstructionRow): string {
  if (conversions.has(form)) return "ConvertLanes";
  return lanes === undefined ? "V128" : lanes.charAt(0).toUpperCase() + lanes.slice(1);
}

const isVector = (letter: string): boolean => letter === "v";

/** What `VectorFamily._shapeOf` gives: vectors, scalars above them, whether the result is a scalar. */
function shapeOf({ mnemonic, signature }: ExecutedRow): number {
  const { params, results } = signatureParts(signature);
  const vectors = [...params].filter(isVector).length;
  const scalars = params.length - vectors;
  const ordered = [...params].every((letter, index) => isVector(letter) === index < vectors);
  if (!ordered || vectors > 3 || scalars > 1 || params.length > 3 || results.length !== 1) {
    throw new RangeError(`expected up to three vectors, then a scalar, got ${mnemonic}`);
  }
  return vectors | (scalars << 2) | (isVector(results) ? 0 : 8);
}

/** Shapes of ops `from` to `from` + 63 as a number with four bits an op. */
function shapeWord(own: readonly ExecutedRow[], from: number): string {
  const digits = own.slice(from, from + 64).map((row) => shapeOf(row).toString(16));
  return `0x${digits.reverse().join("")}`;
}

function shapeLines(own: readonly ExecutedRow[]): string[] {
  const low = shapeWord(own, 0);
  const words = own.length > 64 ? `op & 0x40 == 0 ? ${low} : ${shapeWord(own, 64)}` : low;
  return [
    "    function _shapeOf(uint256 op) internal pure override returns (uint256) {",
    "        // Four bits an op.",
    `        uint256 shapes = ${words};`,
    "        return (shapes >> (4 * (op & 0x3f))) & 0xf;",
    "    }",
  ];
}

function application(row: InstructionRow): string {
  const { params } = signatureParts(row.signature);
  const operands = ["x", "y", "z"].slice(0, params.length);
  if (row.immediates === "lane") operands.push("immediate >> 64");
  if (row.immediates === "shuffle") operands.push("immediate");
  return `return ${libraryOf(row)}.${functionName(row.mnemonic)}(${operands.join(", ")});`;
}

function head(own: readonly ExecutedRow[]): string[] {
  const constants = own.map(({ mnemonic }) => `    ${constantName(mnemonic)}`).sort();
  return [
    "// SPDX-License-Identifier: Apache-2.0",
    "pragma solidity ^0.8.28;",
    "",
    `// ${notice}`,
    "",
    `import {\n${constants.join(",\n")}\n} from "./Opcodes.sol";`,
  ];
}

/** Whether some line has the name as a word; a parameter without a use has no name. */
function uses(lines: readonly string[], name: string): boolean {
  return lines.some((line) => new RegExp(`\\b${name}\\b`).test(line));
}

function vectorContract(family: Family, title: string): string {
  const own = executedRows().filter((row) => row.family === family);
  const libraries = [...new Set(own.map(libraryOf))].sort();
  const dispatch = dispatchLines(own, application, "        ");
  const parameters = ["op", "immediate", "x", "y", "z"]
    .map((name) => (uses(dispatch, name) ? `        uint256 ${name}` : "        uint256"))
    .join(",\n");
  const folderOf = (library: string) => (library === "F64x2" ? "." : "../numeric");
  return [
    ...head(own),
    ...libraries.map((name) => `import {${name}} from "${folderOf(name)}/${name}.sol";`),
    'import {VectorFamily} from "../step/VectorFamily.sol";',
    "",
    `/// @title ${title}: one library function an instruction.`,
    `contract ${capitalName(family)}Step is VectorFamily {`,
    ...shapeLines(own),
    "",
    "    function _apply(",
    parameters,
    "    ) internal pure override returns (uint256) {",
    ...dispatch,
    "        revert UnhandledOpcode(op);",
    "    }",
    "}",
    "",
  ].join("\n");
}

/** The row that makes a vector of what a load reads; undefined where the bytes are the vector. */
function kernelRow({ form, lanes, from, sign }: InstructionRow): ExecutedRow | undefined {
  if (lanes === undefined) return undefined;
  const kernelForm = form === "extend" ? "extendLow" : form;
  return executedRows().find(
    (row) =>
      row.access === undefined &&
      row.form === kernelForm &&
      row.lanes === lanes &&
      row.from === from &&
      row.sign === sign,
  );
}

const kernelOf = (row: ExecutedRow): string => `${libraryOf(row)}.${functionName(row.mnemonic)}`;

/** What a load, a store or a constant does; a function for all of one kind. */
function memoryAction(row: InstructionRow): string {
  const { mnemonic, access, form, width } = row;
  if (access === "store") return `return _store(m, ${width});`;
  if (form === "constant") return `return ${handlerName(mnemonic)}(m);`;
  if (form === "replaceLane") return `return _loadLane(m, ${width});`;
  const kernel = kernelRow(row);
  return `return _load(m, ${width}, ${kernel === undefined ? "_asRead" : kernelOf(kernel)});`;
}

function vectorMemoryDispatch(): string {
  const own = executedRows().filter(({ family }) => family === "vectorMemory");
  const handlerType = "internal pure virtual returns (uint256);";
  const constants = own.filter(({ form }) => form === "constant");
  const kernels = own.filter(({ access, form }) => access === "load" && form !== "replaceLane");
  const libraries = kernels
    .map(kernelRow)
    .filter((row) => row !== undefined)
    .map(libraryOf);
  return [
    ...head(own),
    ...[...new Set(libraries)]
      .sort()
      .map((name) => `import {${name}} from "../numeric/${name}.sol";`),
    'import {Machine} from "../state/Machine.sol";',
    'import {Family} from "../step/Family.sol";',
    "",
    "/// @title Loads, stores and constants of vectors: which function executes an op.",
    "abstract contract VectorMemoryDispatch is Family {",
    "    function _execute(Machine memory m) internal pure override returns (uint256) {",
    "        uint256 op = m.op;",
    ...dispatchLines(own, memoryAction, "        "),
    "        revert UnhandledOpcode(op);",
    "    }",
    "",
    ...constants.map(
      ({ mnemonic }) => `    function ${handlerName(mnemonic)}(Machine memory m) ${handlerType}`,
    ),
    "    /// @dev Loads `width` bytes; the kernel makes a vector of them.",
    "    function _load(",
    "        Machine memory m,",
    "        uint256 width,",
    "        function(uint256) internal pure returns (uint256) kernel",
    `    ) ${handlerType}`,
    "    /// @dev Loads `width` bytes into one lane of a vector.",
    `    function _loadLane(Machine memory m, uint256 width) ${handlerType}`,
    "    /// @dev Stores a lane of `width` bytes; a whole vector is its only lane of 16 bytes.",
    `    function _store(Machine memory m, uint256 width) ${handlerType}`,
    "",
    "    /// @dev The kernel of a load whose bytes are the vector's first, with zeros above.",
    "    function _asRead(uint256 x) private pure returns (uint256) {",
    "        return x;",
    "    }",
    "}",
    "",
  ].join("\n");
}

/** Path from the repository's root → whole text. */
export function vectorContracts(): [path: string, text: string][] {
  const at = (file: string) => `contracts/src/judge/generated/${file}.sol`;
  return [
    [at("F64x2"), f64x2Solidity()],
    [at("VectorMemoryDispatch"), vectorMemoryDispatch()],
    [
      at("VectorLaneStep"),
      vectorContract("vectorLane", "Vectors: bits, lanes by number, comparisons, shifts, tests"),
    ],
    [at("VectorIntegerStep"), vectorContract("vectorInteger", "Vectors: integer arithmetic")],
    [at("VectorConversionStep"), vectorContract("vectorConversion", "Vectors: other lanes")],
    [at("VectorFloatStep"), vectorContract("vectorFloat", "Vectors: floating-point lanes")],
  ];
}
