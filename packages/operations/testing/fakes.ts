import {
  type CircuitChange,
  type CircuitState,
  type CircuitStore,
  type Clock,
  CLOSED_CIRCUIT,
  type CymruAnswer,
  type CymruSource,
  grantUnits,
  type GreynoiseAnswer,
  type GreynoiseReply,
  type GreynoiseSource,
  type IpAddress,
  type Log,
  type LookupOutcome,
  parseAddress,
  type QuotaClosing,
  type QuotaGrant,
  type QuotaLedger,
  type QuotaStatus,
  quotaWindow,
  type ReserveOptions,
  shareOfLimit,
  type SourceName,
  StoreError,
} from "@ipcascade/core";

/** 2026-11-23T12:00:00Z, a Monday. */
export const NOON = Date.UTC(2026, 10, 23, 12);

/** A clock that only `sleep` moves, at once. */
export class JumpingClock implements Clock {
  ms = NOON;
  now(): number {
    return this.ms;
  }
  elapsed(): number {
    return this.ms;
  }
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.ms += ms;
    return Promise.resolve();
  }
}

/** Says nothing. */
export const SILENT_LOG: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Circuits in memory. */
export class MemoryCircuits implements CircuitStore {
  readonly states = new Map<SourceName, CircuitState>();
  readCircuit(source: SourceName): Promise<CircuitState> {
    return Promise.resolve(this.states.get(source) ?? CLOSED_CIRCUIT);
  }
  changeCircuit(
    source: SourceName,
    change: (state: CircuitState) => CircuitState,
  ): Promise<CircuitChange> {
    const before = this.states.get(source) ?? CLOSED_CIRCUIT;
    const after = change(before);
    this.states.set(source, after);
    return Promise.resolve({ before, after });
  }
}

/** A day's quota in memory. */
export class MemoryLedger implements QuotaLedger {
  readonly limit: number;
  used = 0;
  closedUntil: number | null = null;
  /** Makes every call fail, as when the database is gone. */
  broken = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  reserve(
    source: SourceName,
    count: number,
    now: number,
    { share = 1 }: ReserveOptions = {},
  ): Promise<QuotaGrant> {
    if (this.broken) return Promise.reject(new StoreError("Cannot read the quota ledger: it is gone"));
    const closed = this.closedUntil !== null && now < this.closedUntil;
    const ceiling = shareOfLimit(this.limit, share);
    const granted = closed ? 0 : grantUnits(count, { limit: ceiling, used: this.used });
    this.used += granted;
    const window = quotaWindow("day", now);
    const until = closed ? this.closedUntil : this.used >= ceiling ? window.endsAt : null;
    return Promise.resolve({ source, granted, window, until, counting: 0 });
  }

  release(_grant: QuotaGrant, unsent: number): Promise<void> {
    this.used -= unsent;
    return Promise.resolve();
  }

  close(source: SourceName, options: QuotaClosing): Promise<QuotaStatus> {
    this.closedUntil = quotaWindow(options.learned?.period ?? "day", options.now).endsAt;
    return this.read(source, options.now);
  }

  read(source: SourceName, now: number): Promise<QuotaStatus> {
    return Promise.resolve({
      source,
      policy: { limit: this.limit, period: "day" },
      origin: "setting",
      since: null,
      window: quotaWindow("day", now),
      used: this.used,
      remaining: this.limit - this.used,
      closedUntil: this.closedUntil,
      firstUsedAt: null,
      usedBefore: 0,
    });
  }
}

/** Answers as told, and remembers each attempt. */
export class ScriptedGreynoise implements GreynoiseSource {
  readonly sent: string[] = [];
  readonly #reply: (address: string, attempt: number) => Partial<GreynoiseReply>;

  constructor(reply: (address: string, attempt: number) => Partial<GreynoiseReply>) {
    this.#reply = reply;
  }

  async lookUp(address: IpAddress, options: { isClosed?: () => boolean }): Promise<GreynoiseReply> {
    await Promise.resolve();
    if (options.isClosed?.() === true) {
      const outcome = { status: "skipped", reason: "quota_exhausted", until: null } as const;
      return { outcome, mayHaveArrived: false, limited: null };
    }
    this.sent.push(address.text);
    const attempt = this.sent.filter((text) => text === address.text).length;
    return {
      outcome: NEVER_SEEN,
      mayHaveArrived: true,
      limited: null,
      ...this.#reply(address.text, attempt),
    };
  }
}

/** GreyNoise's 404. */
export const NEVER_SEEN: LookupOutcome<GreynoiseAnswer> = { status: "miss", durationMs: 1 };

/** A failure of any source. */
export function failed(
  reason: "timeout" | "server_error" | "unauthorized" | "cut" | "rejected" | "rate_limited" | "aborted",
) {
  return { status: "failed", failure: { reason, message: `Cannot ask: ${reason}` }, durationMs: 1 } as const;
}

/** Answers whole sessions as told, and remembers them. */
export class ScriptedCymru implements CymruSource {
  readonly sessions: string[][] = [];
  readonly #answer: (address: string, session: number) => LookupOutcome<CymruAnswer>;

  constructor(answer: (address: string, session: number) => LookupOutcome<CymruAnswer>) {
    this.#answer = answer;
  }

  lookUpMany(addresses: readonly IpAddress[]): Promise<Map<string, LookupOutcome<CymruAnswer>>> {
    const texts = addresses.map((address) => address.text);
    this.sessions.push(texts);
    return Promise.resolve(new Map(texts.map((text) => [text, this.#answer(text, this.sessions.length)])));
  }
}

/** Parsed addresses of texts that are known to be good. */
export function addressesOf(...texts: string[]): IpAddress[] {
  return texts.map((text) => parseAddress(text)!);
}

/** `count` distinct global IPv4 addresses. */
export function manyAddresses(count: number): IpAddress[] {
  return addressesOf(...Array.from({ length: count }, (_, i) => `5.${i >> 16}.${(i >> 8) & 255}.${i & 255}`));
}
