/**
 * Makes the world map of reports anew from the files of npm's `world-atlas`, which are Natural Earth's (public domain):
 * `deno run -A scripts/make_world_map.ts countries-110m.json countries-50m.json`
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";

const TARGET = new URL("../packages/render/report_html/world_map.ts", import.meta.url);

/** ISO 3166 numeric codes and their alpha-2 codes. */
const CODES = `
004AF 008AL 010AQ 012DZ 016AS 020AD 024AO 028AG 031AZ 032AR 036AU 040AT 044BS 048BH 050BD 051AM
052BB 056BE 060BM 064BT 068BO 070BA 072BW 074BV 076BR 084BZ 086IO 090SB 092VG 096BN 100BG 104MM
108BI 112BY 116KH 120CM 124CA 132CV 136KY 140CF 144LK 148TD 152CL 156CN 158TW 162CX 166CC 170CO
174KM 175YT 178CG 180CD 184CK 188CR 191HR 192CU 196CY 203CZ 204BJ 208DK 212DM 214DO 218EC 222SV
226GQ 231ET 232ER 233EE 234FO 238FK 239GS 242FJ 246FI 248AX 250FR 254GF 258PF 260TF 262DJ 266GA
268GE 270GM 275PS 276DE 288GH 292GI 296KI 300GR 304GL 308GD 312GP 316GU 320GT 324GN 328GY 332HT
334HM 336VA 340HN 344HK 348HU 352IS 356IN 360ID 364IR 368IQ 372IE 376IL 380IT 384CI 388JM 392JP
398KZ 400JO 404KE 408KP 410KR 414KW 417KG 418LA 422LB 426LS 428LV 430LR 434LY 438LI 440LT 442LU
446MO 450MG 454MW 458MY 462MV 466ML 470MT 474MQ 478MR 480MU 484MX 492MC 496MN 498MD 499ME 500MS
504MA 508MZ 512OM 516NA 520NR 524NP 528NL 531CW 533AW 534SX 535BQ 540NC 548VU 554NZ 558NI 562NE
566NG 570NU 574NF 578NO 580MP 581UM 583FM 584MH 585PW 586PK 591PA 598PG 600PY 604PE 608PH 612PN
616PL 620PT 624GW 626TL 630PR 634QA 638RE 642RO 643RU 646RW 652BL 654SH 659KN 660AI 662LC 663MF
666PM 670VC 674SM 678ST 682SA 686SN 688RS 690SC 694SL 702SG 703SK 704VN 705SI 706SO 710ZA 716ZW
724ES 728SS 729SD 732EH 740SR 744SJ 748SZ 752SE 756CH 760SY 762TJ 764TH 768TG 772TK 776TO 780TT
784AE 788TN 792TR 795TM 796TC 798TV 800UG 804UA 807MK 818EG 826GB 831GG 832JE 833IM 834TZ 840US
850VI 854BF 858UY 860UZ 862VE 876WF 882WS 887YE 894ZM 983XK
`;

/** Areas without a numeric code that the sources of addresses have a code for. */
const NAMED: Readonly<Record<string, string>> = { Kosovo: "XK", "N. Cyprus": "CY", Somaliland: "SO" };
const LEFT_OUT = new Set(["AQ"]);
/** Tenths of a degree. */
const STEPS = 10;

type Point = readonly [number, number];
interface Geometry {
  readonly type: "Polygon" | "MultiPolygon" | null;
  readonly arcs?: never;
  readonly id?: string;
  readonly properties: { readonly name: string };
}
interface Topology {
  readonly transform: { readonly scale: Point; readonly translate: Point };
  readonly arcs: readonly (readonly Point[])[];
  readonly objects: { readonly countries: { readonly geometries: readonly Geometry[] } };
}
type Ring = readonly Point[];
type Polygon = readonly Ring[];

const alpha2 = new Map(CODES.trim().split(/\s+/).map((code) => [code.slice(0, 3), code.slice(3)]));

function codeOf({ id, properties }: Geometry): string | null {
  const code = id === undefined ? NAMED[properties.name] : alpha2.get(id.padStart(3, "0"));
  return code === undefined || LEFT_OUT.has(code) ? null : code;
}

