import type {
  DownloadOptions,
  EditionDelivery,
  EditionProvider,
  EditionRelease,
  EditionRequest,
  EditionSink,
} from "@ipcascade/core";
import { readBoundedText } from "./bounded_text.ts";
import { checkEditionId, prepareRefusals, type Refuse } from "./delivery.ts";
import type { Gunzip } from "./gunzip.ts";
import { exchange, type HttpInquiry } from "./http_exchange.ts";
import { createHttpPeer, type HttpPeer, type HttpProviderDeps } from "./http_peer.ts";
import { requireOk } from "./http_status.ts";
import { readLastModified } from "./last_modified.ts";
import { readMaxmindMetadata } from "./maxmind_metadata.ts";
import { receiveEdition } from "./receive_edition.ts";
import type { UnpackLimits } from "./unpack_limits.ts";

/** What downloads from MaxMind need. */
export interface MaxmindProviderDeps extends HttpProviderDeps {
  readonly gunzip: Gunzip;
  /** Setting `GEOIPUPDATE_HOST`, such as `https://updates.maxmind.com`. */
  readonly host: string;
  /** Null when it is not set: then every method refuses. */
  readonly accountId: string | null;
  readonly licenseKey: string | null;
  readonly limits?: Partial<UnpackLimits>;
}

/** The answer has some 120 bytes. */
const MAX_METADATA_BYTES = 65_536;

/** MaxMind, asked as geoipupdate 8 does it. Throws `TypeError` when the host is no URL. */
export function createMaxmindProvider(deps: MaxmindProviderDeps): EditionProvider {
  const { accountId, licenseKey } = deps;
  const hasAccount = accountId !== null && accountId !== "" && licenseKey !== null && licenseKey !== "";
  const peer = createHttpPeer(deps, deps.host, { user: accountId ?? "", password: licenseKey ?? "" });
  function begin(work: "find a release of" | "download", editionId: string): Refuse {
    checkEditionId(editionId);
    const refuse = prepareRefusals(work, editionId);
    if (!hasAccount) throw refuse("unauthorized", "MaxMind's account id and licence key are not set");
    return refuse;
  }
  return {
    name: "maxmind",
    findRelease: async (request, { signal }) =>
      await findRelease(peer, { request, signal, refuse: begin("find a release of", request.edition_id) }),
    download: async (release, sink, options = {}) =>
      await download(
        { ...deps, peer, sink, options, refuse: begin("download", release.edition_id) },
        release,
      ),
  };
}

interface Search {
  readonly request: EditionRequest;
  readonly refuse: Refuse;
  readonly signal?: AbortSignal;
}

async function findRelease(peer: HttpPeer, { request, refuse, signal }: Search): Promise<EditionRelease> {
  const { edition_id, kind } = request;
  const path = `/geoip/updates/metadata?edition_id=${encodeURIComponent(edition_id)}`;
  const inquiry: HttpInquiry = { method: "GET", path, totalMs: peer.timeouts.findMs, refuse, signal };
  const text = await exchange(peer, inquiry, async (answer) => {
    await requireOk(answer, inquiry, peer);
    return await readBoundedText(answer.chunks, { maxBytes: MAX_METADATA_BYTES, refuse });
  });
  const { date, md5 } = readMaxmindMetadata(text, edition_id, refuse);
  return { edition_id, kind, file: `${edition_id}.mmdb`, release: md5, date, md5, sha256: null };
}

interface Download extends Pick<MaxmindProviderDeps, "gunzip" | "limits"> {
  readonly peer: HttpPeer;
  readonly sink: EditionSink;
  readonly options: DownloadOptions;
  readonly refuse: Refuse;
}

async function download(work: Download, release: EditionRelease): Promise<EditionDelivery> {
  const { peer, refuse, options: { signal, onProgress } } = work;
  const { edition_id: editionId, date } = release;
  if (date === null) throw new TypeError("Cannot download a release without its date");
  const path = `/geoip/databases/${encodeURIComponent(editionId)}/download?date=${date.replaceAll("-", "")}` +
    "&suffix=tar.gz";
  const inquiry: HttpInquiry = { method: "GET", path, totalMs: peer.timeouts.downloadMs, refuse, signal };
  return await exchange(peer, inquiry, async (answer) => {
    await requireOk(answer, inquiry, peer);
    const modified_at = readLastModified(answer.headers);
    if (modified_at === null) throw refuse("protocol", "the answer has no Last-Modified");
    await receiveEdition(answer, { ...work, form: "tar.gz", editionId, onProgress });
    return { modified_at };
  });
}
