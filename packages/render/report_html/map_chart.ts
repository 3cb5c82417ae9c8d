import { registerMap } from "echarts/core";
import { listShades } from "./map_shades.ts";
import { drawChart } from "./svg_chart.ts";
import { readWorldPoints, readWorldShapes } from "./world_geometry.ts";

const [WIDTH, HEIGHT] = [900, 420];
const MAP = "ipcascade-world";

let isRegistered = false;

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
