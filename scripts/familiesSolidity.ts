/**
 * Texts of the judge's dispatch in contracts/src/judge/generated/: for each family with handlers an abstract contract that finds
 * the handler of an op, and for each numeric family the whole contract, which names one library function a row.
 *
 * Invariant: a pure function of isa/table.ts; a row without a function of its name does not compile.
 */
import { accessShape, signatureParts } from "../src/interpreter/isa/columns.ts";
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

const rowsOf = (...families: readonly Family[]): ExecutedRow[] =>
  executedRows().filter(({ family }) => families.includes(family));

const head = (imports: readonly string[]): string[] => [
  "// SPDX-License-Identifier: Apache-2.0",
  "pragma solidity ^0.8.28;",
  "",
  `// ${notice}`,
  "",
  ...imports,
  "",
];

const opcodeImport = (names: readonly string[]): string =>
  `import {\n${names.map((name) => `    ${name}`).join(",\n")}\n} from "./Opcodes.sol";`;

const handlerType = "internal pure virtual returns (uint256);";

/** What a load or store does; one function for all of either kind. */
function accessAction(row: InstructionRow): string | undefined {
  const shape = accessShape(row);
  if (shape === undefined) return undefined;
  const { isStore, width, isSigned, isWide } = shape;
  if (isStore) return `return _store(m, ${width});`;
  return `return _load(m, ${width}, ${isSigned}, ${isWide ? 64 : 32});`;
}

/** An abstract contract with `_execute`, and a function to be written for each row. */
function dispatchContract(name: string, title: string, families: readonly Family[]): string {
  const own = rowsOf(...families);
  const handled = own.filter((row) => row.access === undefined);
  const accesses = own.length > handled.length;
  const loadParameters = "Machine memory m, uint256 width, bool signed, uint256 bits";
  return [
    ...head([
      opcodeImport(own.map(({ mnemonic }) => constantName(mnemonic)).sort()),
      'import {Machine} from "../state/Machine.sol";',
      'import {Family} from "../step/Family.sol";',
    ]),
    `/// @title ${title}: which function executes an op.`,
    `abstract contract ${name}Dispatch is Family {`,
    "    function _execute(Machine memory m) internal pure override returns (uint256) {",
    "        uint256 op = m.op;",
    ...dispatchLines(
      own,
      (row) => accessAction(row) ?? `return ${handlerName(row.mnemonic)}(m);`,
      "        ",
    ),
    "        revert UnhandledOpcode(op);",
    "    }",
    "",
    ...handled.map(
      ({ mnemonic }) => `    function ${handlerName(mnemonic)}(Machine memory m) ${handlerType}`,
    ),
    ...(accesses
      ? [
          "    /// @dev Loads `width` bytes; if `signed`, their sign is extended to `bits`.",
          `    function _load(${loadParameters}) ${handlerType}`,
          `    function _store(Machine memory m, uint256 width) ${handlerType}`,
        ]
      : []),
    "}",
    "",
  ].join("\n");
}

/** The library that has a numeric row's function: that of the type it computes in. */
function libraryOf(row: InstructionRow): string {
  if (row.family === "conversion") return "Convert";
  const { params, results } = signatureParts(row.signature);
  const letter = row.isTest ? params[0] : results;
  return { i: "I32", I: "I64", f: "F32", F: "F64" }[letter] ?? "";
}

const libraryFiles: Readonly<Record<string, string>> = {
  Convert: "../numeric/Convert.sol",
  F32: "../numeric/F32.sol",
  F64: "./F64.sol",
  I32: "../numeric/I32.sol",
  I64: "../numeric/I64.sol",
};

/** `op >= FIRST && op <= LAST` for each run of ops without a gap. */
function rangesOf(own: readonly ExecutedRow[]): string {
  const runs: [ExecutedRow, ExecutedRow][] = [];
  for (const row of own) {
    const run = runs[runs.length - 1];
    if (run?.[1].op === row.op - 1) run[1] = row;
    else runs.push([row, row]);
  }
  return runs
    .map(([{ mnemonic: first }, { mnemonic: last }]) =>
      first === last
        ? `op == ${constantName(first)}`
        : `(op >= ${constantName(first)} && op <= ${constantName(last)})`,
    )
    .join(" ||\n            ");
}

function numericFunction(name: string, own: readonly InstructionRow[]): string[] {
  const operands = name === "_unary" ? "x" : "x, y";
  const parameters =
    name === "_unary" ? "uint256 op, uint256 x" : "uint256 op, uint256 x, uint256 y";
  const action = (row: InstructionRow): string => {
    const call = `${libraryOf(row)}.${functionName(row.mnemonic)}(${operands})`;
    return row.traps.length > 0 ? `return ${call};` : `return (${call}, TRAP_NONE);`;
  };
  return [
    `    function ${name}(${parameters}) internal pure override returns (uint256, uint256) {`,
    ...dispatchLines(own, action, "        "),
    "        revert UnhandledOpcode(op);",
    "    }",
  ];
}

