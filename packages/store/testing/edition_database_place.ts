import type { EditionPlace } from "../../testkit/edition_place.ts";
import { FakeClock } from "../../testkit/fake_clock.ts";
import { createSqlEditionStore } from "../edition_store.ts";
import type { SqlClient } from "../sql_client.ts";

const OWNER = 'process 7 on "sensor"';

/** The editions of a database for the contract. */
export function createDatabasePlace(sql: SqlClient): EditionPlace {
  return {
    open: () => createSqlEditionStore({ sql, owner: OWNER, clock: new FakeClock() }),
    owner: `${OWNER} holds their lock`,
    damageManifest: async (setId) => {
      await sql.query(`update edition_set set manifest = '{"format": 1}' where id = $1::text`, [setId]);
    },
    damageState: async () => {
      await sql.query(`update edition_state set state = '{"format": 1}'`);
    },
    abandonStaging: async (setId) => {
      await sql.query("insert into edition_set (id, lease_token) values ($1::text, 'gone')", [setId]);
      await sql.query("insert into edition (set_id, file) values ($1::text, 'GeoLite2-City.mmdb')", [setId]);
      await sql.query("insert into edition_chunk select id, 0, 'cut' from edition where set_id = $1::text", [
        setId,
      ]);
    },
    listLeftovers: async () => {
      const rows = await sql.query<{ name: string }>(
        `select id as name from edition_set where not complete
        union all select 'chunk of ' || edition_id from edition_chunk c
          where not exists (select from edition e where e.id = c.edition_id and e.size_bytes is not null)`,
      );
      return rows.map(({ name }) => name);
    },
  };
}
