import { FakeRandom } from "@ipcascade/testkit";
import { classifyScope, ipv4FromBits } from "@ipcascade/core";

/** `count` distinct global IPv4 addresses at random from a fixed seed. */
export function randomAddresses(count: number, seed = 1): string[] {
  const random = new FakeRandom(seed);
  const seen = new Set<number>();
  const texts: string[] = [];
  while (texts.length < count) {
    const bits = random.uint32();
    if (seen.has(bits)) continue;
    seen.add(bits);
    const address = ipv4FromBits(bits);
    if (classifyScope(address) === "global") texts.push(address.text);
  }
  return texts;
}

/** Where the editions of real size know IPv6 networks: `<head>:<0 to 5999>::/32` and longer. */
const IPV6_HEADS = [
  "2001",
  "2400",
  "2404",
  "2600",
  "2604",
  "2800",
  "2a00",
  "2a01",
  "2a02",
  "2a03",
  "2a0e",
  "2c0f",
];

/** `count` IPv6 addresses at random from a fixed seed, a quarter of them with zeros left out (`::`). */
export function randomIpv6Addresses(count: number, seed = 1): string[] {
  const random = new FakeRandom(seed);
  const group = () => (random.uint32() >>> 16).toString(16);
  return Array.from({ length: count }, () => {
    const network = `${random.pick(IPV6_HEADS)}:${random.below(6_000).toString(16)}`;
    if (random.below(4) === 0) return `${network}::${group()}`;
    return `${network}:${group()}:${group()}:${group()}:${group()}:${group()}:${group()}`;
  });
}

/** Inputs in chunks, as readers of files deliver them. */
export async function* chunksOf(texts: readonly string[], size = 2_000) {
  for (let start = 0; start < texts.length; start += size) {
    yield await Promise.resolve(texts.slice(start, start + size).map((text) => ({ text, origin: null })));
  }
}
