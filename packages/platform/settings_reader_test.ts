import { assert, assertEquals, assertFalse, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "@ipcascade/core";
import { readSettings, type SettingInputs } from "./settings_reader.ts";
import type { Settings } from "./settings_type.ts";

interface Given {
  readonly env?: Record<string, string>;
  readonly flags?: SettingInputs["flags"];
  readonly files?: Record<string, string>;
}

function read(given: Given = {}): Settings {
  const files: Record<string, string> = given.files ?? {};
  return readSettings({
    env: { HOME: "/home/op", PATH: "/bin", ...given.env },
    flags: given.flags ?? {},
    readFile: (path) => {
      if (files[path] === "DENIED") throw Object.assign(new Error("EACCES: denied"), { code: "EACCES" });
      return files[path] ?? null;
    },
  });
}

function refusal(given: Given): string {
  return assertThrows(() => read(given), UsageError).message;
}

Deno.test("readSettings() has the documented defaults", () => {
  const { origins, schedules, ...values } = read();
  assertEquals(values, {
    dataDir: "/home/op/.local/share/ipcascade",
    configFile: null,
    databaseUrl: null,
    databasePool: 0,
    scheduleTimelines: ["production"],
    geoipConfFile: null,
    maxmindAccountId: null,
    maxmindLicenseKey: null,
    editionIds: ["GeoLite2-City", "GeoLite2-ASN"],
    editionDir: "/home/op/.local/share/ipcascade/editions",
    updatesHost: "https://updates.maxmind.com",
    updatesProxy: null,
    updatesProxyUserPassword: null,
    retryForMs: 300_000,
    lockFile: null,
    editionProvider: "dbip",
    editionMirrorUrl: null,
    dbipUrl: "https://download.db-ip.com/free",
    editionCanaries: [{ address: "8.8.8.8", asn: 15169, country: "US" }],
    editionStore: "file",
    editionKeepSets: 2,
    editionMaxChangePercent: 25,
    cymruWhoisAddr: { host: "whois.cymru.com", port: 43 },
    cymruDnsServer: null,
    cymruTimeoutMs: 30_000,
    greynoiseApiKey: null,
    greynoiseApiServer: "https://api.greynoise.io",
    greynoiseQuota: { limit: 10_000, period: "day" },
    greynoiseRefreshShare: 0.8,
    greynoiseTimeoutMs: 10_000,
    diagnoseReferences: [{ host: "whois.iana.org", port: 43 }, { host: "one.one.one.one", port: 443 }],
    smtpUrl: null,
    alertEmailTo: [],
    alertEmailFrom: null,
    morningReport: true,
    alertWebhookUrl: null,
    hcPingUrl: null,
    backupDir: "/home/op/.local/share/ipcascade/backups",
    backupKeepDays: 7,
    backupAgeRecipients: [],
    backupAgeIdentities: [],
    awsAccessKeyId: null,
    awsSecretAccessKey: null,
    awsSessionToken: null,
    awsRegion: "us-east-1",
    s3Endpoint: null,
    host: "127.0.0.1",
    port: 8080,
    apiTokens: [],
    apiRateLimit: null,
    apiTrustedProxies: [],
    apiRequestTimeoutMs: 30_000,
    apiConcurrency: 256,
    apiAccessLog: "problems",
    noColor: false,
    unreadable: new Map(),
    warnings: [],
  });
  assertEquals(schedules["update-editions"], "0 2 * * SUN");
  assertEquals(schedules["recover-editions"], null);
  assertEquals(origins.get("PORT"), { source: "default", note: "" });
});

Deno.test("readSettings() takes flags before environment before the settings file before GeoIP.conf", () => {
  const files = {
    "/data/ipcascade.env":
      "GEOIPUPDATE_CONF_FILE=/etc/GeoIP.conf\nGEOIPUPDATE_RETRY_FOR=3m\nGEOIPUPDATE_HOST=file.example\nPORT=3",
    "/etc/GeoIP.conf": "RetryFor 4m\nHost conf.example\nAccountID 42\nLicenseKey k4",
  };
  const env = { IPCASCADE_DATA_DIR: "/data", GEOIPUPDATE_RETRY_FOR: "2m", PORT: "2" };
  const settings = read({ flags: { geoipupdateRetryFor: "1m" }, env, files });
  assertEquals(settings.retryForMs, 60_000);
  assertEquals(settings.port, 2);
  assertEquals(settings.updatesHost, "https://file.example");
  assertEquals(settings.maxmindAccountId, "42");
  assertEquals(settings.maxmindLicenseKey, "k4");
  assertEquals(settings.editionProvider, "maxmind");
  assertEquals(settings.origins.get("GEOIPUPDATE_RETRY_FOR"), {
    source: "flag",
    note: "--geoipupdate-retry-for",
  });
  assertEquals(settings.origins.get("PORT"), { source: "environment", note: "" });
  assertEquals(settings.origins.get("GEOIPUPDATE_HOST"), {
    source: "file",
    note: '"/data/ipcascade.env" line 3',
  });
  assertEquals(settings.origins.get("GEOIPUPDATE_ACCOUNT_ID"), {
    source: "file",
    note: 'AccountID in "/etc/GeoIP.conf" line 3',
  });
});

Deno.test("readSettings() finds the data directory", () => {
  assertEquals(read({ env: { XDG_DATA_HOME: "/xdg" } }).dataDir, "/xdg/ipcascade");
  assertEquals(read({ env: { XDG_DATA_HOME: "relative" } }).dataDir, "/home/op/.local/share/ipcascade");
  assertEquals(read({ env: { IPCASCADE_DATA_DIR: "~/d" } }).editionDir, "/home/op/d/editions");
  assertEquals(
    read({ flags: { "data-dir": "/f" }, env: { IPCASCADE_DATA_DIR: "/e" } }).backupDir,
    "/f/backups",
  );
  assertStringIncludes(refusal({ env: { HOME: "" } }), "neither IPCASCADE_DATA_DIR nor HOME is set");
  assertEquals(read({ env: { HOME: "", IPCASCADE_DATA_DIR: "/d" } }).dataDir, "/d");
});

Deno.test("readSettings() lets a named settings file move the data directory, a found one not", () => {
  const named = { IPCASCADE_CONFIG_FILE: "/etc/ipcascade.env" };
  const settings = read({ env: named, files: { "/etc/ipcascade.env": "IPCASCADE_DATA_DIR=/moved" } });
  assertEquals([settings.dataDir, settings.editionDir], ["/moved", "/moved/editions"]);
  const files = { "/d/ipcascade.env": "IPCASCADE_DATA_DIR=/moved" };
  assertStringIncludes(
    refusal({ env: { IPCASCADE_DATA_DIR: "/d" }, files }),
    "Cannot use IPCASCADE_DATA_DIR",
  );
  assertStringIncludes(
    refusal({ env: named }),
    'Cannot read IPCASCADE_CONFIG_FILE "/etc/ipcascade.env": there is no such file',
  );
});

Deno.test("readSettings() knows the aliases, and prefers the setting's own name", () => {
  const env = { MAXMIND_ACCOUNT_ID: "7", MAXMIND_LICENSE_KEY: "old" };
  assertEquals(read({ env }).maxmindLicenseKey, "old");
  assertEquals(read({ env }).editionProvider, "maxmind");
  assertEquals(read({ env }).origins.get("GEOIPUPDATE_LICENSE_KEY")?.note, "MAXMIND_LICENSE_KEY");
  assertEquals(read({ env: { ...env, GEOIPUPDATE_LICENSE_KEY: "new" } }).maxmindLicenseKey, "new");
});

Deno.test("readSettings() reads secrets from files, which win over the value beside them", () => {
  const files = { "/run/key": "from-file\n", "/run/empty": " \n", "/run/denied": "DENIED" };
  const env = { GREYNOISE_API_KEY: "plain", GREYNOISE_API_KEY_FILE: "/run/key" };
  assertEquals(read({ env, files }).greynoiseApiKey, "from-file");
  assertEquals(read({ flags: { greynoiseApiKeyFile: "/run/key" }, files }).greynoiseApiKey, "from-file");
  assertEquals(read({ env: { MAXMIND_LICENSE_KEY_FILE: "/run/key" }, files }).maxmindLicenseKey, "from-file");
  const cases: readonly [string, string][] = [
    ["/run/empty", "the file is empty"],
    ["/run/none", "there is no such file"],
    ["/run/denied", "permission denied"],
  ];
  for (const [path, state] of cases) {
    const message = refusal({ env: { GREYNOISE_API_KEY_FILE: path }, files });
    assertEquals(message, `Cannot read GREYNOISE_API_KEY_FILE "${path}": ${state}`);
  }
});

Deno.test("readSettings() composes the database URL within each layer", () => {
  const env = { DB_HOST: "db", DB_USER: "op", DB_NAME: "cowrie", DB_PASSWORD_FILE: "/run/pw" };
  const files = { "/run/pw": "s3cret\n", "/d/ipcascade.env": "DATABASE_URL=postgres://file/x" };
  const settings = read({ env: { ...env, IPCASCADE_DATA_DIR: "/d" }, files });
  assertEquals(settings.databaseUrl, "postgres://op:s3cret@db/cowrie");
  assertEquals(settings.origins.get("DATABASE_URL"), { source: "environment", note: "DB_HOST" });
  assertEquals(
    read({ env: { ...env, DATABASE_URL: "postgres://own/x" }, files }).databaseUrl,
    "postgres://own/x",
  );
  assertEquals(read({ env: { IPCASCADE_DATA_DIR: "/d" }, files }).databaseUrl, "postgres://file/x");
  assertStringIncludes(refusal({ env: { DB_HOST: "db" } }), "DB_USER and DB_NAME not set");
});

Deno.test("readSettings() joins the proxy with its password, unless the URL has one", () => {
  const env = { GEOIPUPDATE_PROXY: "proxy.example:8888", GEOIPUPDATE_PROXY_USER_PASSWORD: "u:p$&@:q" };
  assertEquals(read({ env }).updatesProxy, "http://u:p%24%26%40%3Aq@proxy.example:8888");
  const own = { ...env, GEOIPUPDATE_PROXY: "http://me:mine@proxy.example:8888" };
  assertEquals(read({ env: own }).updatesProxy, "http://me:mine@proxy.example:8888");
});

Deno.test("readSettings() stops at unknown names of its families and leaves others alone", () => {
  const message = refusal({ env: { GREYNOISE_APIKEY: "x", SCHEDULE_BACKUP: "off", NPM_THING: "1" } });
  assertEquals(message.split("\n").length, 2);
  assertStringIncludes(message, 'Cannot use setting "GREYNOISE_APIKEY" (environment)');
  assertStringIncludes(message, "did you mean GREYNOISE_API_KEY?");
  assertStringIncludes(message, "did you mean SCHEDULE_BACK_UP?");
  const foreign = {
    GEOIPUPDATE_VERBOSE: "1",
    GEOIPUPDATE_PARALLELISM: "2",
    GEOIPUPDATE_PRESERVE_FILE_TIMES: "1",
  };
  assertEquals(read({ env: foreign }).port, 8080);
});

Deno.test("readSettings() stops at every unknown name in its own file", () => {
  const files = { "/d/ipcascade.env": "DATABSE_URL=postgres://x\nDB_HOST=db\nDB_USER=u\nDB_NAME=n" };
  const message = refusal({ env: { IPCASCADE_DATA_DIR: "/d" }, files });
  assertEquals(
    message,
    'Cannot use setting "DATABSE_URL" ("/d/ipcascade.env" line 1): there is no such setting, did you mean DATABASE_URL?',
  );
});

Deno.test("readSettings() treats an empty variable as unset and an empty flag as a mistake", () => {
  assertEquals(read({ env: { GREYNOISE_QUOTA: "", PORT: " " } }).port, 8080);
  assertEquals(refusal({ flags: { dataDir: "" } }), "Cannot read --data-dir: it needs a value");
  assertEquals(refusal({ flags: { dataDir: true } }), "Cannot read --data-dir: it needs a value");
  assertStringIncludes(
    refusal({ flags: { prot: "1" } }),
    "Cannot use --prot: there is no such setting, did you mean --port?",
  );
});

Deno.test("readSettings() tells every mistake with name, value and what is allowed", () => {
  const message = refusal({
    env: { GREYNOISE_QUOTA: "10000", CYMRU_TIMEOUT: "60", EDITION_PROVIDER: "mirror" },
    flags: { port: 99_999 },
  });
  assertEquals(message.split("\n").sort(), [
    'Cannot read --port "99999" (command line): allowed is a whole number from 0 to 65535',
    'Cannot read CYMRU_TIMEOUT "60" (environment): allowed is a duration such as 500ms, 30s, 5m or 1h30m, at least 1ms; a number needs its unit: 60s',
    'Cannot read GREYNOISE_QUOTA "10000" (environment): allowed is N/day, N/week or N/month, such as 10000/day',
    'Cannot use EDITION_PROVIDER "mirror": EDITION_MIRROR_URL is not set',
  ]);
});

Deno.test("readSettings() never tells a secret, only its length", () => {
  const hidden = "t0p secret";
  for (
    const name of [
      ...["DATABASE_URL", "GEOIPUPDATE_LICENSE_KEY", "MAXMIND_LICENSE_KEY", "GREYNOISE_API_KEY", "SMTP_URL"],
      ...[
        "GEOIPUPDATE_ACCOUNT_ID",
        "IPCASCADE_API_TOKENS",
        "ALERT_WEBHOOK_URL",
        "HC_PING_URL",
        "GEOIPUPDATE_PROXY",
      ],
    ]
  ) {
    const message = refusal({ env: { [name]: hidden } });
    assertStringIncludes(message, `Cannot read ${name} (10 characters, environment): allowed is`);
    assertFalse(message.includes(hidden), name);
  }
  assertFalse(refusal({ env: { DBIP_URL: "ftp://me:hunter2@h" } }).includes("hunter2"));
  const files = { "/d/ipcascade.env": `GREYNOISE_API_KEY=${hidden}\nHC_PING_URL = x # ${hidden}` };
  assertFalse(refusal({ env: { IPCASCADE_DATA_DIR: "/d" }, files }).includes(hidden));
});

Deno.test("readSettings() refuses a password on the command line", () => {
  const message = refusal({ flags: { databaseUrl: "postgres://u:hunter2@db/x" } });
  assert(message.includes("use --database-url-file"));
  assertFalse(message.includes("hunter2"));
  assertEquals(read({ flags: { databaseUrl: "postgres://u@db/x" } }).databaseUrl, "postgres://u@db/x");
  assertStringIncludes(refusal({ flags: { greynoiseApiKey: "k" } }), "Cannot use --greynoiseApiKey");
});

Deno.test("readSettings() warns of settings without effect", () => {
  const env = { MAXMIND_LICENSE_KEY: "k", ALERT_EMAIL_TO: "ops@example.com", EDITION_MIRROR_URL: "/srv" };
  assertEquals(read({ env }).warnings, [
    "GEOIPUPDATE_LICENSE_KEY has no effect: GEOIPUPDATE_ACCOUNT_ID is not set",
    "ALERT_EMAIL_TO has no effect: SMTP_URL is not set",
    "EDITION_MIRROR_URL has no effect: EDITION_PROVIDER is dbip",
  ]);
  assertEquals(read({ env: { SMTP_URL: "smtp://mail" } }).warnings, [
    "SMTP_URL has no effect: ALERT_EMAIL_TO is not set",
  ]);
});
