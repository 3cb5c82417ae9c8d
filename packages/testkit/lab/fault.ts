import type { TarHostility } from "../tar_writer.ts";

/** The stand-ins of the lab. `objectStore` is where MaxMind's downloads redirect to. */
export const LAB_PROVIDERS = [
  "cymruWhois",
  "cymruDns",
  "greynoise",
  "maxmind",
  "objectStore",
  "dbip",
  "mirror",
] as const;

/** Name of a stand-in. */
export type LabProvider = typeof LAB_PROVIDERS[number];

/**
 * What goes wrong.
 *
 * Of the connection: `delay` (then a normal answer), `drop` (accepted, never answered), `reset`, `cut` (the
 * answer ends after a share of its bytes; default half), `garbage` (random bytes), `html` (a login page, status
 * 200), `endless` (a `body` of rows or bytes without end, or one `line` without end).
 *
 * HTTP: `status`, with body and headers.
 *
 * Team Cymru: `rcode` (DNS), `latin1` (every AS name with a letter beyond ASCII), `multiOrigin`, `notRouted`,
 * `order`, `duplicated` rows, `ipv6Spelling`, `errorLines` instead of rows, `header` row.
 *
 * Editions: `wrongChecksum` (metadata and `.sha256` tell another one), `archive` (a hostile tar), `plain` (not
 * compressed), `truncatedGzip`, `bomb` (a gigabyte of zeros, compressed).
 */
export type FaultEffect =
  | { readonly kind: "delay"; readonly ms: number }
  | { readonly kind: "drop" }
  | { readonly kind: "reset" }
  | { readonly kind: "cut"; readonly after?: number }
  | { readonly kind: "garbage" }
  | { readonly kind: "html" }
  | { readonly kind: "endless"; readonly of: "body" | "line" }
  | {
    readonly kind: "status";
    readonly status: number;
    readonly body?: string;
    readonly headers?: Readonly<Record<string, string>>;
  }
  | { readonly kind: "rcode"; readonly rcode: "REFUSED" | "SERVFAIL" | "NXDOMAIN" }
  | { readonly kind: "latin1" }
  | { readonly kind: "multiOrigin" }
  | { readonly kind: "notRouted" }
  | { readonly kind: "order"; readonly order: "reversed" | "shuffled" }
  | { readonly kind: "duplicated" }
  | { readonly kind: "ipv6Spelling"; readonly spelling: "upper" | "expanded" }
  | { readonly kind: "errorLines" }
  | { readonly kind: "header" }
  | { readonly kind: "wrongChecksum" }
  | { readonly kind: "archive"; readonly hostility: TarHostility }
  | { readonly kind: "plain" }
  | { readonly kind: "truncatedGzip" }
  | { readonly kind: "bomb" };

/** Where a fault strikes; every limit that is given must hold. Without any it strikes always. */
export interface FaultScope {
  /** Ends after so many requests (whois: sessions). */
  readonly times?: number;
  /** Spares so many requests first. */
  readonly after?: number;
  /** Share of the addresses, 0 to 1, always the same ones. */
  readonly share?: number;
  /** Share of the requests, 0 to 1, evenly spread: a flaky provider. */
  readonly chance?: number;
  /** These addresses only, in canonical spelling. */
  readonly addresses?: readonly string[];
  /** Requests whose path contains this text. */
  readonly path?: string;
  /** Addresses that this tells; not available through the control door. */
  readonly when?: (address: string) => boolean;
}

/** A fault, as `setFault` and the control door take it. */
export type Fault = FaultEffect & FaultScope;

/** What a fault is asked about. */
export interface FaultRequest {
  readonly address?: string;
  readonly path?: string;
}

interface ActiveFault {
  readonly fault: Fault;
  seen: number;
  struck: number;
}

/** The faults of every stand-in. */
export class FaultBoard {
  readonly #active = new Map<LabProvider, ActiveFault[]>();

  /** Replaces the faults of a stand-in; null heals it. */
  set(provider: LabProvider, faults: Fault | readonly Fault[] | null): void {
    const list = faults === null ? [] : Array.isArray(faults) ? faults : [faults as Fault];
    this.#active.set(provider, list.map((fault: Fault) => ({ fault, seen: 0, struck: 0 })));
  }

  /** Heals everything. */
  clear(): void {
    this.#active.clear();
  }

  /** The faults that strike a request, which counts as one. */
  take(provider: LabProvider, request: FaultRequest = {}): FaultEffects {
    const effects: Fault[] = [];
    for (const active of this.#active.get(provider) ?? []) {
      if (!matches(active.fault, request)) continue;
      active.seen++;
      if (!strikes(active)) continue;
      active.struck++;
      effects.push(active.fault);
    }
    return new FaultEffects(effects);
  }
}

/** The faults that strike one request. */
export class FaultEffects {
  /** Holds the faults in the order in which they were set. */
  constructor(readonly list: readonly Fault[]) {}

  /** The first fault of a kind that covers an address, or null. */
  find<Kind extends Fault["kind"]>(kind: Kind, address?: string): Extract<Fault, { kind: Kind }> | null {
    const found = this.list.find((fault) => fault.kind === kind && coversAddress(fault, address));
    return (found as Extract<Fault, { kind: Kind }> | undefined) ?? null;
  }

  /** Tells whether a fault of a kind covers an address. */
  has(kind: Fault["kind"], address?: string): boolean {
    return this.find(kind, address) !== null;
  }
}

function matches(fault: Fault, { address, path }: FaultRequest): boolean {
  if (fault.path !== undefined && !(path ?? "").includes(fault.path)) return false;
  return coversAddress(fault, address);
}

function coversAddress(fault: Fault, address: string | undefined): boolean {
  if (address === undefined) return true;
  if (fault.addresses !== undefined && !fault.addresses.includes(address)) return false;
  if (fault.share !== undefined && hashText(address) / 2 ** 32 >= fault.share) return false;
  return fault.when === undefined || fault.when(address);
}

function strikes({ fault, seen, struck }: ActiveFault): boolean {
  if (fault.times !== undefined && struck >= fault.times) return false;
  if (fault.after !== undefined && seen <= fault.after) return false;
  if (fault.chance === undefined) return true;
  return Math.floor(seen * fault.chance) > Math.floor((seen - 1) * fault.chance);
}

/** FNV-1a, mixed once more so that neighbouring addresses spread over the whole range. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  return (hash ^ (hash >>> 13)) >>> 0;
}
