import { defineSetting } from "./settings_definition.ts";
import { accept } from "./settings_reading.ts";
import type { SettingTable } from "./settings_table_type.ts";
import {
  type ApiToken,
  readApiTokens,
  readHost,
  readInteger,
  readMailAddress,
  readMailAddresses,
  readUrl,
} from "./settings_values.ts";

/** Alerts and the doors. */
export const SERVICE_SETTINGS: Pick<
  SettingTable,
  | "smtpUrl"
  | "alertEmailTo"
  | "alertEmailFrom"
  | "alertWebhookUrl"
  | "hcPingUrl"
  | "host"
  | "port"
  | "apiTokens"
  | "noColor"
> = {
  smtpUrl: defineSetting<string | null>({
    name: "SMTP_URL",
    secret: "url",
    about: "mail server for alerts",
    read: (text) => readUrl(text, ["smtp:", "smtps:"]),
    fallback: () => null,
  }),
  alertEmailTo: defineSetting<readonly string[]>({
    name: "ALERT_EMAIL_TO",
    about: "who gets alerts, with commas between them",
    read: readMailAddresses,
    fallback: () => [],
    format: (addresses) => addresses.join(","),
  }),
  alertEmailFrom: defineSetting<string | null>({
    name: "ALERT_EMAIL_FROM",
    about: "sender of alerts",
    read: readMailAddress,
    fallback: () => null,
  }),
  alertWebhookUrl: defineSetting<string | null>({
    name: "ALERT_WEBHOOK_URL",
    secret: "whole",
    about: "URL that alerts are posted to",
    read: (text) => readUrl(text, ["https:", "http:"]),
    fallback: () => null,
  }),
  hcPingUrl: defineSetting<string | null>({
    name: "HC_PING_URL",
    secret: "whole",
    about: "URL that every finished job pings",
    read: (text) => readUrl(text, ["https:", "http:"]),
    fallback: () => null,
  }),
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
    about: "bearer tokens of the API, read:TOKEN,operate:TOKEN",
    read: readApiTokens,
    fallback: () => [],
    format: (tokens) => tokens.map(({ scope, token }) => `${scope}:${token}`).join(","),
  }),
  noColor: defineSetting<boolean>({
    name: "NO_COLOR",
    about: "no colours when set to anything (no-color.org)",
    read: () => accept(true),
    fallback: () => false,
    format: (value) => value ? "1" : "",
  }),
};
