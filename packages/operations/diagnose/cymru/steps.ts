import { formatPlace } from "./evidence.ts";
import type { CymruCause } from "./judge.ts";
import type { NetworkPlace } from "./probes.ts";

/** What steps are about. */
interface Target extends NetworkPlace {
  readonly byHand: string;
}

/** What to do about a cause, in order (runbook: Team Cymru Null-Routing, Slow Enrichment). */
export function listCymruSteps(cause: CymruCause, { host, port }: NetworkPlace): readonly string[] {
  const byHand = `See it by hand: printf 'begin\\nverbose\\n8.8.8.8\\nend\\n' | nc ${host} ${port}`;
  return STEPS[cause]({ host, port, byHand });
}

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
  dns_broken: ({ host, port }) => [
    "Check the name server: CYMRU_DNS_SERVER, or the system's in /etc/resolv.conf",
    "See it by hand: dig +short 8.8.8.8.origin.asn.cymru.com TXT",
    `Check the name in CYMRU_WHOIS_ADDR, which is ${formatPlace({ host, port })}`,
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
  slow: () => [
    "Raise CYMRU_TIMEOUT from 30s to 60s",
    "Look at the latency of each source: ipcascade diagnose latency",
  ],
  circuit_open:
    () => ["ipcascade diagnose cymru --fix closes the circuit; otherwise it tries again by itself"],
  abusive_pattern: () => [
    "Find what opens so many small sessions: several processes on addresses in ones and twos, or a loop",
    "Give it all addresses at once (enrich FILE, backfill) or leave them to workers (enrich --queue)",
  ],
  unknown: () => ["Try again with a longer --timeout, and with --verbose"],
};
