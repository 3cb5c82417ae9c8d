import { type Clock, MS_PER_HOUR, MS_PER_SECOND } from "@ipcascade/core";
import { type Limiter, waitTurn } from "../limiter.ts";
import { readAsName, splitColumns } from "./origin.ts";
import type { ResolveTxt } from "./txt_reply.ts";

/** Finds the names of autonomous systems. */
export interface AsNames {
  /** Null when the AS has no name or nobody tells it in time; never throws. `timeoutMs` is what is left. */
  find(
    asn: number,
    options: { readonly signal?: AbortSignal; readonly timeoutMs: number },
  ): Promise<string | null>;
}

/** What finding names needs. */
export interface AsNamesDeps {
  /** Guarded, see `guardResolver`. */
  readonly resolveTxt: ResolveTxt;
  readonly clock: Clock;
  readonly limiter: Limiter;
}

/** Team Cymru's data is renewed every four hours: an hour adds little to its age. */
const MAX_AGE_MS = MS_PER_HOUR;
const MAX_ENTRIES = 1_000;
/** A name is an ornament: the answer doesn't wait longer for it. */
const MAX_WAIT_MS = 5 * MS_PER_SECOND;

/** Asks DNS for `AS<n>.asn.cymru.com` and remembers up to 1 000 answers for an hour; failures are not remembered. */
export function createAsNames(deps: AsNamesDeps): AsNames {
  const { resolveTxt, clock, limiter } = deps;
  const known = new Map<number, { readonly name: string | null; readonly foundAt: number }>();

  return {
    async find(asn, { signal, timeoutMs }) {
      const entry = known.get(asn);
      if (entry !== undefined && clock.elapsed() - entry.foundAt < MAX_AGE_MS) return entry.name;
      known.delete(asn);
      if (await waitTurn(limiter, signal) !== null) return null;
      const waitMs = Math.min(timeoutMs, MAX_WAIT_MS);
      const reply = await resolveTxt(`AS${asn}.asn.cymru.com`, { signal, timeoutMs: waitMs });
      if (reply.status === "failed") return null;
      const name = reply.status === "found" ? readName(reply.records, asn) : null;
      const [oldest] = known.keys();
      if (known.size >= MAX_ENTRIES && oldest !== undefined) known.delete(oldest);
      known.set(asn, { name, foundAt: clock.elapsed() });
      return name;
    },
  };
}

/** `23028 | US | arin | 2002-01-04 | TEAMCYMRU - SAUNET`. */
function readName(records: readonly string[], asn: number): string | null {
  const rows = records.map((record) => splitColumns(record, 5));
  const name = rows.find(([number]) => Number(number) === asn)?.[4];
  return name === undefined ? null : readAsName(name);
}
