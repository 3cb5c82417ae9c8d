import { expandAddress, formatAddress, parseAddress, readAddress } from "../address.ts";
import { FakeRandom } from "../fake_random.ts";
import { describeAddress, type WorldOrigin } from "../world.ts";
import type { FaultEffects } from "./fault.ts";

/** How a client wants its rows. */
export interface CymruRowOptions {
  readonly verbose: boolean;
  readonly header: boolean;
}

/** One line that a client sent between `begin` and `end`, with its number. */
export interface CymruLine {
  readonly text: string;
  readonly number: number;
}

/** The origins of an address, as the faults let them be. */
export function originsOf(address: string, faults: FaultEffects): readonly WorldOrigin[] {
  if (faults.has("notRouted", address)) return [];
  const origins = describeAddress(address).origins.map((origin) =>
    faults.has("latin1", address) ? { ...origin, asName: `Universität ${origin.asName}` } : origin
  );
  const [first] = origins;
  if (first === undefined || !faults.has("multiOrigin", address)) return origins;
  return [{ ...first, asn: first.asn + 100_000, asName: `SECOND ${first.asName}` }, ...origins];
}

/** The rows of a bulk session, each with its line end, in the order in which they are sent. */
export function bulkRows(
  lines: readonly CymruLine[],
  options: CymruRowOptions & { readonly faults: FaultEffects },
): string[] {
  const { faults } = options;
  const rows = lines.flatMap((line) => rowsOf(line, options));
  const order = faults.find("order")?.order;
  const ordered = order === "reversed"
    ? rows.reverse()
    : order === "shuffled"
    ? new FakeRandom(7).shuffle(rows)
    : rows;
  const header = options.header || faults.has("header") ? [headerRow(options)] : [];
  return [...header, ...ordered];
}

/** The header row. */
export function headerRow({ verbose }: Pick<CymruRowOptions, "verbose">): string {
  return verbose
    ? "AS      | IP               | BGP Prefix          | CC | Registry | Allocated  | AS Name\n"
    : "AS      | IP               | AS Name\n";
}

function rowsOf(line: CymruLine, options: CymruRowOptions & { readonly faults: FaultEffects }): string[] {
  const bytes = readAddress(line.text);
  const error = `Error: no ASN or IP match on line ${line.number}.\n`;
  if (bytes === null) return [error];
  const address = formatAddress(bytes);
  if (options.faults.has("errorLines", address)) return [error];
  const origins = originsOf(address, options.faults);
  const echo = spellAddress(line.text, options.faults);
  const rows = origins.length === 0
    ? [notRoutedRow(echo, options.verbose)]
    : origins.map((origin) => originRow(origin, { echo, verbose: options.verbose }));
  return options.faults.has("duplicated", address) ? [...rows, ...rows] : rows;
}

function spellAddress(text: string, faults: FaultEffects): string {
  if (!text.includes(":")) return text;
  const spelling = faults.find("ipv6Spelling", formatAddress(parseAddress(text)))?.spelling;
  if (spelling === "upper") return text.toUpperCase();
  return spelling === "expanded" ? expandAddress(parseAddress(text)) : text;
}

function notRoutedRow(echo: string, verbose: boolean): string {
  const head = `NA      | ${echo.padEnd(16)} | `;
  return verbose ? `${head}NA                  |    | other    |            | NA\n` : `${head}NA\n`;
}

function originRow(origin: WorldOrigin, { echo, verbose }: { echo: string; verbose: boolean }): string {
  const head = `${String(origin.asn).padEnd(7)} | ${echo.padEnd(16)} | `;
  if (!verbose) return `${head}${origin.asName}\n`;
  const { prefix, countryCode, registry, allocated, asName } = origin;
  return `${head}${prefix.padEnd(19)} | ${countryCode} | ${registry.padEnd(8)} | ${allocated} | ${asName}\n`;
}
