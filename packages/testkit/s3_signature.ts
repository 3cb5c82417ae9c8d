import { Buffer } from "node:buffer";
import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** The keys that a server knows. */
export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Checks a request against Amazon's signature of version 4; gives the code of the refusal, or null. */
export function checkS3Signature(request: IncomingMessage, keys: S3Keys): string | null {
  const header = request.headers.authorization ?? "";
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/
      .exec(header);
  if (match === null) return "AccessDenied";
  const [, id, day, region, signed, signature] = match as unknown as string[];
  if (id !== keys.accessKeyId) return "InvalidAccessKeyId";
  const scope = `${day}/${region}/s3/aws4_request`;
  const canonical = sha256(canonicalRequest(request, signed!.split(";")));
  const text = ["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, canonical].join("\n");
  const key = [day!, region!, "s3", "aws4_request"].reduce<Buffer>(
    (previous, part) => hmac(previous, part),
    Buffer.from(`AWS4${keys.secretAccessKey}`),
  );
  return hmac(key, text).toString("hex") === signature ? null : "SignatureDoesNotMatch";
}

function canonicalRequest(request: IncomingMessage, signed: readonly string[]): string {
  const url = new URL(request.url!, "http://server");
  const query = [...url.searchParams].map(([name, value]) => `${escape(name)}=${escape(value)}`).sort();
  const headers = signed.map((name) => `${name}:${String(request.headers[name] ?? "").trim()}\n`);
  return [
    request.method,
    url.pathname.split("/").map((part) => escape(decodeURIComponent(part))).join("/"),
    query.join("&"),
    headers.join(""),
    signed.join(";"),
    request.headers["x-amz-content-sha256"],
  ].join("\n");
}

function escape(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
