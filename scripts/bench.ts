/**
 * Speed as ratios against references of the same run: `deno task bench [api|lookup|store|refresh|backup]`. Never fails for being slow.
 */
import { benchApi } from "./bench/api.ts";
import { benchBackup } from "./bench/backup.ts";
import { benchLookup } from "./bench/lookup.ts";
import { benchRefresh } from "./bench/refresh.ts";
import { benchStore } from "./bench/store.ts";
import { describeMachine } from "./bench/report.ts";

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  api: benchApi,
  lookup: benchLookup,
  store: benchStore,
  refresh: benchRefresh,
  backup: benchBackup,
};

const names = Deno.args.length > 0 ? Deno.args : Object.keys(BENCHES);
console.log(describeMachine());
for (const name of names) {
  const bench = BENCHES[name];
  if (bench === undefined) {
    console.error(`Cannot measure "${name}": allowed are ${Object.keys(BENCHES).join(", ")}`);
    Deno.exit(2);
  }
  await bench();
}
