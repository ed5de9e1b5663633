/**
 * The real programs: npm packages with WebAssembly inside, and what each is asked to do through its own JavaScript.
 *
 * Invariant: versions are fixed and work is the same every time; nothing of a package is kept in the repository.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

export interface RealProgram {
  readonly name: string;
  /** npm packages with versions. */
  readonly packages: readonly string[];
  /** Does the work, with the packages in `folder`; WebAssembly is what the package finds in `globalThis`. */
  readonly work: (folder: string) => Promise<void>;
}

const at = (folder: string, path: string): string => `${folder}/node_modules/${path}`;
const load = async (folder: string, path: string) =>
  await import(pathToFileURL(at(folder, path)).href);

const sqlite: RealProgram = {
  name: "sqlite",
  packages: ["sql.js@1.16.0"],
  work: async (folder) => {
    const wasmBinary = readFileSync(at(folder, "sql.js/dist/sql-wasm.wasm"));
    const start = createRequire(at(folder, "x.js"))("sql.js/dist/sql-wasm.js");
    const { Database } = await start({ wasmBinary });
    const database = new Database();
    database.run(
      "create table t (id integer primary key, name text, size integer); create index s on t (size)",
    );
    database.run(
      "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) insert into t select i, 'name ' || (i * 7919 % 20000), i * 31 % 1000 from n",
    );
    database.exec(
      "select size, count(*), max(name) from t group by size order by 2 desc, 1 limit 10",
    );
    database.exec("select count(*) from t a join t b on b.size = a.id % 1000 where a.id < 600");
    database.exec(
      "update t set size = size + 1 where id % 3 = 0; select sum(size) from t where name like '%99%'",
    );
  },
};

const quickjs: RealProgram = {
  name: "quickjs",
  packages: ["quickjs-emscripten-core@0.32.0", "@jitl/quickjs-wasmfile-release-sync@0.32.0"],
  work: async (folder) => {
    const core = await load(folder, "quickjs-emscripten-core/dist/index.mjs");
    const { default: variant } = await load(
      folder,
      "@jitl/quickjs-wasmfile-release-sync/dist/index.mjs",
    );
    const quick = await core.newQuickJSWASMModuleFromVariant(variant);
    const result = quick.evalCode(`
      const words = {}; let text = "";
      for (let i = 0; i < 60000; i++) { const w = "w" + (i * 7919 % 977); words[w] = (words[w] || 0) + 1; if (i % 50 === 0) text += w + " "; }
      function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
      const sorted = Object.keys(words).sort((a, b) => words[b] - words[a] || (a < b ? -1 : 1));
      JSON.stringify([fib(22), sorted.slice(0, 5), text.match(/w9\\d+/g).length, text.length])`);
    if (typeof result !== "string")
      throw new Error(`expected a text, got ${JSON.stringify(result)}`);
  },
};

const zstd: RealProgram = {
  name: "zstd",
  packages: ["@bokuweb/zstd-wasm@0.0.27"],
  work: async (folder) => {
    const { init, compress, decompress } = createRequire(at(folder, "x.js"))("@bokuweb/zstd-wasm");
    await init();
    const data = new Uint8Array(3_000_000);
    for (let index = 0, seed = 1; index < data.length; index++) {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      data[index] =
        index % 64 < 40
          ? data[Math.max(0, index - 1024)] ^ (seed >>> 31)
          : 97 + ((seed >>> 16) % 20);
    }
    const packed = compress(data, 9);
    const back = decompress(packed);
    if (back.length !== data.length) throw new Error("expected as many bytes back");
  },
};

const prism: RealProgram = {
  name: "prism",
  packages: ["@ruby/prism@1.9.0"],
  work: async (folder) => {
    const { loadPrism } = await load(folder, "@ruby/prism/src/index.js");
    const parse = await loadPrism();
    const unit = (index: number) =>
      `class A${index} < B\n  attr_reader :x\n  def f${index}(a, b = ${index}, *c, k: 1)\n    @x = [a, *c].map { |v| v * b + "s#{v}\\n".size } if k > 0\n    case a when Integer then a ** 2 else yield(a) end\n  rescue E => e\n    raise "no #{e.message}"\n  end\nend\n`;
    parse(Array.from({ length: 3000 }, (_, index) => unit(index)).join(""));
  },
};

const resvg: RealProgram = {
  name: "resvg",
  packages: ["@resvg/resvg-wasm@2.6.2"],
  work: async (folder) => {
    const { initWasm, Resvg } = createRequire(at(folder, "x.js"))("@resvg/resvg-wasm");
    await initWasm(readFileSync(at(folder, "@resvg/resvg-wasm/index_bg.wasm")));
    const shape = (index: number) =>
      `<path d="M${(index * 3) % 500} ${(index * 7) % 500} q 60 ${index % 90} 90 10 t ${index % 70} 80 z" fill="url(#g)" stroke="#${((index * 4099) % 4096).toString(16).padStart(3, "0")}" stroke-width="${1 + (index % 4)}" opacity="0.${1 + (index % 9)}"/>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="600" height="600"><defs><radialGradient id="g"><stop offset="0" stop-color="#fa3"/><stop offset="1" stop-color="#04c" stop-opacity="0.4"/></radialGradient><filter id="b"><feGaussianBlur stdDeviation="3"/></filter></defs><g filter="url(#b)">${Array.from({ length: 20 }, (_, index) => shape(index)).join("")}</g>${Array.from({ length: 250 }, (_, index) => shape(index * 13)).join("")}</svg>`;
    new Resvg(svg).render().asPng();
  },
};

const esbuild: RealProgram = {
  name: "esbuild",
  packages: ["esbuild-wasm@0.28.2"],
  work: async (folder) => {
    const source = `${folder}/esbuild-input.ts`;
    const unit = (index: number) =>
      `export interface I${index} { a: number; b?: string }\nexport async function f${index}(x: I${index}, ...rest: string[]): Promise<number> { const { a, b = "q${index}" } = x; let sum = a ?? ${index}; for (const r of rest) { if (r?.length > ${index}) sum += r.length * 2; else sum -= 1 } return sum + (b ? b.length : 0) }\nexport class C${index} extends Map<string, I${index}> { #p = ${index}; get p() { return this.#p ** 2 } }\n`;
    writeFileSync(source, Array.from({ length: 120 }, (_, index) => unit(index)).join(""));
    const scope = globalThis as unknown as Record<string, unknown>;
    const require = createRequire(at(folder, "x.js"));
    scope.fs = require("node:fs");
    scope.path = require("node:path");
    scope.process = process;
    require(at(folder, "esbuild-wasm/wasm_exec.js"));
    const Go = scope.Go as new () => {
      argv: string[];
      env: object;
      importObject: WebAssembly.Imports;
      exit: (code: number) => void;
      run(instance: unknown): Promise<void>;
    };
    const go = new Go();
    go.argv = [
      "esbuild",
      source,
      "--minify",
      "--target=es2017",
      `--outfile=${folder}/esbuild-output.js`,
      "--log-level=error",
    ];
    go.env = { HOME: "/", TMPDIR: "/tmp", GOGC: "off" };
    go.exit = (code) => {
      if (code !== 0) throw new Error(`esbuild ended with ${code}`);
    };
    const bytes = readFileSync(at(folder, "esbuild-wasm/esbuild.wasm"));
    const { instance } = (await WebAssembly.instantiate(bytes, go.importObject)) as unknown as {
      instance: unknown;
    };
    await go.run(instance);
  },
};

export const realPrograms: readonly RealProgram[] = [sqlite, quickjs, zstd, prism, resvg, esbuild];
