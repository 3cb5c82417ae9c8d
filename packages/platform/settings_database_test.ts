import { assertEquals, assertStringIncludes } from "@std/assert";
import { composeDatabaseUrl, readDatabaseUrl } from "./settings_database.ts";
import { environmentLayer } from "./settings_layer.ts";

function compose(env: Record<string, string>): string | null {
  const layer = environmentLayer(env);
  const composed = composeDatabaseUrl(layer, (name) => layer.find(name));
  if (composed.kind === "url") return composed.value.text;
  return composed.kind === "problem" ? composed.message : null;
}

Deno.test("composeDatabaseUrl() joins the parts of one layer", () => {
  const runbook = { DB_HOST: "db", DB_USER: "op", DB_NAME: "cowrie" };
  const cases: readonly [Record<string, string>, string | null][] = [
    [{}, null],
    [{ PGDATABASE: "x", PGUSER: "y" }, null],
    [runbook, "postgres://op@db/cowrie"],
    [{ ...runbook, DB_PORT: "5433", DB_PASSWORD: "p@/:?#" }, "postgres://op:p%40%2F%3A%3F%23@db:5433/cowrie"],
    [
      { ...runbook, PGPASSWORD: "pg", PGPORT: "5434", PGSSLMODE: "require" },
      "postgres://op:pg@db:5434/cowrie?sslmode=require",
    ],
    [{ ...runbook, DB_HOST: "::1" }, "postgres://op@[::1]/cowrie"],
    [{ PGHOST: "db", PGUSER: "op" }, "postgres://op@db/op"],
    [{ PGHOST: "db", USER: "login", PGDATABASE: "x y" }, "postgres://login@db/x%20y"],
    [{ PGHOST: "/var/run/postgresql", PGUSER: "op" }, "postgres://op@%2Fvar%2Frun%2Fpostgresql/op"],
  ];
  for (const [env, url] of cases) assertEquals(compose(env), url, JSON.stringify(env));
});

Deno.test("composeDatabaseUrl() tells what half a set lacks", () => {
  assertStringIncludes(
    compose({ DB_HOST: "db" })!,
    "Cannot use DB_HOST (environment): DB_USER and DB_NAME not set",
  );
  assertStringIncludes(
    compose({ DB_USER: "u", DB_NAME: "n" })!,
    "Cannot use DB_USER and DB_NAME (environment): DB_HOST not set",
  );
  assertStringIncludes(compose({ PGHOST: "db" })!, "PGUSER is not set");
  assertStringIncludes(compose({ PGHOST: "db", PGUSER: "u", PGPORT: "70000" })!, "allowed is 1 to 65535");
});

Deno.test("readDatabaseUrl() accepts what it composes, and sockets", () => {
  for (
    const url of [
      "postgres://op@db/cowrie",
      "postgresql://op:p%40@db:5432/cowrie?sslmode=require",
      "postgres://op@[::1]/cowrie",
      "postgres://op@%2Fvar%2Frun%2Fpostgresql/op",
      "postgres://db",
      "postgres://a:1,b:2/x",
    ]
  ) assertEquals(readDatabaseUrl(url), { ok: true, value: url });
});

Deno.test("readDatabaseUrl() refuses other databases and unescaped passwords", () => {
  for (
    const url of [
      "mysql://db/x",
      "db",
      "postgres://",
      "postgres:///x",
      "postgres://u:p@ss@db/x",
      "postgres://u:p#@db/x",
    ]
  ) {
    assertEquals(readDatabaseUrl(url).ok, false, url);
  }
});
