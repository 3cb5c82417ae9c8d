import { z } from "@hono/zod-openapi";
import { quoteInput, SOURCE_NAMES, type SourceName, UsageError } from "@ipcascade/core";

const SWITCHES: Readonly<Record<string, boolean>> = { "1": true, true: true, "0": false, false: false };

/** What may be said about how addresses are asked about. Values are read by `readQuery`, which quotes wrong ones. */
export const QuerySchema = z.object({
  refresh: z.string().optional().openapi({
    description: "1 or true: asks again although the answer is fresh",
    example: "0",
  }),
  offline: z.string().optional().openapi({
    description: "1 or true: asks the installed editions alone; nothing is stored",
    example: "0",
  }),
  sources: z.string().optional().openapi({
    description: `Only these, a comma list of ${SOURCE_NAMES.join(", ")}`,
    example: "maxmind,cymru",
  }),
});

/** How addresses are asked about. */
export interface AddressQuery {
  readonly isRefresh: boolean;
  readonly isOffline: boolean;
  /** Absent: all. */
  readonly sources?: readonly SourceName[];
}

/** Reads the query. Throws `UsageError` for wrong values. */
export function readQuery(query: Readonly<Record<string, string | undefined>>): AddressQuery {
  const isRefresh = readSwitch("refresh", query.refresh);
  const isOffline = readSwitch("offline", query.offline);
  const sources = readSources(query.sources);
  if (isOffline && isRefresh) throw new UsageError("Cannot use offline with refresh: give one of them");
  if (isOffline && sources !== undefined) {
    throw new UsageError("Cannot use offline with sources: give one of them");
  }
  return { isRefresh, isOffline, sources };
}

function readSwitch(name: string, text: string | undefined): boolean {
  if (text === undefined) return false;
  const value = Object.hasOwn(SWITCHES, text) ? SWITCHES[text] : undefined;
  if (value !== undefined) return value;
  throw new UsageError(`Cannot read ${name} ${quoteInput(text)}: allowed are 1, true, 0 and false`);
}

function readSources(text: string | undefined): readonly SourceName[] | undefined {
  return text?.split(",").map((part) => {
    const source = SOURCE_NAMES.find((one) => one === part.trim());
    if (source !== undefined) return source;
    const allowed = `allowed is a comma list of ${SOURCE_NAMES.join(", ")}`;
    throw new UsageError(`Cannot read sources ${quoteInput(text)}: ${allowed}`);
  });
}
