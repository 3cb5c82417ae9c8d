import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { BackupDamagedError, BackupPlaceError, type Clock, quoteInput } from "@ipcascade/core";
import { withTimeout } from "@ipcascade/sources";
import { type S3Client, S3Error, type S3Request } from "./backup_s3_client.ts";
import { decodeKey, findText, listElements, writeParts } from "./backup_s3_xml.ts";

/** Bytes of a part. Amazon wants 5 MiB at least, and takes 10 000 parts: 80 GB in a file. */
export const PART_SIZE = 8 * 1024 * 1024;
/** For a part: 70 kB/s are enough. */
const PART_TIMEOUT_MS = 120_000;
/** How long a download may stay silent. */
const SILENCE_MS = 30_000;
/** A million keys; more is no place of backups. */
const MAX_PAGES = 1_000;

/** A file in the bucket. */
export interface S3Object {
  /** Below the prefix of the place. */
  readonly key: string;
  readonly size: number;
  readonly changedAtMs: number;
}

/** An upload in parts that was neither completed nor aborted. */
export interface S3Upload {
  readonly key: string;
  readonly uploadId: string;
  readonly begunAtMs: number;
}

/** What is done with the files of a place. */
export class S3Objects {
  readonly #client: S3Client;
  readonly #root: string;
  readonly #clock: Clock;

  constructor(client: S3Client, options: { readonly prefix: string; readonly clock: Clock }) {
    this.#client = client;
    this.#root = options.prefix === "" ? "" : `${options.prefix}/`;
    this.#clock = options.clock;
  }

