export * from "./alert_probe.ts";
export * from "./ask_greynoise_once.ts";
export type { BackupsHere } from "./backup_look.ts";
export * from "./backup_probe.ts";
export * from "./check_health.ts";
export * from "./circuit_probe.ts";
export {
  DATABASE_PAGE,
  type HealthDatabase,
  type HealthStores,
  type OpenedHealthDatabase,
} from "./database.ts";
export * from "./database_probe.ts";
export * from "./disk_probe.ts";
export * from "./edition_probe.ts";
export * from "./inventory_probe.ts";
export * from "./job_probe.ts";
export * from "./probe.ts";
export * from "./provider_probes.ts";
export * from "./quota_probe.ts";
