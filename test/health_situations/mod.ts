import { ALERTS } from "./alerts.ts";
import { BACKUPS } from "./backups.ts";
import { EDITIONS } from "./editions.ts";
import { INVENTORY } from "./inventory.ts";
import { JOBS } from "./jobs.ts";
import { PROVIDERS } from "./providers.ts";
import type { Situation } from "./situation.ts";
import { SCHEDULERS } from "./scheduler.ts";
import { SOURCES } from "./sources.ts";
import { SYSTEM } from "./system.ts";

export { exitOf, type Situation } from "./situation.ts";
export { cleanUp } from "./system.ts";

/** Every situation. */
export const SITUATIONS: readonly Situation[] = [
  ...EDITIONS,
  ...SOURCES,
  ...INVENTORY,
  ...JOBS,
  ...SCHEDULERS,
  ...ALERTS,
  ...BACKUPS,
  ...SYSTEM,
  ...PROVIDERS,
];
