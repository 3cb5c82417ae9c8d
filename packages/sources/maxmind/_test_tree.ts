import { MMDB_METADATA_MARKER, MmdbWriter } from "@ipcascade/testkit";

/** A database of IPv4 with 24-bit records, given as pairs, over a data section (by default one empty map). */
export function treeOf(
  records: readonly (readonly [left: number, right: number])[],
  data: Uint8Array = Uint8Array.of(0xe0),
): Uint8Array {
  const writer = new MmdbWriter({
    databaseType: "Test",
    ipVersion: 4,
    recordSize: 24,
    metadata: { node_count: records.length },
  });
  const written = writer.toBytes();
  const tail = written.subarray(writer.layout.metadataStart - MMDB_METADATA_MARKER.length);
  const bytes = new Uint8Array(records.length * 6 + 16 + data.length + tail.length);
  records.flat().forEach((record, index) => {
    bytes.set([record >>> 16, (record >>> 8) & 255, record & 255], index * 3);
  });
  bytes.set(data, records.length * 6 + 16);
  bytes.set(tail, records.length * 6 + 16 + data.length);
  return bytes;
}