/** The contract of a numeric family. */
function numericContract(family: Family, title: string): string {
  const name = `${capitalName(family)}Step`;
  const own = rowsOf(family);
  const unary = own.filter((row) => signatureParts(row.signature).params.length === 1);
  const binary = own.filter((row) => !unary.includes(row));
  const base = binary.length === 0 ? "UnaryFamily" : "BinaryFamily";
  const constants = [...own.map(({ mnemonic }) => constantName(mnemonic)), "TRAP_NONE"].sort();
  const libraries = [...new Set(own.map(libraryOf))].sort();
  const isBinary = [
    "    function _isBinary(uint256 op) internal pure override returns (bool) {",
    `        return\n            ${rangesOf(binary)};`,
    "    }",
    "",
  ];
  return [
    ...head([
      opcodeImport(constants),
      ...libraries.map((library) => `import {${library}} from "${libraryFiles[library]}";`),
      `import {${base}} from "../step/${base}.sol";`,
    ]),
    `/// @title ${title}: one library function an instruction.`,
    `contract ${name} is ${base} {`,
    ...(binary.length === 0 ? [] : isBinary),
    ...numericFunction("_unary", unary),
    ...(binary.length === 0 ? [] : ["", ...numericFunction("_binary", binary)]),
    "}",
    "",
  ].join("\n");
}

/** The library function that makes what an atomic instruction writes: that of the integer row with its kernel. */
function atomicKernel({ kernel }: InstructionRow): string {
  const row = rowsOf("integer").find((integer) => integer.kernel === kernel);
  return row === undefined ? "_exchange" : `${libraryOf(row)}.${functionName(row.mnemonic)}`;
}

function atomicAction(row: InstructionRow): string {
  const { access, width, mnemonic } = row;
  if (access === "load") return `return _load(m, ${width});`;
  if (access === "store") return `return _store(m, ${width});`;
  if (access === "modify") return `return _modify(m, ${width}, ${atomicKernel(row)});`;
  if (access === "compareExchange") return `return _compareExchange(m, ${width});`;
  return `return ${handlerName(mnemonic)}(m);`;
}

/** The dispatch of the atomic instructions: a function for all of one kind. */
function atomicDispatch(): string {
  const own = rowsOf("atomic");
  const named = own.filter(({ access }) => access === undefined);
  return [
    ...head([
      opcodeImport(own.map(({ mnemonic }) => constantName(mnemonic)).sort()),
      'import {I32} from "../numeric/I32.sol";',
      'import {I64} from "../numeric/I64.sol";',
      'import {Machine} from "../state/Machine.sol";',
      'import {Family} from "../step/Family.sol";',
    ]),
    "/// @title Atomic instructions: which function executes an op.",
    "abstract contract AtomicDispatch is Family {",
    "    function _execute(Machine memory m) internal pure override returns (uint256) {",
    "        uint256 op = m.op;",
    ...dispatchLines(own, atomicAction, "        "),
    "        revert UnhandledOpcode(op);",
    "    }",
    "",
    ...named.map(
      ({ mnemonic }) => `    function ${handlerName(mnemonic)}(Machine memory m) ${handlerType}`,
    ),
    `    function _load(Machine memory m, uint256 width) ${handlerType}`,
    `    function _store(Machine memory m, uint256 width) ${handlerType}`,
    "    /// @dev Writes what the kernel makes of what stands there and of the operand.",
    "    function _modify(",
    "        Machine memory m,",
    "        uint256 width,",
    "        function(uint256, uint256) internal pure returns (uint256) kernel",
    `    ) ${handlerType}`,
    `    function _compareExchange(Machine memory m, uint256 width) ${handlerType}`,
    "",
    "    /// @dev The kernel of an exchange.",
    "    function _exchange(uint256, uint256 operand) private pure returns (uint256) {",
    "        return operand;",
    "    }",
    "}",
    "",
  ].join("\n");
}

/** Path from the repository's root → whole text. */
export function familyContracts(): [path: string, text: string][] {
  const at = (file: string) => `contracts/src/judge/generated/${file}.sol`;
  return [
    [
      at("BulkDispatch"),
      dispatchContract("Bulk", "Bulk memory and host instructions", ["bulk", "host"]),
    ],
    [at("ControlDispatch"), dispatchContract("Control", "Control instructions", ["control"])],
    [at("MemoryDispatch"), dispatchContract("Memory", "Loads, stores, memory size", ["memory"])],
    [
      at("ParametricDispatch"),
      dispatchContract("Parametric", "Parametric instructions", ["parametric"]),
    ],
    [at("TableDispatch"), dispatchContract("Table", "Table instructions", ["table"])],
    [
      at("ConversionStep"),
      numericContract("conversion", "Conversions between integers and floats"),
    ],
    [at("FloatStep"), numericContract("float", "Floating-point instructions")],
    [at("IntegerStep"), numericContract("integer", "Integer instructions")],
    [at("AtomicDispatch"), atomicDispatch()],
  ];
}
