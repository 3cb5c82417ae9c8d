import { parseIpv4, parseIpv6 } from "@ipcascade/core";
import type { AsnFacts } from "./asn.ts";
import type { CityFacts } from "./city.ts";
import { type Found, LOOKUP_STEP, type OpenEdition, orDamage } from "./edition.ts";

/** What a pair of editions says about one address; each null where it says nothing. */
export interface NetworkFacts {
  readonly place: CityFacts | null;
  readonly origin: AsnFacts | null;
}

/** A City and an ASN edition that are asked in one pass. */
export class NetworkIndex {
  readonly #city: OpenEdition<CityFacts>;
  readonly #asn: OpenEdition<AsnFacts>;
  readonly #bits = new Float64Array(LOOKUP_STEP);

  /** Joins two open editions; they may be of different builds. */
  constructor(city: OpenEdition<CityFacts>, asn: OpenEdition<AsnFacts>) {
    this.#city = city;
    this.#asn = asn;
  }

  /** The facts about the address in a text; undefined when it is none. Throws `MmdbCorruptError`. */
  find(text: string): NetworkFacts | undefined {
    const bits = parseIpv4(text);
    if (bits >= 0) return this.#findIpv4(bits);
    const groups = parseIpv6(text);
    if (groups === null) return undefined;
    return { place: this.#city.findIpv6(groups), origin: this.#asn.findIpv6(groups) };
  }

  /** The same for many texts: `found[i]` becomes what `find(texts[i])` gives, or the error that it throws. */
  findMany(texts: readonly string[], found: Found<NetworkFacts>[]): void {
    for (let start = 0; start < texts.length; start += LOOKUP_STEP) this.#findStep(texts, start, found);
  }

  #findStep(texts: readonly string[], start: number, found: Found<NetworkFacts>[]): void {
    const bits = this.#bits;
    const count = Math.min(LOOKUP_STEP, texts.length - start);
    for (let i = 0; i < count; i++) bits[i] = parseIpv4(texts[start + i]!);
    for (let i = 0; i < count; i++) {
      found[start + i] = orDamage(() =>
        bits[i]! < 0 ? this.find(texts[start + i]!) : this.#findIpv4(bits[i]!)
      );
    }
  }

  #findIpv4(bits: number): NetworkFacts {
    return { place: this.#city.findIpv4(bits), origin: this.#asn.findIpv4(bits) };
  }
}
