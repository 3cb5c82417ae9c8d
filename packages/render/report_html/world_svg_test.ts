import { assert, assertEquals } from "@std/assert";
import { renderWorldSvg } from "./world_svg.ts";

Deno.test("renderWorldSvg() shades countries by order of magnitude, small ones as dots", () => {
  const svg = renderWorldSvg({ US: 12_000, DE: 90, SG: 3, QQ: 7, ZZ: 0 });
  const count = (text: string) => svg.split(text).length - 1;
  assertEquals([count('<path class="m5"'), count('<path class="m2"'), count('class="m1 dot"')], [1, 1, 1]);
  assert(count('<path class="m0"') > 100);
  assertEquals(count("NaN"), 0);
});

Deno.test("renderWorldSvg() of nothing is a bare map", () => {
  const svg = renderWorldSvg({});
  assert(!/class="m[1-5]/.test(svg));
  assert(svg.length < 120_000, String(svg.length));
});
