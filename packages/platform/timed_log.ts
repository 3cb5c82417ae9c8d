import { type Clock, formatInstant, type Log, type LogFields } from "@ipcascade/core";

/** A log whose lines begin with the time: `at`, RFC 3339 UTC. For what runs for weeks on a terminal or into a file. */
export function createTimedLog(log: Log, clock: Pick<Clock, "now">): Log {
  const timed = (level: keyof Log) => (message: string, fields: LogFields = {}) =>
    log[level](message, { at: formatInstant(clock.now()), ...fields });
  return { debug: timed("debug"), info: timed("info"), warn: timed("warn"), error: timed("error") };
}
