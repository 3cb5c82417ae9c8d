import { assertEquals } from "@std/assert";
import { migrate } from "./migrate.ts";
import { MIGRATIONS } from "./migrations/mod.ts";
import { createSqlQuotaControl } from "./quota_control.ts";
import { createSqlQuotaLedger } from "./quota_ledger.ts";
import { openMemoryPglite } from "./testing/databases.ts";
import { NOON } from "./testing/rows.ts";

Deno.test("a quota that an older version counted and learned goes on as it was", async () => {
  const sql = await openMemoryPglite();
  try {
    await migrate(sql, MIGRATIONS.slice(0, MIGRATIONS.findIndex(({ name }) => name === "quota control")));
    await sql.query(
      `insert into source_state (source, learned_limit, learned_period, learned_at)
      values ('greynoise', 25, 'week', '2026-11-20T08:00:00Z')`,
    );
    await sql.query(
      `insert into quota_ledger (source, starts_at, ends_at, quota_limit, used)
      values ('greynoise', '2026-11-23T00:00:00Z', '2026-11-30T00:00:00Z', 25, 20)`,
    );
    await migrate(sql);
    const options = { sql, policies: { greynoise: { limit: 100, period: "day" } } } as const;
    const ledger = createSqlQuotaLedger(options);
    const { origin, since, used, firstUsedAt } = await ledger.read("greynoise", NOON);
    assertEquals([origin, since, used, firstUsedAt], ["provider", Date.UTC(2026, 10, 20, 8), 20, null]);
    assertEquals((await ledger.reserve("greynoise", 9, NOON)).granted, 5);
    const status = await ledger.read("greynoise", NOON);
    assertEquals([status.firstUsedAt, status.usedBefore], [NOON, 20], "what was before is no rate");
    assertEquals(await createSqlQuotaControl(options).listChanges("greynoise", 5), []);
  } finally {
    await sql.close();
  }
});
