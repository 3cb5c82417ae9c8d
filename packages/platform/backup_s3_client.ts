import { createHash } from "node:crypto";
import { BackupPlaceError, type Clock, EnrichmentError, quoteInput, type Random } from "@ipcascade/core";
import {
  CONNECTION_STATES,
  discardBody,
  type Fetch,
  gradeConnectionError,
  readBoundedBody,
  withTimeout,
} from "@ipcascade/sources";
import { AwsV4Signer } from "aws4fetch";
import { findErrorCode } from "./backup_s3_xml.ts";
import { formatS3Location, type S3Location } from "./settings_backup_values.ts";

/** How a bucket is reached. */
export interface S3ClientOptions {
  readonly location: S3Location;
  /** URL of a server without a slash at its end; null is Amazon's. */
  readonly endpoint: string | null;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
  readonly clock: Clock;
  readonly random: Random;
  readonly fetch: Fetch;
}

/** One request. */
export interface S3Request {
  /** What it is for, as in `Cannot <action> "s3://…"`. */
  readonly action: "read" | "write" | "list" | "remove";
  readonly method: "GET" | "PUT" | "POST" | "DELETE" | "HEAD";
  /** Below the prefix; empty for the bucket itself. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** In milliseconds, for all of it; default 30 s. */
  readonly timeoutMs?: number;
  /** Largest answer that is read, in bytes. */
  readonly maxBytes?: number;
}

/** What the server answered. */
export interface S3Answer {
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** How often it was asked for that. */
  readonly tries: number;
}

/** Thrown when the server refuses, or can't be reached. */
export class S3Error extends BackupPlaceError {
  /** The server's word for it, such as `NoSuchKey`; its status without one; null when no answer came. */
  readonly reason: string | null;
  readonly mayBeTriedAgain: boolean;

  constructor(message: string, reason: string | null, mayBeTriedAgain: boolean) {
    super(message);
    this.reason = reason;
    this.mayBeTriedAgain = mayBeTriedAgain;
  }
}

const TIMEOUT_MS = 30_000;
const MAX_TRIES = 5;
/** All that one client may try again: a server in trouble is not made worse, and a backup ends. */
const RETRY_BUDGET = 60;
const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 5_000;
/** A listing of 1000 keys of 1024 bytes, each of three letters. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** Refusals that the next try may not meet: of a busy server, and of a body that was damaged on its way. */
const PASSING =
  /^(SlowDown|InternalError|ServiceUnavailable|RequestTimeout|Throttling\w*|OperationAborted|BadDigest|XAmzContentSHA256Mismatch)$/;

/** Speaks S3 with signatures over everything it sends, bodies included: the server refuses what was damaged. */
export class S3Client {
  readonly #options: S3ClientOptions;
  readonly #keys = new Map<string, ArrayBuffer>();
  #retries = RETRY_BUDGET;

  constructor(options: S3ClientOptions) {
    this.#options = options;
  }

