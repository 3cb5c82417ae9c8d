import {
  type Clock,
  type CymruAnswer,
  type FailureReason,
  formatInstant,
  type IpAddress,
  type LookupOutcome,
} from "@ipcascade/core";
import { type Limiter, waitTurn } from "../limiter.ts";
import type { AsNames } from "./as_name.ts";
import { mergeOrigins, type Origin, readOrigin, splitColumns } from "./origin.ts";
import { formatOriginName } from "./origin_name.ts";
import type { ResolveTxt } from "./txt_reply.ts";

/** What asking by DNS needs. */
export interface DnsOriginDeps {
  /** Guarded, see `guardResolver`. */
  readonly resolveTxt: ResolveTxt;
  readonly asNames: AsNames;
  readonly clock: Clock;
  readonly limiter: Limiter;
  /** For the origin and the name together, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Asks DNS for the origin of one address, then for the name of its AS. Never throws, and never turns to whois:
 * a whois connection for each address that DNS does not know is what gets a network null-routed.
 */
export async function lookUpOrigin(
  address: IpAddress,
  deps: DnsOriginDeps,
  signal?: AbortSignal,
): Promise<LookupOutcome<CymruAnswer>> {
  const { clock, timeoutMs } = deps;
  const name = formatOriginName(address);
  let startedAt = clock.elapsed();
  const spent = () => Math.round(clock.elapsed() - startedAt);
  const fail = (reason: FailureReason): LookupOutcome<CymruAnswer> => {
    return { status: "failed", failure: { reason, message: describe(name, reason) }, durationMs: spent() };
  };

  const hindrance = await waitTurn(deps.limiter, signal);
  if (hindrance === "aborted") return fail("aborted");
  if (hindrance !== null) return { status: "skipped", reason: hindrance, until: null };
  startedAt = clock.elapsed();
  const reply = await deps.resolveTxt(name, { signal, timeoutMs });
  if (reply.status === "none") return { status: "miss", durationMs: spent() };
  if (reply.status === "failed") return fail(reply.reason);
  const origins = reply.records.map(readRecord).filter((origin) => origin !== null);
  if (origins.length === 0) return fail("garbage");
  const facts = mergeOrigins(origins);
  if (facts === null) return { status: "miss", durationMs: spent() };
  const asnOrg = await deps.asNames.find(facts.asn, { signal, timeoutMs: Math.max(1, timeoutMs - spent()) });
  const data = { ...facts, asn_org: asnOrg, checked_at: formatInstant(clock.now()) };
  return { status: "hit", data, durationMs: spent() };
}

/** `23028 64500 | 216.90.108.0/24 | US | arin | 1998-09-25`. */
function readRecord(record: string): Origin | null {
  const [asn = "", prefix, country = "", registry = "", allocated = ""] = splitColumns(record, 5);
  return prefix === undefined ? null : readOrigin({ asn, prefix, country, registry, allocated, name: "" });
}

function describe(name: string, reason: FailureReason): string {
  return `Cannot resolve "${name}": ${STATES[reason] ?? reason}`;
}

const STATES: Readonly<Partial<Record<FailureReason, string>>> = {
  timeout: "no answer in time",
  refused: "the name server refuses the connection",
  unresolved: "the name of the name server can't be resolved",
  unreachable: "the name server can't be reached",
  server_error: "the name server fails or refuses",
  garbage: "the answer holds no origin",
  aborted: "the caller gave up",
};
