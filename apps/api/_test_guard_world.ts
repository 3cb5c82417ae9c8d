import type { Log } from "@ipcascade/core";
import type { ApiDeps } from "./api_deps.ts";
import { answerFailure } from "./failure.ts";
import { createGuard } from "./guard.ts";
import { answerUnknown, listMethods } from "./methods.ts";
import { type ApiPolicy, DEFAULT_POLICY, type KnownToken } from "./policy.ts";
import { createRouter } from "./router.ts";
import { createTraffic } from "./traffic.ts";

/** A token as the policy has it. */
export async function know(scope: KnownToken["scope"], token: string): Promise<KnownToken> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return { scope, sha256: [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, "0")).join("") };
}

/** What a request of a test is made of. */
export interface AskInit extends RequestInit {
  readonly client?: string;
  /** The host of the URL. */
  readonly host?: string;
}

/** The guard before a few routes, with a clock that a test moves. */
export function openGuardWorld(policy: Partial<ApiPolicy> = {}) {
  const logged: string[] = [];
  const write = (level: string) => (message: string, fields: object = {}) =>
    void logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  const time = { ms: 0 };
  const clock = { now: () => time.ms, elapsed: () => time.ms, sleep: () => Promise.resolve() };
  const traffic = createTraffic(clock);
  const operations = { clock, log } as Partial<ApiDeps["operations"]> as ApiDeps["operations"];
  const app = createRouter();
  const held = Promise.withResolvers<void>();
  app.use(
    "*",
    createGuard({ operations, policy: { ...DEFAULT_POLICY, ...policy }, version: "1", traffic }),
  );
  app.onError((error, c) => answerFailure(error, c, operations));
  app.notFound((c) => answerUnknown(c, listMethods(app, c.req.path)));
  app.get("/v1/thing", (c) => c.json({ caller: c.get("caller"), scope: c.get("scope") }));
  app.post("/v1/jobs/x/runs", async (c) => c.json({ body: await c.req.text() }, 202));
  app.post("/login", (c) => c.text("", c.req.header("x-token") === "right" ? 303 : 401));
  app.get("/livez", (c) => c.json({ status: "alive" }));
  app.get("/", (c) => c.html("<p>board</p>"));
  app.get("/readyz", (c) => c.json({ is_ready: false }, 503));
  app.get("/v1/health", (c) => c.json({ status: "fail" }, 503));
  app.get("/page", (c) => c.html("<p>page</p>"));
  app.get("/v1/throws", () => {
    throw new Error("secret text");
  });
  app.get("/v1/throws-a-text", () => Promise.reject("secret text"));
  app.on(["GET", "PUT"], "/v1/held", async (c) => {
    await held.promise;
    return c.json({});
  });
  app.get("/v1/obedient", (c) =>
    new Promise((_resolve, reject) => {
      const signal = c.get("signal");
      signal.addEventListener("abort", () => reject(signal.reason));
    }));
  const ask = (path: string, { client = "127.0.0.1", host = "127.0.0.1:8080", ...init }: AskInit = {}) =>
    Promise.resolve(app.fetch(new Request(`http://${host}${path}`, init), { client }));
  return { ask, logged, time, traffic, release: held.resolve };
}
