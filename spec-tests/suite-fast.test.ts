/** The fast path meets what the block executor meets: at every level with `DEEP=true`, else at the one that holds the most. */
import { describeLevel } from "./suiteTest.ts";

if (process.env.DEEP === "true") {
  describeLevel("1.0", "fast");
  describeLevel("2.0", "fast");
}
describeLevel("3.0", "fast");
