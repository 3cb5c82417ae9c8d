import type {
  Clock,
  DownloadOptions,
  EditionDelivery,
  EditionProvider,
  EditionRelease,
  EditionRequest,
  EditionSink,
} from "@ipcascade/core";
import { checkEditionId, prepareRefusals } from "./delivery.ts";
import type { Gunzip } from "./gunzip.ts";
import { exchange, type HttpInquiry } from "./http_exchange.ts";
import { createHttpPeer, type HttpPeer, type HttpProviderDeps } from "./http_peer.ts";
import { probe } from "./http_probe.ts";
import { requireOk } from "./http_status.ts";
import { readLastModified } from "./last_modified.ts";
import { receiveEdition } from "./receive_edition.ts";
import type { UnpackLimits } from "./unpack_limits.ts";

/** What downloads from DB-IP need. */
export interface DbipProviderDeps extends HttpProviderDeps {
  readonly gunzip: Gunzip;
  /** Setting `DBIP_URL`, such as `https://download.db-ip.com/free`. */
  readonly baseUrl: string;
  readonly limits?: Partial<UnpackLimits>;
}

/**
 * DB-IP Lite: a file a month, without account, the month before staying available. What is asked for as
 * `GeoLite2-City` is then `dbip-city-lite.mmdb`. Throws `TypeError` when the address is no URL.
 */
export function createDbipProvider(deps: DbipProviderDeps): EditionProvider {
  const peer = createHttpPeer(deps, deps.baseUrl);
  return {
    name: "dbip",
    findRelease: async (request, { signal }) => await findRelease(peer, request, signal),
    download: async (release, sink, options = {}) =>
      await download({ ...deps, peer, sink, options }, release),
  };
}

async function findRelease(
  peer: HttpPeer,
  request: EditionRequest,
  signal?: AbortSignal,
): Promise<EditionRelease> {
  const { edition_id, kind } = request;
  checkEditionId(edition_id);
  const refuse = prepareRefusals("find a release of", edition_id);
  for (const month of listMonths(peer.clock)) {
    const found = await probe(peer, {
      path: pathOf(kind, month, peer),
      totalMs: peer.timeouts.findMs,
      refuse,
      signal,
    });
    if (found === null) continue;
    const file = `dbip-${kind}-lite.mmdb`;
    return { edition_id, kind, file, release: month, date: `${month}-01`, md5: null, sha256: null };
  }
  throw refuse("not_found", `the provider has neither ${listMonths(peer.clock).join(" nor ")}`);
}

/** This month and the one before, `YYYY-MM` in UTC. */
function listMonths(clock: Clock): readonly string[] {
  const now = new Date(clock.now());
  return [0, 1].map((back) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString().slice(0, 7)
  );
}

function pathOf(kind: EditionRequest["kind"], month: string, { query }: HttpPeer): string {
  return `/dbip-${kind}-lite-${month}.mmdb.gz${query}`;
}

interface Download extends Pick<DbipProviderDeps, "gunzip" | "limits"> {
  readonly peer: HttpPeer;
  readonly sink: EditionSink;
  readonly options: DownloadOptions;
}

async function download(work: Download, release: EditionRelease): Promise<EditionDelivery> {
  const { peer, options: { signal, onProgress } } = work;
  const { edition_id: editionId, kind, release: month } = release;
  if (!/^\d{4}-\d{2}$/.test(month)) {
    throw new TypeError("Cannot download a release that is no month of DB-IP");
  }
  checkEditionId(editionId);
  const refuse = prepareRefusals("download", editionId);
  const inquiry: HttpInquiry = {
    method: "GET",
    path: pathOf(kind, month, peer),
    totalMs: peer.timeouts.downloadMs,
    refuse,
    signal,
  };
  return await exchange(peer, inquiry, async (answer) => {
    await requireOk(answer, inquiry, peer);
    await receiveEdition(answer, { ...work, form: "mmdb.gz", editionId, refuse, onProgress });
    return { modified_at: readLastModified(answer.headers) };
  });
}
