/** A shade of the map and the counts it stands for. */
export interface MapShade {
  /** A variable of the page's style. */
  readonly color: string;
  readonly from: number;
  /** Inclusive. */
  readonly to: number;
}

const SHADES = 5;

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
