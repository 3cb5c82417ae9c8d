import { assert, assertEquals } from "@std/assert";
import { renderReportHtml } from "@ipcascade/render/report_html";
import { openTempDir } from "@ipcascade/testkit";
import type { Browser } from "playwright-core";
import { emptyReport, fullReport, hostileReport } from "../packages/render/testing/coverage_reports.ts";
import { browserTest, openChromium } from "./chromium.ts";
import { PAGE_CHECKS, type PageFindings } from "./report_page_checks.ts";

const WINDOWS = { desktop: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } } as const;

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
    "the report's page shows readable charts on desktop and phone, light and dark, without network",
  ),
  fn: async () => {
    await using dir = await openTempDir();
    const pages = { full: fullReport(), empty: emptyReport(), hostile: hostileReport() };
    const browser = await openChromium();
    try {
      for (const [name, report] of Object.entries(pages)) {
        const path = dir.join(`${name}.html`);
        await Deno.writeTextFile(path, renderReportHtml(report));
        const shots: Uint8Array[] = [];
        for (const window of ["desktop", "phone"] as const) {
          for (const scheme of ["light", "dark"] as const) {
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
            assert(found.texts > 80, `${place} has ${found.texts} texts`);
            assertEquals([found.requests, found.scripts], [[`file://${path}`], 0], place);
            shots.push(found.pixels);
          }
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
