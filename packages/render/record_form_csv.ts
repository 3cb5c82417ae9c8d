import { countryCode, emptyRow, type OriginFacts, type PlaceFacts, recordFromRow } from "@ipcascade/core";
import type { RecordForm, TextPair } from "@ipcascade/operations";
import { writeCsvCell } from "./csv_cell.ts";
import { createCsvRenderer } from "./record_csv.ts";
import { emptyAnswer, sampleRecord } from "./record_form_json.ts";

/** `input`, `ip_address`. */
const ADDRESS_CELLS = "?,?";
/** The cells of place and origin of a record that has neither. */
const EMPTY_CELLS = `${ADDRESS_CELLS},global,,,,,,,`;

/** How CSV is put together. */
export function createCsvForm(): RecordForm {
  const { records: write } = createCsvRenderer();
  return {
    open: "",
    between: ",",
    local: (scope) => {
      const record = recordFromRow(emptyRow("?", scope), { input: "?", fromInventory: true });
      return write([record]).slice(ADDRESS_CELLS.length);
    },
    miss: (batch) => write([sampleRecord(batch, null)]).slice(ADDRESS_CELLS.length),
    place: writePlace,
    origin: writeOrigin,
    hit: (batch) => ({
      middle: "",
      end: write([sampleRecord(batch, emptyAnswer(batch))]).slice(EMPTY_CELLS.length),
    }),
    write,
  };
}

function writePlace({ country_code, city, latitude, longitude }: PlaceFacts): TextPair {
  return [cellsOf(["global", countryCode(country_code), city, latitude, longitude]), ""];
}

function writeOrigin({ asn, asn_org }: OriginFacts): TextPair {
  return [cellsOf(asn === null ? [null, null, null] : [asn, asn_org, "maxmind"]), ""];
}

function cellsOf(cells: readonly (string | number | null)[]): string {
  return cells.map((cell) => `,${writeCsvCell(cell)}`).join("");
}
