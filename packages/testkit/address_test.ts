import { assertEquals, assertThrows } from "@std/assert";
import {
  expandAddress,
  formatAddress,
  formatNetwork,
  parseAddress,
  parseNetwork,
  readAddress,
} from "./address.ts";

Deno.test("readAddress() takes what is an address and nothing else", () => {
  const cases: readonly (readonly [string, string | null])[] = [
    ["1.2.3.4", "1.2.3.4"],
    ["255.255.255.255", "255.255.255.255"],
    ["1.2.3", null],
    ["1.2.3.256", null],
    ["01.2.3.4", null],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["1:0:0:2::3", "1:0:0:2::3"],
    ["::ffff:1.2.3.4", "::ffff:102:304"],
    ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
    ["1:2:3:4:5:6:7", null],
    ["1:2:3:4:5:6:7:8:9", null],
    ["1::2::3", null],
    ["12345::", null],
    ["nonsense", null],
    ["", null],
  ];
  for (const [text, expected] of cases) {
    const bytes = readAddress(text);
    assertEquals(bytes === null ? null : formatAddress(bytes), expected, text);
  }
});

Deno.test("expandAddress() writes every digit", () => {
  assertEquals(expandAddress(parseAddress("2001:db8::1")), "2001:0db8:0000:0000:0000:0000:0000:0001");
});

Deno.test("parseNetwork() clears the bits of the host", () => {
  const { bytes, prefixLength } = parseNetwork("10.1.2.3/12");
  assertEquals([formatAddress(bytes), prefixLength], ["10.0.0.0", 12]);
  assertEquals(formatNetwork(parseAddress("2001:db8:ffff::1"), 32), "2001:db8::/32");
  assertEquals(parseNetwork("1.2.3.4").prefixLength, 32);
  for (const text of ["1.2.3.0/33", "1.2.3.0/", "1.2.3.0/24/1", "x/8"]) {
    assertThrows(() => parseNetwork(text), TypeError, `"${text}"`);
  }
});
