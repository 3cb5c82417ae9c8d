/**
 * The world map as a file of SVG. An entry of its own: it needs no library of charts, so that it is loaded in a moment
 * and anywhere.
 *
 * @module
 */
import { listShades } from "./map_shades.ts";
import { type Place, readWorldPoints, readWorldShapes } from "./world_geometry.ts";

export { listShades, type MapShade } from "./map_shades.ts";

/** Degrees that are shown: without Antarctica, and cut in the Bering Strait. */
const [WEST, EAST, NORTH, SOUTH] = [-168.5, 191.5, 84, -56];
/** Pixels of a degree; to the north it takes more, as on maps that people know. */
const SCALE = 2.5;
const STRETCH = 1.25;
const DOT = 5;

/** The size in pixels for which it is drawn. */
export const WORLD_SIZE: { readonly width: number; readonly height: number } = {
  width: (EAST - WEST) * SCALE,
  height: Math.round((NORTH - SOUTH) * SCALE * STRETCH),
};

const LIGHT = ["#e2e7ee", "#bcd4ee", "#8bb5e0", "#5a92cd", "#2f6fb5", "#164a85"];
const DARK = ["#2b3541", "#274665", "#2f6193", "#3d80bf", "#66a5e4", "#b3d7fb"];

/** Addresses by ISO alpha-2 code on a world map, light or dark as the reader's system is. */
export function renderWorldSvg(countries: Readonly<Record<string, number>>): string {
  const counts = new Map(Object.entries(countries).filter(([, count]) => count > 0));
  const shades = listShades(Math.max(0, ...counts.values()));
  const classOf = (code: string) => {
    const count = counts.get(code) ?? 0;
    return count === 0 ? "m0" : `m${shades.find(({ to }) => count <= to)!.color.at(-1)}`;
  };
  const shapes = listOutlines().map(([code, path]) => `<path class="${classOf(code)}" d="${path}"/>`);
  const dots = [...readWorldPoints()].filter(([code]) => counts.has(code)).map(([code, place]) => {
    const [x, y] = project(place[0] < WEST ? [place[0] + 360, place[1]] : place);
    return `<circle class="${classOf(code)} dot" cx="${x}" cy="${y}" r="${DOT}"/>`;
  });
  const { width, height } = WORLD_SIZE;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<style>${styleOf(LIGHT, "#ffffff")}@media (prefers-color-scheme:dark){${styleOf(DARK, "#1a212b")}}</style>${
    shapes.join("")
  }${dots.join("")}</svg>`;
}

function styleOf(colors: readonly string[], ground: string): string {
  const fills = colors.map((color, index) => `.m${index}{fill:${color}}`).join("");
  return `${fills}path{stroke:${ground};stroke-width:.6}.dot{stroke:${ground};stroke-width:1}`;
}

let outlines: readonly (readonly [code: string, path: string])[] | null = null;

/** They are the same for every map. */
function listOutlines(): readonly (readonly [code: string, path: string])[] {
  outlines ??= readWorldShapes().map(({ properties, geometry }) => [
    properties.name,
    geometry.coordinates.flat().map(drawRing).join(""),
  ]);
  return outlines;
}

/** A shape stays in one piece: it is wholly on the side where most of it is. */
function drawRing(ring: readonly Place[]): string {
  const middle = ring.reduce((sum, [east]) => sum + east, 0) / ring.length;
  const shift = middle < WEST ? 360 : 0;
  return `M${ring.map(([east, north]) => project([east + shift, north]).join(" ")).join("L")}Z`;
}

function project([east, north]: Place): readonly [x: number, y: number] {
  return [round((east - WEST) * SCALE), round((NORTH - north) * SCALE * STRETCH)];
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
