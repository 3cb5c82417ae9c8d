/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { CoverageListReport, NewestCoverage } from "@ipcascade/operations";
import { formatCount, formatPercent, nameCountry } from "@ipcascade/render";
import { listShades, WORLD_SIZE } from "@ipcascade/render/world_svg";
import { Bar } from "./marks.tsx";
import { Panel, Table } from "./panel.tsx";
import type { Reading } from "./reading.ts";

/** Whether there are addresses on the map. */
export function hasMap({ newest }: CoverageListReport): boolean {
  return newest !== null && newest.country_count > 0;
}

/** Without a map the panels share the row, rather than leave most of it empty. */
function isBare(reading: Reading<CoverageListReport>): boolean {
  return !reading.isKnown || !hasMap(reading.value);
}

/** Where the addresses are: the newest snapshot on a map. */
export function CountriesPanel({ reading }: { readonly reading: Reading<CoverageListReport> }) {
  return (
    <Panel
      id="countries"
      title="Countries"
      span={isBare(reading) ? 3 : 4}
      reading={reading}
      show={({ newest }) => (
        newest === null || newest.country_count === 0 ? <Nothing newest={newest} what="country" /> : (
          <>
            <figure>
              <img
                class="world"
                src={`/charts/world.svg?at=${encodeURIComponent(newest.measured_at)}`}
                alt={describeMap(newest)}
                width={WORLD_SIZE.width}
                height={WORLD_SIZE.height}
              />
              <figcaption>
                <Legend newest={newest} />
              </figcaption>
            </figure>
            <details id="countries-list">
              <summary id="countries-list-summary">Top countries, of {newest.country_count}</summary>
              <Table
                id="top-countries"
                caption="Top countries"
                columns={COUNTRY_COLUMNS}
                rows={newest.top_countries}
              />
            </details>
          </>
        )
      )}
    />
  );
}

/** Whose networks they are in. */
export function AsnsPanel({ reading }: { readonly reading: Reading<CoverageListReport> }) {
  return (
    <Panel
      id="asns"
      title="Top networks"
      span={isBare(reading) ? 3 : 2}
      reading={reading}
      show={({ newest }) => (
        newest === null || newest.asn_count === 0 ? <Nothing newest={newest} what="ASN" /> : (
          <>
            <ol class="ranks">
              {newest.top_asns.map((asn) => (
                <li key={asn.asn_number}>
                  <p>
                    <span>
                      <strong>AS{asn.asn_number}</strong> {asn.asn_org ?? "no name is known"}
                    </span>
                    <span class="number">
                      {formatCount(asn.addresses)} <small>{formatPercent(asn.percent)}</small>
                    </span>
                  </p>
                  <Bar percent={(100 * asn.addresses) / newest.top_asns[0]!.addresses} />
                </li>
              ))}
            </ol>
            <p class="soft">Of {formatCount(newest.asn_count)} networks, as of {newest.day}</p>
          </>
        )
      )}
    />
  );
}

function Nothing({ newest, what }: { readonly newest: NewestCoverage | null; readonly what: string }) {
  return newest === null
    ? <p>No snapshot was taken yet.</p>
    : <p>No address has {what === "ASN" ? "an" : "a"} {what}, as of {newest.day}.</p>;
}

function Legend({ newest }: { readonly newest: NewestCoverage }) {
  return (
    <ul class="legend">
      {listShades(Math.max(...Object.values(newest.countries))).map(({ color, from, to }) => (
        <li key={color}>
          <svg viewBox="0 0 14 14" aria-hidden="true">
            <rect class={`shade${color.at(-1)}`} width="14" height="14" rx="3" />
          </svg>
          {formatCount(from)} to {formatCount(to)}
        </li>
      ))}
    </ul>
  );
}

function describeMap({ top_countries, day }: NewestCoverage): string {
  const most = top_countries.slice(0, 3).map((one) =>
    `${nameCountry(one.country)} ${formatCount(one.addresses)}`
  );
  return `World map of addresses by country, as of ${day}. Most are in ${
    most.join(", ")
  }. The list below has the figures.`;
}

type CountryShare = NewestCoverage["top_countries"][number];

const COUNTRY_COLUMNS = [
  { title: "Country", cell: ({ country }: CountryShare) => `${nameCountry(country)} (${country})` },
  { title: "Addresses", isNumber: true, cell: ({ addresses }: CountryShare) => formatCount(addresses) },
  { title: "Share", isNumber: true, cell: ({ percent }: CountryShare) => formatPercent(percent) },
];
