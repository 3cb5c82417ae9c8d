import { Buffer } from "node:buffer";
import { type Dispatcher, fetch, ProxyAgent, type RequestInit as UndiciInit, Socks5ProxyAgent } from "undici";
import type { DownloadFetch } from "./download_fetch.ts";

/** Opens undici's fetch through a proxy. */
export function openUndiciFetch(proxy: string): DownloadFetch {
  const dispatcher = openAgent(new URL(proxy));
  return {
    fetch: async (url, init) => {
      // The same standard, with types of its own: their streams and signals differ in name alone.
      const response: unknown = await fetch(url, { ...init, dispatcher } as UndiciInit);
      return response as Response;
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}

function openAgent(proxy: URL): Dispatcher {
  const username = decodePercent(proxy.username);
  const password = decodePercent(proxy.password);
  // Without credentials, so that no error can quote them.
  const uri = `${proxy.protocol}//${proxy.host}`;
  if (proxy.protocol === "socks5:") return new Socks5ProxyAgent(uri, { username, password });
  const hasCredentials = username !== "" || password !== "";
  const token = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  return new ProxyAgent({ uri, proxyTunnel: false, ...(hasCredentials && { token }) });
}

/** A stray % is taken as it stands: the error of the runtime would not say where it comes from. */
function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
