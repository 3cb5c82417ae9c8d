import {
  countryCode,
  emptyRow,
  type MaxmindAnswer,
  mergeOutcomes,
  NO_ORIGIN,
  NO_PLACE,
  type OriginFacts,
  type OutputRecord,
  type PlaceFacts,
  recordFromRow,
} from "@ipcascade/core";
import type { BatchFacts, RecordForm, TextPair } from "@ipcascade/operations";
import { quoteText } from "./quote_text.ts";

/** Stands for an address whose record is cut into parts. */
const ADDRESS = "?";

/** The record of an address that was looked up with this answer; a miss without one. */
export function sampleRecord(batch: BatchFacts, answer: MaxmindAnswer | null): OutputRecord {
  const { durationMs, now } = batch;
  const maxmind = answer === null
    ? { status: "miss", durationMs } as const
    : { status: "hit", data: answer, durationMs } as const;
  const row = mergeOutcomes(emptyRow(ADDRESS, "global"), { maxmind }, {
    now,
    installed: null,
    random: () => 0,
  });
  return recordFromRow(row, { input: ADDRESS, fromInventory: false });
}

/** An answer that says nothing. */
export function emptyAnswer({ checkedAt, databaseBuild }: BatchFacts): MaxmindAnswer {
  return { ...NO_PLACE, ...NO_ORIGIN, database_build: databaseBuild, checked_at: checkedAt };
}

/** Records as JSON objects, with a text before and one after each. */
function createForm(before: string, after: string): RecordForm {
  const between = `","ip_address":"`;
  const write = (records: readonly OutputRecord[]): string => {
    let text = "";
    for (const record of records) text += `${before}${JSON.stringify(record)}${after}`;
    return text;
  };
  const afterAddress = (record: OutputRecord): string => {
    const text = write([record]);
    return text.slice(text.indexOf(between) + between.length + ADDRESS.length);
  };
  return {
    open: `${before}{"input":"`,
    between,
    local: (scope) =>
      afterAddress(recordFromRow(emptyRow(ADDRESS, scope), { input: ADDRESS, fromInventory: true })),
    miss: (batch) => afterAddress(sampleRecord(batch, null)),
    place: writePlace,
    origin: writeOrigin,
    hit(batch) {
      const text = write([sampleRecord(batch, emptyAnswer(batch))]);
      const middle = text.slice(text.indexOf('"is_scanner"'), text.indexOf('"country_code"'));
      return { middle, end: text.slice(text.indexOf('"database_build"')) };
    },
    write,
  };
}

// Put together by hand, each value written once: a run does this for every record of an edition.

function writePlace(facts: PlaceFacts): TextPair {
  const { latitude, longitude } = facts;
  const code = quoteText(facts.country_code);
  const country = countryCode(facts.country_code) === facts.country_code ? code : "null";
  const city = quoteText(facts.city);
  return [
    `","scope":"global","geo_country":${country},"geo_city":${city},` +
    `"geo_latitude":${latitude},"geo_longitude":${longitude},`,
    `"country_code":${code},"country_name":${quoteText(facts.country_name)},"city":${city},` +
    `"latitude":${latitude},"longitude":${longitude},"accuracy_radius":${facts.accuracy_radius},`,
  ];
}

function writeOrigin({ asn, asn_org }: OriginFacts): TextPair {
  const org = quoteText(asn_org);
  const first = asn === null
    ? `"asn_number":null,"asn_org":null,"asn_source":null,`
    : `"asn_number":${asn},"asn_org":${org},"asn_source":"maxmind",`;
  return [first, `"asn":${asn},"asn_org":${org},`];
}

/** How NDJSON is put together: one object a line. */
export function createNdjsonForm(): RecordForm {
  return createForm("", "\n");
}

/** How the records of a JSON array are put together: each has a comma before it, the first one too. */
export function createJsonForm(): RecordForm {
  return createForm(",\n", "");
}
