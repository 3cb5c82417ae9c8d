import type { LabProvider } from "./fault.ts";

/** How often the stand-ins were asked. */
export interface LabCounts {
  /** TCP connections to the whois stand-in. */
  cymruConnections: number;
  /** Bulk sessions: `begin` … `end`. */
  cymruSessions: number;
  /** Single whois queries, which get networks null-routed. */
  cymruSingles: number;
  /** Addresses asked in bulk sessions, repetitions included. */
  cymruAddresses: number;
  /** DNS questions. */
  dnsQueries: number;
  /** HTTP requests to GreyNoise. */
  greynoiseRequests: number;
  /** Requests for metadata. */
  maxmindMetadata: number;
  /** Requests for an archive, the ones that were refused included. */
  maxmindDownloads: number;
  /** Requests for a `.sha256`. */
  maxmindChecksums: number;
  /** Requests to the object store, refused ones included. */
  objectStoreDownloads: number;
  /** Requests to the object store that carried credentials, and were refused. */
  objectStoreLeaks: number;
  /** Requests to DB-IP, unknown months included. */
  dbipDownloads: number;
  /** Requests to the mirror, but for `HEAD`. */
  mirrorRequests: number;
}

/** One request that a stand-in received. */
export interface LabRequest {
  /** Which stand-in. */
  readonly provider: LabProvider;
  /** RFC 3339. */
  readonly at: string;
  /** HTTP method and path, DNS name, or `bulk`. */
  readonly what: string;
  /** HTTP status that was answered. */
  readonly status?: number;
  /** Addresses that were asked about. */
  readonly addresses?: readonly string[];
  /** GreyNoise: the `key` header. */
  readonly key?: string;
  /** HTTP: the `User-Agent` header. */
  readonly userAgent?: string;
}

/** Entries kept; the counters go on. */
const MAX_ENTRIES = 50_000;

/** What the stand-ins received: counters that are properties, and a log. */
export class LabRequests implements LabCounts {
  cymruConnections = 0;
  cymruSessions = 0;
  cymruSingles = 0;
  cymruAddresses = 0;
  /** DNS questions. */
  dnsQueries = 0;
  /** HTTP requests to GreyNoise. */
  greynoiseRequests = 0;
  /** Requests for metadata. */
  maxmindMetadata = 0;
  maxmindDownloads = 0;
  /** Requests for a `.sha256`. */
  maxmindChecksums = 0;
  /** Requests to the object store, refused ones included. */
  objectStoreDownloads = 0;
  objectStoreLeaks = 0;
  /** Requests to DB-IP, unknown months included. */
  dbipDownloads = 0;
  /** Requests to the mirror, but for `HEAD`. */
  mirrorRequests = 0;
  #log: LabRequest[] = [];

  /** The requests in the order of their arrival. */
  get log(): readonly LabRequest[] {
    return this.#log;
  }

  /** The requests to one stand-in. */
  of(provider: LabProvider): readonly LabRequest[] {
    return this.#log.filter((request) => request.provider === provider);
  }

  /** Adds an entry. */
  add(entry: Omit<LabRequest, "at">): void {
    if (this.#log.length < MAX_ENTRIES) this.#log.push({ ...entry, at: new Date().toISOString() });
  }

  /** The counters alone. */
  counts(): LabCounts {
    return { ...this };
  }

  /** Sets the counters to zero and empties the log. */
  reset(): void {
    Object.assign(this, { ...new LabRequests() });
    this.#log = [];
  }
}
