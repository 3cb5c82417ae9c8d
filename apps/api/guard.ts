import type { Context, MiddlewareHandler } from "hono";
import { isLogged, isReported, logAccess } from "./access_log.ts";
import { BUSY, ENDING, isProblem } from "./admission.ts";
import type { ApiDeps, ApiEnv } from "./api_deps.ts";
import { changesState, findAccess } from "./access.ts";
import type { Client } from "./client_address.ts";
import { answerFailure } from "./failure.ts";
import { findRoute } from "./find_route.ts";
import { createGate, type Gate } from "./gate.ts";
import { holdBody } from "./held_body.ts";
import type { Identity } from "./identity.ts";
import { answerProblem, describeGivenUp, type Problem } from "./problem.ts";
import { BODY_SLOW, BODY_TIMEOUT_MS, hasStreamBody, readBody, takesBody } from "./request_body.ts";
import { addSecureHeaders, kindOfAnswer } from "./secure_headers.ts";
import type { Traffic } from "./traffic.ts";

/** Everything that stands before the routes: identity, limits, time, headers, the access log. */
export function createGuard(deps: ApiDeps, gate: Gate = createGate(deps)): MiddlewareHandler<ApiEnv> {
  const { policy, clock, log, traffic, admission, clients, nextId, meter } = gate;
  const work = createWork(deps, traffic);
  return async (c, next) => {
    const { raw, path, method } = c.req;
    const startedAt = clock.elapsed();
    meter.begin();
    const connection = c.env?.client;
    const client = clients.find(connection, raw.headers);
    const requestId = nextId(raw.headers.get("x-request-id"));
    c.set("requestId", requestId);
    let admitted = c.env?.admitted ?? admission.admit({ request: raw, path, client });
    if (admitted instanceof Promise) admitted = await admitted;
    let answer: Response | undefined;
    let by: string | null = null;
    if (isProblem(admitted)) answer = refuse(c, admitted);
    else {
      by = admitted.label;
      c.set("scope", admitted.scope);
      c.set("caller", describeCaller(admitted, client));
      answer = await work(c, next, startedAt);
    }
    const response = answer ?? c.res;
    if (method === "HEAD") await measureBody(response);
    const { headers, status } = response;
    const isHttps = raw.url.startsWith("https:") || clients.isHttps(connection, raw.headers);
    addSecureHeaders(headers, { requestId, kind: kindOfAnswer(path), isHttps });
    if (method === "POST" && path === "/login" && !isProblem(admitted)) admission.triedLogin(client, status);
    const ms = clock.elapsed() - startedAt;
    meter.end({ method, route: findRoute(c), status, durationMs: ms });
    if (isLogged(policy.accessLog, method, status, isReported(path, response))) {
      logAccess(log, { request: requestId, method, path, status, ms, client: client.text, by });
    }
    return answer;
  };
}

/** Does what a route does for a request that was let in at an instant of the clock that never goes back. */
type Work = (
  c: Context<ApiEnv>,
  next: () => Promise<void>,
  startedAt: number,
) => Promise<Response | undefined>;

/** Makes what runs routes, with their bodies read, until their deadlines. */
function createWork(deps: ApiDeps, traffic: Traffic): Work {
  const { requestTimeoutMs } = deps.policy;
  const receive = createReceive(deps, traffic);
  return async (c, next, startedAt) => {
    const { method, path } = c.req;
    const isStream = hasStreamBody(method, path);
    if (takesBody(method) && !isStream) {
      const problem = await receive(c, startedAt);
      if (problem !== null) return answerProblem(c, problem);
    }
    const controller = new AbortController();
    const isShort = method === "GET" && path.startsWith("/v1/ips/");
    // Streams go on after their answer began, when only the end of the server is left to end them.
    const hasEnd = !isShort && deps.traffic !== undefined;
    c.set(
      "signal",
      hasEnd ? AbortSignal.any([controller.signal, traffic.ending]) : controller.signal,
    );
    try {
      const isDone = await traffic.run(controller, startedAt + requestTimeoutMs, next);
      if (!isDone) return answerProblem(c, describeGivenUp(findAccess(method, path) === "operate"));
    } catch (error) {
      return answerFailure(error, c, deps.operations);
    }
    // Its input is read while it is sent, which the server must not end before.
    if (isStream && deps.traffic !== undefined) c.res = holdBody(c.res, traffic.hold());
    return undefined;
  };
}

/** Makes what reads a body as a whole before its request takes a place; gives why it can't go on, else null. */
function createReceive({ policy }: ApiDeps, traffic: Traffic) {
  return async (c: Context<ApiEnv>, startedAt: number): Promise<Problem | null> => {
    if (c.req.raw.body === null) return null;
    const controller = new AbortController();
    let problem: Problem | null = null;
    const read = async () => {
      problem = await readBody(c, controller.signal);
    };
    try {
      const isRead = await traffic.receive(controller, startedAt + BODY_TIMEOUT_MS, read);
      if (!isRead) return BODY_SLOW;
    } catch (error) {
      if (controller.signal.aborted) return traffic.ending.aborted ? ENDING : BODY_SLOW;
      throw error;
    }
    return problem ?? (traffic.size >= policy.concurrency ? BUSY : null);
  };
}

/** What follows the head of an answer to GET is not sent to HEAD, but how long it is. No answer to GET is a stream. */
async function measureBody({ body, headers }: Response): Promise<void> {
  if (body === null) return;
  let size = 0;
  for await (const chunk of body) size += chunk.byteLength;
  headers.set("content-length", String(size));
}

function describeCaller({ label }: Identity, { text }: Client): string {
  return `${label ?? "anybody"} from ${text}`;
}

/** People are led to the page where a token is asked for; programs get the problem. */
function refuse(c: Context<ApiEnv>, problem: Problem): Response {
  const { method, path, raw } = c.req;
  const isLook = !changesState(method) && !path.startsWith("/v1/");
  if (problem.status === 401 && isLook && raw.headers.get("accept")?.includes("text/html") === true) {
    const { pathname, search } = new URL(raw.url);
    return c.redirect(`/login?next=${encodeURIComponent(pathname + search)}`, 303);
  }
  return answerProblem(c, problem);
}
