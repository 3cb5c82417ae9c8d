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

/** Inputs in chunks, as readers of files deliver them. */
export async function* chunksOf(texts: readonly string[], size = 2_000) {
  for (let start = 0; start < texts.length; start += size) {
    yield await Promise.resolve(texts.slice(start, start + size).map((text) => ({ text, origin: null })));
  }
}
