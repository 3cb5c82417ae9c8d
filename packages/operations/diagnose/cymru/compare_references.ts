import type { FailureReason } from "@ipcascade/core";
import type { ReferenceProbe } from "./evidence.ts";

/**
 * What other hosts say about a connection that fails.
 * - `outbound_blocked`: every other connection fails the same way, so it is our side
 * - `port_blocked`: other hosts fail the same way on that port, and answer on others
 * - `works`: another whois server can be reached, so it is not our side
 * - `partly`: other hosts can be reached, but none on that port was there to compare with
 * - `unclear`: others fail in another way
 * - `none`: nobody was asked
 */
export type ReferenceWord = "outbound_blocked" | "port_blocked" | "works" | "partly" | "unclear" | "none";

/** The port of whois (RFC 3912). */
const WHOIS_PORT = 43;

/** Compares a failure of ours with what became of the references. */
export function compareReferences(
  reason: FailureReason,
  references: readonly ReferenceProbe[],
  port: number,
): ReferenceWord {
  if (references.length === 0) return "none";
  const isSamePort = ({ place }: ReferenceProbe) => place.port === port || place.port === WHOIS_PORT;
  const same = references.filter(isSamePort);
  const others = references.filter((reference) => !isSamePort(reference));
  const reaches = (probes: readonly ReferenceProbe[]) => probes.some(isReached);
  const failsAlike = (probes: readonly ReferenceProbe[]) =>
    probes.length > 0 && probes.every(({ connection }) => hasFailed(connection, reason));
  if (reaches(same)) return "works";
  if (failsAlike(references)) return "outbound_blocked";
  if (failsAlike(same) && reaches(others)) return "port_blocked";
  return reaches(others) ? "partly" : "unclear";
}

/** Tells whether a reference took a connection. */
export function isReached({ connection }: ReferenceProbe): boolean {
  return connection.status === "connected";
}

function hasFailed(connection: ReferenceProbe["connection"], reason: FailureReason): boolean {
  return connection.status === "failed" && connection.reason === reason;
}