/** Polygons of every country in tenths of degrees. */
function readCountries(path: string, { minPoints }: { readonly minPoints: number }): Map<string, Polygon[]> {
  const topology: Topology = JSON.parse(readFileSync(path, "utf8"));
  const { scale, translate } = topology.transform;
  const arcs = topology.arcs.map((arc) => {
    let [x, y] = [0, 0];
    return arc.map(([dx, dy]): Point => {
      [x, y] = [x + dx, y + dy];
      return [
        Math.round((x * scale[0] + translate[0]) * STEPS),
        Math.round((y * scale[1] + translate[1]) * STEPS),
      ];
    });
  });
  const arcOf = (index: number) => index < 0 ? arcs[~index]!.toReversed() : arcs[index]!;
  const ringOf = (indices: readonly number[]): Ring =>
    unwrap(
      indices.flatMap((index, place) => arcOf(index).slice(place === 0 ? 0 : 1))
        .filter(([x, y], place, all) => place === 0 || x !== all[place - 1]![0] || y !== all[place - 1]![1]),
    );
  const countries = new Map<string, Polygon[]>();
  for (const geometry of topology.objects.countries.geometries) {
    const code = codeOf(geometry);
    if (code === null || geometry.type === null) continue;
    const { arcs: indices } = geometry as unknown as { arcs: number[][][] | number[][] };
    const polygons = (geometry.type === "Polygon" ? [indices] : indices) as number[][][];
    const drawn = polygons.map((rings) => rings.map(ringOf).filter((ring) => ring.length >= minPoints));
    countries.set(code, [...countries.get(code) ?? [], ...drawn.filter((rings) => rings.length > 0)]);
  }
  return countries;
}

/** A country across the 180th meridian goes on beyond it, where the map has room. */
function unwrap(ring: Ring): Ring {
  const half = 180 * STEPS;
  const isAcross = ring.some(([x], place) => place > 0 && Math.abs(x - ring[place - 1]![0]) > half);
  return isAcross ? ring.map(([x, y]) => [x < 0 ? x + 2 * half : x, y]) : ring;
}

/** The first point as it is, the others by their distance from the one before. */
function writeRing(ring: Ring): string {
  return ring.map(([x, y], place) => {
    const [fromX, fromY] = place === 0 ? [0, 0] : ring[place - 1]!;
    return `${x - fromX},${y - fromY}`;
  }).join(" ");
}

/** The middle of the largest polygon's box, in degrees. */
function middleOf(polygons: readonly Polygon[]): string {
  const boxes = polygons.map(([ring]) => {
    const [xs, ys] = [ring!.map(([x]) => x), ring!.map(([, y]) => y)];
    return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] as const;
  });
  const [west, south, east, north] = boxes.sort((a, b) =>
    (b[2] - b[0]) * (b[3] - b[1]) - (a[2] - a[0]) * (a[3] - a[1])
  )[0]!;
  return `${Math.round((west + east) / 2) / STEPS},${Math.round((south + north) / 2) / STEPS}`;
}

const [coarse, fine] = Deno.args;
if (coarse === undefined || fine === undefined) {
  throw new Error("Give countries-110m.json and countries-50m.json");
}
const shapes = readCountries(coarse, { minPoints: 4 });
const lines = [...shapes].toSorted().map(([code, polygons]) =>
  `${code} ${polygons.map((rings) => rings.map(writeRing).join("/")).join("|")}`
);
const points = [...readCountries(fine, { minPoints: 1 })].toSorted().filter(([code, polygons]) =>
  !shapes.has(code) && polygons.length > 0
).map(([code, polygons]) => `${code} ${middleOf(polygons)}`);
writeFileSync(
  TARGET,
  `// Made by scripts/make_world_map.ts from Natural Earth 4.1 (public domain); docs/adr/0021-coverage-reports.md says why.

/**
 * Countries by ISO alpha-2, one a line: polygons between "|", their rings between "/", points between spaces, in tenths
 * of degrees east and north; the first point of a ring as it is, the others by their distance from the one before.
 */
export const WORLD_SHAPES = \`\n${lines.join("\n")}\n\`;

/** Countries too small to have a shape, one a line: ISO alpha-2, degrees east, degrees north. */
export const WORLD_POINTS = \`\n${points.join("\n")}\n\`;
`,
);
console.log(`${lines.length} shapes, ${points.length} points`);
