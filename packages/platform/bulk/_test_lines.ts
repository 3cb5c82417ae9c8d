import fc from "fast-check";
import { buildEdition, WORLD } from "@ipcascade/testkit";
import { createMaxmindIndex, createMaxmindSource, type Mmdb, openMmdb } from "@ipcascade/sources";
import { type BulkLookUpDeps, type InputItem, lookUp } from "@ipcascade/operations";
import {
  createRecordForm,
  createRecordFrame,
  createRecordRenderer,
  type RecordFormat,
} from "@ipcascade/render";

/** An hour that does not move, so that both ways of looking up give the same stamps. */
export const CLOCK = {
  now: () => Date.UTC(2026, 10, 27, 8),
  elapsed: () => 0,
  sleep: () => new Promise<void>(() => {}),
};

/** Both editions of the world. */
export function openEditions(): { city: Mmdb; asn: Mmdb } {
  return { city: openMmdb(buildEdition("GeoLite2-City")), asn: openMmdb(buildEdition("GeoLite2-ASN")) };
}

/** What bulk look-ups work with. */
export function bulkDeps(
  editions: { readonly city: Mmdb | null; readonly asn: Mmdb | null },
  format: RecordFormat,
): BulkLookUpDeps {
  return {
    index: createMaxmindIndex(editions)!,
    maxmind: createMaxmindSource({ ...editions, elapsed: CLOCK.elapsed }),
    clock: CLOCK,
    form: createRecordForm(format)!,
  };
}

/** The output of the way that goes item by item. */
export async function lookUpSlowly(
  items: AsyncIterable<readonly InputItem[]>,
  deps: BulkLookUpDeps,
  format: RecordFormat,
  maxSpan?: number,
): Promise<string> {
  const renderer = createRecordRenderer(format);
  const run = lookUp(items, { maxmind: deps.maxmind, clock: CLOCK }, { maxSpan });
  let text = renderer.begin();
  for await (const records of run.records) text += renderer.records(records);
  return text + renderer.end();
}

/** Puts pieces into the frame of a format. */
export function framed(format: RecordFormat, pieces: string): string {
  const frame = createRecordFrame(format);
  return frame.begin + pieces.slice(frame.separatorBytes) + frame.end(pieces === "");
}

const ADDRESSES = WORLD.map(({ address }) => address);

/** Lines as they come, and as they should not. */
export const anyLine: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...ADDRESSES) },
  { weight: 4, arbitrary: fc.ipV4() },
  { weight: 2, arbitrary: fc.ipV6() },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...[
        "",
        " ",
        "\t",
        "# comment",
        "  # comment",
        "#",
        "nonsense",
        "é\u00a0",
        "\u00a08.8.8.8\u2003",
        "\ufeff1.1.1.1",
      ],
      ...[
        "10.0.0.1",
        "192.0.0.9",
        "192.0.0.8",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "198.51.100.7",
        "100.64.0.1",
      ],
      ...[
        "8.8.8.8\r",
        " 8.8.8.8\t",
        "\v8.8.8.8\f",
        "8.8.8.8 x",
        "8.8.8",
        "8.8.8.8.8",
        "08.8.8.8",
        "256.1.1.1",
        "1.2.3.0004",
      ],
      ...[
        "8.8.8.8/31",
        "8.8.8.0-8.8.8.5",
        "10.0.0.0/8",
        "2001:db8::/126",
        "::ffff:8.8.8.8",
        "::FFFF:808:808",
        "::1",
      ],
      ...[
        "2A00:1450::0:0:1",
        "fe80::1%eth0",
        "8.8.8.8:53",
        "[::1]",
        "1.1.1.1\u0000",
        "\u0000",
        '"',
        "a,b",
        "\ud83d\ude00 \\ \u2028",
      ],
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
);
