/** V8, which is no work of ours, meets every assertion that its version of WebAssembly allows: the harness is sound. */
import { describeLevel } from "./suiteTest.ts";

describeLevel("1.0", "v8");
describeLevel("2.0", "v8");
describeLevel("3.0", "v8");
