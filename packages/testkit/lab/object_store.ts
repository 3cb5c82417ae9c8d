import type { FaultEffects } from "./fault.ts";
import { type HttpAnswer, type HttpOutcome, type HttpRequest, openHttpServer, text } from "./http_server.ts";
import { archiveOf, gzipBomb, type Release, type Releases } from "./releases.ts";
import type { OpenServer } from "./tcp_server.ts";
import { writeEditionTar } from "../tar_writer.ts";
import type { StandInOptions } from "./stand_in.ts";

/** Headers that carry credentials, or would. The real store refuses a second kind of authorization. */
const CREDENTIAL_HEADERS =
  /^(authorization|proxy-authorization|cookie|key|x-.*(key|auth|token|license|account).*)$/;

/** Opens a stand-in for the object store that MaxMind's downloads redirect to; it has another origin. */
export function openObjectStore(
  options: StandInOptions & { readonly releases: Releases },
): Promise<OpenServer> {
  return openHttpServer((request) => handle(request, options), options.port);
}

function handle(
  request: HttpRequest,
  options: StandInOptions & { readonly releases: Releases },
): HttpOutcome {
  const { requests, releases } = options;
  const { pathname, search, searchParams } = request.url;
  const [, edition = "", date = ""] = /^\/editions\/([^/]+)\/(\d{8})$/.exec(pathname) ?? [];
  const release = releases.find(edition, date);
  const leaked = Object.keys(request.headers).some((name) => CREDENTIAL_HEADERS.test(name));
  if (leaked) requests.objectStoreLeaks++;
  if (request.method !== "HEAD") requests.objectStoreDownloads++;
  const faults = options.faults.take("objectStore", { path: pathname + search });
  return {
    answer: leaked
      ? text(400, "InvalidArgument: Only one auth mechanism allowed")
      : release === null || searchParams.get("signature") !== "lab"
      ? text(403, "AccessDenied")
      : download(release, faults),
    faults,
    onStatus: (status) =>
      requests.add({ provider: "objectStore", what: `${request.method} ${pathname}`, status }),
  };
}

function download(release: Release, faults: FaultEffects): HttpAnswer {
  return {
    status: 200,
    body: archiveBody(release, faults),
    headers: {
      "content-type": "application/gzip",
      "last-modified": release.publishedAt.toUTCString(),
      "content-disposition": `attachment; filename=${release.edition}_${release.date}.tar.gz`,
    },
  };
}

/** The archive of a release, spoilt as faults say. */
export function archiveBody(release: Release, faults?: FaultEffects): Uint8Array {
  if (faults === undefined) return archiveOf(release);
  if (faults.has("bomb")) return gzipBomb();
  if (faults.has("plain")) return writeEditionTar(release);
  const archive = archiveOf(release, faults.find("archive")?.hostility);
  // Complete by its length, but the compressed stream stops in the middle.
  return faults.has("truncatedGzip") ? archive.subarray(0, Math.floor(archive.length * 0.6)) : archive;
}
