import type { Context } from "hono";
import type { ApiEnv } from "./api_deps.ts";
import type { Problem } from "./problem.ts";

/** Bytes of a body that is read as a whole; a stream of addresses has limits of its own. */
const MAX_BODY_BYTES = 65_536;

/** How long such a body may take; it fits into some tens of packets. */
export const BODY_TIMEOUT_MS = 5_000;

/** The problem of a body that takes longer. */
export const BODY_SLOW: Problem = {
  status: 408,
  code: "BODY_SLOW",
  detail: `Cannot wait for the body: it took more than ${BODY_TIMEOUT_MS / 1_000} s`,
  headers: { connection: "close" },
};
const TOO_LARGE: Problem = {
  status: 413,
  code: "BODY_TOO_LARGE",
  detail: `Cannot take the body: it has more than ${MAX_BODY_BYTES} bytes`,
};
const BAD_FORM: Problem = {
  status: 400,
  code: "BAD_USAGE",
  detail: "Cannot read the body: it is no form of its Content-Type",
};

/** True for a method whose requests have a body that a route may read. */
export function takesBody(method: string): boolean {
  return method === "POST" || method === "PUT" || method === "PATCH" || method === "DELETE";
}

/** True for the route whose body is a stream. */
export function hasStreamBody(method: string, path: string): boolean {
  return method === "POST" && path === "/v1/ips";
}

const CUT: Problem = {
  status: 400,
  code: "BODY_CUT",
  detail: "Cannot read the body: it ended before its end",
};

/**
 * Reads a body that has to be within its limit, so that a route finds it whole; null when it is fine. Rejects with
 * the signal's reason when that aborts.
 */
export async function readBody(c: Context<ApiEnv>, signal: AbortSignal): Promise<Problem | null> {
  const { raw } = c.req;
  const length = raw.headers.get("content-length");
  if (length !== null && !(Number(length) <= MAX_BODY_BYTES)) return TOO_LARGE;
  if (raw.body === null) return null;
  const bytes = await readBytes(raw.body, signal);
  signal.throwIfAborted();
  if (!(bytes instanceof ArrayBuffer)) return bytes;
  const { method, url, headers } = raw;
  // The old request's signal is not handed on: reading it alone makes one runtime abort it at the end.
  const copy = () => new Request(url, { method, headers, body: bytes });
  if (hasFormBody(headers) && !await isReadableForm(copy())) return BAD_FORM;
  c.req.raw = copy();
  return null;
}

function hasFormBody(headers: Headers): boolean {
  const type = headers.get("content-type")?.trimStart().toLowerCase() ?? "";
  return type.startsWith("multipart/form-data") || type.startsWith("application/x-www-form-urlencoded");
}

async function isReadableForm(request: Request): Promise<boolean> {
  try {
    await request.formData();
    return true;
  } catch {
    return false;
  }
}

async function readBytes(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<ArrayBuffer | Problem> {
  const reader = body.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return await collect(reader) ?? (cancel(), TOO_LARGE);
  } catch {
    return CUT;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** Null when there is too much of it. */
async function collect(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<ArrayBuffer | null> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (let next = await reader.read(); next.value !== undefined; next = await reader.read()) {
    size += next.value.byteLength;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(next.value as Uint8Array<ArrayBuffer>);
  }
  return await new Blob(chunks).arrayBuffer();
}
