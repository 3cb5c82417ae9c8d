import {
  explainInvalidAddress,
  type IpRecord,
  isFailedRecord,
  MS_PER_SECOND,
  parseAddress,
  parseTarget,
  quoteInput,
  StoreError,
} from "@ipcascade/core";
import type { EnrichRun, InputItem, Operations } from "@ipcascade/operations";
import { describeTrouble } from "./reading.ts";

/** What a page says about an address. */
export type FoundRecord =
  | { readonly kind: "found"; readonly record: IpRecord; readonly isOffline: boolean }
  | { readonly kind: "refused" | "failed"; readonly message: string };

/** How long a page waits for the sources. */
const PATIENCE_MS = 10 * MS_PER_SECOND;

/**
 * Asks about one address as the API does, and the installed editions alone while the database is away. Never throws:
 * a page shows why there is no answer.
 */
export async function findRecord(
  text: string,
  { operations, signal }: { readonly operations: Operations; readonly signal: AbortSignal },
): Promise<FoundRecord> {
  if (parseAddress(text) === null) return { kind: "refused", message: explainRefusal(text) };
  const abort = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  try {
    const record = await firstRecord(operations.enrich(only(text), { abort, stop: abort }));
    if (record !== null) return { kind: "found", record, isOffline: false };
    return { kind: "failed", message: "The sources took too long" };
  } catch (error) {
    if (error instanceof StoreError) return await findOffline(text, operations);
    if (abort.aborted) return { kind: "failed", message: "The sources took too long" };
    return { kind: "failed", message: `The look-up failed: ${describeTrouble(error, operations.log)}` };
  }
}

/** Where one address is looked up, blocks and ranges are not told to be allowed. */
function explainRefusal(text: string): string {
  if (parseTarget(text)?.kind === "span") {
    return `${quoteInput(text)} is a block or range, and one address is looked up here: ` +
      "POST /v1/ips and ipcascade enrich take those";
  }
  const { message } = explainInvalidAddress(text);
  // What is wrong with an address is told as it is; what the text could be instead is one address.
  return /\b(block|range)s?\b/.test(message.slice(message.lastIndexOf(": ")))
    ? `Cannot read ${
      quoteInput(text)
    } as an IP address: allowed are IPv4 and IPv6, such as 192.0.2.1 and 2001:db8::1`
    : message;
}

async function findOffline(text: string, operations: Operations): Promise<FoundRecord> {
  try {
    const record = await firstRecord(operations.lookUp(only(text)));
    if (record !== null) return { kind: "found", record, isOffline: true };
    return { kind: "failed", message: "The database can't be used now" };
  } catch (error) {
    return { kind: "failed", message: `The look-up failed: ${describeTrouble(error, operations.log)}` };
  }
}

async function* only(text: string): AsyncGenerator<readonly InputItem[]> {
  yield [{ text, origin: null }];
}

async function firstRecord({ records }: EnrichRun): Promise<IpRecord | null> {
  for await (const [record] of records) if (record !== undefined && !isFailedRecord(record)) return record;
  return null;
}
