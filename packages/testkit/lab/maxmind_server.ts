import { Buffer } from "node:buffer";
import {
  type HttpAnswer,
  type HttpOutcome,
  type HttpRequest,
  json,
  openHttpServer,
  text,
} from "./http_server.ts";
import type { FaultEffects } from "./fault.ts";
import { archiveOf, md5Of, type Release, type Releases, sha256Of } from "./releases.ts";
import type { OpenServer } from "./tcp_server.ts";
import type { StandInOptions } from "./stand_in.ts";

/** Account of the lab. */
export const LAB_ACCOUNT_ID = "123456";

/** Licence key of the lab. */
export const LAB_LICENSE_KEY = "lab_license_key_mmk";

/** What the update host needs to know. */
export interface MaxmindOptions {
  readonly releases: Releases;
  /** Where downloads redirect to. */
  readonly objectStore: () => string;
}

/**
 * Opens a stand-in for MaxMind's update host: `/geoip/updates/metadata`, `/geoip/databases/E/download` with
 * `date`, and as permalink with `suffix=tar.gz` or `suffix=tar.gz.sha256`.
 */
export function openMaxmindServer(options: StandInOptions & MaxmindOptions): Promise<OpenServer> {
  return openHttpServer((request) => handle(request, options), options.port);
}

type Options = StandInOptions & MaxmindOptions;

function handle(request: HttpRequest, options: Options): HttpOutcome {
  const { requests } = options;
  const path = request.url.pathname + request.url.search;
  const faults = options.faults.take("maxmind", { path });
  count(request, options);
  return {
    answer: isAuthorized(request) ? route(request, { options, faults }) : text(401, "Invalid license key"),
    faults,
    onStatus: (status) =>
      requests.add({
        provider: "maxmind",
        what: `${request.method} ${path}`,
        status,
        userAgent: request.headers["user-agent"],
      }),
  };
}

function count(request: HttpRequest, { requests }: Options): void {
  const { pathname, searchParams } = request.url;
  if (pathname === "/geoip/updates/metadata") requests.maxmindMetadata++;
  else if (!pathname.endsWith("/download")) return;
  else if (searchParams.get("suffix")?.endsWith(".sha256")) requests.maxmindChecksums++;
  else if (request.method !== "HEAD") requests.maxmindDownloads++;
}

function isAuthorized({ headers }: HttpRequest): boolean {
  const expected = Buffer.from(`${LAB_ACCOUNT_ID}:${LAB_LICENSE_KEY}`).toString("base64");
  return headers.authorization === `Basic ${expected}`;
}

interface Routing {
  readonly options: Options;
  readonly faults: FaultEffects;
}

function route({ url }: HttpRequest, { options, faults }: Routing): HttpAnswer {
  if (url.pathname === "/geoip/updates/metadata") {
    const edition = url.searchParams.get("edition_id") ?? "";
    const release = options.releases.find(edition);
    return release === null ? unknownEdition(edition) : metadata(release, faults);
  }
  const edition = /^\/geoip\/databases\/([^/]+)\/download$/.exec(url.pathname)?.[1];
  if (edition === undefined) return text(404, "Not found");
  const release = options.releases.find(edition, url.searchParams.get("date"));
  if (release === null) return text(404, "Database edition not found");
  switch (url.searchParams.get("suffix")) {
    case "tar.gz":
      return redirect(release, options);
    case "tar.gz.sha256":
      return checksum(release, faults);
    default:
      return text(400, "Invalid suffix");
  }
}

function unknownEdition(edition: string): HttpAnswer {
  return json(400, {
    code: "EDITION_NOT_FOUND",
    error: `No database found for edition ${edition.slice(0, 40)}`,
  });
}

function metadata(release: Release, faults: FaultEffects): HttpAnswer {
  const date = release.publishedAt.toISOString().slice(0, 10);
  const md5 = faults.has("wrongChecksum") ? "0".repeat(32) : md5Of(release);
  return json(200, { databases: [{ date, edition_id: release.edition, md5 }] });
}

function redirect(release: Release, { objectStore }: Options): HttpAnswer {
  const location = `${objectStore()}/editions/${release.edition}/${release.date}?signature=lab`;
  return { ...text(302, ""), headers: { location, "last-modified": release.publishedAt.toUTCString() } };
}

function checksum(release: Release, faults: FaultEffects): HttpAnswer {
  const digest = faults.has("wrongChecksum") ? "0".repeat(64) : sha256Of(archiveOf(release));
  return text(200, `${digest}  ${release.edition}_${release.date}.tar.gz\n`);
}
