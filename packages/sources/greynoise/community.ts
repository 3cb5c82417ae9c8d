import {
  type FailureReason,
  formatInstant,
  type GreynoiseAnswer,
  type GreynoiseReply,
  type GreynoiseSource,
  type IpAddress,
  type LookupOutcome,
  type SkipReason,
} from "@ipcascade/core";
import { type Limiter, waitTurn } from "../limiter.ts";
import { isNeverSeen, readAnswer } from "./answer.ts";
import { createExchange, type Exchange, type ExchangeDeps } from "./exchange.ts";
import { readRetryAfter } from "../retry_after.ts";
import { findQuota } from "./rate_limit.ts";

/** What asking GreyNoise needs. */
export interface GreynoiseSourceDeps extends ExchangeDeps {
  /** Paces the requests. */
  readonly limiter: Limiter;
}

/**
 * GreyNoise Community, `GET /v3/community/{ip}`. Throws `TypeError` when the server is no URL or the key can't be
 * a header; the message does not hold the key.
 */
export function createGreynoiseSource(deps: GreynoiseSourceDeps): GreynoiseSource {
  const { clock, limiter } = deps;
  const ask = createExchange(deps);
  return {
    async lookUp(address, { signal, isClosed }) {
      if (address.family !== 4) return skip("not_applicable");
      const hindrance = await waitTurn(limiter, signal);
      if (hindrance === "aborted") {
        const outcome = fail("aborted", "the caller gave up", 0);
        return { outcome, mayHaveArrived: false, limited: null };
      }
      if (hindrance !== null) return skip(hindrance);
      // While this one waited its turn, the answer to another may have closed the source.
      if (isClosed?.() === true) return skip("quota_exhausted");
      const startedAt = clock.elapsed();
      const exchange = await ask(address, signal);
      return settle(exchange, {
        address,
        now: clock.now(),
        durationMs: Math.round(clock.elapsed() - startedAt),
      });
    },
  };
}

interface Circumstances {
  readonly address: IpAddress;
  readonly now: number;
  readonly durationMs: number;
}

function settle(exchange: Exchange, { address, now, durationMs }: Circumstances): GreynoiseReply {
  if (exchange.kind === "failed") {
    const outcome = fail(exchange.reason, exchange.state, durationMs);
    return { outcome, mayHaveArrived: !exchange.isUnsent, limited: null };
  }
  const { status, headers, body } = exchange;
  const arrived = (outcome: LookupOutcome<GreynoiseAnswer>): GreynoiseReply => {
    return { outcome, mayHaveArrived: true, limited: null };
  };
  if (status === 200) {
    const facts = readAnswer(body, address);
    if (facts === null) return arrived(fail("garbage", "the answer is not about the address", durationMs));
    return arrived({ status: "hit", data: { ...facts, checked_at: formatInstant(now) }, durationMs });
  }
  if (status === 404 && isNeverSeen(body, address)) return arrived({ status: "miss", durationMs });
  const limited = status === 429
    ? { learned: findQuota(body), retryAt: readRetryAfter(headers.get("retry-after"), now) }
    : null;
  return { ...arrived(fail(gradeStatus(status), `the server answered ${status}`, durationMs)), limited };
}

function gradeStatus(status: number): FailureReason {
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 429) return "rate_limited";
  if (status >= 500) return "server_error";
  // A page that is missing is another server's word; so is a redirect (status 0 on some runtimes).
  if (status === 404 || status < 400) return "garbage";
  return "rejected";
}

function fail(reason: FailureReason, state: string, durationMs: number): LookupOutcome<GreynoiseAnswer> {
  return { status: "failed", failure: { reason, message: `Cannot ask GreyNoise: ${state}` }, durationMs };
}

function skip(reason: SkipReason): GreynoiseReply {
  return { outcome: { status: "skipped", reason, until: null }, mayHaveArrived: false, limited: null };
}
