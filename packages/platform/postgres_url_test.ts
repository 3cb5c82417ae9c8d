import type { PeerCertificate } from "node:tls";
import { UsageError } from "@ipcascade/core";
import { assertEquals, assertThrows } from "@std/assert";
import { openTempDir } from "../testkit/temp_dir.ts";
import { readPostgresUrl } from "./postgres_url.ts";

Deno.test("readPostgresUrl() reads what libpq reads", () => {
  const cases = [
    ["postgres://u:p@db.example:6543/name", {
      host: "db.example",
      port: 6543,
      user: "u",
      password: "p",
      database: "name",
    }],
    ["postgresql://db.example", {
      host: "db.example",
      port: 5432,
      user: undefined,
      password: undefined,
      database: undefined,
    }],
    ["postgres:///name", { host: "localhost", user: undefined, database: "name" }],
    ["postgres://u:p%40%2F%23@h/n", { user: "u", password: "p@/#", secrets: ["p@/#", "p%40%2F%23"] }],
    ["postgres://u:100%@h/n", { password: "100%", secrets: ["100%"] }],
    ["postgres://u@[2001:db8::1]:5433/n", { host: "2001:db8::1", port: 5433 }],
    ["postgres://u@%2Fvar%2Frun%2Fpostgresql/n", { host: "/var/run/postgresql", tls: false }],
    ["postgres:///n?host=/tmp&port=5433&user=u&password=p&dbname=m", {
      host: "/tmp",
      port: 5433,
      user: "u",
      password: "p",
      database: "m",
      secrets: ["p"],
      parameters: {},
    }],
    ["postgres://h/n?connect_timeout=3&prepare=false", {
      connectTimeoutMs: 3_000,
      canPrepare: false,
      parameters: {},
    }],
    ["postgres://h/n?connect_timeout=0", { connectTimeoutMs: null, canPrepare: true }],
    ["postgres://h/n?application_name=x&search_path=y&channel_binding=require", {
      parameters: { application_name: "x", search_path: "y" },
    }],
  ] as const;
  for (const [url, expected] of cases) {
    const target = readPostgresUrl(url);
    const part = Object.fromEntries(
      Object.keys(expected).map((key) => [key, target[key as keyof typeof target]]),
    );
    assertEquals(part, expected as Record<string, unknown>, url);
  }
});

Deno.test("readPostgresUrl() encrypts as sslmode says", async () => {
  await using dir = await openTempDir();
  await Deno.writeTextFile(dir.join("ca.pem"), "CERTIFICATE");
  const root = `sslrootcert=${encodeURIComponent(dir.join("ca.pem"))}`;
  const cases = [
    ["db.example", "", "prefer"],
    ["localhost", "", false],
    ["127.0.0.1", "sslmode=require", "require"],
    ["db.example", "sslmode=disable", false],
    ["db.example", "sslmode=allow", "prefer"],
  ] as const;
  for (const [host, query, expected] of cases) {
    const { tls, parameters } = readPostgresUrl(`postgres://${host}/n?${query}`);
    assertEquals([tls, parameters], [expected, {}], `${host} ${query}`);
  }
  const certificate = {
    subject: { CN: "db.example" },
    subjectaltname: "DNS:db.example",
  } as unknown as PeerCertificate;
  const checked = [
    ["db.example", "sslmode=verify-full", undefined, true],
    ["192.0.2.1", `sslmode=verify-full&${root}`, "CERTIFICATE", false],
    ["192.0.2.1", "sslrootcert=system", undefined, false],
    ["192.0.2.1", `sslmode=verify-ca&${root}`, "CERTIFICATE", true],
    ["192.0.2.1", `sslmode=require&${root}`, "CERTIFICATE", true],
  ] as const;
  for (const [host, query, ca, isRightName] of checked) {
    const { tls } = readPostgresUrl(`postgres://${host}/n?${query}`);
    const checks = tls as Exclude<typeof tls, string | false>;
    const error = checks.checkServerIdentity("localhost", certificate);
    assertEquals([checks.rejectUnauthorized, checks.ca, error === undefined], [true, ca, isRightName], query);
  }
});

Deno.test("readPostgresUrl() refuses what it can't read, without telling a secret", () => {
  const cases = [
    "", // nothing
    "mysql://u:s3cret@h/n",
    "postgres://u:s3cret@h:port/n",
    "s3cret",
    "postgres://u:s3cret@h/n?sslmode=maybe",
    "postgres://u:s3cret@h/n?sslmode=verify-full&sslrootcert=/nowhere.pem",
  ];
  for (const url of cases) {
    const error = assertThrows(() => readPostgresUrl(url), UsageError);
    assertEquals(error.message.includes("s3cret"), false);
  }
});
