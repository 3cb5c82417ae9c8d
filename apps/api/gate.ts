import type { Operations } from "@ipcascade/operations";
import { type Admission, createAdmission } from "./admission.ts";
import type { ApiDeps } from "./api_deps.ts";
import { type ClientFinder, createClientFinder } from "./client_address.ts";
import { createHttpMeter, type HttpMeter } from "./http_meter.ts";
import type { ApiPolicy } from "./policy.ts";
import { createRequestIds } from "./request_id.ts";
import { createTraffic, type Traffic } from "./traffic.ts";

/** What decides on every request and takes note of it, whichever way the request takes. */
export interface Gate {
  readonly policy: ApiPolicy;
  readonly clock: Operations["clock"];
  readonly log: Operations["log"];
  readonly admission: Admission;
  readonly clients: ClientFinder;
  readonly traffic: Traffic;
  readonly meter: HttpMeter;
  /** The caller's own id where it is fit for a log, else a new one. */
  readonly nextId: (given: string | null) => string;
}

/** Makes the gate of an app. */
export function createGate(deps: ApiDeps, meter: HttpMeter = createHttpMeter()): Gate {
  const { policy, operations: { clock, log } } = deps;
  const traffic = deps.traffic ?? createTraffic(clock);
  return {
    policy,
    clock,
    log,
    traffic,
    meter,
    admission: createAdmission(policy, traffic, () => clock.elapsed()),
    clients: createClientFinder(policy.trustedProxies),
    nextId: createRequestIds(),
  };
}
