/**
 * The real programs: npm packages with WebAssembly inside, and what each is asked to do through its own JavaScript,
 * at two lengths: work of some tens of milliseconds of the host, and work of about a second.
 *
 * Invariant: versions are fixed and work is the same every time; nothing of a package is kept in the repository.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import * as inputs from "./inputs.ts";

/** How long V8 takes for the work, cold: 0.03 to 0.6 s, or about a second. */
export const lengths = ["short", "second"] as const;
export type Length = (typeof lengths)[number];

export interface RealProgram {
  readonly name: string;
  /** npm packages with versions. */
  readonly packages: readonly string[];
  /** Does the work, with the packages in `folder`; WebAssembly is what the package finds in `globalThis`. */
  readonly work: (folder: string, length: Length) => Promise<void>;
}

const at = (folder: string, path: string): string => `${folder}/node_modules/${path}`;
const load = async (folder: string, path: string) =>
  await import(pathToFileURL(at(folder, path)).href);

const sqlite: RealProgram = {
  name: "sqlite",
  packages: ["sql.js@1.16.0"],
  work: async (folder, length) => {
    const wasmBinary = readFileSync(at(folder, "sql.js/dist/sql-wasm.wasm"));
    const start = createRequire(at(folder, "x.js"))("sql.js/dist/sql-wasm.js");
    const { Database } = await start({ wasmBinary });
    const database = new Database();
    const rows = length === "short" ? 20_000 : 80_000;
    // What is written to the package's file system is recorded, so the long work stays in memory.
    if (length === "second") {
      database.run("pragma cache_size = -64000; pragma temp_store = memory; begin");
    }
    database.run(
      "create table t (id integer primary key, name text, size integer); create index s on t (size)",
    );
    database.run(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${rows}) insert into t select i, 'name ' || (i * 7919 % 20000), i * 31 % 1000 from n`,
    );
    database.exec(
      "select size, count(*), max(name) from t group by size order by 2 desc, 1 limit 10",
    );
    database.exec("select count(*) from t a join t b on b.size = a.id % 1000 where a.id < 600");
    database.exec(
      "update t set size = size + 1 where id % 3 = 0; select sum(size) from t where name like '%99%'",
    );
    if (length === "short") return;
    database.run(
      "create table u as select name, avg(size) as mean, group_concat(id % 10) as marks from t group by name; create unique index m on u (name)",
    );
    for (const edge of [100, 300, 500, 700, 900]) {
      database.exec(
        `select u.name, count(*), sum(length(u.marks)) from t cross join u on u.name = t.name where t.size between ${edge} and ${edge + 60} group by u.name having count(*) > 1 order by 3 desc limit 20`,
      );
    }
    database.exec(
      "select id, sum(size) over (partition by id % 97 order by id rows 20 preceding) as s from t order by s desc limit 50",
    );
    database.run("delete from t where size % 5 = 2");
  },
};

const quickjs: RealProgram = {
  name: "quickjs",
  packages: ["quickjs-emscripten-core@0.32.0", "@jitl/quickjs-wasmfile-release-sync@0.32.0"],
  work: async (folder, length) => {
    const core = await load(folder, "quickjs-emscripten-core/dist/index.mjs");
    const { default: variant } = await load(
      folder,
      "@jitl/quickjs-wasmfile-release-sync/dist/index.mjs",
    );
    const quick = await core.newQuickJSWASMModuleFromVariant(variant);
    const result = quick.evalCode(
      length === "short" ? inputs.shortJavascript : inputs.javascript(120),
    );
    if (typeof result !== "string")
      throw new Error(`expected a text, got ${JSON.stringify(result)}`);
  },
};

const zstd: RealProgram = {
  name: "zstd",
  packages: ["@bokuweb/zstd-wasm@0.0.27"],
  work: async (folder, length) => {
    const { init, compress, decompress } = createRequire(at(folder, "x.js"))("@bokuweb/zstd-wasm");
    await init();
    const data = inputs.compressible(length === "short" ? 3_000_000 : 2_500_000);
    for (const level of length === "short" ? [9] : [3, 9, 12]) {
      const packed = compress(data, level);
      const back = decompress(packed);
      if (back.length !== data.length) throw new Error("expected as many bytes back");
    }
  },
};

const prism: RealProgram = {
  name: "prism",
  packages: ["@ruby/prism@1.9.0"],
  work: async (folder, length) => {
    const { loadPrism } = await load(folder, "@ruby/prism/src/index.js");
    const parse = await loadPrism();
    const sources = length === "short" ? [inputs.rubyClasses(3000)] : inputs.rubyFiles(34, 700);
    for (const source of sources) {
      const { errors } = parse(source);
      if (errors.length > 0) throw new Error(`expected Ruby, got ${JSON.stringify(errors[0])}`);
    }
  },
};

const resvg: RealProgram = {
  name: "resvg",
  packages: ["@resvg/resvg-wasm@2.6.2"],
  work: async (folder, length) => {
    const { initWasm, Resvg } = createRequire(at(folder, "x.js"))("@resvg/resvg-wasm");
    await initWasm(readFileSync(at(folder, "@resvg/resvg-wasm/index_bg.wasm")));
    const shapes = length === "short" ? [20, 250] : [30, 350];
    new Resvg(inputs.drawing(600, shapes[0], shapes[1])).render().asPng();
  },
};

const esbuild: RealProgram = {
  name: "esbuild",
  packages: ["esbuild-wasm@0.28.2"],
  work: async (folder, length) => {
    const source = `${folder}/esbuild-input.ts`;
    writeFileSync(source, inputs.typescript(length === "short" ? 120 : 1200));
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
    go.env = { HOME: "/", TMPDIR: "/tmp", GOGC: length === "short" ? "off" : "100" };
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

const swc: RealProgram = {
  name: "swc",
  packages: ["@swc/wasm-web@1.16.18"],
  work: async (folder, length) => {
    const { default: start, transformSync } = await load(folder, "@swc/wasm-web/wasm.js");
    await start({ module_or_path: readFileSync(at(folder, "@swc/wasm-web/wasm_bg.wasm")) });
    const { code } = transformSync(inputs.typescript(length === "short" ? 20 : 1500), {
      jsc: { parser: { syntax: "typescript" }, target: "es2015", minify: { mangle: true } },
      minify: true,
    });
    if (code.length === 0) throw new Error("expected code");
  },
};

export const realPrograms: readonly RealProgram[] = [
  sqlite,
  quickjs,
  zstd,
  prism,
  resvg,
  esbuild,
  swc,
];
