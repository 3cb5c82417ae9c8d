import { benchAnnotate } from "./annotate.ts";
import { benchApi } from "./api.ts";
import { benchBackup } from "./backup.ts";
import { benchCommand } from "./command.ts";
import { benchSessions } from "./sessions.ts";
import { benchFirstPass } from "./first_pass.ts";
import type { Scenario } from "./framework/scenario.ts";
import { benchGrowth } from "./growth.ts";
import { benchLookup } from "./lookup.ts";
import { benchCity, benchIpv6, benchJoined } from "./one_thread.ts";
import { benchOpening } from "./opening.ts";
import { benchRefresh } from "./refresh.ts";
import { benchStore } from "./store.ts";

/** All scenarios, in the order in which they are measured and printed. */
export const SCENARIOS: readonly Scenario[] = [
  benchCity,
  benchFirstPass,
  benchIpv6,
  benchJoined,
  benchOpening,
  benchLookup,
  benchCommand,
  benchAnnotate,
  benchGrowth,
  benchStore,
  benchSessions,
  benchApi,
  benchRefresh,
  benchBackup,
];
