import {
  type Clock,
  type CymruAnswer,
  type CymruOptions,
  type CymruSource,
  formatInstant,
  type IpAddress,
  type LookupOutcome,
  type SourceFailure,
} from "@ipcascade/core";
import { type Limiter, waitTurn } from "../limiter.ts";
import { createTokenBucket } from "../token_bucket.ts";
import { createAsNames } from "./as_name.ts";
import { type DnsOriginDeps, lookUpOrigin } from "./dns_origin.ts";
import { mergeOrigins } from "./origin.ts";
import type { ConnectTcp } from "./tcp_connection.ts";
import { guardResolver, type ResolveTxt } from "./txt_reply.ts";
import { holdWhoisSession, type WhoisSession, type WhoisSessionDeps } from "./whois_session.ts";

/** What asking Team Cymru needs. */
export interface CymruSourceDeps {
  /** Opens the bulk sessions. */
  readonly connect: ConnectTcp;
  /** Asks about single addresses and for the names of ASes. */
  readonly resolveTxt: ResolveTxt;
  /** Paces, limits and stamps. */
  readonly clock: Clock;
  /** Name or address of the whois server, setting `CYMRU_WHOIS_ADDR`. */
  readonly host: string;
  /** TCP port of the whois server. */
  readonly port: number;
  /** Setting `CYMRU_TIMEOUT`, in milliseconds. */
  readonly timeoutMs: number;
  /** Paces the bulk sessions; by default `CYMRU_RATES.sessions`, for this process alone. */
  readonly sessionLimiter?: Limiter;
  /** Paces the DNS questions; by default `CYMRU_RATES.questions`, for this process alone. */
  readonly dnsLimiter?: Limiter;
}

/** Most addresses in one call: as many as Team Cymru answers in about a minute. */
export const MAX_CYMRU_ADDRESSES = 10_000;

/** How much is asked of Team Cymru: bulk sessions of any size, and DNS questions. */
export const CYMRU_RATES = {
  sessions: { ratePerSecond: 1, burst: 10 },
  questions: { ratePerSecond: 100, burst: 100 },
} as const;

/**
 * Team Cymru by DNS for one address and by one bulk whois session for several; the two never stand in for each
 * other. `lookUpMany` rejects with `RangeError` when it is given more than 10 000 addresses.
 */
export function createCymruSource(deps: CymruSourceDeps): CymruSource {
  const { clock } = deps;
  const resolveTxt = guardResolver(deps.resolveTxt, clock);
  const sessions = deps.sessionLimiter ?? createTokenBucket({ ...CYMRU_RATES.sessions, clock });
  const limiter = deps.dnsLimiter ?? createTokenBucket({ ...CYMRU_RATES.questions, clock });
  const asNames = createAsNames({ resolveTxt, clock, limiter });
  const dns: DnsOriginDeps = { resolveTxt, asNames, clock, limiter, timeoutMs: deps.timeoutMs };

  return {
    async lookUpMany(addresses, options) {
      if (addresses.length > MAX_CYMRU_ADDRESSES) {
        throw new RangeError(
          `Cannot ask Team Cymru about ${addresses.length} addresses: at most ${MAX_CYMRU_ADDRESSES} go at once`,
        );
      }
      const distinct = [...new Map(addresses.map((address) => [address.text, address])).values()];
      const [first, second] = distinct;
      if (first === undefined) return new Map();
      if (second !== undefined) return await lookUpBulk(distinct, deps, sessions, options);
      const outcome = await lookUpOrigin(first, dns, options.signal);
      if (outcome.status === "hit" || outcome.status === "miss") options.onProgress?.(1);
      return new Map([[first.text, outcome]]);
    },
  };
}

async function lookUpBulk(
  addresses: readonly IpAddress[],
  deps: WhoisSessionDeps,
  limiter: Limiter,
  options: CymruOptions,
): Promise<Map<string, LookupOutcome<CymruAnswer>>> {
  const { clock } = deps;
  const texts = addresses.map(({ text }) => text);
  const hindrance = await waitTurn(limiter, options.signal);
  if (hindrance !== null) {
    const outcome = describeHindrance(hindrance);
    return new Map(texts.map((text) => [text, outcome]));
  }
  const startedAt = clock.elapsed();
  const session = await holdWhoisSession(texts, deps, options);
  const stamps = {
    checkedAt: formatInstant(clock.now()),
    durationMs: Math.round(clock.elapsed() - startedAt),
  };
  const failure = session.failure ?? explainSilence(session, texts.length);
  return new Map(texts.map((text) => [text, settle(text, { session, failure, ...stamps })]));
}

function describeHindrance(hindrance: "aborted" | "rate_unknown"): LookupOutcome<CymruAnswer> {
  if (hindrance === "rate_unknown") return { status: "skipped", reason: hindrance, until: null };
  const message = "Cannot ask Team Cymru: the caller gave up";
  return { status: "failed", failure: { reason: hindrance, message }, durationMs: 0 };
}

interface Settlement {
  readonly session: WhoisSession;
  /** For the addresses that have no answer. */
  readonly failure: SourceFailure;
  readonly checkedAt: string;
  /** Of the whole session: each address waited for it. */
  readonly durationMs: number;
}

function settle(text: string, settlement: Settlement): LookupOutcome<CymruAnswer> {
  const { session, failure, checkedAt, durationMs } = settlement;
  const origins = session.reply.origins.get(text);
  if (origins === undefined) return { status: "failed", failure, durationMs };
  const facts = mergeOrigins(origins);
  if (facts === null) return { status: "miss", durationMs };
  return { status: "hit", data: { ...facts, checked_at: checkedAt }, durationMs };
}

/**
 * Says why a session that the server closed in order left addresses without an answer. The server names rejected
 * lines by a number whose start is not documented, so they count as ours only when they account for every address
 * that is missing. Otherwise the reply was cut short: it has no end mark, and asking again is cheap.
 */
function explainSilence(session: WhoisSession, asked: number): SourceFailure {
  const { origins, rejectedCount, garbageCount } = session.reply;
  const action = "Cannot read the bulk reply of Team Cymru";
  if (rejectedCount > 0 && rejectedCount >= asked - origins.size) {
    return { reason: "rejected", message: `${action}: the server takes the address for none` };
  }
  if (origins.size === 0 && garbageCount > 0) {
    return { reason: "garbage", message: `${action}: it holds no row about the addresses` };
  }
  return { reason: "cut", message: `${action}: it ended before the address was answered` };
}
