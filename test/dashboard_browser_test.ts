import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openPostgresServer } from "@ipcascade/testkit";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { connectServer, resetDatabase } from "../packages/store/testing/databases.ts";
import { openApiWorld } from "./api_world.ts";
import { browserTest, openChromium } from "./chromium.ts";
import { type DashboardServer, openDashboard } from "./dashboard_server.ts";
import { fillDashboard, HOSTILE_NAME } from "./dashboard_world.ts";
import { PAGE_CHECKS, type PageFindings } from "./report_page_checks.ts";

const TOKEN = "operate-token-of-the-test";
/** SHA-256 of the token. */
const DIGEST = Array.from(
  new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(TOKEN))),
  (byte) => byte.toString(16).padStart(2, "0"),
).join("");

const PANELS = [
  "health",
  "figures",
  "editions",
  "quota",
  "trend",
  "stale",
  "countries",
  "asns",
  "sources",
  "jobs",
  "alerts",
];
const PHONE = { viewport: { width: 360, height: 740 } };
const QUICK_MS = 3_500;

/** A page that takes note of what a good page does not do. */
interface WatchedPage extends AsyncDisposable {
  readonly page: Page;
  /** Errors and refusals that the browser told of, and requests that left the server. */
  readonly problems: string[];
}

async function openPage(
  browser: Browser,
  { address }: Pick<DashboardServer, "address">,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    ...options,
    baseURL: address,
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("dialog", (dialog) => problems.push(dialog.message()));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${address}/`)) problems.push(request.url());
  });
  return { page, problems, [Symbol.asyncDispose]: () => context.close() };
}

/** Where screenshots are kept, if anybody wants them. */
const SHOTS = Deno.env.get("SCREENSHOT_DIR");

async function keepShot(page: Page, name: string): Promise<void> {
  const path = SHOTS === undefined ? undefined : `${SHOTS}/dashboard-${name}.png`;
  await page.screenshot({ path, fullPage: true });
}

/** Nothing is too wide, too faint or cut off. */
async function assertReadable(page: Page, place: string): Promise<void> {
  const found = await page.evaluate(PAGE_CHECKS) as PageFindings;
  assert(found.overflow <= 0, `${place} is ${found.overflow} pixels too wide`);
  assertEquals([found.faint, found.cut], [[], []], place);
}

/** Landmarks, headings, tables, names: what a screen reader goes by. */
const STRUCTURE = `(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const levels = all("h1, h2, h3").map((heading) => Number(heading.tagName[1]));
  const label = (element) => element.getAttribute("aria-label") ??
    document.getElementById(element.getAttribute("aria-labelledby"))?.textContent ?? "";
  const ids = all("[id]").map((element) => element.id);
  return {
    landmarks: ["header", "main", "footer", "nav", "search"].filter((name) => all(name).length !== 1),
    levels: levels[0] === 1 && levels.every((level, index) => index === 0 || level <= levels[index - 1] + 1),
    unnamed: all("section").filter((section) => label(section).trim() === "").map((section) => section.id),
    tables: all("table").filter((table) => table.caption === null ||
      table.querySelector("thead th:not([scope=col]), tbody th:not([scope=row])") !== null).length,
    images: all("img:not([alt]), svg:not([aria-hidden]):not([aria-label])").length,
    twice: ids.filter((id, index) => ids.indexOf(id) !== index),
    styles: all("[style], style, script:not([src])").length,
    times: all("time:not([datetime])").length,
  };
})()`;

Deno.test({
  ...browserTest("the dashboard serves people in every state"),
  fn: async (t) => {
    const browser = await openChromium();
    const server = await openPostgresServer();
    try {
      const sql = connectServer(server.url, 2);
      await resetDatabase(sql);
      await fillDashboard(sql, Date.now());
      await sql.close();
      await using full = await openApiWorld({ env: { DATABASE_URL: server.url } });
      await using bare = await openApiWorld({
        env: { DATABASE_URL: await server.createDatabase() },
        editions: false,
      });
      await using dashboard = await openDashboard(full.operations);
      await using empty = await openDashboard(bare.operations);

      await t.step("with data: complete, readable, and nothing from elsewhere", async () => {
        for (const colorScheme of ["light", "dark"] as const) {
          await using opened = await openPage(browser, dashboard, { colorScheme });
          const { page, problems } = opened;
          await page.goto("/");
          const ids = await page.locator("[data-panel]").evaluateAll((all) => all.map(({ id }) => id));
          assertEquals(ids, PANELS);
          assertEquals(await page.locator(".away").allTextContents(), []);
          assertStringIncludes(await page.locator("#health").innerText(), "ipcascade backup create --prune");
          assertStringIncludes(await page.locator("#figures").innerText(), "36,185");
          assertStringIncludes(await page.locator("#sources").innerText(), "1,207");
          const name = HOSTILE_NAME.replace("\u202E", "·").replace("\u0007", "·");
          assertStringIncludes(await page.locator("#asns").innerText(), name);
          const map = page.locator("img.world");
          assert(await map.evaluate((image) => Reflect.get(image, "naturalWidth") > 0));
          assertEquals(await page.evaluate(STRUCTURE), {
            landmarks: [],
            levels: true,
            unnamed: [],
            tables: 0,
            images: 0,
            twice: [],
            styles: 0,
            times: 0,
          });
          await page.evaluate(`document.querySelectorAll("details").forEach((one) => one.open = true)`);
          await assertReadable(page, colorScheme);
          assertEquals(problems, []);
          await keepShot(page, `data-${colorScheme}`);
        }
      });

      await t.step("on a phone: one column, nothing sideways", async () => {
        for (const colorScheme of ["light", "dark"] as const) {
          await using opened = await openPage(browser, dashboard, { ...PHONE, colorScheme });
          const { page, problems } = opened;
          await page.goto("/?ip=8.8.8.8");
          await assertReadable(page, `phone, ${colorScheme}`);
          const lefts = await page.locator(".panel").evaluateAll((all) =>
            all.map((panel) => panel.getBoundingClientRect().left)
          );
          assertEquals(new Set(lefts).size, 1);
          for (const rows of ["source-rows", "job-rows", "alert-rows"]) {
            const hidden = await page.locator(`#${rows}-scroll`).evaluate((box) =>
              box.scrollWidth - box.clientWidth
            );
            assert(hidden <= 0, `${rows} hides ${hidden} pixels`);
          }
          assertStringIncludes(await page.locator("#source-rows-scroll").innerText(), "1,207");
          const button = await page.locator("#run-check-health").boundingBox();
          const name = await page.locator("#job-rows-scroll th", { hasText: "check-health" }).boundingBox();
          assert(button!.width > button!.height, "the button's word is in one line");
          assert(button!.y >= name!.y - 8 && button!.y < name!.y + name!.height, "it stands beside the name");
          assertEquals(problems, []);
          await keepShot(page, `phone-${colorScheme}`);
        }
      });

      await t.step("by keyboard alone: skip, look up, copy, and out at the end", async () => {
        await using opened = await openPage(browser, dashboard);
        const { page, problems } = opened;
        await page.goto("/");
        await page.keyboard.press("Tab");
        assertEquals(await page.evaluate("document.activeElement.className"), "skip");
        assert(await page.evaluate("document.activeElement.getBoundingClientRect().left >= 0"));
        await page.keyboard.press("Enter");
        await page.keyboard.press("Tab");
        assertEquals(await page.evaluate("document.activeElement.id"), "ip");
        await page.keyboard.type(" 8.8.8.8 ");
        await page.keyboard.press("Enter");
        await page.locator("#answer-title:focus").waitFor();
        assertEquals(await page.inputValue("#ip"), "8.8.8.8");
        assertStringIncludes(await page.locator("#answer").innerText(), "AS15169");
        assertEquals(new URL(page.url()).search, "?ip=8.8.8.8");
        const seen: string[] = [];
        for (let step = 0; step < 80; step++) {
          await page.keyboard.press("Tab");
          const at = await page.evaluate(`(() => {
            const element = document.activeElement;
            if (element === document.body) return "";
            const { outlineStyle, outlineWidth } = getComputedStyle(element);
            const isSeen = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
            return (element.id || element.getAttribute("href")) + (isSeen ? "" : " has no visible focus");
          })()`) as string;
          if (at === "" || seen.includes(at)) break;
          seen.push(at);
        }
        assertEquals(seen.filter((at) => at.endsWith("focus")), []);
        for (
          const id of [
            "fix-job_back_up-copy",
            "fix-job_back_up-run",
            "all-checks-summary",
            "run-back-up",
            "alert-rows-scroll",
          ]
        ) {
          assert(seen.includes(id), `${id} is reached: ${seen.join(", ")}`);
        }
        assertEquals(problems, []);
      });

      await t.step("without the script: look-ups with their timeline, and what is no address", async () => {
        await using opened = await openPage(browser, dashboard, { javaScriptEnabled: false });
        const { page } = opened;
        await page.goto("/");
        await page.fill("#ip", "8.8.8.8");
        await page.click("#ask");
        const titles = await page.locator(".timeline strong").allTextContents();
        assert(titles.includes("MaxMind answered") && titles.includes("GreyNoise answered"), titles.join());
        await page.click("text=Page of its own");
        assertEquals(new URL(page.url()).pathname, "/ips/8.8.8.8");
        await page.fill("#ip", `"><script>alert(1)</script>`);
        await page.click("#ask");
        assertStringIncludes(await page.locator("#answer").innerText(), `"><script>alert(1)</script>"`);
        assertEquals(await page.locator("script:not([src])").count(), 0);
      });

      await t.step("a button runs a job once, and other pages see it without being loaded anew", async () => {
        await using watching = await openPage(browser, dashboard);
        await watching.page.goto("/");
        await watching.page.click("#runs-summary");
        await watching.page.focus("#run-check-health");
        await using opened = await openPage(browser, dashboard);
        const { page, problems } = opened;
        await page.goto("/");
        await page.click("#runs-summary");
        await page.focus("#run-back-up");
        const top = await page.evaluate("scrollY");
        assert(Number(top) > 0);
        await page.keyboard.press("Enter");
        await page.locator("#told").waitFor();
        assertEquals(
          await page.locator("#told").innerText(),
          "back-up was started. How it goes is told under Jobs.",
        );
        assertEquals(await page.locator("#told a").getAttribute("href"), "#jobs");
        assertEquals(dashboard.orders.map(({ job }) => job), ["back-up"]);
        assertEquals(await page.locator("button#run-back-up, button#fix-job_back_up-run").count(), 0);
        assertEquals(
          await page.evaluate(
            `[document.activeElement.id, location.search, document.getElementById("runs").open]`,
          ),
          ["run-back-up", "", true],
          "the reader is where they were",
        );
        assert(await page.evaluate("scrollY > 0"), "the page is where it was");
        await page.goto("/?told=running&job=back-up&ip=10.0.0.1");
        await page.locator("#told").waitFor();
        assertEquals(new URL(page.url()).search, "?ip=10.0.0.1", "a reload tells nothing again");
        await watching.page.evaluate(`document.dispatchEvent(new Event("visibilitychange"))`);
        await watching.page.locator("#job-rows-scroll", { hasText: "running, begun" }).waitFor();
        assert(
          await watching.page.evaluate(`document.getElementById("runs").open`),
          "what was opened stays open",
        );
        assertEquals(await watching.page.evaluate("document.activeElement.id"), "run-check-health");
        const again = await fetch(`${dashboard.address}/jobs/back-up/run`, {
          method: "POST",
          redirect: "manual",
        });
        await again.body?.cancel();
        assertEquals([again.status, again.headers.get("location")], [303, "/?told=running&job=back-up"]);
        assertEquals([problems, watching.problems], [[], []]);
      });

      await t.step("signing in with a token, and out again", async () => {
        await using guarded = await openDashboard(full.operations, {
          tokens: [{ scope: "operate", sha256: DIGEST }],
        });
        await using opened = await openPage(browser, guarded, { colorScheme: "dark" });
        const { page, problems } = opened;
        await page.goto("/login?next=%2Fips%2F8.8.8.8");
        await assertReadable(page, "login");
        await page.fill("#token", "wrong");
        await page.keyboard.press("Enter");
        await page.locator("#refused").waitFor();
        assertEquals(problems.splice(0).length, 1, "the browser tells of the 401");
        await keepShot(page, "login");
        await page.fill("#token", TOKEN);
        await page.click("#sign-in");
        await page.waitForURL("**/ips/8.8.8.8");
        const [cookie] = await page.context().cookies();
        assertEquals([cookie?.name, cookie?.httpOnly, cookie?.sameSite], ["ipcascade_token", true, "Strict"]);
        assertEquals(await page.evaluate("document.cookie"), "");
        await page.click("#sign-out");
        await page.waitForURL("**/login");
        assertEquals(await page.context().cookies(), []);
        assertEquals(problems, []);
      });

      await t.step("empty: every panel says what is not there yet", async () => {
        await using opened = await openPage(browser, empty, PHONE);
        const { page, problems } = opened;
        await page.goto("/");
        assertMatch(await page.locator("#verdict").innerText(), /Critical/);
        assertStringIncludes(await page.locator("#editions").innerText(), "not installed");
        for (const id of ["trend", "countries", "asns"]) {
          assertMatch(await page.locator(`#${id}`).innerText(), /No snapshot was taken/);
        }
        assertEquals(await page.locator("#fix-edition_city-run").innerText(), "Run update-editions");
        assertEquals(await page.locator("#trend-run").innerText(), "Run snapshot-coverage");
        await assertReadable(page, "empty");
        assertEquals(problems, []);
        await keepShot(page, "empty");
        await page.setViewportSize({ width: 1280, height: 900 });
        await keepShot(page, "empty-wide");
      });

      await t.step("everything broken: it says so in its place, quickly", async () => {
        await server[Symbol.asyncDispose]();
        // Another one, for what pages know already they show for a while.
        await using broken = await openDashboard(bare.operations);
        await using opened = await openPage(browser, broken);
        const { page, problems } = opened;
        const startedAt = performance.now();
        const response = await page.goto("/");
        const tookMs = performance.now() - startedAt;
        assertEquals(response?.status(), 200);
        assert(tookMs < QUICK_MS, `the page took ${tookMs} ms`);
        assertEquals(await page.locator("[data-panel]").count(), PANELS.length);
        for (const id of ["quota", "sources", "jobs"]) {
          assertMatch(
            await page.locator(`#${id} .away`).first().innerText(),
            /^Can't be shown: |Unknown/,
            id,
          );
        }
        await assertReadable(page, "broken");
        assertEquals(problems, []);
        await keepShot(page, "broken");
        await using offline = await openPage(browser, dashboard);
        await offline.page.goto("/ips/8.8.8.8");
        const answer = await offline.page.locator("#answer").innerText();
        assertStringIncludes(answer, "the installed editions alone answer");
        assertStringIncludes(answer, "AS15169");
      });
    } finally {
      await browser.close();
      await server[Symbol.asyncDispose]();
    }
  },
});
