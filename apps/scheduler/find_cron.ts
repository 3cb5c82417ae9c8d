import type { RegisterCron } from "./register.ts";

/** `Deno.cron`; null on other runtimes, and on a Deno that was started without `--unstable-cron`. */
export function findCron(): RegisterCron | null {
  if (typeof Deno === "undefined" || typeof Deno.cron !== "function") return null;
  return (...parts) => Deno.cron(...parts);
}
