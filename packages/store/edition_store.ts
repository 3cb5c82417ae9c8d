import {
  checkEditionFileName,
  checkEditionSetId,
  type Clock,
  type EditionLock,
  type EditionSet,
  type EditionStaging,
  type EditionState,
  type EditionStore,
  EditionStoreError,
  EMPTY_EDITION_STATE,
  isForeignSet,
  type Log,
  type PlainEdition,
  quoteInput,
  readEditionSet,
  readEditionState,
  sortEditionSets,
} from "@ipcascade/core";
import { cleanJson } from "./_parameters.ts";
import { findEdition, readChunks, reclaimChunks } from "./edition_chunks.ts";
import { type EditionLease, openEditionLease } from "./edition_lease.ts";
import { createSqlStaging } from "./edition_staging.ts";
import type { SqlClient } from "./sql_client.ts";

/** How editions are kept in a database. */
export interface SqlEditionStoreOptions {
  readonly sql: SqlClient;
  /** Who this is, for those that find the lock taken, such as `process 12 on "sensor"`. */
  readonly owner: string;
  readonly clock: Clock;
  readonly log?: Log;
  /** How long a killed updater keeps others waiting; default 30 seconds. */
  readonly leaseMs?: number;
  /** Bytes that travel at a time; default 1 MiB. */
  readonly chunkBytes?: number;
}

const DEFAULT_LEASE_MS = 30_000;
const DEFAULT_CHUNK_BYTES = 1_048_576;

/** Keeps sets of editions in a database, for machines without a lasting disk. */
export function createSqlEditionStore(options: SqlEditionStoreOptions): EditionStore {
  return new SqlEditionStore(options);
}

class SqlEditionStore implements EditionStore {
  readonly place = "the database";
  readonly #options: SqlEditionStoreOptions;
  readonly #sql: SqlClient;
  #lease: EditionLease | null = null;

  constructor(options: SqlEditionStoreOptions) {
    this.#options = options;
    this.#sql = options.sql;
  }

  async lock(action: string): Promise<EditionLock> {
    const { sql, clock, owner, leaseMs = DEFAULT_LEASE_MS } = this.#options;
    const lease = await openEditionLease({ sql, clock, owner, leaseMs }, action);
    this.#lease = lease;
    return {
      lost: lease.lost,
      [Symbol.asyncDispose]: async () => {
        if (this.#lease === lease) this.#lease = null;
        await lease[Symbol.asyncDispose]();
      },
    };
  }

  async readState(): Promise<EditionState> {
    const [row] = await this.#sql.query<{ state: unknown }>("select state from edition_state");
    return readEditionState(row?.state) ?? EMPTY_EDITION_STATE;
  }

  async writeState(state: EditionState): Promise<void> {
    // Who lost the lock must not overwrite what its successor wrote.
    if (this.#lease !== null) await this.#inLease((tx) => saveState(tx, state));
    else await saveState(this.#sql, state);
  }

  async listSets(): Promise<readonly EditionSet[]> {
    const rows = await listRows(this.#sql);
    return sortEditionSets(rows.map(readSetRow).filter((set) => set !== null));
  }

  async readCurrentId(): Promise<string | null> {
    const [row] = await this.#sql.query<SetRow>(
      `select s.id, s.complete, s.lease_token, s.manifest
      from edition_current c join edition_set s on s.id = c.set_id`,
    );
    return row === undefined ? null : readSetRow(row)?.id ?? null;
  }

  async readEdition(setId: string, file: string): Promise<Uint8Array> {
    checkEditionSetId(setId);
    checkEditionFileName(file);
    const edition = await findEdition(this.#sql, setId, file);
    if (edition !== null) return await readChunks(this.#sql, edition);
    throw new EditionStoreError(
      `Cannot read ${quoteInput(file)} of the set ${quoteInput(setId)}: there is no such database`,
    );
  }

  async stage(setId: string): Promise<EditionStaging> {
    const { token } = this.#needLease();
    checkEditionSetId(setId);
    const inLease = <T>(work: (tx: SqlClient) => Promise<T>) => this.#inLease(work);
    await inLease((tx) => beginSet(tx, setId, token));
    const { sql, log, chunkBytes = DEFAULT_CHUNK_BYTES } = this.#options;
    return createSqlStaging(setId, { sql, log, chunkBytes, token, inLease });
  }

  async switchTo(setId: string): Promise<void> {
    this.#needLease();
    checkEditionSetId(setId);
    await this.#inLease(async (tx) => {
      if (await findSet(tx, setId) === null) {
        throw new EditionStoreError(`Cannot switch to the set ${quoteInput(setId)}: there is no such set`);
      }
      await tx.query(
        `insert into edition_current (set_id) values ($1::text)
        on conflict (only_one) do update set set_id = excluded.set_id, switched_at = now()`,
        [setId],
      );
    });
  }

  async removeSet(setId: string): Promise<void> {
    this.#needLease();
    checkEditionSetId(setId);
    await this.#inLease(async (tx) => {
      const serving = await tx.query("select 1 as one from edition_current where set_id = $1::text", [setId]);
      if (serving.length > 0) {
        throw new EditionStoreError(`Cannot remove the set ${quoteInput(setId)}: it serves`);
      }
      await tx.query("delete from edition_set where id = $1::text", [setId]);
    });
    await reclaimChunks(this.#sql);
  }

  async sweep(): Promise<number> {
    const { token } = this.#needLease();
    const count = await this.#inLease(async (tx) => {
      const rows = await listRows(tx);
      const [serving] = await tx.query<{ id: string }>("select set_id as id from edition_current");
      const leftovers = rows.filter((row) => row.id !== serving?.id && isLeftover(row, token));
      for (const { id } of leftovers) await destroySet(tx, id);
      return leftovers.length;
    });
    if (count > 0) await reclaimChunks(this.#sql);
    return count;
  }

  listPlain(): Promise<readonly PlainEdition[]> {
    return Promise.resolve([]);
  }

  /** Runs work in a transaction that fails when somebody else took the lock over. */
  #inLease<T>(work: (tx: SqlClient) => Promise<T>): Promise<T> {
    const lease = this.#needLease();
    return this.#sql.transaction(async (tx) => {
      await lease.checkHeld(tx);
      return await work(tx);
    });
  }

  #needLease(): EditionLease {
    if (this.#lease !== null) return this.#lease;
    throw new TypeError("Cannot change the editions in the database: their lock is not held");
  }
}

