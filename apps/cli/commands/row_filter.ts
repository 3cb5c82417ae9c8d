import type { Command } from "cac";
import {
  ALL_ROWS,
  MS_PER_DAY,
  parseTarget,
  quoteInput,
  type RowFilter,
  type Target,
  UsageError,
} from "@ipcascade/core";
import { type RawFlags, readInteger, readText } from "../flags.ts";

/** Terms of one statement, so that it stays readable for the database. */
const MAX_NETWORKS = 1_000;

/** Adds the options that choose rows of the inventory. */
export function addRowOptions(command: Command): Command {
  return command
    .option("--ip <list>", "Only these addresses and blocks, a comma list")
    .option("--country <code>", "Only addresses in this country, ISO 3166 alpha-2")
    .option("--active-days <n>", "Only addresses that were active in the last n days");
}

/** Reads those options; `now` is in milliseconds since 1970 UTC. */
export function readRowFilter(flags: RawFlags, now: number): RowFilter {
  const days = readInteger(flags, "active-days", { min: 1, max: 36_500 });
  return {
    ...ALL_ROWS,
    networks: readNetworks(flags),
    country: readCountry(flags),
    asn: readAsn(flags),
    activeSince: days === undefined ? null : now - days * MS_PER_DAY,
  };
}

/** Tells whether a filter lets every row through. */
export function isEveryRow(filter: RowFilter): boolean {
  return Object.values(filter).every((condition) => condition === null || condition === false);
}

function readNetworks(flags: RawFlags): readonly string[] | null {
  const text = readText(flags, "ip");
  if (text === undefined) return null;
  const networks = text.split(",").map((part) => readNetwork(part.trim()));
  if (networks.length <= MAX_NETWORKS) return networks;
  throw new UsageError(`Cannot read --ip: ${networks.length} are given, allowed are ${MAX_NETWORKS}`);
}

function readNetwork(text: string): string {
  const target = parseTarget(text);
  const network = target === null ? null : networkOf(target);
  if (network !== null) return network;
  throw new UsageError(`Cannot read --ip ${quoteInput(text)}: allowed are addresses and CIDR blocks`);
}

/** Null for a range that is no block. */
function networkOf(target: Target): string | null {
  if (target.kind === "address") return target.address.text;
  const hostBits = target.count.toString(2).length - 1;
  const isBlock = target.count === 1n << BigInt(hostBits);
  const width = target.first.family === 4 ? 32 : 128;
  return isBlock ? `${target.first.text}/${width - hostBits}` : null;
}

function readCountry(flags: RawFlags): string | null {
  const text = readText(flags, "country");
  if (text === undefined) return null;
  const code = text.toUpperCase();
  if (/^[A-Z]{2}$/.test(code) && code !== "XX") return code;
  throw new UsageError(`Cannot read --country ${quoteInput(text)}: allowed are two letters, such as DE`);
}

function readAsn(flags: RawFlags): number | null {
  const text = readText(flags, "asn");
  if (text === undefined) return null;
  const digits = /^(?:AS)?(\d{1,10})$/i.exec(text)?.[1];
  const asn = Number(digits);
  if (digits !== undefined && asn >= 1 && asn <= 4_294_967_295) return asn;
  throw new UsageError(`Cannot read --asn ${quoteInput(text)}: allowed are numbers from 1 to 4294967295`);
}
