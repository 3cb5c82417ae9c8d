import process from "node:process";
import { openFlock } from "../flock.ts";
import { createNodeClock } from "../node_clock.ts";

// Takes the lock of a file and keeps it: `flock_holder.ts PATH`. Prints `held`, or `none` where there are no locks.

const lock = await openFlock(process.argv[2]!, { action: "hold it", clock: createNodeClock() });
process.stdout.write(lock === null ? "none\n" : "held\n");
process.stdin.resume();
