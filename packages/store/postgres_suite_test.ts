import { openPostgresServer } from "../testkit/postgres_server.ts";
import { connectServer } from "./testing/databases.ts";
import { runSqlSuite } from "./testing/sql_suite.ts";

Deno.test("the SQL stores keep their promises on a PostgreSQL server", async (t) => {
  await using server = await openPostgresServer();
  const sql = connectServer(await server.createDatabase());
  try {
    await runSqlSuite(t, sql);
  } finally {
    await sql.close();
  }
});
