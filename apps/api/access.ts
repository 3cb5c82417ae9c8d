import type { ApiScope } from "./policy.ts";

/** What a request needs: nothing, or a scope. */
export type Access = "open" | ApiScope;

/** One line of the table. A path that ends in `*` stands for all that begin like it. */
export interface AccessRule {
  readonly method: "GET" | "POST" | "*";
  readonly path: string;
  readonly access: Access;
}

/** Who may ask for what: the first line that fits. HEAD is GET; OPTIONS tells methods alone and is open. */
export const ACCESS_RULES: readonly AccessRule[] = [
  { method: "GET", path: "/livez", access: "open" },
  { method: "GET", path: "/readyz", access: "open" },
  { method: "GET", path: "/docs", access: "open" },
  { method: "GET", path: "/docs/*", access: "open" },
  { method: "GET", path: "/openapi.json", access: "open" },
  { method: "GET", path: "/assets/*", access: "open" },
  { method: "GET", path: "/favicon.ico", access: "open" },
  { method: "GET", path: "/login", access: "open" },
  { method: "POST", path: "/login", access: "open" },
  { method: "POST", path: "/logout", access: "open" },
  // It asks about addresses, which is what `GET /v1/ips/{ip}` does for one of them.
  { method: "POST", path: "/v1/ips", access: "read" },
  { method: "GET", path: "*", access: "read" },
  { method: "*", path: "*", access: "operate" },
];

/** What a request needs. */
export function findAccess(method: string, path: string): Access {
  // Most requests: no line about a path below /v1/ opens it.
  if (method === "GET" && path.startsWith("/v1/")) return "read";
  if (method === "OPTIONS") return "open";
  const asked = method === "HEAD" ? "GET" : method;
  const rule = ACCESS_RULES.find((rule) => fits(rule, asked, path));
  return rule?.access ?? "operate";
}

function fits(rule: AccessRule, method: string, path: string): boolean {
  if (rule.method !== "*" && rule.method !== method) return false;
  return rule.path.endsWith("*") ? path.startsWith(rule.path.slice(0, -1)) : path === rule.path;
}

/** True for what a scheduler asks to know whether the process lives: it is answered whatever else goes on. */
export function isProbe(path: string): boolean {
  return path === "/livez" || path === "/readyz";
}

/** True for a method that may change something. */
export function changesState(method: string): boolean {
  return method !== "GET" && method !== "HEAD" && method !== "OPTIONS" && method !== "TRACE";
}
