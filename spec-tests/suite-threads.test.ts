/** The threads proposal's script of one thread, by both executors: atomic instructions, waits, shared memories. */
import { describeLevel } from "./suiteTest.ts";

describeLevel("threads", "step");
describeLevel("threads", "fast");
