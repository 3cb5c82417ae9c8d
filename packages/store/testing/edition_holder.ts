import { createNodeClock } from "../../platform/node_clock.ts";
import { installSet } from "../../testkit/edition_sets.ts";
import { createSqlEditionStore } from "../edition_store.ts";
import { connectServer } from "./databases.ts";

// Another process on the editions of a server: `edition_holder.ts URL LEASE_MS SET_ID`. Takes the lock, installs the
// set and switches to it, leaves a half of another one, and prints the set that serves for each line of its input.
// It never gives the lock back.

const [url, leaseMs, id] = [Deno.args[0]!, Number(Deno.args[1]), Deno.args[2]!];
const sql = connectServer(url, 2);
const owner = `process ${Deno.pid} on "elsewhere"`;
const store = createSqlEditionStore({ sql, owner, clock: createNodeClock(), leaseMs });
await store.lock("hold it");
await installSet(store, { id });
await store.switchTo(id);
const staging = await store.stage(`${id}-half`);
await (await staging.openFile("GeoLite2-City.mmdb")).write(new Uint8Array(2_000_000));
console.log("ready");
for await (const _ of Deno.stdin.readable) console.log(await store.readCurrentId());
