/** The fast path meets what the block executor meets, at every level. */
import { describeLevel } from "./suiteTest.ts";

describeLevel("1.0", "fast");
describeLevel("2.0", "fast");
describeLevel("3.0", "fast");
