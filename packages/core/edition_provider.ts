import type { EditionKind, EditionManifest, EditionProviderName } from "./edition.ts";
import { EnrichmentError } from "./errors.ts";

/** An edition that is asked of a provider. */
export interface EditionRequest {
  /** As configured, such as `GeoLite2-City`. */
  readonly edition_id: string;
  readonly kind: EditionKind;
}

/** What a provider offers of an edition now. */
export interface EditionRelease extends EditionRequest {
  /** Name of the database's file, such as `GeoLite2-City.mmdb`. */
  readonly file: string;
  /** The provider's name for the release: equal releases have equal names. */
  readonly release: string;
  /** `YYYY-MM-DD` where the provider tells it. */
  readonly date: string | null;
  /** Checksums of the database (not of an archive) in hexadecimal, where the provider tells them. */
  readonly md5: string | null;
  readonly sha256: string | null;
}

/** Why a provider did not deliver. */
export type DeliveryFailure =
  /** HTTP 401, or no credentials. */
  | "unauthorized"
  /** HTTP 403. */
  | "forbidden"
  /** HTTP 429. */
  | "rate_limited"
  /** The provider doesn't have the edition. */
  | "not_found"
  /** No connection, no answer in time, an answer that was cut, HTTP 5xx. */
  | "network"
  /** An answer that breaks the protocol. */
  | "protocol"
  /** What came is no archive or database as it should be: HTML, truncated, hostile, too large. */
  | "archive"
  /** Not the bytes that the provider announced. */
  | "checksum";

/** Thrown when a provider does not deliver an edition. The message has no secret. */
export class EditionDeliveryError extends EnrichmentError {
  override readonly code = "EDITION_NOT_DELIVERED";
  readonly failure: DeliveryFailure;
  /** Whether the same request may succeed soon. */
  readonly isRetryable: boolean;
  /** From `Retry-After`, in milliseconds since 1970 UTC; null when the provider said nothing. */
  readonly retryAt: number | null;

  constructor(
    message: string,
    options: { failure: DeliveryFailure; isRetryable?: boolean; retryAt?: number | null; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.failure = options.failure;
    this.isRetryable = options.isRetryable ?? options.failure === "network";
    this.retryAt = options.retryAt ?? null;
  }
}

/** How a caller follows or ends a download. */
export interface DownloadOptions {
  readonly signal?: AbortSignal;
  /** Bytes received of bytes announced, before unpacking; the total is null when nobody told it. */
  readonly onProgress?: (received: number, total: number | null) => void;
}

/** What a download brought besides the database. */
export interface EditionDelivery {
  /** RFC 3339; from `Last-Modified`. */
  readonly modified_at: string | null;
}

/** Takes the database as it arrives; a rejection ends the download. */
export type EditionSink = (chunk: Uint8Array) => Promise<void>;

/** Somebody who delivers editions. Each method makes one attempt; both throw `EditionDeliveryError`. */
export interface EditionProvider {
  readonly name: EditionProviderName;
  /** What the provider offers now; costs no download. `installed` lets it compare. */
  findRelease(
    request: EditionRequest,
    options: { readonly signal?: AbortSignal; readonly installed: EditionManifest | null },
  ): Promise<EditionRelease>;
  /** Downloads and unpacks a release into the sink. The checksums are compared by the caller. */
  download(release: EditionRelease, sink: EditionSink, options?: DownloadOptions): Promise<EditionDelivery>;
}
