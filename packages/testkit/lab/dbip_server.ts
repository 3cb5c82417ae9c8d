import { gzipSync } from "node:zlib";
import { buildEdition } from "../editions.ts";
import { type HttpAnswer, type HttpOutcome, type HttpRequest, openHttpServer, text } from "./http_server.ts";
import { gzipBomb } from "./releases.ts";
import type { OpenServer } from "./tcp_server.ts";
import type { StandInOptions } from "./stand_in.ts";

/** Which months the DB-IP stand-in has. */
export interface DbipOptions {
  /** `YYYY-MM`. Default: the running month and the one before. */
  readonly months?: readonly string[];
}

/** Opens a stand-in for `download.db-ip.com`: `/free/dbip-{city,asn}-lite-YYYY-MM.mmdb.gz`. */
export function openDbipServer(options: StandInOptions & DbipOptions): Promise<OpenServer> {
  const months = new Set(options.months ?? recentMonths());
  const files = new Map<string, Uint8Array>();
  return openHttpServer((request) => handle(request, { options, months, files }), options.port);
}

interface Offer {
  readonly options: StandInOptions;
  readonly months: ReadonlySet<string>;
  /** Files that were built already, by path. */
  readonly files: Map<string, Uint8Array>;
}

function handle(request: HttpRequest, offer: Offer): HttpOutcome {
  const { requests, faults } = offer.options;
  const { pathname } = request.url;
  if (request.method !== "HEAD") requests.dbipDownloads++;
  const effects = faults.take("dbip", { path: pathname });
  const answer = effects.has("bomb") ? file(gzipBomb(), "2026-11") : answerFor(pathname, offer);
  return {
    answer: effects.has("truncatedGzip") && answer.body instanceof Uint8Array
      ? { ...answer, body: answer.body.subarray(0, answer.body.length >> 1) }
      : answer,
    faults: effects,
    onStatus: (status) => requests.add({ provider: "dbip", what: `${request.method} ${pathname}`, status }),
  };
}

function answerFor(pathname: string, { months, files }: Offer): HttpAnswer {
  const match = /^\/free\/dbip-(city|asn)-lite-(\d{4}-\d{2})\.mmdb\.gz$/.exec(pathname);
  const [, kind, month = ""] = match ?? [];
  if (match === null || !months.has(month)) return text(404, "Not Found");
  const known = files.get(pathname);
  const bytes = known ?? gzipSync(databaseOf(kind === "city" ? "city" : "asn", month));
  files.set(pathname, bytes);
  return file(bytes, month);
}

function file(body: Uint8Array, month: string): HttpAnswer {
  const lastModified = new Date(`${month}-01T02:00:00Z`).toUTCString();
  return {
    status: 200,
    body,
    headers: { "content-type": "application/gzip", "last-modified": lastModified },
  };
}

function databaseOf(kind: "city" | "asn", month: string): Uint8Array {
  const buildEpoch = new Date(`${month}-01T00:00:00Z`);
  return kind === "city"
    ? buildEdition("GeoLite2-City", { buildEpoch, databaseType: "DBIP-City-Lite" })
    : buildEdition("GeoLite2-ASN", { buildEpoch, databaseType: "DBIP-ASN-Lite" });
}

function recentMonths(): string[] {
  const now = new Date();
  return [0, -1].map((offset) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1)).toISOString().slice(0, 7)
  );
}
