/** WebAssembly 2.0 without vectors by the block executor: all of its 26,135 assertions. */
import { describeLevel } from "./suiteTest.ts";

describeLevel("2.0", "step");
describeLevel("2.0-simd", "step");
