import { assert, assertEquals } from "@std/assert";
import type { CoverageReport } from "@ipcascade/operations";
import { renderReportHtml } from "@ipcascade/render/report_html";
import { openTempDir } from "@ipcascade/testkit";
import type { Browser } from "playwright-core";
import {
  emptyReport,
  fullReport,
  hostileReport,
  wideReport,
} from "../packages/render/testing/coverage_reports.ts";
import { browserTest, openChromium } from "./chromium.ts";
import { PAGE_CHECKS, type PageFindings } from "./report_page_checks.ts";

const WINDOWS = {
  desktop: { width: 1280, height: 900 },
  /** Just wide enough for two columns. */
  laptop: { width: 961, height: 720 },
  tablet: { width: 800, height: 1100 },
  phone: { width: 360, height: 740 },
} as const;
type Place = readonly [window: keyof typeof WINDOWS, scheme: "light" | "dark"];

const PLACES: readonly Place[] = [
  ["desktop", "light"],
  ["desktop", "dark"],
  ["laptop", "light"],
  ["tablet", "dark"],
  ["phone", "light"],
  ["phone", "dark"],
];

/** Each page, and where it is looked at. */
const PAGES = {
  full: [fullReport(), PLACES],
  empty: [emptyReport(), [["desktop", "light"], ["phone", "dark"]]],
  hostile: [hostileReport(), [["desktop", "dark"], ["tablet", "light"], ["phone", "light"]]],
  wide: [wideReport(), [["desktop", "light"], ["laptop", "light"], ["phone", "dark"]]],
} as const satisfies Readonly<Record<string, readonly [report: CoverageReport, places: readonly Place[]]>>;

/** Opens a page offline, counts what it asks for, and gives what the browser finds. */
async function inspect(
  browser: Browser,
  path: string,
  options: { readonly window: keyof typeof WINDOWS; readonly scheme: "light" | "dark" },
): Promise<PageFindings & { requests: string[]; problems: string[]; pixels: Uint8Array }> {
  const page = await browser.newPage({
    viewport: WINDOWS[options.window],
    colorScheme: options.scheme,
    offline: true,
  });
  const [requests, problems]: [string[], string[]] = [[], []];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("dialog", (dialog) => problems.push(dialog.message()));
  try {
    await page.goto(`file://${path}`);
    const findings = await page.evaluate(PAGE_CHECKS) as PageFindings;
    return { ...findings, requests, problems, pixels: await page.screenshot({ fullPage: true }) };
  } finally {
    await page.close();
  }
}

Deno.test({
  ...browserTest(
    "the report's page shows readable charts from phone to desktop, light and dark, without network",
  ),
  fn: async () => {
    await using dir = await openTempDir();
    const browser = await openChromium();
    try {
      for (const [name, [report, places]] of Object.entries(PAGES)) {
        const path = dir.join(`${name}.html`);
        await Deno.writeTextFile(path, renderReportHtml(report));
        const shots: Uint8Array[] = [];
        for (const [window, scheme] of places) {
          const place = `${name}, ${window}, ${scheme}`;
          const found = await inspect(browser, path, { window, scheme });
          assert(found.overflow <= 0, `${place} is ${found.overflow} pixels too wide`);
          assertEquals(found.charts.length, name === "empty" ? 3 : 5, place);
          for (const { label, width, height } of found.charts) {
            assert(
              width > 200 && height > 50 && label.length > 10,
              `${place}: ${label} ${width}x${height}`,
            );
          }
          assertEquals([found.cut, found.faint, found.problems], [[], [], []], place);
          if (window !== "phone") assertEquals(found.scrolled, [], place);
          assert(found.texts > 80, `${place} has ${found.texts} texts`);
          assertEquals([found.requests, found.scripts], [[`file://${path}`], 0], place);
          shots.push(found.pixels);
        }
        assertEquals(
          new Set(shots.map((shot) => shot.length)).size,
          shots.length,
          "schemes and windows differ",
        );
      }
    } finally {
      await browser.close();
    }
  },
});
