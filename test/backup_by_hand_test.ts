import { assertEquals, assertStringIncludes } from "@std/assert";
import { execFileSync, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { openPostgresServer } from "@ipcascade/testkit";
import { connectServer } from "../packages/store/testing/databases.ts";
import { addressesIn, backupDir, makeBackup } from "./backup_world.ts";
import { openCliWorld } from "./run_cli.ts";

/** The shell of the page's section, as one script. */
async function readRecipe(): Promise<string> {
  const page = await readFile(new URL("../docs/backup.md", import.meta.url), "utf8");
  const section = page.split(/^## /m).find((part) => part.startsWith("By hand\n"))!;
  return [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, text]) => text).join("\n");
}

function hasPrograms(): boolean {
  const found = ["psql", "jq", "sha256sum", "zcat", "bash"].map((name) => spawnSync(name, ["--version"]));
  return found.every(({ error }) => error === undefined);
}

Deno.test({
  name: "docs/backup.md: a table is compared and brought back by hand, as the page says",
  ignore: !hasPrograms(),
  fn: async () => {
    await using server = await openPostgresServer();
    await using world = await openCliWorld();
    const DATABASE_URL = await server.createDatabase();
    const { code, stderr } = await world.run(["enrich", "1.1.1.1", "8.8.8.8", "--quiet"], {
      env: { DATABASE_URL },
    });
    assertEquals(code, 0, stderr);
    const { backup } = await makeBackup(world, ["--no-editions"], { DATABASE_URL });
    const sql = connectServer(DATABASE_URL, 1);
    try {
      const read = () => sql.query("select * from ip_inventory order by ip_address");
      const before = await read();
      await sql.query("delete from ip_inventory where ip_address = '1.1.1.1'");
      await sql.query("insert into ip_inventory (ip_address) values ('9.9.9.9')");
      const history = await sql.query("select * from ip_asn_history order by id");
      const recipe = (await readRecipe()).replaceAll("20261126-010000-1a2b3c4d", backup.id);
      const out = execFileSync("bash", ["-euo", "pipefail", "-c", recipe], {
        env: { PATH: Deno.env.get("PATH"), DATABASE_URL, BACKUP_DIR: backupDir(world) },
        encoding: "utf8",
      });
      assertStringIncludes(out, "ip_inventory.copy.gz: OK");
      // The one that is gone is the only difference.
      assertStringIncludes(out, "(1 row)");
      assertEquals(await addressesIn(sql), ["1.1.1.1", "8.8.8.8"]);
      assertEquals(await read(), before);
      assertEquals(await sql.query("select * from ip_asn_history order by id"), history);
    } finally {
      await sql.close();
    }
  },
});
