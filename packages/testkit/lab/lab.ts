import { openControlServer } from "./control_server.ts";
import { openDbipServer } from "./dbip_server.ts";
import { openDnsServer } from "./dns_server.ts";
import { type Fault, FaultBoard, LAB_PROVIDERS, type LabProvider } from "./fault.ts";
import { type GreynoiseOptions, openGreynoiseServer } from "./greynoise_server.ts";
import { LAB_ACCOUNT_ID, LAB_LICENSE_KEY, openMaxmindServer } from "./maxmind_server.ts";
import { type MirrorOptions, openMirrorServer } from "./mirror_server.ts";
import { openObjectStore } from "./object_store.ts";
import { type Release, type ReleaseOptions, Releases } from "./releases.ts";
import { LabRequests } from "./request_log.ts";
import type { OpenServer } from "./tcp_server.ts";
import { openWhoisServer } from "./whois_server.ts";

/** How to open a lab. */
export interface LabOptions {
  /** Fixed ports; the others are free ones. */
  readonly ports?: Readonly<Partial<Record<LabProvider | "control", number>>>;
  /** GreyNoise's own limit. */
  readonly greynoise?: GreynoiseOptions;
  /** Months that DB-IP offers, `YYYY-MM`. Default: the running one and the one before. */
  readonly dbipMonths?: readonly string[];
  /** What somebody's own mirror offers. */
  readonly mirror?: MirrorOptions;
  /** Faults from the start. */
  readonly faults?: Readonly<Partial<Record<LabProvider, Fault | readonly Fault[]>>>;
}

/** Settings that point a program at the lab. */
export interface LabEnvironment extends Record<string, string> {
  /** `host:port`. */
  readonly CYMRU_WHOIS_ADDR: string;
  /** `host:port`. */
  readonly CYMRU_DNS_SERVER: string;
  /** Base address. */
  readonly GREYNOISE_API_SERVER: string;
  /** Base address. */
  readonly GEOIPUPDATE_HOST: string;
  /** Account that the update host accepts. */
  readonly GEOIPUPDATE_ACCOUNT_ID: string;
  /** Key that the update host accepts. */
  readonly GEOIPUPDATE_LICENSE_KEY: string;
  /** Base address. */
  readonly DBIP_URL: string;
}

/** Stand-ins for every provider, on loopback, with real sockets and protocols. */
export interface Lab extends AsyncDisposable {
  /** Settings that point a program at it. */
  readonly env: LabEnvironment;
  /** Where the mirror is; no setting of `env`, since it has no effect beside an account. */
  readonly mirrorUrl: string;
  /** What the stand-ins received. */
  readonly requests: LabRequests;
  /** Where another process steers the lab. */
  readonly controlUrl: string;
  /** Replaces the faults of a stand-in; null heals it. */
  setFault(provider: LabProvider, fault: Fault | readonly Fault[] | null): void;
  /** Heals every stand-in. */
  clearFaults(): void;
  /** Makes a release the newest of its edition. */
  publish(edition: string, options?: ReleaseOptions): Release;
  /** Takes an edition off MaxMind's offer. */
  withdraw(edition: string): void;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

/** Opens a lab: `await using lab = await openLab()`. */
export async function openLab(options: LabOptions = {}): Promise<Lab> {
  const faults = new FaultBoard();
  const requests = new LabRequests();
  const releases = new Releases();
  for (const provider of LAB_PROVIDERS) faults.set(provider, options.faults?.[provider] ?? null);
  const env: Record<string, string> = {};
  const parts = { faults, requests, releases, env: () => env };
  const servers = await openServers(options, parts);
  Object.assign(env, environmentOf(servers));
  let closing: Promise<void> | undefined;
  const close = () => closing ??= closeServers(Object.values(servers));
  return {
    env: env as LabEnvironment,
    mirrorUrl: `http://127.0.0.1:${servers.mirror.port}/mirror`,
    requests,
    controlUrl: `http://127.0.0.1:${servers.control.port}`,
    setFault: (provider, fault) => faults.set(provider, fault),
    clearFaults: () => faults.clear(),
    publish: (edition, release) => releases.publish(edition, release),
    withdraw: (edition) => releases.withdraw(edition),
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface Parts {
  readonly faults: FaultBoard;
  readonly requests: LabRequests;
  readonly releases: Releases;
  readonly env: () => Readonly<Record<string, string>>;
}

type Servers = Readonly<Record<LabProvider | "control", OpenServer>>;

async function openServers(options: LabOptions, parts: Parts): Promise<Servers> {
  const opened: OpenServer[] = [];
  const keep = async (opening: Promise<OpenServer>) => {
    const server = await opening;
    opened.push(server);
    return server;
  };
  const at = (name: LabProvider | "control") => ({ ...parts, port: options.ports?.[name] });
  try {
    const objectStore = await keep(openObjectStore(at("objectStore")));
    const storeUrl = () => `http://127.0.0.1:${objectStore.port}`;
    return {
      objectStore,
      maxmind: await keep(openMaxmindServer({ ...at("maxmind"), objectStore: storeUrl })),
      cymruWhois: await keep(openWhoisServer(at("cymruWhois"))),
      cymruDns: await keep(openDnsServer(at("cymruDns"))),
      greynoise: await keep(openGreynoiseServer({ ...at("greynoise"), ...options.greynoise })),
      dbip: await keep(openDbipServer({ ...at("dbip"), months: options.dbipMonths })),
      mirror: await keep(openMirrorServer({ ...at("mirror"), ...options.mirror })),
      control: await keep(openControlServer(at("control"))),
    };
  } catch (error) {
    await closeServers(opened);
    throw error;
  }
}

function environmentOf(servers: Servers): LabEnvironment {
  const address = (provider: LabProvider) => `127.0.0.1:${servers[provider].port}`;
  return {
    CYMRU_WHOIS_ADDR: address("cymruWhois"),
    CYMRU_DNS_SERVER: address("cymruDns"),
    GREYNOISE_API_SERVER: `http://${address("greynoise")}`,
    GEOIPUPDATE_HOST: `http://${address("maxmind")}`,
    GEOIPUPDATE_ACCOUNT_ID: LAB_ACCOUNT_ID,
    GEOIPUPDATE_LICENSE_KEY: LAB_LICENSE_KEY,
    DBIP_URL: `http://${address("dbip")}/free`,
  };
}

async function closeServers(servers: readonly OpenServer[]): Promise<void> {
  await Promise.all(servers.map((server) => server.close()));
}
