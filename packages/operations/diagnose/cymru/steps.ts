import { MS_PER_SECOND } from "@ipcascade/core";
import { listErrorSteps } from "../error_steps.ts";
import { type CymruEvidence, formatPlace, isKnownAnswer } from "./evidence.ts";
import type { CymruCause } from "./judge.ts";
import type { NetworkPlace } from "./probes.ts";

/** Settings that steps name. */
export interface CymruStepSettings {
  /** `CYMRU_DNS_SERVER`; null asks the system's name server. */
  readonly dnsServer: NetworkPlace | null;
  /** `CYMRU_TIMEOUT`. */
  readonly cymruTimeoutMs: number;
}

/** What steps are about. */
interface Target extends NetworkPlace, CymruStepSettings {
  readonly evidence: CymruEvidence;
  readonly byHand: string;
}

/** What to do about a cause, in order (runbook: Team Cymru Null-Routing, Slow Enrichment). */
export function listCymruSteps(
  cause: CymruCause,
  evidence: CymruEvidence,
  settings: CymruStepSettings,
): readonly string[] {
  const { host, port } = evidence.place;
  const { dnsServer, cymruTimeoutMs } = settings;
  const byHand = `See it by hand: printf 'begin\\nverbose\\n8.8.8.8\\nend\\n' | nc ${host} ${port}`;
  return STEPS[cause]({ dnsServer, cymruTimeoutMs, host, port, byHand, evidence });
}

/** What keeps the circuit and our own requests from being read. */
function listUnknownSteps({ circuit, pattern, connection, bulk }: CymruEvidence): readonly string[] {
  const records = [circuit, pattern].flatMap((one) => one !== null && "error" in one ? [one.error] : []);
  const [error] = records;
  const isSilent = connection?.status === "failed" || bulk?.status === "failed";
  return error === undefined || isSilent
    ? ["Try again with more time: ipcascade diagnose cymru --timeout 60"]
    : listErrorSteps(error);
}

function listDnsSteps(server: NetworkPlace | null): readonly string[] {
  const where = server === null ? "" : `@${server.host} -p ${server.port} `;
  const name = server === null
    ? "the system's in /etc/resolv.conf, or another one by CYMRU_DNS_SERVER"
    : `CYMRU_DNS_SERVER, which is ${formatPlace(server)}`;
  return [
    `Check the name server: ${name}`,
    `See it by hand: dig +short ${where}8.8.8.8.origin.asn.cymru.com TXT`,
  ];
}

/** Runbook, Slow Enrichment: from 30 s to 60 s. */
const RAISED_TIMEOUT_MS = 60 * MS_PER_SECOND;

const AGAIN = "Then: ipcascade diagnose cymru";

const STEPS: Readonly<Record<CymruCause, (target: Target) => readonly string[]>> = {
  none: () => [],
  null_routed: ({ byHand }) => [
    "Stop jobs that ask Team Cymru; the circuit leaves it alone meanwhile, MaxMind and GreyNoise go on",
    byHand,
    "If our own requests look abusive above, find what sent them and end it before you write",
    "Send the letter below, completed, and wait for the answer",
    "Once it answers: ipcascade backfill",
  ],
  refused: ({ host, port, byHand }) => [
    `Check CYMRU_WHOIS_ADDR, which is ${formatPlace({ host, port })} (default whois.cymru.com:43)`,
    byHand,
    "If it is right, the service is down: wait, the circuit tries again by itself",
    AGAIN,
  ],
  unreachable: ({ host, byHand }) => [
    `Check the route and the firewall to ${host}: traceroute ${host}`,
    byHand,
    AGAIN,
  ],
  broken_off: ({ byHand }) => [
    byHand,
    "Look for a proxy or an inspecting firewall on the way that ends what it does not know",
    "Otherwise the service has a fault: wait, the circuit tries again by itself",
  ],
  local_firewall: ({ host, port }) => [
    `Allow outgoing TCP to ${host} port ${port} in the firewall of this machine and of its network`,
    "If the network lets only listed hosts through, name some of these in DIAGNOSE_REFERENCES",
    AGAIN,
  ],
  dns_broken: ({ host, port, dnsServer, evidence }) => [
    ...(evidence.bulk !== null && evidence.bulk.status !== "failed" ? [] : [
      `Check the name in CYMRU_WHOIS_ADDR, which is ${
        formatPlace({ host, port })
      }, and what finds names: /etc/resolv.conf`,
      `See it by hand: getent hosts ${host}`,
    ]),
    ...(isKnownAnswer(evidence.dns) ? [] : listDnsSteps(dnsServer)),
    AGAIN,
  ],
  wrong_answer: ({ host, port, byHand }) => [
    byHand,
    `Check CYMRU_WHOIS_ADDR (${
      formatPlace({ host, port })
    }) and CYMRU_DNS_SERVER; look for a proxy or login page on the way`,
    "Stop jobs that ask Team Cymru until it is right: wrong answers would be stored",
    "Then ask again about what was stored: ipcascade refresh --source cymru",
  ],
  slow: ({ cymruTimeoutMs }) => [
    cymruTimeoutMs < RAISED_TIMEOUT_MS
      ? `Raise CYMRU_TIMEOUT from ${cymruTimeoutMs / MS_PER_SECOND}s to 60s`
      : `CYMRU_TIMEOUT is ${cymruTimeoutMs / MS_PER_SECOND}s already`,
    "Look at the latency of each source: ipcascade diagnose latency",
  ],
  circuit_open:
    () => ["ipcascade diagnose cymru --fix closes the circuit; otherwise it tries again by itself"],
  abusive_pattern: () => [
    "Find what opens so many small sessions: several processes on addresses in ones and twos, or a loop",
    "Give it all addresses at once (enrich FILE, backfill) or leave them to workers (enrich --queue)",
  ],
  unknown: ({ evidence }) => listUnknownSteps(evidence),
};
