import { type Fault, type FaultBoard, LAB_PROVIDERS, type LabProvider } from "./fault.ts";
import { type HttpAnswer, type HttpRequest, json, openHttpServer } from "./http_server.ts";
import type { Releases } from "./releases.ts";
import type { LabRequests } from "./request_log.ts";
import type { OpenServer } from "./tcp_server.ts";

/** What the control door steers. */
export interface ControlOptions {
  readonly faults: FaultBoard;
  readonly requests: LabRequests;
  readonly releases: Releases;
  readonly env: () => Readonly<Record<string, string>>;
  readonly port?: number;
}

/**
 * Opens the door through which another process steers the lab:
 * - `GET /env`: the settings that point a program at the lab;
 * - `GET /requests`: the counters and the log;
 * - `POST /faults`: `{"provider": …, "fault": {…} | [{…}] | null}`;
 * - `POST /releases`: `{"edition": …, "buildEpoch": seconds}` publishes a release of the world;
 * - `POST /reset`: counters, log and faults as at the start.
 */
export function openControlServer(options: ControlOptions): Promise<OpenServer> {
  return openHttpServer(async (request) => ({ answer: await route(request, options) }), options.port);
}

async function route(request: HttpRequest, options: ControlOptions): Promise<HttpAnswer> {
  const { faults, requests, releases, env } = options;
  switch (`${request.method} ${request.url.pathname}`) {
    case "GET /env":
      return json(200, env());
    case "GET /requests":
      return json(200, { ...requests.counts(), log: requests.log });
    case "POST /reset":
      requests.reset();
      faults.clear();
      return json(200, {});
    case "POST /faults": {
      const order = await readObject(request);
      if (order === null || !isProvider(order.provider)) return json(400, { error: "provider is unknown" });
      faults.set(order.provider, (order.fault ?? null) as Fault | readonly Fault[] | null);
      return json(200, {});
    }
    case "POST /releases": {
      const order = await readObject(request);
      if (typeof order?.edition !== "string") return json(400, { error: "edition is missing" });
      const buildEpoch = typeof order.buildEpoch === "number" ? order.buildEpoch : undefined;
      const { date } = releases.publish(order.edition, { buildEpoch });
      return json(200, { edition: order.edition, date });
    }
    default:
      return json(404, { error: "unknown path" });
  }
}

async function readObject(request: HttpRequest): Promise<Record<string, unknown> | null> {
  try {
    const value: unknown = JSON.parse(await request.text());
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : null;
  } catch {
    return null;
  }
}

function isProvider(value: unknown): value is LabProvider {
  return LAB_PROVIDERS.some((provider) => provider === value);
}
