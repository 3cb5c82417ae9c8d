import { assert, assertEquals, assertFalse } from "@std/assert";
import { createRedactor } from "./secrets.ts";
import { describeSettings } from "./settings_describe.ts";
import { readSettings } from "./settings_reader.ts";
import { listSecrets } from "./settings_secrets.ts";

const SECRETS = {
  DATABASE_URL: "postgres://op:hunter2@db/x?sslmode=require",
  GEOIPUPDATE_ACCOUNT_ID: "123456",
  GEOIPUPDATE_LICENSE_KEY: "licence_key_0001",
  GREYNOISE_API_KEY: "greynoise-key",
  GEOIPUPDATE_PROXY: "http://proxy.example:8888",
  GEOIPUPDATE_PROXY_USER_PASSWORD: "proxyuser:proxypass",
  SMTP_URL: "smtps://mailer:mail%21pass@mail.example",
  ALERT_WEBHOOK_URL: "https://hooks.example/services/T000/B000/XXXX",
  HC_PING_URL: "https://hc.example/6e1fbe5c-0f6b",
  IPCASCADE_API_TOKENS: "read:reader-token,operate:operator-token",
};

function settings(env: Record<string, string>) {
  return readSettings({ env: { HOME: "/home/op", ...env }, flags: {}, readFile: () => null });
}

Deno.test("describeSettings() masks every secret", () => {
  const rows = describeSettings(settings(SECRETS));
  const value = (name: string) => rows.find((row) => row.name === name)?.value;
  assertEquals(value("DATABASE_URL"), "postgres://op:***@db/x?sslmode=require");
  assertEquals(value("GEOIPUPDATE_LICENSE_KEY"), "set (16 characters)");
  assertEquals(value("GREYNOISE_API_KEY"), "set (13 characters)");
  assertEquals(value("SMTP_URL"), "smtps://mailer:***@mail.example");
  assertEquals(value("GEOIPUPDATE_PROXY"), "http://proxyuser:***@proxy.example:8888");
  assertEquals(value("GEOIPUPDATE_ACCOUNT_ID"), "123456");
  const text = JSON.stringify(rows);
  const words = [
    "hunter2",
    "licence_key",
    "greynoise-key",
    "proxypass",
    "mail%21",
    "XXXX",
    "6e1fbe5c",
    "-token",
  ];
  for (const word of words) assertFalse(text.includes(word), word);
});

Deno.test("describeSettings() writes values in the grammar that they are read in", () => {
  const env = {
    CYMRU_DNS_SERVER: "[::1]:53",
    CYMRU_TIMEOUT: "90s",
    EDITION_CANARIES: "8.8.8.8=AS15169/US,1.1.1.1=AU",
    GREYNOISE_QUOTA: "25/week",
    SCHEDULE_BACK_UP: "off",
    API_RATE_LIMIT: "600/min",
    API_REQUEST_TIMEOUT: "90s",
    API_TRUSTED_PROXIES: "10.0.0.0/8, ::1",
    ALERT_EMAIL_TO: "a@example.com, b@example.com",
    SMTP_URL: "smtp://mail",
  };
  const rows = describeSettings(settings(env));
  const values = rows.filter(({ name }) => name in env).map((
    { name, value, source },
  ) => [name, value, source]);
  assertEquals(values, [
    ["EDITION_CANARIES", "8.8.8.8=AS15169/US,1.1.1.1=AU", "environment"],
    ["CYMRU_DNS_SERVER", "[::1]:53", "environment"],
    ["CYMRU_TIMEOUT", "1m30s", "environment"],
    ["GREYNOISE_QUOTA", "25/week", "environment"],
    ["API_RATE_LIMIT", "600/min", "environment"],
    ["API_TRUSTED_PROXIES", "10.0.0.0/8 ::1", "environment"],
    ["API_REQUEST_TIMEOUT", "1m30s", "environment"],
    ["SMTP_URL", "smtp://mail", "environment"],
    ["ALERT_EMAIL_TO", "a@example.com,b@example.com", "environment"],
    ["SCHEDULE_BACK_UP", "off", "environment"],
  ]);
});

Deno.test("describeSettings() says what an absent value means", () => {
  const row = describeSettings(settings({})).find(({ name }) => name === "DATABASE_URL");
  assertEquals(row, {
    name: "DATABASE_URL",
    value: "",
    source: "default",
    note: "embedded database in the data directory",
  });
});

Deno.test("listSecrets() covers the spellings in which secrets travel", () => {
  const redact = createRedactor(listSecrets(settings(SECRETS)));
  const texts = [
    `connect postgres://op:hunter2@db`,
    `Authorization: Basic ${btoa("123456:licence_key_0001")}`,
    `Proxy-Authorization: Basic ${btoa("proxyuser:proxypass")}`,
    "key: greynoise-key",
    "535 mail!pass",
    "535 mail%21pass",
    "POST /services/T000/B000/XXXX failed",
    "GET https://hc.example/6e1fbe5c-0f6b",
    "Bearer operator-token",
  ];
  for (const text of texts) assert(redact(text).includes("***"), text);
  const plain = "GeoLite2-City 8.8.8.8 AS15169 Google LLC";
  assertEquals(redact(plain), plain);
});
