import { MS_PER_SECOND } from "@ipcascade/core";
import {
  ACCESS_LOGS,
  type ApiAccessLog,
  type ApiRateLimit,
  type ApiToken,
  formatApiToken,
  formatRateLimit,
  readApiTokens,
  readRateLimit,
  readTrustedProxies,
} from "./settings_api_values.ts";
import { defineSetting } from "./settings_definition.ts";
import { formatDuration } from "./settings_duration.ts";
import type { SettingTable } from "./settings_table_type.ts";
import { readChoice, readDuration, readHost, readInteger } from "./settings_values.ts";

/** What a request may take when nobody says otherwise. */
const DEFAULT_REQUEST_TIMEOUT_MS = 30 * MS_PER_SECOND;

/** Requests that are worked on at once when nobody says otherwise; more would only wait for the database. */
const DEFAULT_CONCURRENCY = 256;

/** The HTTP door. */
export const API_SETTINGS: Pick<
  SettingTable,
  | "host"
  | "port"
  | "apiTokens"
  | "apiRateLimit"
  | "apiTrustedProxies"
  | "apiRequestTimeoutMs"
  | "apiConcurrency"
  | "apiAccessLog"
> = {
  host: defineSetting<string>({
    name: "HOST",
    about: "interface that the API listens on; others than loopback need tokens",
    read: readHost,
    fallback: () => "127.0.0.1",
  }),
  port: defineSetting<number>({
    name: "PORT",
    about: "port that the API listens on; 0 lets the system choose",
    read: (text) => readInteger(text, { min: 0, max: 65_535 }),
    fallback: () => 8080,
  }),
  apiTokens: defineSetting<readonly ApiToken[]>({
    name: "IPCASCADE_API_TOKENS",
    secret: "whole",
    about: "bearer tokens of the API, read:TOKEN,operate:TOKEN, or their hashes, read:sha256:HEX",
    read: readApiTokens,
    fallback: () => [],
    format: (tokens) => tokens.map(formatApiToken).join(","),
  }),
  apiRateLimit: defineSetting<ApiRateLimit | "off" | null>({
    name: "API_RATE_LIMIT",
    about: "requests that one address, and one token, may send: N/s, N/min, N/hour or off",
    read: readRateLimit,
    fallback: () => null,
    format: formatRateLimit,
  }),
  apiTrustedProxies: defineSetting<readonly string[]>({
    name: "API_TRUSTED_PROXIES",
    about: "addresses or blocks of proxies whose word on the client's address counts",
    read: readTrustedProxies,
    fallback: () => [],
  }),
  apiRequestTimeoutMs: defineSetting<number>({
    name: "API_REQUEST_TIMEOUT",
    about: "how long one request may take until its answer begins",
    read: (text) => readDuration(text, MS_PER_SECOND),
    fallback: () => DEFAULT_REQUEST_TIMEOUT_MS,
    format: formatDuration,
  }),
  apiConcurrency: defineSetting<number>({
    name: "API_CONCURRENCY",
    about: "requests that the API works on at once",
    read: (text) => readInteger(text, { min: 1, max: 65_535 }),
    fallback: () => DEFAULT_CONCURRENCY,
  }),
  apiAccessLog: defineSetting<ApiAccessLog>({
    name: "API_ACCESS_LOG",
    about: `requests that the API writes a line about: ${ACCESS_LOGS.join(", ")}`,
    read: (text) => readChoice(text, ACCESS_LOGS),
    fallback: () => "problems",
  }),
};
