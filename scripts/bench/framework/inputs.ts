import { exists } from "./files.ts";
import { type EditionPair, writeEditionPair, writeRealSizePair } from "@ipcascade/testkit";
import { randomAddresses, randomIpv6Addresses } from "../addresses.ts";

/** Inputs from fixed seeds, made once in a run and kept in its directory for the scenarios after. */
export class BenchInputs {
  /** Closed when the scenario has ended, the last first. */
  readonly resources: AsyncDisposableStack = new AsyncDisposableStack();

  /** Inputs in a directory that somebody else removes; `tell` says what is being made. */
  constructor(
    readonly dir: string,
    readonly isSmall: boolean,
    readonly tell: (what: string) => void = () => {},
  ) {}

  /** A path in the directory. */
  join(name: string): string {
    return `${this.dir}/${name}`;
  }

  /** How many items are used where a whole run uses `count`. */
  count(count: number): number {
    return this.isSmall ? Math.min(count, Math.max(50, Math.round(count / 5_000))) : count;
  }

  /** A pair of editions of real size (City 50 MB, ASN 9 MB); of the small world where inputs are small. */
  async editions(): Promise<EditionPair> {
    const dir = this.join("editions");
    const pair = { dir, city: `${dir}/GeoLite2-City.mmdb`, asn: `${dir}/GeoLite2-ASN.mmdb` };
    if (await exists(pair.asn)) return pair;
    if (this.isSmall) return await writeEditionPair(dir);
    this.tell("writing editions of real size");
    return await writeRealSizePair(dir);
  }

  /** Distinct global IPv4 addresses at random. */
  addresses(count: number, seed = 1): string[] {
    return randomAddresses(this.count(count), seed);
  }

  /** IPv6 addresses at random in blocks that the editions know. */
  ipv6Addresses(count: number): string[] {
    return randomIpv6Addresses(this.count(count));
  }

  /** The path of a file with those IPv4 addresses, one a line. */
  async addressFile(count: number, seed = 1): Promise<string> {
    const path = this.join(`addresses-${seed}-${this.count(count)}.txt`);
    if (await exists(path)) return path;
    this.tell(`writing ${this.count(count)} addresses`);
    await Deno.writeTextFile(`${path}.part`, `${this.addresses(count, seed).join("\n")}\n`);
    await Deno.rename(`${path}.part`, path);
    return path;
  }
}
