import { WORLD_POINTS, WORLD_SHAPES } from "./world_map.ts";

/** Degrees east and north. */
export type Place = readonly [east: number, north: number];

/** A country as GeoJSON, named by its ISO alpha-2 code. */
export interface CountryShape {
  readonly type: "Feature";
  readonly properties: { readonly name: string };
  readonly geometry: { readonly type: "MultiPolygon"; readonly coordinates: readonly (readonly Place[])[][] };
}

/** Tenths of a degree. */
const STEPS = 10;

/** Every country that is large enough for a shape. */
export function readWorldShapes(): readonly CountryShape[] {
  return linesOf(WORLD_SHAPES).map(([code, polygons]) => ({
    type: "Feature",
    properties: { name: code },
    geometry: {
      type: "MultiPolygon",
      coordinates: polygons.split("|").map((rings) => rings.split("/").map(readRing)),
    },
  }));
}

/** Where the countries are that are too small for one, by ISO alpha-2 code. */
export function readWorldPoints(): ReadonlyMap<string, Place> {
  return new Map(
    linesOf(WORLD_POINTS).map(([code, place]) => {
      const [east, north] = place.split(",").map(Number);
      return [code, [east!, north!]];
    }),
  );
}

function linesOf(text: string): [code: string, rest: string][] {
  return text.trim().split("\n").map((line) => [line.slice(0, 2), line.slice(3)]);
}

function readRing(text: string): Place[] {
  let [x, y] = [0, 0];
  return text.split(" ").map((step) => {
    const [dx, dy] = step.split(",").map(Number);
    [x, y] = [x + dx!, y + dy!];
    return [x / STEPS, y / STEPS];
  });
}
