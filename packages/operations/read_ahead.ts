import type { Clock, IpAddress, Scope } from "@ipcascade/core";
import type { Entry } from "./inputs.ts";
import type { KnownRows } from "./known_rows.ts";

/** The distinct global addresses of a batch. */
export type BatchAddresses = ReadonlyMap<string, { readonly address: IpAddress; readonly scope: Scope }>;

/** What the inventory knows, and when that was at hand, as a reading of `Clock.elapsed`. */
export interface ReadRows {
  readonly known: KnownRows;
  readonly readAtMs: number;
}

/** A batch whose rows are being read. */
export interface ReadBatch {
  readonly entries: readonly Entry[];
  readonly addresses: BatchAddresses;
  readonly reading: Promise<ReadRows>;
}

/** What reading ahead needs. */
export interface ReadAheadDeps {
  readonly clock: Clock;
  /** Reads the rows of a batch. */
  readonly read: (addresses: BatchAddresses) => Promise<KnownRows>;
  /** Drops the batch that nobody waits for yet. */
  readonly stop: AbortSignal;
}

/** Reads the rows of the next batch while the consumer works on the one before; never holds a batch back. */
export async function* readAhead(
  batches: AsyncGenerator<readonly Entry[]>,
  deps: ReadAheadDeps,
): AsyncGenerator<ReadBatch> {
  let isOver = false;
  let underWay: Promise<unknown> = Promise.resolve();
  const pull = async (): Promise<ReadBatch | null> => {
    const batch = await batches.next();
    if (batch.done === true || isOver) return null;
    const addresses = distinctAddresses(batch.value);
    const reading = readRows(addresses, deps);
    underWay = reading.catch(() => {});
    return { entries: batch.value, addresses, reading };
  };
  let next = pull();
  try {
    for (let batch = await next; batch !== null; batch = await next) {
      next = pull();
      next.catch(() => {});
      yield batch;
      if (deps.stop.aborted) return;
    }
  } finally {
    isOver = true;
    // A silent input is not waited for.
    void batches.return(undefined).catch(() => {});
    // Whoever leaves early closes the database next.
    await underWay;
  }
}

async function readRows(addresses: BatchAddresses, { clock, read }: ReadAheadDeps): Promise<ReadRows> {
  const known = await read(addresses);
  return { known, readAtMs: clock.elapsed() };
}

function distinctAddresses(entries: readonly Entry[]): BatchAddresses {
  const distinct = new Map<string, { address: IpAddress; scope: Scope }>();
  for (const entry of entries) {
    if ("error" in entry || entry.scope !== "global") continue;
    distinct.set(entry.address.text, entry);
  }
  return distinct;
}
