import process from "node:process";

/**
 * What tests start programs on Deno with. By itself Deno links the workspace's packages anew whenever it starts, and
 * for a moment they are missing: another process that loads them just then, on whatever runtime, would not find them.
 * Flags of V8 that this process was given by `DENO_V8_FLAGS` hold for them as well, whatever their environment.
 */
export const DENO_RUN: readonly string[] = ["run", "-A", "-q", "--node-modules-dir=manual", ...v8Flags()];

function v8Flags(): readonly string[] {
  // eslint-disable-next-line no-restricted-syntax -- a flag of the runtime that runs the tests, no setting of the product
  const flags = process.env.DENO_V8_FLAGS ?? "";
  return flags === "" ? [] : [`--v8-flags=${flags}`];
}
