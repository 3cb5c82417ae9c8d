import { assertEquals } from "@std/assert";
import { explainFailure } from "./failure_words.ts";

for (
  const [source, reason, expected] of [
    ["cymru", "timeout", "timeout: no answer at all: dropped silently, perhaps null-routed"],
    ["cymru", "refused", "refused: the host is there, but nobody listens"],
    ["cymru", "unresolved", "unresolved: the host's name can't be resolved"],
    ["greynoise", "timeout", "timeout: no answer in time"],
    ["greynoise", "unauthorized", "unauthorized: the key is refused"],
  ] as const
) {
  Deno.test(`explainFailure() tells what ${reason} means for ${source}`, () => {
    assertEquals(explainFailure(source, reason), expected);
  });
}
