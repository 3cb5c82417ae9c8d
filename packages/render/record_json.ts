import type { RecordRenderer } from "./record_renderer.ts";

/** One JSON array, a record a line. */
export function createJsonRenderer(): RecordRenderer {
  let isFirst = true;
  return {
    begin: () => "[",
    records(batch) {
      let text = "";
      for (const record of batch) {
        text += isFirst ? "\n" : ",\n";
        text += JSON.stringify(record);
        isFirst = false;
      }
      return text;
    },
    end: () => (isFirst ? "]\n" : "\n]\n"),
  };
}

/** One JSON object a line. */
export function createNdjsonRenderer(): RecordRenderer {
  return {
    begin: () => "",
    records(batch) {
      let text = "";
      for (const record of batch) text += `${JSON.stringify(record)}\n`;
      return text;
    },
    end: () => "",
  };
}