interface SetRow {
  readonly id: string;
  readonly complete: boolean;
  readonly lease_token: string;
  readonly manifest: unknown;
}

function listRows(sql: SqlClient): Promise<SetRow[]> {
  return sql.query("select id, complete, lease_token, manifest from edition_set");
}

async function findSet(sql: SqlClient, setId: string): Promise<EditionSet | null> {
  const [row] = await sql.query<SetRow>(
    "select id, complete, lease_token, manifest from edition_set where id = $1::text",
    [setId],
  );
  return row === undefined ? null : readSetRow(row);
}

/** A complete set; null when it is not complete, or its manifest is damaged. */
function readSetRow({ id, complete, manifest }: SetRow): EditionSet | null {
  const set = complete ? readEditionSet(manifest) : null;
  return set?.id === id ? set : null;
}

/** A set that is not complete, or damaged; one of another format was written by another program and is left alone. */
function isLeftover(row: SetRow, token: string): boolean {
  if (!row.complete) return row.lease_token !== token;
  return readSetRow(row) === null && !isForeignSet(row.manifest);
}

async function saveState(sql: SqlClient, state: EditionState): Promise<void> {
  await sql.query(
    `insert into edition_state (state) values ($1::text::jsonb)
    on conflict (only_one) do update set state = excluded.state, updated_at = now()`,
    [cleanJson(state)],
  );
}

async function beginSet(tx: SqlClient, setId: string, token: string): Promise<void> {
  if (await findSet(tx, setId) !== null) {
    throw new EditionStoreError(`Cannot begin the set ${quoteInput(setId)}: there is such a set already`);
  }
  await destroySet(tx, setId);
  await tx.query("insert into edition_set (id, lease_token) values ($1::text, $2::text)", [setId, token]);
}

/** Removes a set and, should it be named as the one that serves, that too: it is none any more. */
async function destroySet(tx: SqlClient, setId: string): Promise<void> {
  await tx.query("delete from edition_current where set_id = $1::text", [setId]);
  await tx.query("delete from edition_set where id = $1::text", [setId]);
}
