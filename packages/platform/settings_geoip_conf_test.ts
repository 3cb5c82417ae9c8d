import { assertEquals, assertStringIncludes } from "@std/assert";
import { parseGeoipConf } from "./settings_geoip_conf.ts";

Deno.test("parseGeoipConf() reads geoipupdate's options, old names included", () => {
  const text = [
    "# GeoIP.conf",
    "UserId 123456",
    "LicenseKey   abcDEF123",
    "ProductIds GeoLite2-City \t GeoLite2-ASN\r",
    "DatabaseDirectory /usr/share/Geo IP",
    "Host updates.maxmind.com",
    "Proxy 127.0.0.1:8888",
    "ProxyUserPassword user:pass",
    "RetryFor 10m",
    "LockFile /tmp/lock",
    "PreserveFileTimes 1",
    "Parallelism 4",
    "Protocol https",
  ].join("\n");
  const { values, problems } = parseGeoipConf(text, "/etc/GeoIP.conf");
  assertEquals(problems, []);
  assertEquals([...values].map(([name, { text }]) => [name, text]), [
    ["GEOIPUPDATE_ACCOUNT_ID", "123456"],
    ["GEOIPUPDATE_LICENSE_KEY", "abcDEF123"],
    ["GEOIPUPDATE_EDITION_IDS", "GeoLite2-City GeoLite2-ASN"],
    ["GEOIPUPDATE_DB_DIR", "/usr/share/Geo IP"],
    ["GEOIPUPDATE_HOST", "updates.maxmind.com"],
    ["GEOIPUPDATE_PROXY", "127.0.0.1:8888"],
    ["GEOIPUPDATE_PROXY_USER_PASSWORD", "user:pass"],
    ["GEOIPUPDATE_RETRY_FOR", "10m"],
    ["GEOIPUPDATE_LOCK_FILE", "/tmp/lock"],
  ]);
  assertEquals(values.get("GEOIPUPDATE_LICENSE_KEY")?.label, "LicenseKey");
});

Deno.test("parseGeoipConf() names the line of a mistake", () => {
  const text = "AccountID 1\nLicenseKey\naccountid 2\nUserId 3\nconstructor x\nabcDEF123";
  const { problems } = parseGeoipConf(text, "g.conf");
  assertEquals(problems.length, 5);
  assertStringIncludes(problems[0]!, 'Cannot read option LicenseKey in "g.conf" line 2: it has no value');
  assertStringIncludes(
    problems[1]!,
    'Cannot read option "accountid" in "g.conf" line 3: did you mean AccountID?',
  );
  assertStringIncludes(problems[2]!, "line 4: the file sets it twice");
  assertStringIncludes(problems[3]!, 'Cannot read "g.conf" line 5: allowed are AccountID, UserId');
  assertEquals(problems[4]!.includes("abcDEF123"), false);
});
