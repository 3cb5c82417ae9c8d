import {
  type ActivityFilter,
  classifyScope,
  type EnrichSummary,
  type IpAddress,
  parseAddress,
  type PendingSession,
  type Scope,
  type SessionStore,
  SOURCE_NAMES,
  type SourceName,
} from "@ipcascade/core";
import { type CascadeProgress, CascadeRun } from "./cascade_run.ts";
import type { EnrichDeps } from "./deps.ts";
import { RunTally } from "./tally.ts";
import { countInput } from "./work.ts";

/** Sessions read and enriched together. */
const PAGE_SIZE = 5_000;

/** What `enrichSessions` did. */
export interface SessionsReport {
  /** Sessions that had no snapshot. */
  readonly pending: number;
  /** Snapshots written. */
  readonly snapshots: number;
  /** Sessions whose address has no definite answer yet; the next run takes them again. */
  readonly waiting: number;
  /** Ids that were asked for and that no import brought. */
  readonly unknown: readonly string[];
  readonly enrichment: EnrichSummary;
}

/** Which sessions to take and what may be asked. */
export interface EnrichSessionsOptions {
  /** Null takes all sessions without snapshot. */
  readonly ids: readonly string[] | null;
  readonly sources?: readonly SourceName[];
  readonly activity?: ActivityFilter | null;
  readonly stop?: AbortSignal;
  readonly abort?: AbortSignal;
  readonly onProgress?: (progress: CascadeProgress) => void;
  /** Told after each page how many sessions are done. */
  readonly onPage?: (done: number) => void;
}

/**
 * Enriches the source addresses of sessions and writes, once, the snapshot of ASN and country into each session. A
 * snapshot never changes afterwards. Throws `StoreError` when the database fails.
 */
export async function enrichSessions(
  deps: EnrichDeps & { readonly sessions: SessionStore },
  options: EnrichSessionsOptions,
): Promise<SessionsReport> {
  const { ids, stop, abort, onProgress } = options;
  const tally = new RunTally(deps.clock.elapsed());
  const selected = new Set(options.sources ?? SOURCE_NAMES);
  const activity = options.activity ?? null;
  await using cascade = new CascadeRun(
    deps,
    { selected, refresh: false, activity, skipIdle: true, stop, abort, onProgress },
    tally,
  );
  const unknown = ids === null ? [] : await deps.sessions.listUnknown(ids);
  let pending = 0;
  let snapshots = 0;
  let afterId: string | null = null;
  while (stop?.aborted !== true) {
    const page: readonly PendingSession[] = await deps.sessions.listPending({
      ids,
      afterId,
      limit: PAGE_SIZE,
    });
    if (page.length === 0) break;
    const addresses = globalAddresses(page);
    const known = await cascade.read(addresses);
    const works = await cascade.ask(addresses, known);
    await cascade.save(works);
    tally.inputs += addresses.size;
    tally.fresh += known.idle.size;
    for (const work of works) countInput(work, tally);
    const pageIds = page.map((session) => session.sessionId);
    snapshots += await deps.sessions.saveSnapshots(pageIds, deps.clock.now());
    pending += page.length;
    afterId = pageIds[pageIds.length - 1]!;
    options.onPage?.(pending);
  }
  tally.stopped = stop?.aborted === true;
  const enrichment = tally.summarise(deps.clock.elapsed());
  return { pending, snapshots, waiting: pending - snapshots, unknown, enrichment };
}

function globalAddresses(
  page: readonly PendingSession[],
): Map<string, { address: IpAddress; scope: Scope }> {
  const addresses = new Map<string, { address: IpAddress; scope: Scope }>();
  for (const { sourceIp } of page) {
    const address = sourceIp === null ? null : parseAddress(sourceIp);
    if (address === null) continue;
    const scope = classifyScope(address);
    if (scope === "global") addresses.set(address.text, { address, scope });
  }
  return addresses;
}
