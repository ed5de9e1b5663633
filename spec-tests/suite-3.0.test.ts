/** WebAssembly 3.0 by the block executor: core, bulk memory, tail calls, several memories, extended constants. */
import { describeLevel } from "./suiteTest.ts";

describeLevel("3.0", "step");
