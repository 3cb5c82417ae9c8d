import { MS_PER_HOUR } from "./clock.ts";
import type { RequestHour, RequestPurpose, SourceRequest } from "./request.ts";
import { LATENCY_BUCKETS, latencyBucket } from "./request_latency.ts";

/** Entries that wait to be written at most; a database that stays away must not fill the memory. */
const MAX_ENTRIES = 500;

type Counts = { -readonly [Field in "requests" | "addresses" | "durationMs"]: RequestHour[Field] };
type Entry = Omit<RequestHour, keyof Counts | "buckets"> & Counts & { readonly buckets: number[] };

/** Adds requests up by the hour until they are written. */
export class RequestTally {
  readonly #purpose: RequestPurpose;
  #entries = new Map<string, Entry>();

  constructor(purpose: RequestPurpose) {
    this.#purpose = purpose;
  }

  /** Adds a request that ended at `now`. */
  add(request: SourceRequest, now: number): void {
    const { source, channel, outcome, addresses, durationMs } = request;
    const hourAt = Math.floor(now / MS_PER_HOUR) * MS_PER_HOUR;
    const entry = this.#open({ hourAt, source, channel, outcome, purpose: this.#purpose });
    entry.requests++;
    entry.addresses += addresses;
    entry.durationMs += durationMs;
    const latencyMs = channel === "local" ? durationMs / Math.max(1, addresses) : durationMs;
    entry.buckets[latencyBucket(latencyMs)]!++;
  }

  /** Takes out what there is, in the order of its key: whoever writes in that order can't deadlock. */
  drain(): RequestHour[] {
    const entries = [...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
    this.#entries = new Map();
    return entries;
  }

  /** Puts back what could not be written; the oldest is lost where it is too much. */
  restore(hours: readonly RequestHour[]): void {
    const added = this.#entries;
    this.#entries = new Map();
    for (const hour of [...hours, ...added.values()]) this.#merge(hour);
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= MAX_ENTRIES) return;
      this.#entries.delete(key);
    }
  }

  #merge(hour: RequestHour): void {
    const entry = this.#open(hour);
    entry.requests += hour.requests;
    entry.addresses += hour.addresses;
    entry.durationMs += hour.durationMs;
    hour.buckets.forEach((times, index) => entry.buckets[index]! += times);
  }

  #open({ hourAt, source, channel, purpose, outcome }: Omit<Entry, keyof Counts | "buckets">): Entry {
    const key = `${hourAt} ${source} ${channel} ${purpose} ${outcome}`;
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const buckets = new Array<number>(LATENCY_BUCKETS).fill(0);
    const counts = { requests: 0, addresses: 0, durationMs: 0 };
    const entry: Entry = { hourAt, source, channel, purpose, outcome, ...counts, buckets };
    this.#entries.set(key, entry);
    return entry;
  }
}
