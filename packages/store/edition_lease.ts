import {
  type Clock,
  type EditionLock,
  EditionStoreError,
  formatInstant,
  LockHeldError,
} from "@ipcascade/core";
import { cleanText } from "./_parameters.ts";
import type { SqlClient } from "./sql_client.ts";

/** What a lease is taken with. */
export interface EditionLeaseDeps {
  readonly sql: SqlClient;
  readonly clock: Clock;
  /** Who takes it, for people. */
  readonly owner: string;
  /** How long a holder that is gone keeps others waiting. */
  readonly leaseMs: number;
}

/** A lock that is a row of the database and has to be renewed: it needs no session, and survives no holder for long. */
export interface EditionLease extends EditionLock {
  /** Names this holding among all. */
  readonly token: string;
  /**
   * Throws `EditionStoreError` unless the lease is still this one's, and keeps others from taking it over until the
   * transaction ends.
   */
  checkHeld(tx: SqlClient): Promise<void>;
}

/** Renewals within the life of a lease: two may fail. */
const RENEWALS = 3;
const MAX_TRIES = 3;
const MAX_RELEASE_MS = 5_000;

/** Takes the lease, from a holder whose time is over too. Throws `LockHeldError` naming the owner. */
export async function openEditionLease(deps: EditionLeaseDeps, action: string): Promise<EditionLease> {
  const token = await createToken(deps.sql);
  for (let tries = 1;; tries++) {
    const askedAt = deps.clock.elapsed();
    if (await acquire(deps, token)) return new RenewedLease(deps, token, askedAt);
    const holder = await findHolder(deps.sql);
    if (holder !== null || tries === MAX_TRIES) throw heldBy(holder, action);
  }
}

/** Made by the database, and before the lease is asked for: asking again when an answer got lost changes nothing. */
async function createToken(sql: SqlClient): Promise<string> {
  const [row] = await sql.query<{ token: string }>("select gen_random_uuid()::text as token");
  return row!.token;
}

// The database's clock alone counts: those of machines differ.
const EXPIRY = "clock_timestamp() + $3::float8 * interval '1 millisecond'";

async function acquire({ sql, owner, leaseMs }: EditionLeaseDeps, token: string): Promise<boolean> {
  const rows = await sql.query(
    `insert into edition_lease as l (owner, token, acquired_at, expires_at)
    values ($1::text, $2::text, clock_timestamp(), ${EXPIRY})
    on conflict (only_one) do update set
      owner = excluded.owner, token = excluded.token,
      acquired_at = excluded.acquired_at, expires_at = excluded.expires_at
    where l.expires_at <= clock_timestamp() or l.token = excluded.token
    returning l.token`,
    [cleanText(owner), token, leaseMs],
  );
  return rows.length > 0;
}

interface Holder {
  readonly owner: string;
  readonly expires_ms: number;
}

async function findHolder(sql: SqlClient): Promise<Holder | null> {
  const [row] = await sql.query<Holder>(
    "select owner, date_part('epoch', expires_at) * 1000 as expires_ms from edition_lease",
  );
  return row ?? null;
}

function heldBy(holder: Holder | null, action: string): LockHeldError {
  if (holder === null) return new LockHeldError(`Cannot ${action}: others hold their lock`);
  const until = formatInstant(Math.round(holder.expires_ms));
  return new LockHeldError(`Cannot ${action}: ${holder.owner} holds their lock, at least until ${until}`);
}

class RenewedLease implements EditionLease {
  readonly token: string;
  readonly #deps: EditionLeaseDeps;
  readonly #lost = new AbortController();
  readonly #end = new AbortController();
  /** Elapsed time until which nobody else can have taken the lease. */
  #heldUntil: number;

  constructor(deps: EditionLeaseDeps, token: string, askedAt: number) {
    this.#deps = deps;
    this.token = token;
    this.#heldUntil = askedAt + deps.leaseMs;
    void this.#keep();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async checkHeld(tx: SqlClient): Promise<void> {
    const rows = await tx.query("select 1 as one from edition_lease where token = $1::text for share", [
      this.token,
    ]);
    if (rows.length > 0) return;
    this.#lose();
    throw new EditionStoreError("Cannot change the editions: their lock was lost to somebody else");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#end.signal.aborted) return;
    this.#end.abort();
    // Where the database is gone the lease ends by itself.
    await this.#inTime(() => this.#release(), MAX_RELEASE_MS);
  }

  /** Renews the lease until it is given back or lost. Never rejects. */
  async #keep(): Promise<void> {
    const { clock, leaseMs } = this.#deps;
    while (await this.#sleep(Math.min(leaseMs / RENEWALS, this.#heldUntil - clock.elapsed()))) {
      const askedAt = clock.elapsed();
      const isRenewed = await this.#inTime(() => this.#renew(), this.#heldUntil - askedAt);
      if (this.#end.signal.aborted) return;
      if (isRenewed === true) this.#heldUntil = askedAt + leaseMs;
      if (isRenewed === false || clock.elapsed() >= this.#heldUntil) return this.#lose();
    }
  }

  /** What the work gives; null when it fails or takes too long: a database that hangs is as good as one that is gone. */
  async #inTime<T>(work: () => Promise<T>, ms: number): Promise<T | null> {
    const done = new AbortController();
    const late = this.#deps.clock.sleep(ms, done.signal).then(() => null, () => null);
    const outcome = await Promise.race([work().catch(() => null), late]);
    done.abort();
    return outcome;
  }

  async #release(): Promise<void> {
    await this.#deps.sql.query("delete from edition_lease where token = $1::text", [this.token]);
  }

  /** False when somebody else has the lease. */
  async #renew(): Promise<boolean> {
    const { sql, leaseMs } = this.#deps;
    const rows = await sql.query(
      `update edition_lease set expires_at = clock_timestamp() + $2::float8 * interval '1 millisecond'
      where token = $1::text returning token`,
      [this.token, leaseMs],
    );
    return rows.length > 0;
  }

  #lose(): void {
    if (!this.#end.signal.aborted) {
      this.#lost.abort(new EditionStoreError("The lock of the editions was lost"));
    }
  }

  /** False when the lease was given back meanwhile. */
  async #sleep(ms: number): Promise<boolean> {
    try {
      await this.#deps.clock.sleep(Math.max(0, ms), this.#end.signal);
    } catch {
      // Only the signal ends a sleep.
    }
    return !this.#end.signal.aborted;
  }
}