  /** Asks until it is answered or the tries are over. Throws `S3Error`. */
  async request(request: S3Request): Promise<S3Answer> {
    for (let tries = 1;; tries++) {
      try {
        return { ...await this.#ask(request), tries };
      } catch (error) {
        await this.pauseAfter(error, tries);
      }
    }
  }

  /** Opens a body that is read piece by piece. Asks once; throws `S3Error`. */
  async open(request: S3Request, signal: AbortSignal): Promise<Response> {
    return await this.#guard(request, async () => {
      const response = await this.#send(request, signal);
      if (response.ok) return response;
      throw await this.#refused(request, response);
    });
  }

  /** Waits before the next try; throws the error when there is none. */
  async pauseAfter(error: unknown, tries: number): Promise<void> {
    const mayGoOn = error instanceof S3Error && error.mayBeTriedAgain && tries < MAX_TRIES;
    if (!mayGoOn || this.#retries === 0) throw error;
    this.#retries--;
    const { clock, random } = this.#options;
    await clock.sleep(Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), MAX_PAUSE_MS) * (0.5 + random() / 2));
  }

  /** The error for what went wrong on the way. */
  toError(request: S3Request, error: unknown): Error {
    if (error instanceof EnrichmentError) return error;
    const isLate = error instanceof Error && /DeadlineError|TimeoutError/.test(error.name);
    const state = isLate ? CONNECTION_STATES.timeout : CONNECTION_STATES[gradeConnectionError(error)];
    return new S3Error(`Cannot ${request.action} ${this.#describe(request)}: ${state}`, null, true);
  }

  async #ask(request: S3Request): Promise<Omit<S3Answer, "tries">> {
    const { timeoutMs = TIMEOUT_MS, maxBytes = MAX_ANSWER_BYTES } = request;
    const { clock } = this.#options;
    return await this.#guard(request, () =>
      withTimeout(async (signal) => {
        const response = await this.#send(request, signal);
        if (!response.ok) throw await this.#refused(request, response);
        const body = await readBoundedBody(response, maxBytes);
        // Joining parts begins to answer before it knows how it ends.
        const code = request.method === "POST" ? findErrorCode(new TextDecoder().decode(body)) : null;
        if (code !== null) throw this.#failed(request, code, PASSING.test(code), `says ${code}`);
        return { headers: response.headers, body };
      }, { timeoutMs, clock }));
  }

  async #guard<T>(request: S3Request, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.toError(request, error);
    }
  }

  async #send(request: S3Request, signal: AbortSignal): Promise<Response> {
    const { method, body } = request;
    const { url, headers } = await this.#sign(request);
    return await this.#options.fetch(url, {
      method,
      headers,
      // A signature is for one host alone.
      redirect: "manual",
      signal,
      ...body === undefined ? {} : { body: body as BodyInit },
    });
  }

  async #sign({ method, key, query = {}, headers = {}, body }: S3Request) {
    const { region, accessKeyId, secretAccessKey, sessionToken, clock } = this.#options;
    const url = new URL(this.#urlOf(key));
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const sha256 = createHash("sha256").update(body ?? new Uint8Array(0)).digest("hex");
    const signer = new AwsV4Signer({
      ...{ method, url: url.href, region, accessKeyId, secretAccessKey, service: "s3", cache: this.#keys },
      ...sessionToken === null ? {} : { sessionToken },
      headers: { ...headers, "x-amz-content-sha256": sha256 },
      datetime: new Date(clock.now()).toISOString().replace(/[:-]|\.\d{3}/g, ""),
    });
    const signed = await signer.sign();
    // A packed body on the way would have another length than the file.
    signed.headers.set("accept-encoding", "identity");
    return { url: signed.url.href, headers: signed.headers };
  }

  #urlOf(key: string): string {
    const { location: { bucket, prefix }, endpoint, region } = this.#options;
    // The certificates of Amazon's servers don't cover names with more dots.
    const isPath = endpoint !== null || bucket.includes(".");
    const server = endpoint ?? `https://${isPath ? "" : `${bucket}.`}s3.${region}.amazonaws.com`;
    const base = isPath ? `${server}/${bucket}` : server;
    if (key === "") return isPath ? base : `${base}/`;
    return `${base}/${prefix === "" ? "" : `${prefix}/`}${key}`;
  }

  #describe({ key }: S3Request): string {
    const place = formatS3Location(this.#options.location);
    return quoteInput(key === "" ? place : `${place}/${key}`);
  }

  async #refused(request: S3Request, response: Response): Promise<S3Error> {
    const { status } = response;
    const region = response.headers.get("x-amz-bucket-region");
    const text = await readErrorText(response);
    const code = findErrorCode(text);
    const isPassing = status >= 500 && status !== 501 || status === 429 || status === 408;
    const hint = region !== null && region !== this.#options.region && /^[a-z0-9-]{1,40}$/.test(region)
      ? `; the bucket is in region "${region}"`
      : "";
    const words = code === null ? `answers with status ${status}` : `says ${code} (status ${status})`;
    const reason = code ?? String(status);
    return this.#failed(request, reason, isPassing || PASSING.test(reason), `${words}${hint}`);
  }

  #failed(request: S3Request, reason: string, mayBeTriedAgain: boolean, words: string): S3Error {
    const message = `Cannot ${request.action} ${this.#describe(request)}: the server ${words}`;
    return new S3Error(message, reason, mayBeTriedAgain);
  }
}

async function readErrorText(response: Response): Promise<string> {
  try {
    return new TextDecoder().decode(await readBoundedBody(response, 64 * 1024));
  } catch {
    discardBody(response);
    return "";
  }
}
