import type { Clock, CymruSource, GreynoiseSource, RequestRecord } from "@ipcascade/core";
import {
  createCymruSource,
  createGreynoiseSource,
  type Limiter,
  recordCymru,
  recordGreynoise,
} from "@ipcascade/sources";
import { createTxtResolver } from "./dns_txt.ts";
import { createFetch } from "./http.ts";
import type { Settings } from "./settings.ts";
import { connectTcp } from "./tcp.ts";

/** What a source is wired with besides the settings. */
export interface SourceWiring {
  readonly clock: Clock;
  /** Takes note of every request. */
  readonly record: RequestRecord;
  /** By default the setting's. */
  readonly timeoutMs?: number;
}

/** Team Cymru as the settings have it. Without limiters it is paced by itself. */
export function wireCymru(
  settings: Settings,
  wiring: SourceWiring & { readonly sessionLimiter?: Limiter; readonly dnsLimiter?: Limiter },
): CymruSource {
  const { clock, record, timeoutMs = settings.cymruTimeoutMs, sessionLimiter, dnsLimiter } = wiring;
  const source = createCymruSource({
    connect: connectTcp,
    resolveTxt: createTxtResolver({ server: settings.cymruDnsServer }),
    clock,
    ...settings.cymruWhoisAddr,
    timeoutMs,
    sessionLimiter,
    dnsLimiter,
  });
  return recordCymru(source, record);
}

/** GreyNoise as the settings have it. */
export function wireGreynoise(
  settings: Settings,
  wiring: SourceWiring & { readonly limiter: Limiter },
): GreynoiseSource {
  const { clock, record, timeoutMs = settings.greynoiseTimeoutMs, limiter } = wiring;
  const source = createGreynoiseSource({
    fetch: createFetch({ timeoutMs }),
    clock,
    server: settings.greynoiseApiServer,
    apiKey: settings.greynoiseApiKey,
    limiter,
    timeoutMs,
  });
  return recordGreynoise(source, record);
}
