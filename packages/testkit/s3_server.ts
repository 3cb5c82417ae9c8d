import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { checkS3Signature, type S3Keys } from "./s3_signature.ts";

/** What goes wrong with a request. */
export type S3Fault =
  | { readonly kind: "refuse"; readonly status: number; readonly code: string }
  /** Ends the connection when more of the body has come; below 0 before anything is done. */
  | { readonly kind: "cut_request"; readonly afterBytes: number }
  /** Ends the connection when that much of the answer has gone. */
  | { readonly kind: "cut_answer"; readonly afterBytes: number }
  /** Does the work, and ends the connection in place of an answer. */
  | { readonly kind: "lose_answer" }
  /** Changes a byte of what came. */
  | { readonly kind: "damage" };

/** A request as faults are chosen by it. */
export interface S3ServerRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
}

/** A file on the server. */
export interface S3ServerObject {
  readonly body: Buffer;
  readonly changedAtMs: number;
}

/** An upload in parts that has not ended. */
export interface S3ServerUpload {
  readonly key: string;
  readonly begunAtMs: number;
  /** By their numbers. */
  readonly parts: Map<number, Buffer>;
}

/** How a server is opened. */
export interface S3ServerOptions extends S3Keys {
  readonly bucket: string;
  /** Keys in one listing; Amazon's, and the default, is 1000. */
  readonly pageSize?: number;
}

/**
 * A server of one bucket in memory that speaks the part of S3 that backups use, on loopback, with faults. It checks
 * signatures and the digests of what it gets. Dispose it to end it.
 */
export class S3Server implements AsyncDisposable {
  /** By key. */
  readonly objects: Map<string, S3ServerObject> = new Map();
  /** Uploads that are neither completed nor aborted, by id. */
  readonly uploads: Map<string, S3ServerUpload> = new Map();
  readonly requests: S3ServerRequest[] = [];
  /** Chooses what goes wrong with a request. */
  chooseFault: (request: S3ServerRequest) => S3Fault | null = () => null;
  readonly #options: S3ServerOptions;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  #nextUpload = 1;

  /** It does not listen yet: see `open`. */
  constructor(options: S3ServerOptions) {
    this.#options = options;
  }

  /** Starts to listen, on a port that the system chooses. */
  async open(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  /** URL without a slash at its end. */
  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ends it, with every connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = { method: request.method!, url: request.url! };
    this.requests.push(asked);
    const fault = this.chooseFault(asked);
    // Once the request is read to its end it has none any more.
    const { socket } = request;
    try {
      const body = await readBody(request, fault?.kind === "cut_request" ? fault.afterBytes : Infinity);
      if (body === null) return void socket.destroy();
      if (fault?.kind === "damage" && body.length > 0) body[body.length >> 1]! ^= 1;
      const answer = fault?.kind === "refuse"
        ? refuse(fault.status, fault.code)
        : this.#answer(request, body);
      if (fault?.kind === "lose_answer") return void socket.destroy();
      const cutAfter = fault?.kind === "cut_answer" ? fault.afterBytes : null;
      send(response, answer, () => socket.destroy(), cutAfter);
    } catch {
      socket.destroy();
    }
  }

  #answer(request: IncomingMessage, body: Buffer): Answer {
    const problem = checkS3Signature(request, this.#options);
    if (problem !== null) return refuse(403, problem);
    if (request.headers["x-amz-content-sha256"] !== createHash("sha256").update(body).digest("hex")) {
      return refuse(400, "XAmzContentSHA256Mismatch");
    }
    const url = new URL(request.url!, this.endpoint);
    const [bucket, ...rest] = url.pathname.slice(1).split("/").map(decodeURIComponent);
    if (bucket !== this.#options.bucket) return refuse(404, "NoSuchBucket");
    const [key, query] = [rest.join("/"), url.searchParams];
    if (key === "") return query.has("uploads") ? this.#listUploads(query) : this.#list(query);
    switch (request.method) {
      case "GET":
        return this.#get(key, request);
      case "HEAD":
        return { ...this.#get(key, request), isHead: true };
      case "PUT":
        return this.#put(key, query, body);
      case "POST":
        return query.has("uploads") ? this.#begin(key) : this.#complete(key, query, body);
      default:
        return this.#delete(key, query);
    }
  }

  #get(key: string, request: IncomingMessage): Answer {
    const object = this.objects.get(key);
    if (object === undefined) return refuse(404, "NoSuchKey");
    const etag = quoteMd5(object.body);
    const asked = request.headers["if-match"];
    if (asked !== undefined && asked !== etag) return refuse(412, "PreconditionFailed");
    const start = /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
    if (start === undefined) return { status: 200, headers: { etag }, body: object.body };
    const range = `bytes ${start}-${object.body.length - 1}/${object.body.length}`;
    const body = object.body.subarray(Number(start));
    return { status: 206, headers: { etag, "content-range": range }, body };
  }

  #put(key: string, query: URLSearchParams, body: Buffer): Answer {
    const uploadId = query.get("uploadId");
    if (uploadId === null) {
      this.objects.set(key, { body, changedAtMs: Date.now() });
    } else {
      const upload = this.uploads.get(uploadId);
      if (upload === undefined) return refuse(404, "NoSuchUpload");
      upload.parts.set(Number(query.get("partNumber")), body);
    }
    return { status: 200, headers: { etag: quoteMd5(body) }, body: Buffer.alloc(0) };
  }

