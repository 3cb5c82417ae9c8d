import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { readdir } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import process from "node:process";
import postgres from "postgres";
import { openPostgresServer } from "./postgres_server.ts";

Deno.test({
  name: "openPostgresServer() gives fresh databases, and leaves nothing when disposed",
  async fn() {
    let port = 0;
    {
      await using server = await openPostgresServer();
      port = server.port;
      process.kill(server.pid, 0);
      const [first, second] = [await server.createDatabase(), await server.createDatabase()];
      assertNotEquals(first, second);
      const sql = postgres(first, { max: 1 });
      await sql`create table only_here (id int)`;
      const [row] = await sql`select current_setting('max_connections')::int as connections, version()`;
      assert(row?.connections >= 100);
      assertMatch(row?.version, /^PostgreSQL 18/);
      await sql.end();
      const other = postgres(second, { max: 1 });
      const tables = await other`select 1 from pg_tables where tablename = 'only_here'`;
      assertEquals(tables.length, 0);
      await other.end();
    }
    await assertRejects(() => reach(port));
    const left = (await readdir(tmpdir())).filter((name) =>
      name.startsWith(`ipcascade-postgres-${process.pid}-`)
    );
    assertEquals(left, []);
  },
});

function reach(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve();
    });
    socket.on("error", reject);
  });
}
