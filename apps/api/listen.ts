import type { Listen } from "./listener.ts";

/** The server of the runtime that this is: each loads its own alone. */
export async function findListen(): Promise<Listen> {
  if ("Deno" in globalThis) return (await import("./listen_deno.ts")).listenOnDeno;
  const bun =
    (globalThis as { readonly Bun?: Parameters<typeof import("./listen_bun.ts").listenOnBun>[0] }).Bun;
  if (bun === undefined) return (await import("./listen_node.ts")).listenOnNode;
  const { listenOnBun } = await import("./listen_bun.ts");
  return (options) => listenOnBun(bun, options);
}