  /** Every file whose key begins so. */
  async list(prefix: string): Promise<readonly S3Object[]> {
    const objects: S3Object[] = [];
    const query = { "list-type": "2", "encoding-type": "url", prefix: this.#root + prefix };
    let token: string | null = null;
    for (let page = 0; page < MAX_PAGES; page++) {
      const more: Record<string, string> = token === null ? {} : { "continuation-token": token };
      const xml = await this.#readList({ ...query, ...more }, "ListBucketResult");
      for (const item of listElements(xml, "Contents")) {
        const key = this.#readKey(item, xml);
        if (key === null) continue;
        const changedAtMs = Date.parse(findText(item, "LastModified") ?? "") || 0;
        objects.push({ key, size: Number(findText(item, "Size")), changedAtMs });
      }
      if (findText(xml, "IsTruncated") !== "true") return objects;
      token = findText(xml, "NextContinuationToken");
      if (token === null) throw this.#misunderstood();
    }
    throw new BackupPlaceError("Cannot list the bucket: it has more than a million files");
  }

  /** Every upload that is not completed; none where the server can't tell. */
  async listUploads(): Promise<readonly S3Upload[]> {
    const uploads: S3Upload[] = [];
    let marker: Record<string, string> = {};
    for (let page = 0; page < MAX_PAGES; page++) {
      const query = { uploads: "", "encoding-type": "url", prefix: this.#root, ...marker };
      const xml = await this.#readList(query, "ListMultipartUploadsResult");
      for (const item of listElements(xml, "Upload")) {
        const [key, uploadId] = [this.#readKey(item, xml), findText(item, "UploadId")];
        if (key === null || uploadId === null) continue;
        uploads.push({ key, uploadId, begunAtMs: Date.parse(findText(item, "Initiated") ?? "") || 0 });
      }
      if (findText(xml, "IsTruncated") !== "true") return uploads;
      const isEncoded = findText(xml, "EncodingType") === "url";
      const next = decodeKey(findText(xml, "NextKeyMarker") ?? "", isEncoded) ?? "";
      marker = { "key-marker": next, "upload-id-marker": findText(xml, "NextUploadIdMarker") ?? "" };
    }
    return uploads;
  }

  /** A small file as text; null when it is not there. */
  async findText(key: string, options: { maxBytes: number; member: string }): Promise<string | null> {
    const pieces: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const piece of this.read(key, options.member)) {
        size += piece.length;
        pieces.push(piece);
        if (size <= options.maxBytes) continue;
        const words = `Cannot read ${quoteInput(key)}: it is larger than ${options.maxBytes} bytes`;
        throw new BackupDamagedError(words, options.member);
      }
    } catch (error) {
      if (error instanceof S3Missing) return null;
      throw error;
    }
    return Buffer.concat(pieces).toString("utf8");
  }

  /** A file piece by piece; a download that breaks off goes on where it did. Throws `S3Missing` when it is not there. */
  async *read(key: string, member: string): AsyncGenerator<Uint8Array> {
    const place: ReadPlace = { offset: 0, size: null, etag: null };
    for (let tries = 1;;) {
      const before = place.offset;
      try {
        yield* this.#readFrom(key, place);
        return;
      } catch (error) {
        if (error instanceof S3Error && error.reason === "NoSuchKey") {
          throw new S3Missing(`Cannot read ${quoteInput(key)}: it is missing`, member);
        }
        // What moves on is no try.
        if (place.offset > before) tries = 1;
        await this.#client.pauseAfter(error, tries++);
      }
    }
  }

  async put(key: string, body: Uint8Array): Promise<void> {
    await this.#client.request({
      ...{ action: "write", method: "PUT", key, body, timeoutMs: PART_TIMEOUT_MS },
      headers: { "content-type": "application/octet-stream", "content-md5": md5(body) },
    });
  }

  async exists(key: string): Promise<boolean> {
    return await this.#findSize(key) !== null;
  }

  async remove(key: string): Promise<void> {
    await this.#client.request({ action: "remove", method: "DELETE", key });
  }

  async beginUpload(key: string): Promise<string> {
    const headers = { "content-type": "application/octet-stream" };
    const request: S3Request = { action: "write", method: "POST", key, query: { uploads: "" }, headers };
    const uploadId = findText(toText((await this.#client.request(request)).body), "UploadId");
    if (uploadId === null) throw this.#misunderstood();
    return uploadId;
  }

  /** Sends a part, from 1 on, and gives what names it when the parts are joined. */
  async putPart(upload: Pick<S3Upload, "key" | "uploadId">, part: number, body: Uint8Array): Promise<string> {
    const { key, uploadId } = upload;
    const { headers } = await this.#client.request({
      ...{ action: "write", method: "PUT", key, body, timeoutMs: PART_TIMEOUT_MS },
      query: { partNumber: String(part), uploadId },
      headers: { "content-md5": md5(body) },
    });
    const etag = headers.get("etag");
    if (etag === null) throw this.#misunderstood();
    return etag;
  }

  /** Makes the parts one file of `size` bytes. */
  async completeUpload(
    { key, uploadId }: Pick<S3Upload, "key" | "uploadId">,
    etags: readonly string[],
    size: number,
  ): Promise<void> {
    const body = writeParts(etags);
    const headers = { "content-type": "application/xml" };
    const timeoutMs = PART_TIMEOUT_MS;
    try {
      const query = { uploadId };
      await this.#client.request({
        action: "write",
        method: "POST",
        key,
        query,
        body,
        headers,
        timeoutMs,
      });
    } catch (error) {
      // An answer that got lost is followed by this one.
      const isGone = error instanceof S3Error && error.reason === "NoSuchUpload";
      if (!isGone || await this.#findSize(key) !== size) throw error;
    }
  }

  async abortUpload({ key, uploadId }: Pick<S3Upload, "key" | "uploadId">): Promise<void> {
    try {
      await this.#client.request({ action: "remove", method: "DELETE", key, query: { uploadId } });
    } catch (error) {
      if (!(error instanceof S3Error && error.reason === "NoSuchUpload")) throw error;
    }
  }

  async #readList(query: Record<string, string>, root: string): Promise<string> {
    try {
      const { body } = await this.#client.request({ action: "list", method: "GET", key: "", query });
      const xml = toText(body);
      if (!xml.includes(`<${root}`)) throw this.#misunderstood();
      return xml;
    } catch (error) {
      const isUnknown = error instanceof S3Error && error.reason === "NotImplemented";
      if (isUnknown && "uploads" in query) return "";
      throw error;
    }
  }

  #readKey(item: string, xml: string): string | null {
    const key = decodeKey(findText(item, "Key") ?? "", findText(xml, "EncodingType") === "url");
    return key?.startsWith(this.#root) ? key.slice(this.#root.length) : null;
  }

  async *#readFrom(key: string, place: ReadPlace): AsyncGenerator<Uint8Array> {
    const same: Record<string, string> = place.etag === null ? {} : { "if-match": place.etag };
    const request: S3Request = {
      ...{ action: "read", method: "GET", key },
      headers: place.offset === 0 ? {} : { range: `bytes=${place.offset}-`, ...same },
    };
    const stop = new AbortController();
    try {
      const response = await this.#wait(request, () => this.#client.open(request, stop.signal));
      this.#enter(response, place);
      const reader = response.body!.getReader();
      for (;;) {
        const { done, value } = await this.#wait(request, () => reader.read());
        if (done) break;
        place.offset += value.length;
        yield value;
      }
    } finally {
      stop.abort();
    }
    if (place.size === null || place.offset === place.size) return;
    throw this.#client.toError(request, new Error("it broke off"));
  }

  /** Checks that what comes goes on where the last one ended. */
  #enter(response: Response, place: ReadPlace): void {
    if (place.offset > 0) {
      const start = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1];
      if (response.status === 206 && Number(start) === place.offset) return;
      throw this.#misunderstood();
    }
    const length = response.headers.get("content-length");
    place.size = length === null ? null : Number(length);
    place.etag = response.headers.get("etag");
  }

  async #wait<T>(request: S3Request, work: () => Promise<T>): Promise<T> {
    try {
      return await withTimeout(work, { timeoutMs: SILENCE_MS, clock: this.#clock });
    } catch (error) {
      throw this.#client.toError(request, error);
    }
  }

  async #findSize(key: string): Promise<number | null> {
    try {
      const { headers } = await this.#client.request({ action: "read", method: "HEAD", key });
      return Number(headers.get("content-length"));
    } catch (error) {
      if (error instanceof S3Error && error.reason === "404") return null;
      throw await this.#explain(key, error);
    }
  }

  /** Answers to HEAD have no body that says why: a GET of the same is refused for the same reason. */
  async #explain(key: string, error: unknown): Promise<unknown> {
    if (!(error instanceof S3Error) || error.mayBeTriedAgain) return error;
    try {
      const headers = { range: "bytes=0-0" };
      await this.#client.request({ action: "read", method: "GET", key, headers, maxBytes: 1024 });
      return error;
    } catch (reason) {
      // Not being there is no reason to be refused.
      return reason instanceof S3Error && !/^NoSuch/.test(reason.reason ?? "") ? reason : error;
    }
  }

  #misunderstood(): BackupPlaceError {
    return new BackupPlaceError("Cannot use the bucket: what the server answers is not S3's language");
  }
}

/** Thrown when a file is not in the bucket. */
export class S3Missing extends BackupDamagedError {}

/** How far a download got. */
interface ReadPlace {
  offset: number;
  size: number | null;
  etag: string | null;
}

function md5(body: Uint8Array): string {
  return createHash("md5").update(body).digest("base64");
}

function toText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
