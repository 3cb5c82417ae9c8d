/**
 * Writes the checked-in test data anew: `deno run -A packages/testkit/write_testdata.ts`.
 *
 * @module
 */
import { writeFile } from "node:fs/promises";
import { COWRIE_LOG_URL, writeCowrieLog } from "./cowrie_log.ts";

await writeFile(COWRIE_LOG_URL, [...writeCowrieLog()].join(""));
