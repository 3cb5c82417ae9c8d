import { formatPlace } from "./evidence.ts";
import type { CymruCause } from "./judge.ts";
import type { NetworkPlace } from "./probes.ts";

/** What to do about a cause, in order (runbook: Team Cymru Null-Routing, Slow Enrichment). */
export function listCymruSteps(cause: CymruCause, place: NetworkPlace): readonly string[] {
  const { host, port } = place;
  const byHand = `See it by hand: printf 'begin\\nverbose\\n8.8.8.8\\nend\\n' | nc ${host} ${port}`;
  const again = "Then: ipcascade diagnose cymru";
  switch (cause) {
    case "none":
      return [];
    case "null_routed":
      return [
        "Stop jobs that ask Team Cymru; the circuit leaves it alone meanwhile, MaxMind and GreyNoise go on",
        byHand,
        "If our own requests look abusive above, find what sent them and end it before you write",
        "Send the letter below, completed, and wait for the answer",
        "Once it answers: ipcascade backfill",
      ];
    case "refused":
      return [
        `Check CYMRU_WHOIS_ADDR, which is ${formatPlace(place)} (default whois.cymru.com:43)`,
        byHand,
        "If it is right, the service is down: wait, the circuit tries again by itself",
        again,
      ];
    case "unreachable":
      return [
        `Check the route and the firewall to ${host}: traceroute ${host}`,
        byHand,
        again,
      ];
    case "broken_off":
      return [
        byHand,
        "Look for a proxy or an inspecting firewall on the way that ends what it does not know",
        "Otherwise the service has a fault: wait, the circuit tries again by itself",
      ];
    case "local_firewall":
      return [
        `Allow outgoing TCP to ${host} port ${port} in the firewall of this machine and of its network`,
        "If the network lets only listed hosts through, name some of these in DIAGNOSE_REFERENCES",
        again,
      ];
    case "dns_broken":
      return [
        "Check the name server: CYMRU_DNS_SERVER, or the system's in /etc/resolv.conf",
        "See it by hand: dig +short 8.8.8.8.origin.asn.cymru.com TXT",
        `Check the name in CYMRU_WHOIS_ADDR, which is ${formatPlace(place)}`,
        again,
      ];
    case "wrong_answer":
      return [
        byHand,
        `Check CYMRU_WHOIS_ADDR (${
          formatPlace(place)
        }) and CYMRU_DNS_SERVER; look for a proxy or login page on the way`,
        "Stop jobs that ask Team Cymru until it is right: wrong answers would be stored",
        "Then ask again about what was stored: ipcascade refresh --source cymru",
      ];
    case "slow":
      return [
        "Raise CYMRU_TIMEOUT from 30s to 60s",
        "Look at the latency of each source: ipcascade diagnose latency",
      ];
    case "circuit_open":
      return ["ipcascade diagnose cymru --fix closes the circuit; otherwise it tries again by itself"];
    case "abusive_pattern":
      return [
        "Find what opens so many small sessions: several processes on addresses in ones and twos, or a loop",
        "Give it all addresses at once (enrich FILE, backfill) or leave them to workers (enrich --queue)",
      ];
    case "unknown":
      return ["Try again with a longer --timeout, and with --verbose"];
  }
}
