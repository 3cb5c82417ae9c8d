import { formatAddress, readAddress } from "../address.ts";
import { describeAddress, LOCAL_ADDRESSES } from "../world.ts";
import { type HttpAnswer, type HttpOutcome, type HttpRequest, json, openHttpServer } from "./http_server.ts";
import type { OpenServer } from "./tcp_server.ts";
import type { StandInOptions } from "./stand_in.ts";

/** How the GreyNoise stand-in behaves apart from faults. */
export interface GreynoiseOptions {
  /** Requests that are answered before 429; default without limit. */
  readonly limit?: number;
  /** Asked at each request whether it comes too often, as where limits change; default by `limit`. */
  readonly isOverLimit?: () => boolean;
  /** What a 429 calls the limit. Default `25-W`. */
  readonly rateLimit?: string;
}

/** Opens a stand-in for GreyNoise Community: `GET /v3/community/{ip}`. */
export function openGreynoiseServer(options: StandInOptions & GreynoiseOptions): Promise<OpenServer> {
  return openHttpServer((request) => handle(request, options), options.port);
}

function handle(request: HttpRequest, options: StandInOptions & GreynoiseOptions): HttpOutcome {
  const { requests } = options;
  const asked = /^\/v3\/community\/([^/]+)$/.exec(request.url.pathname)?.[1];
  const bytes = asked === undefined ? null : readAddress(decodeURIComponent(asked));
  const address = bytes === null ? undefined : formatAddress(bytes);
  const isOverLimit = options.isOverLimit?.() ?? requests.greynoiseRequests >= (options.limit ?? Infinity);
  requests.greynoiseRequests++;
  return {
    answer: isOverLimit ? overLimit(options.rateLimit ?? "25-W") : answerFor(asked, address),
    faults: options.faults.take("greynoise", { address, path: request.url.pathname }),
    onStatus: (status) =>
      requests.add({
        provider: "greynoise",
        what: `${request.method} ${request.url.pathname}`,
        status,
        addresses: address === undefined ? undefined : [address],
        key: header(request, "key"),
        userAgent: header(request, "user-agent"),
      }),
  };
}

function overLimit(rateLimit: string): HttpAnswer {
  return json(429, {
    plan: "Community",
    rate_limit: rateLimit,
    plan_url: "https://greynoise.io/pricing",
    message: "You have hit your daily rate limit.",
  });
}

function answerFor(asked: string | undefined, address: string | undefined): HttpAnswer {
  if (asked === undefined) return json(404, { message: "Not found" });
  if (
    address === undefined || address.includes(":") || LOCAL_ADDRESSES.includes(address) || isPrivate(address)
  ) {
    return json(400, { message: "Request is not a valid routable IPv4 address" });
  }
  const { noise } = describeAddress(address);
  if (noise === null) {
    return json(404, {
      ip: address,
      noise: false,
      riot: false,
      message: "IP not observed scanning the internet or contained in RIOT data set.",
    });
  }
  return json(200, {
    ip: address,
    noise: noise.noise,
    riot: noise.riot,
    classification: noise.classification,
    name: noise.name,
    link: `https://viz.greynoise.io/${noise.riot ? "riot" : "ip"}/${address}`,
    last_seen: noise.lastSeen,
    message: "Success",
  });
}

function isPrivate(address: string): boolean {
  return /^(0|10|127|22[4-9]|2[3-5]\d)\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^169\.254\./.test(address);
}

function header(request: HttpRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}
