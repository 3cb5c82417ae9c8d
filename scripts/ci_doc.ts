/**
 * `deno doc --lint` over what the packages export: every exported symbol has a doc block, and no public type hides a
 * private one. Members of interfaces and classes are left to judgement: names such as `countryCode` need no sentence,
 * and the linter has no switch for them.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";

const PACKAGES = ["core", "sources", "store", "operations", "render", "platform"];

interface Problem {
  readonly code: string;
  readonly message: string;
  readonly place: string;
  /** True when the place is inside of an interface or a class. */
  readonly isMember: boolean;
}

/** Reads the linter's report: a line with code and message, below it an arrow and the place. */
function readProblems(report: string): readonly Problem[] {
  const pattern = /^error\[([a-z-]+)\]: (.*)\n\s*--> (.+):(\d+):(\d+)$/gm;
  return Array.from(report.matchAll(pattern), ([, code, message, path, line, column]) => ({
    code: code!,
    message: message!,
    place: `${path}:${line}:${column}`,
    isMember: /^\s/.test(readFileSync(path!, "utf8").split("\n")[Number(line) - 1] ?? ""),
  }));
}

const modules = PACKAGES.map((name) => `packages/${name}/mod.ts`).filter((path) => existsSync(path));
const { success, stderr } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--lint", ...modules],
  env: { NO_COLOR: "1" },
  stdout: "null",
}).output();
const report = new TextDecoder().decode(stderr);
const problems = readProblems(report);
if (!success && problems.length === 0) {
  console.error(report);
  process.exit(1);
}
const open = problems.filter(({ code, isMember }) => code !== "missing-jsdoc" || !isMember);
for (const { code, message, place } of open) console.error(`${place}: ${message} (${code})`);
process.exit(open.length === 0 ? 0 : 1);
