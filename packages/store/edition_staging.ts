import {
  checkEditionFileName,
  type EditionFileWriter,
  type EditionSet,
  type EditionStaging,
  EditionStoreError,
  explainCommitRefusal,
  type Log,
  quoteInput,
} from "@ipcascade/core";
import { cleanJson } from "./_parameters.ts";
import { ChunkWriter, readChunks, reclaimChunks } from "./edition_chunks.ts";
import type { SqlClient } from "./sql_client.ts";

/** What a staging tells the store that it belongs to. */
export interface SqlStagingDeps {
  readonly sql: SqlClient;
  readonly log?: Log;
  readonly chunkBytes: number;
  /** Of the lease under which the set was begun. */
  readonly token: string;
  /** Runs work in a transaction that has the lease. */
  readonly inLease: <T>(work: (tx: SqlClient) => Promise<T>) => Promise<T>;
}

/** Takes the row of a set for its own. */
export function createSqlStaging(setId: string, deps: SqlStagingDeps): EditionStaging {
  return new SqlStaging(setId, deps);
}

/** A file of the set; `size` is null until it is closed. */
interface StagedFile {
  readonly id: string;
  size: number | null;
}

class SqlStaging implements EditionStaging {
  readonly id: string;
  readonly #deps: SqlStagingDeps;
  readonly #files = new Map<string, StagedFile>();
  #hasEnded = false;

  constructor(id: string, deps: SqlStagingDeps) {
    this.id = id;
    this.#deps = deps;
  }

  async openFile(file: string): Promise<EditionFileWriter> {
    this.#checkOpen();
    checkEditionFileName(file);
    this.#files.delete(file);
    const staged: StagedFile = { id: await this.#createEdition(file), size: null };
    this.#files.set(file, staged);
    return createWriter(file, staged, new ChunkWriter(this.#deps.sql, staged.id, this.#deps.chunkBytes));
  }

  async readFile(file: string): Promise<Uint8Array> {
    this.#checkOpen();
    checkEditionFileName(file);
    const { id, size } = this.#files.get(file) ?? { id: "", size: null };
    if (size !== null) return await readChunks(this.#deps.sql, { id, file, size });
    throw new EditionStoreError(`Cannot read ${quoteInput(file)}: it is not written to its end`);
  }

  async commit(set: EditionSet): Promise<void> {
    this.#checkOpen();
    const sizes = new Map(Array.from(this.#files, ([file, { size }]) => [file, size]));
    const refusal = explainCommitRefusal(set, { id: this.id, sizes });
    if (refusal !== null) throw new EditionStoreError(refusal);
    await this.#deps.inLease((tx) => this.#complete(tx, set));
    this.#hasEnded = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { sql, token, log } = this.#deps;
    try {
      await sql.query(
        "delete from edition_set where id = $1::text and lease_token = $2::text and not complete",
        [this.id, token],
      );
      await reclaimChunks(sql);
    } catch (error) {
      // The failure that led here is what counts; the next sweep finds the rest.
      log?.warn("An unfinished set can't be removed", { set: this.id, reason: String(error) });
    }
  }

  /** A new row each time: a writer of an earlier one has nothing left to write to. */
  #createEdition(file: string): Promise<string> {
    return this.#deps.sql.transaction(async (tx) => {
      await tx.query("delete from edition where set_id = $1::text and file = $2::text", [this.id, file]);
      const [row] = await tx.query<{ id: string }>(
        `insert into edition (set_id, file)
        select id, $2::text from edition_set where id = $1::text and lease_token = $3::text and not complete
        returning id::text`,
        [this.id, file, this.#deps.token],
      );
      if (row !== undefined) return row.id;
      throw new EditionStoreError(`Cannot write to the set ${quoteInput(this.id)}: somebody else removed it`);
    });
  }

  async #complete(tx: SqlClient, set: EditionSet): Promise<void> {
    for (const [file, { id }] of this.#files) {
      const sha256 = set.editions.find((edition) => edition.file === file)?.sha256;
      if (sha256 === undefined) await tx.query("delete from edition where id = $1::text::bigint", [id]);
      else await tx.query("update edition set sha256 = $2::text where id = $1::text::bigint", [id, sha256]);
    }
    const rows = await tx.query(
      `update edition_set s set manifest = $3::text::jsonb, complete = true
      where s.id = $1::text and s.lease_token = $2::text and $4::int = (
        select count(*) from edition e where e.set_id = s.id and e.size_bytes =
          (select coalesce(sum(octet_length(c.bytes)), 0) from edition_chunk c where c.edition_id = e.id)
      )
      returning s.id`,
      [this.id, this.#deps.token, cleanJson(set), set.editions.length],
    );
    if (rows.length > 0) return;
    throw new EditionStoreError(
      `Cannot complete the set ${quoteInput(this.id)}: what was written is not all there`,
    );
  }

  #checkOpen(): void {
    if (this.#hasEnded) throw new TypeError(`Cannot use the staging of set "${this.id}": it has ended`);
  }
}

function createWriter(file: string, staged: StagedFile, chunks: ChunkWriter): EditionFileWriter {
  let isOpen = true;
  return {
    write: async (bytes) => {
      if (!isOpen) throw new TypeError(`Cannot write "${file}": it is closed`);
      await chunks.write(bytes);
    },
    close: async () => {
      if (!isOpen) return;
      isOpen = false;
      await chunks.close();
      staged.size = chunks.size;
    },
  };
}
