import {
  type InventoryRow,
  type OutcomeStatus,
  parseAddress,
  type RemoteSource,
  type SourceAttempt,
  type SourceName,
} from "@ipcascade/core";
import { DocumentReader } from "./_document_reader.ts";
import { FieldReader } from "./_field_reader.ts";

/** What rows mostly differ in. None of what is read holds a tab: JSON escapes them. */
const MOSTLY: readonly string[] = [
  // As `host` writes it: the table holds no masks.
  "ip_address",
  "asn_source",
  "to_json(asn_org)",
  "to_json(geo_country)",
  "to_json(geo_city)",
  "asn_number",
  "city_build_epoch",
  "asn_build_epoch",
  "revision",
  "geo_latitude",
  "geo_longitude",
  milliseconds("enrichment_ts"),
  milliseconds("maxmind_attempted_at"),
  "maxmind_outcome",
  "cymru_outcome",
  "greynoise_outcome",
];

/** What most rows have nothing of; read together, beginning with a field that is never null. */
const REST: readonly string[] = [
  "is_scanner",
  "observation_count",
  milliseconds("scanner_ts"),
  milliseconds("first_seen_at"),
  milliseconds("last_seen_at"),
  "maxmind_failures",
  milliseconds("maxmind_retry_at"),
  ...remoteAttempt("cymru"),
  ...remoteAttempt("greynoise"),
];

const HAS_NO_REST = `not is_scanner and observation_count = 0 and scanner_ts is null
  and first_seen_at is null and last_seen_at is null
  and maxmind_failures = 0 and maxmind_retry_at is null
  and cymru_failures = 0 and cymru_attempted_at is null and cymru_retry_at is null
  and greynoise_failures = 0 and greynoise_attempted_at is null and greynoise_retry_at is null`;

function remoteAttempt(source: RemoteSource): readonly string[] {
  return [`${source}_failures`, milliseconds(`${source}_attempted_at`), milliseconds(`${source}_retry_at`)];
}

/** An instant as milliseconds since 1970. */
export function milliseconds(instant: string): string {
  return `date_part('epoch', ${instant}) * 1000`;
}

function format(expressions: readonly string[]): string {
  return `format(E'${expressions.map(() => "%s").join("\\t")}', ${expressions.join(", ")})`;
}

/**
 * All rows as one text for `readInventoryRows`: fields between tabs, null as an empty one. The embedded database spends
 * most of its time on handing over fields one by one, and a server does on writing them: what most rows have not is one
 * empty field. Of what a server spends on a row, half is the document (ADR 0049).
 */
export const INVENTORY_ROWS = `string_agg(${
  format([...MOSTLY, `case when not (${HAS_NO_REST}) then ${format(REST)} end`, "enrichment"])
}, chr(9))`;

/** Reads what `INVENTORY_ROWS` gave; null is no row. */
export function readInventoryRows(text: string | null): InventoryRow[] {
  const rows: InventoryRow[] = [];
  if (text === null) return rows;
  const fields = new FieldReader(text);
  const documents = new DocumentReader();
  while (!fields.isOver) rows.push(readInventoryRow(fields, documents));
  return rows;
}

// The fields are read in the order of MOSTLY.
function readInventoryRow(fields: FieldReader, documents: DocumentReader): InventoryRow {
  const ipAddress = readAddress(fields.next());
  return {
    ipAddress,
    asnSource: fields.nextWord<NonNullable<InventoryRow["asnSource"]>>(),
    asnOrg: fields.nextText(),
    geoCountry: fields.nextText(),
    geoCity: fields.nextText(),
    asnNumber: fields.nextNumber(),
    cityBuildEpoch: fields.nextNumber(),
    asnBuildEpoch: fields.nextNumber(),
    revision: fields.nextNumber() ?? 0,
    geoLatitude: fields.nextNumber(),
    geoLongitude: fields.nextNumber(),
    enrichmentAt: fields.nextInstant(),
    ...readRest(fields, readLatest(fields)),
    enrichment: documents.read(fields.next(), ipAddress),
  };
}

/** How the sources answered last. */
type Latest = Readonly<Record<SourceName, OutcomeStatus | null>> & { readonly maxmindAt: number | null };

function readLatest(fields: FieldReader): Latest {
  return {
    maxmindAt: fields.nextInstant(),
    maxmind: fields.nextWord(),
    cymru: fields.nextWord(),
    greynoise: fields.nextWord(),
  };
}

type Rest = Pick<
  InventoryRow,
  "isScanner" | "observationCount" | "scannerAt" | "firstSeenAt" | "lastSeenAt" | "attempts"
>;

function readRest(fields: FieldReader, latest: Latest): Rest {
  if (fields.skipNull()) return noRest(latest);
  return {
    isScanner: fields.next() === "t",
    observationCount: fields.nextNumber()!,
    scannerAt: fields.nextInstant(),
    firstSeenAt: fields.nextInstant(),
    lastSeenAt: fields.nextInstant(),
    attempts: {
      maxmind: {
        outcome: latest.maxmind,
        attemptedAt: latest.maxmindAt,
        failures: fields.nextNumber()!,
        retryAt: fields.nextInstant(),
      },
      cymru: readRemoteAttempt(fields, latest.cymru),
      greynoise: readRemoteAttempt(fields, latest.greynoise),
    },
  };
}

function noRest(latest: Latest): Rest {
  return {
    isScanner: false,
    observationCount: 0,
    scannerAt: null,
    firstSeenAt: null,
    lastSeenAt: null,
    attempts: {
      maxmind: { outcome: latest.maxmind, attemptedAt: latest.maxmindAt, failures: 0, retryAt: null },
      cymru: notAsked(latest.cymru),
      greynoise: notAsked(latest.greynoise),
    },
  };
}

function readRemoteAttempt(fields: FieldReader, outcome: OutcomeStatus | null): SourceAttempt {
  return {
    outcome,
    failures: fields.nextNumber()!,
    attemptedAt: fields.nextInstant(),
    retryAt: fields.nextInstant(),
  };
}

const NOT_ASKED = new Map<OutcomeStatus | null, SourceAttempt>();

/** A source that was left out: all rows share one for each outcome. */
function notAsked(outcome: OutcomeStatus | null): SourceAttempt {
  let attempt = NOT_ASKED.get(outcome);
  if (attempt === undefined) {
    attempt = Object.freeze({ outcome, attemptedAt: null, failures: 0, retryAt: null });
    NOT_ASKED.set(outcome, attempt);
  }
  return attempt;
}

/** The canonical text of what `host` printed: `::1.2.3.4` is PostgreSQL's, `::102:304` is ours. */
export function readAddress(text: string): string {
  if (!text.includes(".") || !text.includes(":")) return text;
  return parseAddress(text)?.text ?? text;
}
