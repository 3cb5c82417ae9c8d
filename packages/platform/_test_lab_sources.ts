import type { Clock, CymruSource, GreynoiseSource } from "@ipcascade/core";
import { createCymruSource, createGreynoiseSource, createTokenBucket } from "@ipcascade/sources";
import type { Lab } from "@ipcascade/testkit/lab";
import { setTimeout as sleep } from "node:timers/promises";
import { createTxtResolver } from "./dns_txt.ts";
import { connectTcp } from "./tcp.ts";

/** The machine's own clock. */
export const realClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal });
  },
};

/** Team Cymru as the lab stands in for it, over real sockets. */
export function openLabCymru(
  lab: Lab,
  { timeoutMs = 5_000, whoisHost }: { readonly timeoutMs?: number; readonly whoisHost?: string } = {},
): CymruSource {
  const whois = new URL(`tcp://${lab.env.CYMRU_WHOIS_ADDR}`);
  const dns = new URL(`tcp://${lab.env.CYMRU_DNS_SERVER}`);
  return createCymruSource({
    connect: connectTcp,
    resolveTxt: createTxtResolver({ server: { host: dns.hostname, port: Number(dns.port) } }),
    clock: realClock,
    host: whoisHost ?? whois.hostname,
    port: Number(whois.port),
    timeoutMs,
  });
}

/** GreyNoise as the lab stands in for it, over real sockets. */
export function openLabGreynoise(
  lab: Lab,
  options: { readonly timeoutMs?: number; readonly apiKey?: string; readonly server?: string } = {},
): GreynoiseSource {
  return createGreynoiseSource({
    fetch: (url, init) => fetch(url, init),
    clock: realClock,
    server: options.server ?? lab.env.GREYNOISE_API_SERVER,
    apiKey: options.apiKey ?? null,
    limiter: createTokenBucket({ ratePerSecond: 1_000, burst: 1_000, clock: realClock }),
    timeoutMs: options.timeoutMs ?? 5_000,
  });
}
