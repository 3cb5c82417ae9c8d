import { registerMap } from "echarts/core";
import { drawChart } from "./svg_chart.ts";
import { readWorldPoints, readWorldShapes } from "./world_geometry.ts";

/** A shade of the map and the counts it stands for. */
export interface MapShade {
  /** A variable of the page's style. */
  readonly color: string;
  readonly from: number;
  /** Inclusive. */
  readonly to: number;
}

const [WIDTH, HEIGHT] = [900, 420];
const SHADES = 5;
const MAP = "ipcascade-world";

let isRegistered = false;

/** Shades of a map whose largest count is this: powers of ten, the darkest for the largest. */
export function listShades(largest: number): readonly MapShade[] {
  const top = Math.floor(Math.log10(Math.max(1, largest)) + 1e-9);
  const lowest = Math.max(0, top - SHADES + 1);
  return Array.from({ length: top - lowest + 1 }, (_, index) => ({
    color: `--map${SHADES - (top - lowest) + index}`,
    from: index === 0 ? 1 : 10 ** (lowest + index),
    to: 10 ** (lowest + index + 1) - 1,
  }));
}

/** Addresses by country on a world map; small countries are dots where they have addresses. */
export function drawMap(countries: Readonly<Record<string, number>>, label: string): string {
  register();
  const counts = Object.entries(countries).filter(([, count]) => count > 0);
  const shades = listShades(Math.max(0, ...counts.map(([, count]) => count)));
  const colorOf = (count: number) => `var(${shades.find(({ to }) => count <= to)!.color})`;
  const points = readWorldPoints();
  return drawChart({
    id: "map",
    label,
    width: WIDTH,
    height: HEIGHT,
    option: {
      geo: {
        map: MAP,
        silent: true,
        left: 0,
        right: 0,
        top: 0,
        bottom: 0,
        boundingCoords: [[-169, 83.7], [190, -56]],
        itemStyle: { areaColor: "var(--map0)", borderColor: "var(--card)", borderWidth: 0.5 },
        regions: counts.map(([name, count]) => ({ name, itemStyle: { areaColor: colorOf(count) } })),
      },
      series: [{
        type: "scatter",
        coordinateSystem: "geo",
        silent: true,
        symbolSize: 9,
        data: counts.flatMap(([code, count]) => {
          const place = points.get(code);
          const itemStyle = { color: colorOf(count), borderColor: "var(--ink)", borderWidth: 0.75 };
          return place === undefined ? [] : [{ value: place, itemStyle }];
        }),
      }],
    },
  });
}

/** The library keeps maps by name for the whole process. */
function register(): void {
  if (isRegistered) return;
  const features = readWorldShapes();
  registerMap(MAP, { type: "FeatureCollection", features } as unknown as Parameters<typeof registerMap>[1]);
  isRegistered = true;
}
