import {
  type CreateHasher,
  type DownloadOptions,
  type EditionDelivery,
  EditionDeliveryError,
  type EditionProvider,
  type EditionRelease,
  type EditionRequest,
  type EditionSink,
} from "@ipcascade/core";
import { readChecksumFile } from "./checksum_file.ts";
import { ChecksumTap } from "./checksum_tap.ts";
import { checkEditionId, prepareRefusals } from "./delivery.ts";
import type { Gunzip } from "./gunzip.ts";
import { createHttpPeer, DEFAULT_TIMEOUTS, type HttpProviderDeps } from "./http_peer.ts";
import { createMirrorFolder, type MirrorDirectory } from "./mirror_folder.ts";
import type { MirrorPlace, MirrorWork, OpenMirrorFile } from "./mirror_place.ts";
import { createMirrorServer } from "./mirror_server.ts";
import { receiveEdition, type ReceiveOptions } from "./receive_edition.ts";
import type { EditionForm } from "./unpack_edition.ts";
import { UNPACK_LIMITS, type UnpackLimits } from "./unpack_limits.ts";

/** What downloads from a mirror need. */
export interface MirrorProviderDeps extends HttpProviderDeps {
  readonly gunzip: Gunzip;
  readonly createHasher: CreateHasher;
  /** Setting `EDITION_MIRROR_URL`: a URL of http or https, perhaps with `user:password@`, or the path of a directory. */
  readonly location: string;
  /** Gives access to a directory; not asked for a URL. */
  readonly openDirectory: (path: string) => MirrorDirectory;
  readonly limits?: Partial<UnpackLimits>;
}

/** In the order in which they are looked for. */
const FORMS: readonly EditionForm[] = ["mmdb", "mmdb.gz", "tar.gz"];

/**
 * A mirror of one's own: `E.mmdb`, `E.mmdb.gz` or `E.tar.gz`, perhaps with a `.sha256` beside it. Throws `TypeError`
 * when the location is a URL that can't be used.
 */
export function createMirrorProvider(deps: MirrorProviderDeps): EditionProvider {
  const isUrl = /^https?:\/\//i.test(deps.location);
  const place = isUrl
    ? createMirrorServer(createHttpPeer(deps, deps.location))
    : createMirrorFolder(deps.openDirectory(deps.location), {
      clock: deps.clock,
      timeoutMs: deps.timeouts?.idleMs ?? DEFAULT_TIMEOUTS.idleMs,
    });
  return {
    name: "mirror",
    findRelease: async (request, { signal }) => await findRelease(place, request, signal),
    download: async (release, sink, options = {}) =>
      await download({ ...deps, place, sink, options }, release),
  };
}

/** A file that the mirror has of an edition. */
interface Found {
  readonly name: string;
  readonly form: EditionForm;
  readonly version: string | null;
  /** SHA-256 of the file in lower-case hexadecimal; null when there is no `.sha256`. */
  readonly checksum: string | null;
}

async function findRelease(
  place: MirrorPlace,
  { edition_id, kind }: EditionRequest,
  signal?: AbortSignal,
): Promise<EditionRelease> {
  checkEditionId(edition_id);
  const refuse = prepareRefusals("find a release of", edition_id);
  const { name, form, version, checksum } = await findFile(place, edition_id, { refuse, signal });
  const release = checksum ?? version;
  if (release === null) {
    throw refuse(
      "protocol",
      `the mirror tells neither ETag nor Last-Modified of ${name}, and has no ${name}.sha256`,
    );
  }
  const sha256 = form === "mmdb" ? checksum : null;
  return { edition_id, kind, file: `${edition_id}.mmdb`, release, date: null, md5: null, sha256 };
}

async function findFile(place: MirrorPlace, editionId: string, work: MirrorWork): Promise<Found> {
  let refusal: EditionDeliveryError | null = null;
  for (const form of FORMS) {
    const name = `${editionId}.${form}`;
    try {
      const file = await place.find(name, work);
      if (file !== null) return { name, form, ...file, checksum: await findChecksum(place, name, work) };
    } catch (error) {
      // Stores whose content may not be listed forbid what they don't have.
      if (!(error instanceof EditionDeliveryError) || error.failure !== "forbidden") throw error;
      refusal ??= error;
    }
  }
  const names = FORMS.map((form) => `${editionId}.${form}`).join(", ");
  throw refusal ?? work.refuse("not_found", `the mirror has none of ${names}`);
}

async function findChecksum(place: MirrorPlace, name: string, work: MirrorWork): Promise<string | null> {
  const text = await place.readText(`${name}.sha256`, work);
  if (text === null) return null;
  const checksum = readChecksumFile(text, name);
  if (checksum === null) throw work.refuse("protocol", `${name}.sha256 tells no SHA-256`);
  return checksum;
}

interface Download extends Pick<MirrorProviderDeps, "gunzip" | "limits" | "createHasher"> {
  readonly place: MirrorPlace;
  readonly sink: EditionSink;
  readonly options: DownloadOptions;
}

async function download(work: Download, release: EditionRelease): Promise<EditionDelivery> {
  const { place, options: { signal, onProgress } } = work;
  const { edition_id: editionId } = release;
  checkEditionId(editionId);
  const refuse = prepareRefusals("download", editionId);
  const found = await findFile(place, editionId, { refuse, signal });
  if (isChecksum(release.release) && release.release !== found.checksum) {
    throw refuse("protocol", "the mirror has another release by now");
  }
  return await place.open(found.name, { refuse, signal }, async (file) => {
    await receive(file, found, { ...work, editionId, form: found.form, refuse, onProgress });
    return { modified_at: file.modifiedAt };
  });
}

type Receiving = ReceiveOptions & Pick<MirrorProviderDeps, "createHasher">;

async function receive(file: OpenMirrorFile, { name, checksum }: Found, options: Receiving): Promise<void> {
  if (checksum === null) return await receiveEdition(file, options);
  const tap = new ChecksumTap(file.chunks, {
    hasher: options.createHasher("sha256"),
    expected: checksum,
    onMismatch: (sum) => options.refuse("checksum", `SHA-256 of ${name} is ${sum}, expected is ${checksum}`),
  });
  try {
    await receiveEdition({ ...file, chunks: tap.chunks() }, options);
  } catch (error) {
    // Damage that the mirror did not announce is of the way, not of the archive.
    if (isArchiveFailure(error)) {
      await tap.finish(options.limits?.maxPackedBytes ?? UNPACK_LIMITS.maxPackedBytes);
    }
    throw error;
  } finally {
    await tap.close();
  }
}

function isArchiveFailure(error: unknown): boolean {
  return error instanceof EditionDeliveryError && error.failure === "archive";
}

function isChecksum(release: string): boolean {
  return /^[0-9a-f]{64}$/.test(release);
}
