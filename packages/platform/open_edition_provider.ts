import { type Clock, type EditionProvider, UsageError } from "@ipcascade/core";
import {
  createDbipProvider,
  createMaxmindProvider,
  createMirrorProvider,
  type HttpProviderDeps,
} from "@ipcascade/sources";
import { createDownloadFetch } from "./download_fetch.ts";
import { gunzip } from "./gunzip.ts";
import { openMirrorDirectory } from "./mirror_directory.ts";
import { createNodeHasher } from "./node_hasher.ts";
import type { Settings } from "./settings.ts";

/** A provider with connections of its own; dispose it to end them. */
export interface OpenEditionProvider extends EditionProvider, AsyncDisposable {}

/** The provider that is configured. Throws `UsageError` when what it needs is not set. */
export function openEditionProvider(settings: Settings, clock: Clock): OpenEditionProvider {
  checkAccount(settings);
  const download = createDownloadFetch({ proxy: settings.updatesProxy });
  const provider = createProvider(settings, { fetch: download.fetch, clock });
  return { ...provider, [Symbol.asyncDispose]: () => download[Symbol.asyncDispose]() };
}

/** Half an account is a mistake, and no reason to take another provider. */
function checkAccount({ editionProvider, maxmindAccountId, maxmindLicenseKey, origins }: Settings): void {
  if (maxmindAccountId !== null && maxmindLicenseKey !== null) return;
  const isHalf = maxmindAccountId !== null || maxmindLicenseKey !== null;
  const isChosen = origins.get("EDITION_PROVIDER")?.source !== "default";
  if (editionProvider !== "maxmind" && (isChosen || !isHalf)) return;
  throw new UsageError(
    "Cannot ask MaxMind for editions: GEOIPUPDATE_ACCOUNT_ID and GEOIPUPDATE_LICENSE_KEY are not both set; " +
      "EDITION_PROVIDER=dbip needs no account",
  );
}

function createProvider(settings: Settings, deps: HttpProviderDeps): EditionProvider {
  switch (settings.editionProvider) {
    case "maxmind":
      return createMaxmindProvider({
        ...deps,
        gunzip,
        host: settings.updatesHost,
        accountId: settings.maxmindAccountId,
        licenseKey: settings.maxmindLicenseKey,
      });
    case "dbip":
      return createDbipProvider({ ...deps, gunzip, baseUrl: settings.dbipUrl });
    case "mirror":
      if (settings.editionMirrorUrl === null) {
        throw new UsageError("Cannot ask a mirror for editions: EDITION_MIRROR_URL is not set");
      }
      return createMirrorProvider({
        ...deps,
        gunzip,
        createHasher: createNodeHasher,
        location: settings.editionMirrorUrl,
        openDirectory: openMirrorDirectory,
      });
  }
}
