import type { Listen } from "./listener.ts";

/** The server of the runtime that this is. */
export async function findListen(): Promise<Listen> {
  return (await import("./listen_deno.ts")).listenOnDeno;
}
