import {
  type AttemptState,
  type InventoryRow,
  type OutcomeStatus,
  type RowState,
  SOURCE_NAMES,
  type StateGroup,
} from "@ipcascade/core";
import { FieldReader } from "./_field_reader.ts";
import { milliseconds, readAddress } from "./_inventory_row.ts";

const INSTANTS = [
  "enrichment_ts",
  "scanner_ts",
  ...SOURCE_NAMES.flatMap((source) => [`${source}_attempted_at`, `${source}_retry_at`]),
];
const WORDS = ["asn_source", ...SOURCE_NAMES.map((source) => `${source}_outcome`)];
const BUILDS = ["city_build_epoch", "asn_build_epoch"];

const STATE = [...WORDS, ...BUILDS, ...INSTANTS].join(", ");
const FIELDS = [...WORDS, ...BUILDS, ...INSTANTS.map(milliseconds), "addresses"];

/**
 * The states of the rows with a condition, as one text for `readStateGroups`. Rows of one state come as one: a server
 * then writes little more than the addresses, which takes it less than finding the rows.
 */
export function selectStateGroups(condition: string): string {
  return `select string_agg(format(E'${FIELDS.map(() => "%s").join("\\t")}', ${
    FIELDS.join(", ")
  }), chr(9)) as states
    from (
      select ${STATE}, string_agg(host(ip_address), ',') as addresses
      from ip_inventory where ${condition} group by ${STATE}
    ) as state`;
}

/** Reads what `selectStateGroups` gave; null is no row. */
export function readStateGroups(text: string | null): StateGroup[] {
  const groups: StateGroup[] = [];
  if (text === null) return groups;
  const fields = new FieldReader(text);
  while (!fields.isOver) groups.push({ state: readState(fields), addresses: readAddresses(fields.next()) });
  return groups;
}

// The fields are read in the order of FIELDS.
function readState(fields: FieldReader): RowState {
  const asnSource = fields.nextWord<NonNullable<InventoryRow["asnSource"]>>();
  const [maxmind, cymru, greynoise] = SOURCE_NAMES.map(() => fields.nextWord<OutcomeStatus>());
  return {
    asnSource,
    cityBuildEpoch: fields.nextNumber(),
    asnBuildEpoch: fields.nextNumber(),
    enrichmentAt: fields.nextInstant(),
    scannerAt: fields.nextInstant(),
    attempts: {
      maxmind: readAttempt(fields, maxmind!),
      cymru: readAttempt(fields, cymru!),
      greynoise: readAttempt(fields, greynoise!),
    },
  };
}

function readAttempt(fields: FieldReader, outcome: OutcomeStatus | null): AttemptState {
  return { outcome, attemptedAt: fields.nextInstant(), retryAt: fields.nextInstant() };
}

function readAddresses(text: string): readonly string[] {
  const addresses = text.split(",");
  // Only an IPv6 address may be spelled in another way.
  return text.includes(":") ? addresses.map(readAddress) : addresses;
}
