import type { Context } from "hono";
import type { ApiDeps, ApiEnv } from "../api_deps.ts";
import type { LayoutProps } from "./layout.tsx";

/** What the layout of a page shows to whoever asks. */
export function describeFrame(
  c: Context<ApiEnv>,
  { operations, policy, version }: ApiDeps,
): Omit<LayoutProps, "title" | "children"> {
  return {
    version,
    attributions: operations.maxmind.attributions,
    signedInAs: policy.tokens.length === 0 ? null : c.get("scope"),
  };
}

/** What a page shows to whoever may be a stranger: nothing of the server, unless everybody may see all of it. */
export function describeOpenFrame(
  c: Context<ApiEnv>,
  deps: ApiDeps,
): Omit<LayoutProps, "title" | "children"> {
  if (deps.policy.tokens.length === 0) return describeFrame(c, deps);
  return { version: null, attributions: [], signedInAs: null };
}
