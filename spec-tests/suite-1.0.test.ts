/** WebAssembly 1.0 by the block executor: all of its 18,008 assertions. */
import { describeLevel } from "./suiteTest.ts";

describeLevel("1.0", "step");