  #begin(key: string): Answer {
    const id = `upload-${this.#nextUpload++}`;
    this.uploads.set(id, { key, begunAtMs: Date.now(), parts: new Map() });
    return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
  }

  #complete(key: string, query: URLSearchParams, body: Buffer): Answer {
    const id = query.get("uploadId") ?? "";
    const upload = this.uploads.get(id);
    if (upload === undefined || upload.key !== key) return refuse(404, "NoSuchUpload");
    const parts: Buffer[] = [];
    for (const [, number, etag] of body.toString().matchAll(PART)) {
      const part = upload.parts.get(Number(number));
      if (part === undefined || quoteMd5(part) !== etag!.replaceAll("&#34;", '"')) {
        return refuse(400, "InvalidPart");
      }
      parts.push(part);
    }
    if (parts.length === 0) return refuse(400, "MalformedXML");
    if (parts.slice(0, -1).some((part) => part.length < MIN_PART)) return refuse(400, "EntityTooSmall");
    this.objects.set(key, { body: Buffer.concat(parts), changedAtMs: Date.now() });
    this.uploads.delete(id);
    return xml("<CompleteMultipartUploadResult></CompleteMultipartUploadResult>");
  }

  #delete(key: string, query: URLSearchParams): Answer {
    const id = query.get("uploadId");
    if (id === null) this.objects.delete(key);
    else if (!this.uploads.delete(id)) return refuse(404, "NoSuchUpload");
    return { status: 204, headers: {}, body: Buffer.alloc(0) };
  }

  #list(query: URLSearchParams): Answer {
    const { pageSize = 1000 } = this.#options;
    const prefix = query.get("prefix") ?? "";
    const after = Buffer.from(query.get("continuation-token") ?? "", "base64url").toString();
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    const page = keys.slice(0, pageSize);
    const contents = page.map((key) => {
      const { body, changedAtMs } = this.objects.get(key)!;
      const when = new Date(changedAtMs).toISOString();
      const name = encodeURIComponent(key);
      return `<Contents><Key>${name}</Key><LastModified>${when}</LastModified><Size>${body.length}</Size></Contents>`;
    });
    const next = keys.length > page.length
      ? `<NextContinuationToken>${Buffer.from(page.at(-1)!).toString("base64url")}</NextContinuationToken>`
      : "";
    const ends = `<IsTruncated>${next !== ""}</IsTruncated>${next}<EncodingType>url</EncodingType>`;
    return xml(`<ListBucketResult>${ends}${contents.join("")}</ListBucketResult>`);
  }

  #listUploads(query: URLSearchParams): Answer {
    const { pageSize = 1000 } = this.#options;
    const prefix = query.get("prefix") ?? "";
    const after = query.get("upload-id-marker") ?? "";
    const found = [...this.uploads].filter(([id, { key }]) => key.startsWith(prefix) && id > after).sort();
    const page = found.slice(0, pageSize);
    const uploads = page.map(([id, { key, begunAtMs }]) => {
      const when = new Date(begunAtMs).toISOString();
      return `<Upload><Key>${
        encodeURIComponent(key)
      }</Key><UploadId>${id}</UploadId><Initiated>${when}</Initiated></Upload>`;
    });
    const isCut = found.length > page.length;
    const next = isCut
      ? `<NextKeyMarker>${encodeURIComponent(page.at(-1)![1].key)}</NextKeyMarker><NextUploadIdMarker>${
        page.at(-1)![0]
      }</NextUploadIdMarker>`
      : "";
    const ends = `<IsTruncated>${isCut}</IsTruncated>${next}<EncodingType>url</EncodingType>`;
    return xml(`<ListMultipartUploadsResult>${ends}${uploads.join("")}</ListMultipartUploadsResult>`);
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly isHead?: boolean;
}

/** Amazon's least size of a part that is not the last. */
const MIN_PART = 5 * 1024 * 1024;
const PART = /<Part><PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag><\/Part>/g;

function xml(text: string): Answer {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`);
  return { status: 200, headers: { "content-type": "application/xml" }, body };
}

function refuse(status: number, code: string): Answer {
  return { ...xml(`<Error><Code>${code}</Code><Message>no</Message></Error>`), status };
}

function send(response: ServerResponse, answer: Answer, cut: () => void, cutAfter: number | null): void {
  const { status, headers, body, isHead = false } = answer;
  response.writeHead(status, { ...headers, "content-length": body.length });
  if (isHead || status === 204) return void response.end();
  if (cutAfter === null) return void response.end(body);
  response.write(body.subarray(0, cutAfter), cut);
}

async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  if (limit < 0) return null;
  for await (const chunk of request) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > limit) return null;
  }
  return Buffer.concat(chunks);
}

function quoteMd5(body: Buffer): string {
  return `"${createHash("md5").update(body).digest("hex")}"`;
}
