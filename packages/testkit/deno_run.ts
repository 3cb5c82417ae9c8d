/**
 * What tests start programs on Deno with. By itself Deno links the workspace's packages anew whenever it starts, and
 * for a moment they are missing: another process that loads them just then, on whatever runtime, would not find them.
 */
export const DENO_RUN: readonly string[] = ["run", "-A", "-q", "--node-modules-dir=manual"];
