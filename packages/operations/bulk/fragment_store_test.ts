import { assertEquals } from "@std/assert";
import { FragmentStore } from "./fragment_store.ts";

for (const hasHeaders of [false, true]) {
  Deno.test(`FragmentStore.find() ends for what is not kept, however full it is, ${hasHeaders ? "with" : "without"} headers`, () => {
    const store = new FragmentStore({ bytes: new Uint8Array(200_000), used: 0 }, { hasHeaders });
    for (let count = 0; count < 1_100; count++) {
      const offset = count * 3 - 1;
      assertEquals(store.find(offset), -1);
      assertEquals(store.keep(offset, [`a${count}`, "ü"], count & 1), true);
      const place = store.find(offset);
      const lengths = `a${count}`.length << 16 | 2;
      assertEquals([store.lengthsAt(place), store.flagsAt(place)], [lengths, count & 1]);
    }
  });
}

Deno.test("FragmentStore.keep() stores equal fragments once, whatever their offsets, and tells others apart", () => {
  const memory = { bytes: new Uint8Array(20_000), used: 0 };
  const store = new FragmentStore(memory);
  const texts: [string, string][] = [["ab", "c"], ["a", "bc"], ["ab", "c"], ["äb", "c"], ["äb", "c"]];
  texts.forEach((pair, offset) => store.keep(offset, pair, 0));
  const starts = texts.map((_, offset) => store.startAt(store.find(offset)));
  assertEquals([starts[2] === starts[0], starts[4] === starts[3]], [true, true]);
  assertEquals(new Set(starts).size, 3);
  const text = (offset: number, size: number) =>
    new TextDecoder().decode(memory.bytes.subarray(starts[offset]!, starts[offset]! + size));
  assertEquals([text(0, 3), text(1, 3), text(3, 4)], ["abc", "abc", "äbc"]);
});
