import process from "node:process";
import { UsageError } from "@ipcascade/core";
import type { Fetch } from "@ipcascade/sources";

/** How downloads reach their servers. */
export interface DownloadFetchOptions {
  /** Setting `GEOIPUPDATE_PROXY`: a URL of http, https or socks5, perhaps with `user:password@`; null for none. */
  readonly proxy: string | null;
}

/** A fetch with connections of its own; dispose it to end them. */
export interface DownloadFetch extends AsyncDisposable {
  readonly fetch: Fetch;
}

/**
 * A fetch for downloads, through a proxy where one is set. Plain http goes to an http proxy in absolute form, as curl
 * does it: many proxies tunnel to port 443 alone. Throws `UsageError` when the runtime can't use the proxy.
 */
export function createDownloadFetch({ proxy }: DownloadFetchOptions): DownloadFetch {
  if (proxy === null) {
    return {
      fetch: (url, init) => globalThis.fetch(url, init),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  if (process.versions.bun !== undefined) return createBunFetch(proxy);
  return createUndiciFetch(proxy);
}

/** Bun has no undici, and a fetch that takes proxies. */
function createBunFetch(proxy: string): DownloadFetch {
  if (proxy.startsWith("socks5:")) {
    throw new UsageError("Cannot use GEOIPUPDATE_PROXY: Bun supports http:// and https://, not socks5://");
  }
  return {
    fetch: (url, init) => {
      const proxied: RequestInit & { readonly proxy: string } = { ...init, proxy };
      return globalThis.fetch(url, proxied);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function createUndiciFetch(proxy: string): DownloadFetch {
  let opening: Promise<DownloadFetch> | null = null;
  // Loaded when it is needed: few downloads go through a proxy.
  const open = () =>
    opening ??= import("./undici_fetch.ts").then(({ openUndiciFetch }) => openUndiciFetch(proxy));
  return {
    fetch: async (url, init) => await (await open()).fetch(url, init),
    [Symbol.asyncDispose]: async () => await (await opening)?.[Symbol.asyncDispose](),
  };
}
