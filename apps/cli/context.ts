import { type Log, UsageError } from "@ipcascade/core";
import {
  createRedactor,
  createStderrLog,
  listSecrets,
  type LogLevel,
  type OutputStream,
  readProcessSettings,
  type Settings,
  type Terminal,
} from "@ipcascade/platform/offline";
import { renderProgress } from "@ipcascade/render/records";
import { readSwitch, readText } from "./flags.ts";

/** Redraws of the progress line in a second, at most. */
const REDRAWS_PER_SECOND = 8;

/** Characters of what a command said that are kept: the end of it tells how it went. */
const MAX_KEPT = 100_000;

/** What the commands share: settings, output, complaints, progress and stop signals. */
export class CliContext {
  readonly terminal: Terminal;
  #settings: Settings | null = null;
  #log: Log | null = null;
  #level: LogLevel = "warn";
  #isQuiet = false;
  #redact: (text: string) => string = (text) => text;
  #progressStartedMs = 0;
  #progressLabel = "";
  #drawnMs = -Infinity;
  #isDrawn = false;
  #said = "";

  constructor(terminal: Terminal) {
    this.terminal = terminal;
  }

  /** Reads what all commands understand. */
  open(flags: Record<string, unknown>): void {
    this.#isQuiet = readSwitch(flags, "quiet");
    const isVerbose = readSwitch(flags, "verbose");
    if (this.#isQuiet && isVerbose) {
      throw new UsageError("Cannot be quiet and verbose: give one of --quiet, --verbose");
    }
    this.#settings = readProcessSettings({ "data-dir": readText(flags, "data-dir") });
    this.#redact = createRedactor(listSecrets(this.#settings));
    this.#level = this.#isQuiet ? "error" : isVerbose ? "debug" : "warn";
    this.#log = this.#openLog(this.#level);
  }

  get settings(): Settings {
    if (this.#settings === null) throw new Error("Cannot use settings: they are not read yet");
    return this.#settings;
  }

  get log(): Log {
    if (this.#log === null) throw new Error("Cannot log: settings are not read yet");
    return this.#log;
  }

  /** A log for a command that stays open: it also tells what goes on, unless the caller wants quiet. */
  get serverLog(): Log {
    return this.#level === "warn" ? this.#openLog("info") : this.log;
  }

  #openLog(level: LogLevel): Log {
    return createStderrLog({ level, redact: this.#redact, write: (text) => this.#writeError(text) });
  }

  /** Hides the secrets of the settings in a text. */
  redact(text: string): string {
    return this.#redact(text);
  }

  get stdout(): OutputStream {
    return this.terminal.stdout;
  }

  /** True when nobody reads the output any more, as behind `| head`. */
  get outputIsGone(): boolean {
    return this.terminal.stdout.isGone;
  }

  /** The last of what was told, complained of and reported, for whoever watches from outside. */
  get said(): string {
    return this.#said;
  }

  /** Keeps a report for whoever watches from outside. */
  keep(text: string): void {
    this.#said = (this.#said + this.#redact(text)).slice(-MAX_KEPT);
  }

  /** Writes a summary or a hint, unless the caller wants quiet. */
  tell(text: string): void {
    this.keep(text.endsWith("\n") ? text : `${text}\n`);
    if (!this.#isQuiet) this.#writeError(this.#redact(text.endsWith("\n") ? text : `${text}\n`));
  }

  /** Like `tell`, where nobody may be there who reads it: never holds the process up. */
  tellAside(text: string): void {
    this.keep(`${text}\n`);
    if (this.#isQuiet) return;
    this.#wipe();
    const { terminal } = this;
    const line = this.#redact(`${text}\n`);
    if (terminal.writeErrorAside === undefined) terminal.writeError(line);
    else terminal.writeErrorAside(line);
  }

  /** Writes an error. */
  complain(text: string): void {
    this.keep(`${text}\n`);
    this.#writeError(`ipcascade: ${this.#redact(text)}\n`);
  }

  /** True where a person can be asked: both the question and the answer have a terminal. */
  get canAsk(): boolean {
    const { stdinIsTerminal, stderrIsTerminal, readAnswer } = this.terminal;
    return stdinIsTerminal && stderrIsTerminal && readAnswer !== undefined;
  }

  /** Asks a person for a line; null when nobody answers. */
  async ask(question: string, signal?: AbortSignal): Promise<string | null> {
    this.#writeError(this.#redact(question));
    return await this.terminal.readAnswer?.(signal) ?? null;
  }

  /** Draws the progress line on a terminal; elsewhere nothing. */
  showProgress(label: string, done: number, total: number | null): void {
    if (this.#isQuiet || !this.terminal.stderrIsTerminal) return;
    const now = performance.now();
    if (label !== this.#progressLabel) {
      this.#progressLabel = label;
      this.#progressStartedMs = now;
    } else if (now - this.#drawnMs < 1000 / REDRAWS_PER_SECOND) return;
    this.#drawnMs = now;
    const elapsedMs = now - this.#progressStartedMs;
    const text = renderProgress({ label, done, total, elapsedMs }, this.terminal.columns - 1);
    this.terminal.writeError(`\r\x1b[2K${text}`);
    this.#isDrawn = true;
  }

  async close(): Promise<void> {
    this.#wipe();
    await this.terminal.stdout.flush();
  }

  #writeError(text: string): void {
    this.#wipe();
    this.terminal.writeError(text);
  }

  #wipe(): void {
    if (this.#isDrawn) this.terminal.writeError("\r\x1b[2K");
    this.#isDrawn = false;
  }
}
