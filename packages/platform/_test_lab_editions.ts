import { EditionDeliveryError, type EditionProvider, type EditionRequest } from "@ipcascade/core";
import {
  createDbipProvider,
  createMaxmindProvider,
  createMirrorProvider,
  type Fetch,
  type UnpackLimits,
} from "@ipcascade/sources";
import { concatBytes } from "@ipcascade/testkit";
import type { Lab } from "@ipcascade/testkit/lab";
import { assertFalse, assertInstanceOf } from "@std/assert";
import { inspect } from "node:util";
import { realClock } from "./_test_lab_sources.ts";
import { gunzip } from "./gunzip.ts";
import { openMirrorDirectory } from "./mirror_directory.ts";
import { createNodeHasher } from "./node_hasher.ts";

export const CITY: EditionRequest = { edition_id: "GeoLite2-City", kind: "city" };
export const ASN: EditionRequest = { edition_id: "GeoLite2-ASN", kind: "asn" };

/** What a test may want otherwise. */
export interface ProviderOptions {
  readonly fetch?: Fetch;
  readonly idleMs?: number;
  readonly totalMs?: number;
  readonly limits?: Partial<UnpackLimits>;
  /** Instead of the lab's. */
  readonly licenseKey?: string | null;
}

/** How long silence lasts until it is a failure: not long where it is expected, so that no slow machine is taken for it. */
export function silenceFor(fault: { readonly kind: string }): number {
  return fault.kind === "drop" ? 150 : 2_000;
}

function shared({ fetch, idleMs = 2_000, totalMs = 10_000, limits }: ProviderOptions) {
  return {
    fetch: fetch ?? ((url: string, init?: RequestInit) => globalThis.fetch(url, init)),
    gunzip,
    createHasher: createNodeHasher,
    openDirectory: openMirrorDirectory,
    clock: realClock,
    timeouts: { idleMs, findMs: totalMs, downloadMs: totalMs },
    limits,
    userAgent: "ipcascade/test",
  };
}

/** MaxMind as the lab stands in for it, over real sockets. */
export function openLabMaxmind({ env }: Pick<Lab, "env">, options: ProviderOptions = {}): EditionProvider {
  return createMaxmindProvider({
    ...shared(options),
    host: env.GEOIPUPDATE_HOST,
    accountId: env.GEOIPUPDATE_ACCOUNT_ID,
    licenseKey: options.licenseKey === undefined ? env.GEOIPUPDATE_LICENSE_KEY : options.licenseKey,
  });
}

/** DB-IP as the lab stands in for it. */
export function openLabDbip({ env }: Lab, options: ProviderOptions = {}): EditionProvider {
  return createDbipProvider({ ...shared(options), baseUrl: env.DBIP_URL });
}

/** A mirror: the lab's, or a directory. */
export function openMirror(location: string, options: ProviderOptions = {}): EditionProvider {
  return createMirrorProvider({ ...shared(options), location });
}

/** Finds and downloads an edition. */
export async function fetchEdition(provider: EditionProvider, request: EditionRequest = CITY) {
  const release = await provider.findRelease(request, { installed: null });
  const parts: Uint8Array[] = [];
  const delivery = await provider.download(release, (chunk) => {
    parts.push(chunk);
    return Promise.resolve();
  });
  return { release, delivery, bytes: concatBytes(parts) };
}

/** The delivery error that some work ends with. */
export async function refusalOf(work: Promise<unknown>): Promise<EditionDeliveryError> {
  const error: unknown = await work.then(
    () => new Error("it succeeded"),
    (thrown: unknown) => thrown,
  );
  assertInstanceOf(error, EditionDeliveryError, String(error));
  return error;
}

/** Searches an error with all that hangs on it for texts that must not be there. */
export function assertTellsNone(error: unknown, secrets: readonly string[]): void {
  const told = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error) + String(error);
  for (const secret of secrets) assertFalse(told.includes(secret), `"${secret}" in ${told}`);
}
