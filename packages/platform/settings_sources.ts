import type { QuotaPolicy } from "@ipcascade/core";
import { defineSetting } from "./settings_definition.ts";
import { formatDuration } from "./settings_duration.ts";
import type { SettingTable } from "./settings_table_type.ts";
import {
  type NetworkAddress,
  readDuration,
  readHeaderSecret,
  readNetworkAddress,
  readNetworkAddresses,
  readQuota,
  readShare,
  readUrl,
} from "./settings_values.ts";

/** The sources that are asked over the network. */
export const SOURCE_SETTINGS: Pick<
  SettingTable,
  | "cymruWhoisAddr"
  | "cymruDnsServer"
  | "cymruTimeoutMs"
  | "greynoiseApiKey"
  | "greynoiseApiServer"
  | "greynoiseQuota"
  | "greynoiseRefreshShare"
  | "greynoiseTimeoutMs"
  | "diagnoseReferences"
> = {
  cymruWhoisAddr: defineSetting<NetworkAddress>({
    name: "CYMRU_WHOIS_ADDR",
    about: "Team Cymru's whois server",
    read: (text) => readNetworkAddress(text, 43),
    fallback: () => ({ host: "whois.cymru.com", port: 43 }),
    format: formatNetworkAddress,
  }),
  cymruDnsServer: defineSetting<NetworkAddress | null>({
    name: "CYMRU_DNS_SERVER",
    about: "name server for Team Cymru's DNS; default is the system's",
    read: (text) => readNetworkAddress(text, 53),
    fallback: () => null,
    format: (value) => value === null ? "" : formatNetworkAddress(value),
  }),
  cymruTimeoutMs: defineSetting<number>({
    name: "CYMRU_TIMEOUT",
    about: "how long Team Cymru may stay silent (runbook: 60s when it is slow)",
    read: (text) => readDuration(text, 1),
    fallback: () => 30_000,
    format: formatDuration,
  }),
  greynoiseApiKey: defineSetting<string | null>({
    name: "GREYNOISE_API_KEY",
    secret: "whole",
    about: "GreyNoise key; without one the quota is smaller",
    read: readHeaderSecret,
    fallback: () => null,
  }),
  greynoiseApiServer: defineSetting<string>({
    name: "GREYNOISE_API_SERVER",
    about: "GreyNoise's server",
    read: (text) => readUrl(text, ["https:", "http:"]),
    fallback: () => "https://api.greynoise.io",
  }),
  greynoiseQuota: defineSetting<QuotaPolicy>({
    name: "GREYNOISE_QUOTA",
    about: "requests that GreyNoise allows, N/day, N/week or N/month",
    read: readQuota,
    fallback: () => ({ limit: 10_000, period: "day" }),
    format: ({ limit, period }) => `${limit}/${period}`,
  }),
  greynoiseRefreshShare: defineSetting<number>({
    name: "GREYNOISE_REFRESH_SHARE",
    about: "part of the GreyNoise quota that refreshing may use, 0 to 1",
    read: readShare,
    fallback: () => 0.8,
  }),
  greynoiseTimeoutMs: defineSetting<number>({
    name: "GREYNOISE_TIMEOUT",
    about: "how long one GreyNoise request may take",
    read: (text) => readDuration(text, 1),
    fallback: () => 10_000,
    format: formatDuration,
  }),
  diagnoseReferences: defineSetting<readonly NetworkAddress[]>({
    name: "DIAGNOSE_REFERENCES",
    about: "hosts that diagnose connects to without sending anything, host:port with spaces between; or off",
    read: readNetworkAddresses,
    fallback: () => [{ host: "whois.iana.org", port: 43 }, { host: "one.one.one.one", port: 443 }],
    format: (value) => value.length === 0 ? "off" : value.map(formatNetworkAddress).join(" "),
  }),
};

function formatNetworkAddress({ host, port }: NetworkAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
