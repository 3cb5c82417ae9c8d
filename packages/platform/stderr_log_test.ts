import { assertEquals } from "@std/assert";
import type { Log } from "@ipcascade/core";
import { createRedactor } from "./secrets.ts";
import { createStderrLog, LOG_LEVELS, type LogLevel } from "./stderr_log.ts";

function open(level: LogLevel, secrets: readonly string[] = []): { log: Log; lines: string[] } {
  const lines: string[] = [];
  return {
    log: createStderrLog({ level, redact: createRedactor(secrets), write: (line) => lines.push(line) }),
    lines,
  };
}

Deno.test("createStderrLog() writes a line with the data behind the message", () => {
  const { log, lines } = open("debug");
  log.warn("Source failed", {
    source: "cymru",
    reason: "no route",
    count: 3,
    late: false,
    until: null,
    x: undefined,
  });
  assertEquals(lines, ['warn: Source failed source=cymru reason="no route" count=3 late=false until=null\n']);
});

Deno.test("createStderrLog() writes what is as grave as its level", () => {
  for (const [i, level] of LOG_LEVELS.entries()) {
    const { log, lines } = open(level);
    for (const each of LOG_LEVELS) log[each]("x");
    assertEquals(lines, LOG_LEVELS.slice(0, i + 1).map((each) => `${each}: x\n`));
  }
});

Deno.test("createStderrLog() hides secrets in messages and data", () => {
  const { log, lines } = open("info", ['s3"cret']);
  log.error('Cannot use s3"cret', { url: 'https://h/?k=s3"cret', ["note"]: "s3%22cret" });
  assertEquals(lines, ['error: Cannot use *** url="https://h/?k=***" note=***\n']);
});

Deno.test("createStderrLog() keeps to one line and sends no escapes to the terminal", () => {
  const { log, lines } = open("info");
  log.info("a\nb", { name: "\u001b[31mred\u001b[0m", rest: "x\u2028y\u202ez\u009b" });
  assertEquals(lines, [
    'info: a\\u000ab name="\\u001b[31mred\\u001b[0m" rest="x\\u2028y\\u202ez\\u009b"\n',
  ]);
});
