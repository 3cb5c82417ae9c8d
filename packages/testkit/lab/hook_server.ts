import { type Fault, FaultBoard } from "./fault.ts";
import { openHttpServer, text } from "./http_server.ts";

/** A request that the server received. */
export interface HookRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly contentType: string | undefined;
  readonly body: string;
  /** What was answered. */
  readonly status: number;
}

/** Takes posts of alerts and pings on loopback. */
export interface HookServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** In the order of arrival. */
  readonly requests: readonly HookRequest[];
  /** Replaces the fault; null heals the server. */
  setFault(fault: Fault | null): void;
}

/** The board is this server's own: the name on it could be any. */
const NAME = "mirror";

/** Opens a server that takes everything: `await using hook = await openHookServer()`. */
export async function openHookServer(): Promise<HookServer> {
  const faults = new FaultBoard();
  const requests: HookRequest[] = [];
  const server = await openHttpServer(async (request) => {
    const path = request.url.pathname + request.url.search;
    const body = await request.text();
    const { method, headers } = request;
    return {
      answer: text(200, "ok"),
      faults: faults.take(NAME, { path }),
      onStatus: (status) =>
        requests.push({ method, path, contentType: headers["content-type"], body, status }),
    };
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    requests,
    setFault: (fault) => faults.set(NAME, fault),
    [Symbol.asyncDispose]: () => server.close(),
  };
}
