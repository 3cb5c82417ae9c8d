import { isLogged, logAccess } from "./access_log.ts";
import type { IpAnswers } from "./addresses/ip_answers.ts";
import { sendAnswer } from "./addresses/send_answer.ts";
import { isProblem } from "./admission.ts";
import type { ApiBindings } from "./api_deps.ts";
import type { Gate } from "./gate.ts";

const PATH = "/v1/ips/";
const ROUTE = "/v1/ips/:ip";

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
    if (asked === null) return bindings;
    const startedAt = clock.elapsed();
    const answer = answers.findNow(asked, startedAt);
    if (answer === null) return bindings;
    const { headers } = request;
    // The first `has` lets Deno read all headers at once; before it, each `get` would go and fetch one.
    const condition = headers.has("if-none-match") ? headers.get("if-none-match") : null;
    const client = clients.find(bindings.client, headers);
    // What a proxy says of its client is read on the long way.
    if (client.isTrusted) return bindings;
    const admitted = admission.admit({ request, path: PATH, client });
    if (admitted instanceof Promise || isProblem(admitted)) return { ...bindings, admitted };
    meter.begin();
    const requestId = nextId(headers.get("x-request-id"));
    const response = sendAnswer(answer, condition, clock);
    const sent = response.headers;
    sent.set("x-request-id", requestId);
    sent.set("x-content-type-options", "nosniff");
    const { status } = response;
    // A second call for the body would cost as much as all the rest that is done for an answer.
    if (bindings.joinsChunks === true && status === 200) sent.set("transfer-encoding", "chunked");
    const ms = clock.elapsed() - startedAt;
    meter.end({ method: "GET", route: ROUTE, status, durationMs: ms });
    if (isLogged(policy.accessLog, "GET", status)) {
      const path = PATH + asked.replace(/\?.*/, "");
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

/** What `GET /v1/ips/{ip}` asks for over plain http, with its query; null for all other requests. */
function readAsked({ url, method }: Request): string | null {
  const start = url.indexOf("/", "http://".length);
  if (!url.startsWith(PATH, start) || method !== "GET" || url.startsWith("https:")) return null;
  return url.slice(start + PATH.length);
}
