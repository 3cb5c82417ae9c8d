import { openMemoryPglite } from "./testing/databases.ts";
import { runSqlSuite } from "./testing/sql_suite.ts";

Deno.test("the SQL stores keep their promises on PGlite", async (t) => {
  const sql = await openMemoryPglite();
  try {
    await runSqlSuite(t, sql);
  } finally {
    await sql.close();
  }
});
