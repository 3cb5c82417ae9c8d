/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { NewestCoverage } from "@ipcascade/operations";
import { formatCount, formatPercent } from "@ipcascade/render";
import type { BoardState } from "./board.ts";

interface Figure {
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

/** The numbers that people ask for first. */
export function FiguresPanel({ state }: { readonly state: BoardState }) {
  return (
    <section class="span6" id="figures" data-panel="" aria-label="Key figures">
      <dl class="figures">
        {listFigures(state).map(({ name, value, note }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <b>{value}</b> <span class="soft">{note}</span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function listFigures({ coverage, quota }: BoardState): readonly Figure[] {
  const newest = coverage.isKnown ? coverage.value.newest : null;
  const none = coverage.isKnown ? "no snapshot yet" : "not known";
  const left = quota.isKnown ? quota.value : null;
  return [
    newest === null ? { name: "Addresses", value: "–", note: none } : {
      name: "Addresses",
      value: formatCount(newest.denominator.addresses),
      note: `global, as of ${newest.day}`,
    },
    shareOf("With ASN", newest?.asn, none),
    noteLack(shareOf("With country", newest?.geo, none), newest),
    shareOf("Scanners", newest?.scanners, none),
    {
      name: "GreyNoise left",
      value: left?.remaining == null ? "–" : formatCount(left.remaining),
      note: left?.limit == null ? "not known" : `of ${formatCount(left.limit)} a ${left.period}`,
    },
  ];
}

/** No check looks at countries, which come from one edition alone. */
function noteLack(figure: Figure, newest: NewestCoverage | null): Figure {
  const lacks = newest !== null && newest.denominator.addresses > 0 && newest.geo.addresses === 0;
  return lacks ? { ...figure, note: "none: does a City edition serve?" } : figure;
}

function shareOf(
  name: string,
  share: { readonly addresses: number; readonly percent: number | null } | undefined,
  none: string,
): Figure {
  if (share === undefined) return { name, value: "–", note: none };
  return { name, value: formatPercent(share.percent), note: formatCount(share.addresses) };
}
