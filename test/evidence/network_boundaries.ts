import { type IpAddress, ipv4FromBits, ipv6FromGroups } from "@ipcascade/core";
import type { Mmdb } from "@ipcascade/sources";

/** A place in the tree: a record at a depth, and the bits that lead to it. */
interface Place {
  readonly record: number;
  readonly depth: number;
  readonly bits: Uint32Array;
}

/**
 * The first and the last address of every network of a database, those without a record included. What several
 * paths lead to, as aliases do, is entered once.
 */
export function* listBoundaries(mmdb: Mmdb): Generator<IpAddress> {
  const { nodeCount, ipVersion } = mmdb.metadata;
  const width = ipVersion === 4 ? 32 : 128;
  const isEntered = new Uint8Array(nodeCount);
  const stack: Place[] = [{ record: 0, depth: 0, bits: new Uint32Array(4) }];
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    const { record, depth, bits } = place;
    if (record >= nodeCount) {
      yield toAddress(bits, ipVersion);
      yield toAddress(fillEnd(bits, depth, width), ipVersion);
      continue;
    }
    if (isEntered[record] === 1 || depth >= width) continue;
    isEntered[record] = 1;
    const right = bits.slice();
    right[depth >>> 5]! |= 0x80000000 >>> (depth & 31);
    stack.push({ record: mmdb.readRecord(record, 1), depth: depth + 1, bits: right });
    stack.push({ record: mmdb.readRecord(record, 0), depth: depth + 1, bits });
  }
}

/** The last address of a network. */
function fillEnd(bits: Uint32Array, depth: number, width: number): Uint32Array {
  const last = bits.slice();
  for (let word = 0; word < width / 32; word++) {
    const fixed = Math.max(0, Math.min(32, depth - word * 32));
    if (fixed < 32) last[word]! |= 0xffffffff >>> fixed;
  }
  return last;
}

/** What lies under `::/96` is IPv4. */
function toAddress(words: Uint32Array, ipVersion: 4 | 6): IpAddress {
  if (ipVersion === 4) return ipv4FromBits(words[0]!);
  if (words[0] === 0 && words[1] === 0 && words[2] === 0) return ipv4FromBits(words[3]!);
  return ipv6FromGroups([...words].flatMap((word) => [word >>> 16, word & 0xffff]));
}
