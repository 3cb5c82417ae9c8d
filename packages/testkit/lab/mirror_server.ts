import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import type { FaultEffects } from "./fault.ts";
import { type HttpAnswer, type HttpOutcome, type HttpRequest, openHttpServer, text } from "./http_server.ts";
import { archiveBody } from "./object_store.ts";
import { type Release, type Releases, sha256Of } from "./releases.ts";
import type { StandInOptions } from "./stand_in.ts";
import type { OpenServer } from "./tcp_server.ts";

/** How the mirror stand-in offers the releases. */
export interface MirrorOptions {
  /** Files that it has of each edition. Default `tar.gz` alone. */
  readonly forms?: readonly ("mmdb" | "mmdb.gz" | "tar.gz")[];
  /** Whether a `.sha256` lies beside each file. Default yes. */
  readonly hasChecksums?: boolean;
  /** Headers by which a release is told from another. Default both. */
  readonly validators?: readonly ("etag" | "last-modified")[];
  /** `user:password` that it asks for. Default none. */
  readonly credentials?: string;
  /** What it answers to `HEAD`. Default as to `GET`. */
  readonly headStatus?: number;
}

type Options = StandInOptions & MirrorOptions & { readonly releases: Releases };

/** Opens a stand-in for somebody's own mirror: `/mirror/E.{mmdb,mmdb.gz,tar.gz}` and `.sha256` beside them. */
export function openMirrorServer(options: Options): Promise<OpenServer> {
  return openHttpServer((request) => handle(request, options), options.port);
}

function handle(request: HttpRequest, options: Options): HttpOutcome {
  const { requests } = options;
  const path = request.url.pathname + request.url.search;
  const faults = options.faults.take("mirror", { path });
  if (request.method !== "HEAD") requests.mirrorRequests++;
  return {
    answer: answerFor(request, options, faults),
    faults,
    onStatus: (status) => requests.add({ provider: "mirror", what: `${request.method} ${path}`, status }),
  };
}

function answerFor(request: HttpRequest, options: Options, faults: FaultEffects): HttpAnswer {
  const { credentials, headStatus, releases } = options;
  const expected = credentials && `Basic ${Buffer.from(credentials).toString("base64")}`;
  if (expected && request.headers.authorization !== expected) return text(401, "Who is there?");
  if (request.method === "HEAD" && headStatus !== undefined) return text(headStatus, "");
  const [, edition = "", form = "", suffix] =
    /^\/mirror\/([^/.]+)\.(mmdb|mmdb\.gz|tar\.gz)(\.sha256)?$/.exec(request.url.pathname) ?? [];
  const release = releases.find(edition);
  const { forms = ["tar.gz"], hasChecksums = true } = options;
  if (release === null || !forms.some((offered) => offered === form)) return text(404, "Not Found");
  if (suffix === undefined) return file(release, bodyOf(release, form, faults), options);
  if (!hasChecksums) return text(404, "Not Found");
  const sum = faults.has("wrongChecksum") ? "0".repeat(64) : sha256Of(bodyOf(release, form));
  return text(200, `${sum}  ${edition}.${form}\n`);
}

function file(
  release: Release,
  body: Uint8Array,
  { validators = ["etag", "last-modified"] }: Options,
): HttpAnswer {
  const known = {
    "etag": `"${release.date}-${release.database.length}"`,
    "last-modified": release.publishedAt.toUTCString(),
  };
  const told = Object.fromEntries(validators.map((name) => [name, known[name]]));
  return { status: 200, body, headers: { "content-type": "application/octet-stream", ...told } };
}

function bodyOf(release: Release, form: string, faults?: FaultEffects): Uint8Array {
  switch (form) {
    case "mmdb":
      return release.database;
    case "mmdb.gz":
      return gzipSync(release.database, { level: 1 });
    default:
      return archiveBody(release, faults);
  }
}
