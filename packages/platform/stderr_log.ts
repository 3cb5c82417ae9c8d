import process from "node:process";
import type { Log, LogFields } from "@ipcascade/core";

/** The levels of a log, the gravest first. */
export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;

/** How grave a message is. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Options of `createStderrLog`. */
export interface StderrLogOptions {
  /** The least grave level that is written. */
  readonly level: LogLevel;
  /** Hides secrets; see `createRedactor`. */
  readonly redact?: (text: string) => string;
  /** Writes one line, its newline included; the default is standard error. */
  readonly write?: (line: string) => void;
}

/** Creates a log that writes a line for each message: `warn: Source failed source=cymru reason="no route"`. */
export function createStderrLog(options: StderrLogOptions): Log {
  const { level: least, redact = (text) => text, write = writeStderr } = options;
  const log = (level: LogLevel) => (message: string, fields: LogFields = {}) => {
    if (LOG_LEVELS.indexOf(level) > LOG_LEVELS.indexOf(least)) return;
    const pairs = Object.entries(fields).filter(([, value]) => value !== undefined);
    const data = pairs.map(([key, value]) => ` ${key}=${formatValue(value, redact)}`).join("");
    write(`${level}: ${escapeControls(redact(message))}${data}\n`);
  };
  return { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
}

function writeStderr(line: string): void {
  process.stderr.write(line);
}

function formatValue(value: LogFields[string], redact: (text: string) => string): string {
  if (typeof value !== "string") return redact(String(value));
  const text = redact(value);
  return /^[\w.:/@+*,-]+$/.test(text) ? text : escapeControls(JSON.stringify(text));
}

/** Control characters, line ends of Unicode and marks that turn the reading direction: none may reach a terminal. */
// deno-lint-ignore no-control-regex -- control characters are what it is about
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function escapeControls(text: string): string {
  return text.replace(CONTROLS, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
