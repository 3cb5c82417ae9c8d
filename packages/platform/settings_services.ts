import { defineSetting } from "./settings_definition.ts";
import { accept } from "./settings_reading.ts";
import type { SettingTable } from "./settings_table_type.ts";
import { readMailAddress, readMailAddresses, readSwitch, readUrl } from "./settings_values.ts";

/** Alerts, and how the command looks. */
export const SERVICE_SETTINGS: Pick<
  SettingTable,
  | "smtpUrl"
  | "alertEmailTo"
  | "alertEmailFrom"
  | "morningReport"
  | "alertWebhookUrl"
  | "hcPingUrl"
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
  morningReport: defineSetting<boolean>({
    name: "MORNING_REPORT",
    about: "whether the health check of the morning is mailed to them: on or off",
    read: readSwitch,
    fallback: () => true,
    format: (value) => value ? "on" : "off",
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
  noColor: defineSetting<boolean>({
    name: "NO_COLOR",
    about: "no colours when set to anything (no-color.org)",
    read: () => accept(true),
    fallback: () => false,
    format: (value) => value ? "1" : "",
  }),
};
