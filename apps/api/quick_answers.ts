import { isLogged, logAccess } from "./access_log.ts";
import type { IpAnswers } from "./addresses/ip_answers.ts";
import { sendAnswer } from "./addresses/send_answer.ts";
import { isProblem } from "./admission.ts";
import type { ApiBindings } from "./api_deps.ts";
import type { Gate } from "./gate.ts";

const PATH = "/v1/ips/";
const ROUTE = "/v1/ips/:ip";
/** Queries that change nothing but whether the sources are asked. */
const OFFLINE_QUERIES: ReadonlySet<string> = new Set(["offline=1", "offline=true"]);

/**
 * The shortest way: answers about one address that are at hand, without router, schemas and promises. The gate decides
 * and takes note as on any other way. What the routes have to answer gets its bindings back, with what was decided.
 */
export function createQuickAnswers(
  gate: Gate,
  answers: Pick<IpAnswers, "findNow">,
): (request: Request, bindings: ApiBindings) => Response | ApiBindings {
  const { policy, clock, log, admission, clients, nextId, meter } = gate;
  return (request, bindings) => {
    const asked = readAsked(request);
    const answer = asked === null ? null : answers.findNow(asked.text, asked.isOffline);
    if (answer === null) return bindings;
    const startedAt = clock.elapsed();
    const { headers } = request;
    const client = clients.find(bindings.client, headers);
    // What a proxy says of its client is read on the long way.
    if (client.isTrusted) return bindings;
    const admitted = admission.admit({ request, path: PATH, client });
    if (admitted instanceof Promise || isProblem(admitted)) return { ...bindings, admitted };
    meter.begin();
    const requestId = nextId(headers.get("x-request-id"));
    const response = sendAnswer(answer, headers, clock, [
      ["x-request-id", requestId],
      ["x-content-type-options", "nosniff"],
    ]);
    const ms = clock.elapsed() - startedAt;
    const { status } = response;
    meter.end({ method: "GET", route: ROUTE, status, durationMs: ms });
    if (isLogged(policy.accessLog, "GET", status)) {
      const path = PATH + asked!.text;
      logAccess(log, {
        request: requestId,
        method: "GET",
        path,
        status,
        ms,
        client: client.text,
        by: admitted.label,
      });
    }
    return response;
  };
}

/** What `GET /v1/ips/{ip}` asks for over plain http; null for all other requests. */
function readAsked({ url, method }: Request): { readonly text: string; readonly isOffline: boolean } | null {
  const start = url.indexOf("/", "http://".length);
  if (!url.startsWith(PATH, start) || method !== "GET" || url.startsWith("https:")) return null;
  const at = start + PATH.length;
  const mark = url.indexOf("?", at);
  if (mark < 0) return { text: url.slice(at), isOffline: false };
  return OFFLINE_QUERIES.has(url.slice(mark + 1)) ? { text: url.slice(at, mark), isOffline: true } : null;
}
