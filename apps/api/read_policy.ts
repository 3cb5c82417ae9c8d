import { UsageError } from "@ipcascade/core";
import type { Settings } from "@ipcascade/platform";
import { type ApiPolicy, DEFAULT_POLICY } from "./policy.ts";

/** What the settings say about who may do what. Throws `UsageError` where they leave the door open. */
export function readPolicy({ host, apiTokens }: Settings): ApiPolicy {
  if (apiTokens.length === 0 && !isLoopback(host)) {
    throw new UsageError(
      `Cannot listen on "${host}" without tokens: set IPCASCADE_API_TOKENS, or HOST to 127.0.0.1`,
    );
  }
  return DEFAULT_POLICY;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
