import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { listTags } from "../apps/api/reference/described.ts";
import { describeApi } from "../apps/api/openapi.ts";
import { type ApiWorld, openApiWorld } from "./api_world.ts";
import { browserTest, openChromium } from "./chromium.ts";

async function readPage({ fetch }: Pick<ApiWorld, "fetch">): Promise<string> {
  const response = await fetch("/docs");
  assertEquals(response.status, 200);
  assertStringIncludes(response.headers.get("content-type")!, "text/html");
  assertStringIncludes(response.headers.get("content-security-policy")!, "default-src 'none'");
  return await response.text();
}

function unescape(text: string): string {
  const marks: Record<string, string> = { quot: '"', "#39": "'", lt: "<", gt: ">", amp: "&" };
  return text.replace(/<[^>]+>/g, "").replace(/&(quot|#39|lt|gt|amp);/g, (_, name) => marks[name]!);
}

Deno.test("the reference shows every operation, and needs nothing from elsewhere", async (t) => {
  await using world = await openApiWorld();
  const page = await readPage(world);
  await t.step(
    "nothing stands in the page that its policy refuses, and nothing comes from elsewhere",
    async () => {
      assertEquals(/<script|<style|\sstyle=|\son\w+=|<img|javascript:/i.test(page), false);
      const links = [...page.matchAll(/(?:href|src)="([^"#][^"]*)"/g)].map(([, link]) => link!);
      assert(links.every((link) => link.startsWith("/")), links.join());
      const style = await world.fetch("/docs/style.css");
      assertEquals(style.headers.get("content-type"), "text/css; charset=utf-8");
      await style.body?.cancel();
    },
  );
  await t.step("every link within the page leads somewhere, and no name is there twice", () => {
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id!);
    assertEquals(ids.length, new Set(ids).size);
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) assert(ids.includes(target!), target);
  });
  await t.step("every operation of the document is there", () => {
    const document = describeApi(world.app, "1");
    const count = Object.values(document.paths ?? {}).flatMap((item) => Object.keys(item)).length;
    const shown = listTags(document).flatMap(({ operations }) => operations);
    assertEquals(shown.length, count);
    for (const { operationId } of shown) assert(page.includes(`id="${operationId}"`), operationId);
  });
  await t.step("the commands are for this server, and the first one works in a shell", async () => {
    const commands = [...page.matchAll(/<pre[^>]*>(.*?)<\/pre>/gs)].map(([, command]) => unescape(command!));
    assert(commands.length > 10);
    assert(commands.every((command) => command.includes(world.address)), commands.join("\n"));
    const shell = new Deno.Command("sh", { args: ["-c", `${commands[0]} -s`], stdout: "piped" });
    const { stdout } = await shell.output();
    assertEquals(JSON.parse(new TextDecoder().decode(stdout)).asn_number, 15169);
  });
  await t.step("the command of each operation that changes nothing is answered", async () => {
    const asked = [...page.matchAll(/<pre[^>]*aria-label="Example">(.*?)<\/pre>/gs)]
      .map(([, command]) => unescape(command!))
      .filter((command) => !command.includes(" -X "));
    for (const command of asked) {
      const [, path] = /127\.0\.0\.1:\d+([^' ]*)'?$/.exec(command)!;
      const response = await world.fetch(path!);
      const text = await response.text();
      assert(response.status !== 400 && !text.includes("There is nothing here"), `${command} ${text}`);
    }
  });
});

Deno.test("the reference names the token where one is needed, and shows no host that a shell would mind", async () => {
  const tokens = [{ scope: "read", sha256: "0".repeat(64) }] as const;
  await using world = await openApiWorld({ editions: false, policy: { tokens } });
  const answer = await world.app.request("http://a'b$(id)/docs", {}, { client: "127.0.0.1" });
  const page = await answer.text();
  assertEquals(page.includes("$(id)"), false);
  assertMatch(
    unescape(page),
    /curl -H "Authorization: Bearer \$TOKEN" http:\/\/127\.0\.0\.1:8080\/v1\/health/,
  );
});

Deno.test({
  ...browserTest("the reference is readable on a phone, in the dark and by keyboard"),
  fn: async () => {
    await using world = await openApiWorld({ editions: false });
    const browser = await openChromium();
    try {
      const page = await browser.newPage({ viewport: { width: 375, height: 700 }, colorScheme: "dark" });
      const complaints: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(String(error)));
      await page.goto(`${world.address}/docs`);
      assertEquals(await page.evaluate("document.documentElement.scrollWidth"), 375);
      assertEquals(await page.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(16, 21, 27)");
      await page.keyboard.press("Tab");
      assertEquals(await page.evaluate("document.activeElement.textContent"), "Skip to the content");
      await page.keyboard.press("Enter");
      assertEquals(new URL(page.url()).hash, "#main");
      // A browser asks for an icon by itself.
      assertEquals(complaints.filter((text) => !text.includes("404")), []);
    } finally {
      await browser.close();
    }
  },
});
