import type { ApiDeps } from "../api_deps.ts";
import { createRouter } from "../router.ts";
import { PAGE_SCRIPT } from "./script.ts";
import { PAGE_STYLE } from "./style.ts";

const FOREVER = "public, max-age=31536000, immutable";
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="7" fill="#1d5fa8"/>
<path d="M7 9h18M10 16h12M13 23h6" stroke="#fff" stroke-width="3.4" stroke-linecap="round"/></svg>`;

/** Where the pages find their style, script and icon: names change with what is in them. */
export const ASSETS = {
  style: `/assets/${nameOf(PAGE_STYLE)}.css`,
  script: `/assets/${nameOf(PAGE_SCRIPT)}.js`,
  icon: `/assets/${nameOf(ICON)}.svg`,
} as const;

/** Routes of what pages are made with. They hold nothing of anybody. */
export function createAssetRoutes(_deps: ApiDeps) {
  const files = [
    [ASSETS.style, PAGE_STYLE, "text/css; charset=utf-8"],
    [ASSETS.script, PAGE_SCRIPT, "text/javascript; charset=utf-8"],
    [ASSETS.icon, ICON, "image/svg+xml"],
  ] as const;
  const router = createRouter();
  for (const [path, text, type] of files) {
    router.get(path, (c) => c.body(text, 200, { "content-type": type, "cache-control": FOREVER }));
  }
  return router;
}

/** FNV-1a in two halves: it tells versions apart, and needs no waiting as the digests of the platform do. */
function nameOf(text: string): string {
  let [low, high] = [0x811c9dc5, 0x01000193];
  for (let index = 0; index < text.length; index++) {
    low = Math.imul(low ^ text.charCodeAt(index), 0x01000193);
    high = Math.imul(high ^ (text.charCodeAt(index) + index), 0x85ebca6b);
  }
  return [low, high].map((part) => (part >>> 0).toString(16).padStart(8, "0")).join("");
}
